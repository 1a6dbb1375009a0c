package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Bundle returns the built app, with index.html at its root; every other file
// under assets has a name that changes with its content, so it can be cached
// for ever. It reports false when the app was not built before the program
// was compiled.
func Bundle() (fs.FS, bool) { return bundle(dist) }

func bundle(files fs.FS) (fs.FS, bool) {
	root, err := fs.Sub(files, "dist")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(root, "index.html"); err != nil {
		return nil, false
	}
	return root, true
}

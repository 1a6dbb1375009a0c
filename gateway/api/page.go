package api

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// noPage is shown where the program was built without the page.
const noPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jumpgate</title>
<h1>Jumpgate is running, without its page</h1>
<p>This program was built without Node, so it carries no page.
Run <code>make web</code> in the source folder and build it again, or use <code>make run</code>, which does both.</p>
<p>Everything else works: see <a href="/api/v1/openapi.yaml">the description of the API</a>.</p>
</html>
`

func hasIndex(files fs.FS) bool {
	if files == nil {
		return false
	}
	_, err := fs.Stat(files, "index.html")
	return err == nil
}

// newPage serves a single-page app: its files, and index.html for every path
// that is none, because the app has paths of its own.
func newPage(files fs.FS) http.Handler {
	if !hasIndex(files) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			http.ServeContent(w, r, "index.html", time.Time{}, strings.NewReader(noPage))
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		body, err := readFile(files, name)
		switch {
		case err == nil:
		case strings.HasPrefix(name, "assets/"):
			// An old page asks for what a new build has no more. With the
			// index instead it would try to run HTML.
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "not found", http.StatusNotFound)
			return
		default:
			name = "index.html"
			if body, err = readFile(files, name); err != nil {
				http.Error(w, "the page cannot be read", http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Cache-Control", "no-cache")
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if strings.HasSuffix(name, ".webmanifest") {
			w.Header().Set("Content-Type", "application/manifest+json")
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}

func readFile(files fs.FS, name string) ([]byte, error) {
	if name == "" {
		name = "index.html"
	}
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(files, name)
}

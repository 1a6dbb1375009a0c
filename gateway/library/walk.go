package library

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// maxDepth bounds how deep folders are followed.
const maxDepth = 64

// walker goes through a music folder in the order of names.
type walker struct {
	root *os.Root
	// file is called for each file that claims to be music.
	file func(rel string, f *folder, e fs.DirEntry) error
	// problem is called for what cannot be walked; whole tells that a folder,
	// not just a file, is out of reach.
	problem func(rel string, reason phrase.Phrase, whole bool)
}

// walk visits a folder and those in it. Only the errors of file and of ctx end
// it.
func (w *walker) walk(ctx context.Context, dir string, parent *folder, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := readDir(w.root, dir)
	if err != nil {
		// What was read before the error is not looked at: a part of a folder
		// would look like files that are gone.
		w.problem(dir, phrase.New(phrase.ScanFolder, inner(err)), true)
		return nil
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".nomedia" }) {
		return nil
	}
	f := newFolder(w.root, dir, entries, parent)
	for _, e := range entries {
		rel := path.Join(dir, e.Name())
		switch {
		case skipped(e):
		case e.IsDir():
			if depth >= maxDepth {
				w.problem(rel, phrase.New(phrase.ScanTooDeep), true)
				continue
			}
			if err := w.walk(ctx, rel, f, depth+1); err != nil {
				return err
			}
		case e.Type()&fs.ModeSymlink != 0:
			if err := w.link(rel, f); err != nil {
				return err
			}
		case isAudio(e.Name()) && !e.Type().IsRegular():
			w.problem(rel, phrase.New(phrase.ScanNotRegular), false)
		case isAudio(e.Name()):
			if err := w.file(rel, f, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// link follows a symbolic link to a file within the music folder.
func (w *walker) link(rel string, f *folder) error {
	info, err := w.root.Stat(rel)
	switch {
	case err != nil && isAudio(rel):
		w.problem(rel, phrase.New(phrase.ScanDeadLink), false)
	case err != nil:
	case info.IsDir():
		w.problem(rel, phrase.New(phrase.ScanFolderLink), false)
	case info.Mode().IsRegular() && isAudio(rel):
		return w.file(rel, f, fs.FileInfoToDirEntry(info))
	}
	return nil
}

// skipped tells what is no music by custom: hidden folders, the forks that
// macOS leaves, the bins and thumbnails of storage boxes.
func skipped(e fs.DirEntry) bool {
	name := e.Name()
	if !e.IsDir() {
		return strings.HasPrefix(name, "._")
	}
	switch strings.ToLower(name) {
	case "@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information":
		return true
	}
	// A folder called "...And Oceans" is an album.
	return strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "..")
}

func readDir(root *os.Root, dir string) ([]fs.DirEntry, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}

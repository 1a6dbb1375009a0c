package gateway

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// folderFiles bounds what one page lists.
const folderFiles = 10_000

// folderOpen is how many files stay indexed.
const folderOpen = 32

// FolderHLS serves the audio files below a folder, or a single file, as HLS, and
// a page with links to them; nothing else of the folder, and nothing outside of
// it. A file's playlists stand below its own path: /Album/1.flac/index.m3u8. It
// is an http.Handler for any goroutine; Close it in the end.
type FolderHLS struct {
	root *os.Root
	only string // the single file, else empty

	indexing singleflight.Group // by file and version

	mu   sync.Mutex
	open map[string]*folderTrack
	used []string // keys of open, the newest last
}

type folderTrack struct {
	vod     *hls.VOD
	file    *os.File
	version string
	users   int
	dropped bool
}

// OpenFolderHLS opens a folder or a file.
func OpenFolderHLS(name string) (*FolderHLS, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("serve as HLS: %w", err)
	}
	dir, only := name, ""
	if !info.IsDir() {
		dir, only = filepath.Dir(name), filepath.Base(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("serve as HLS: %w", err)
	}
	f := &FolderHLS{root: root, only: only, open: map[string]*folderTrack{}}
	if only != "" {
		t, err := f.get(only)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("serve %s as HLS: %w", name, err), root.Close())
		}
		f.release(t)
	}
	return f, nil
}

// Close closes the files; no request may be under way any more.
func (f *FolderHLS) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.open {
		_ = t.file.Close()
	}
	return f.root.Close()
}

// ServeHTTP implements http.Handler.
func (f *FolderHLS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		f.servePage(w, r)
		return
	}
	folder, file := path.Split(name)
	folder = strings.TrimSuffix(folder, "/")
	// No file's name has a slash in it, so an encoded one names nothing.
	encoded := strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f")
	if encoded || folder == "" || !fs.ValidPath(folder) || strings.ContainsAny(folder, "\\\x00") || (f.only != "" && folder != f.only) {
		http.Error(w, "there is no such stream", http.StatusNotFound)
		return
	}
	t, err := f.get(folder)
	if err != nil {
		http.Error(w, "there is no such stream", http.StatusNotFound)
		return
	}
	defer f.release(t)
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.Pattern = "/"+file, ""
	t.vod.ServeHTTP(w, inner)
}

// get returns a file's segments, indexed anew when the file has changed. Others
// are served while a long one is indexed.
func (f *FolderHLS) get(name string) (*folderTrack, error) {
	info, err := f.root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	version := fmt.Sprint(info.Size(), info.ModTime().UnixNano())
	for {
		if t := f.take(name, version); t != nil {
			return t, nil
		}
		_, err, _ := f.indexing.Do(name+"\x00"+version, func() (any, error) {
			t, err := f.index(name, info.Size(), version)
			if err == nil {
				f.keep(name, t)
			}
			return nil, err
		})
		if err != nil {
			return nil, err
		}
	}
}

// take returns an open file, if it has not changed.
func (f *FolderHLS) take(name, version string) *folderTrack {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.open[name]
	if t == nil || t.version != version {
		return nil
	}
	t.users++
	f.used = append(slices.DeleteFunc(f.used, func(k string) bool { return k == name }), name)
	return t
}

// keep holds a file open, in the place of what it was before, and lets go of the
// one that was asked for the longest time ago.
func (f *FolderHLS) keep(name string, t *folderTrack) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[name] != nil {
		f.drop(name)
	}
	f.open[name] = t
	f.used = append(f.used, name)
	if len(f.used) > folderOpen {
		f.drop(f.used[0])
	}
}

func (f *FolderHLS) index(name string, size int64, version string) (*folderTrack, error) {
	file, err := f.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	demuxed, err := container.Open(file, size)
	if err == nil {
		var vod *hls.VOD
		if vod, err = hls.NewVOD(newHLSTrack(demuxed, file), version); err == nil {
			return &folderTrack{vod: vod, file: file, version: version}, nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

// drop forgets a file; whoever reads it last closes it.
func (f *FolderHLS) drop(name string) {
	t := f.open[name]
	delete(f.open, name)
	f.used = slices.DeleteFunc(f.used, func(k string) bool { return k == name })
	t.dropped = true
	if t.users == 0 {
		_ = t.file.Close()
	}
}

func (f *FolderHLS) release(t *folderTrack) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.users--
	if t.users == 0 && t.dropped {
		_ = t.file.Close()
	}
}

var folderPage = template.Must(template.New("").Parse(`<!doctype html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>HLS</title>
<h1>{{len .}} files as HLS</h1>
<ul>{{range .}}<li><a href="{{.URL}}">{{.Name}}</a>
{{end}}</ul>
`))

type folderLink struct{ Name, URL string }

func (f *FolderHLS) servePage(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
		return
	}
	links, err := f.links()
	if err != nil {
		http.Error(w, "the folder could not be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	_ = folderPage.Execute(w, links) // a client that left needs no page
}

// folderKinds are the names of files that are tried.
var folderKinds = []string{".flac", ".mp3", ".m4a", ".m4b", ".mp4", ".aac", ".opus", ".ogg", ".oga"}

func (f *FolderHLS) links() (links []folderLink, err error) {
	add := func(name string) {
		links = append(links, folderLink{Name: name, URL: (&url.URL{Path: name + "/index.m3u8"}).EscapedPath()})
	}
	if f.only != "" {
		add(f.only)
		return links, nil
	}
	err = fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil: // a folder that may not be read
			return fs.SkipDir
		case len(links) >= folderFiles:
			return fs.SkipAll
		case d.Type().IsRegular() && slices.Contains(folderKinds, strings.ToLower(path.Ext(name))):
			add(name)
		}
		return nil
	})
	return links, err
}

package library

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library/tags"
)

// folder is a folder that is being walked, with the picture that lies in it.
type folder struct {
	root  *os.Root
	image string // within root, empty if there is none
	art   int64  // changes when the picture does, 0 if there is none

	once  sync.Once
	cover string
}

// imageNames are what pictures of an album are called, the best first.
var imageNames = []string{"cover", "folder", "front", "album", "albumart", "albumartsmall"}

// newFolder picks the picture among a folder's files. The folder of one disc
// shows that of the album where it has none of its own.
func newFolder(root *os.Root, rel string, entries []fs.DirEntry, parent *folder) *folder {
	f := &folder{root: root}
	best, images := len(imageNames), 0
	var only fs.DirEntry
	for _, e := range entries {
		if !e.Type().IsRegular() || !isImage(e.Name()) {
			continue
		}
		images++
		if only == nil {
			only = e
		}
		name := strings.ToLower(strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
		for i, want := range imageNames[:best] {
			if name == want {
				best, only = i, e
			}
		}
	}
	switch {
	case images == 1 || best < len(imageNames):
		f.setImage(path.Join(rel, only.Name()), only)
	case parent != nil && discFolder.MatchString(path.Base(rel)):
		f.image, f.art = parent.image, parent.art
	}
	return f
}

func (f *folder) setImage(rel string, e fs.DirEntry) {
	info, err := e.Info()
	if err != nil || info.Size() == 0 {
		return
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, rel)
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(info.Size()))
	binary.LittleEndian.PutUint64(b[8:], uint64(info.ModTime().UnixNano()))
	_, _ = h.Write(b[:])
	f.image, f.art = rel, int64(h.Sum64())
}

// coverID returns the artwork id of the folder's picture, read once.
func (f *folder) coverID() string {
	f.once.Do(func() {
		if f.image == "" {
			return
		}
		file, err := openRegular(f.root, f.image)
		if err != nil {
			return
		}
		defer func() { _ = file.Close() }()
		if info, err := file.Stat(); err == nil {
			f.cover = artworkID(file, info.Size())
		}
	})
	return f.cover
}

// coverOf returns the artwork id of a file: what is embedded in it, else what
// lies beside it.
func coverOf(t tags.Tags, f *folder) string {
	if p, ok := t.Cover(); ok {
		if id := artworkID(p.Open(), p.Size); id != "" {
			return id
		}
	}
	return f.coverID()
}

// artworkID returns the id of an image: a hash of its length, its beginning and
// its end, so that thousands of equal covers are not read whole. What does not
// begin like an image has none.
func artworkID(r io.ReaderAt, size int64) string {
	const piece = 16 << 10
	if size <= 0 || size > maxImageBytes {
		return ""
	}
	b := make([]byte, min(piece, size))
	if n, err := r.ReadAt(b, 0); n < len(b) && !errors.Is(err, io.EOF) || imageType(b) == "" {
		return ""
	}
	h := sha256.New()
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(size))
	h.Write(n[:])
	h.Write(b)
	if size > piece {
		n, err := r.ReadAt(b, max(size-piece, piece))
		if err != nil && !errors.Is(err, io.EOF) {
			return ""
		}
		h.Write(b[:n])
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:15]))
}

func isImage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif":
		return true
	}
	return false
}

// isAudio tells by its name that a file claims to be music.
func isAudio(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".flac", ".mp3", ".wav", ".wave", ".opus", ".ogg", ".oga", ".m4a", ".m4b", ".mp4", ".aac", ".alac",
		".aif", ".aiff", ".wma", ".ape", ".wv", ".mpc", ".mka", ".tta", ".dsf", ".dff", ".ac3", ".caf":
		return true
	}
	return false
}

func timeOf(ns int64) time.Time { return time.Unix(0, ns) }

package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library/tags"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// coversFolder is where scaled covers are kept, in the data folder.
const coversFolder = "covers"

// CoverSizes are the lengths of the longer side that covers are scaled to, in
// pixels. Smaller originals are not blown up.
var CoverSizes = []int{96, 300, 640, 1200}

// covers makes and caches scaled artwork. Nothing is made before it is asked
// for.
type covers struct {
	l     *Library
	dir   string
	quota int64
	// work holds a token for whoever decodes: one at a time, since a large
	// image takes up to a quarter of a gigabyte.
	work chan struct{}

	mu   sync.Mutex
	used int64 // bytes on disk, -1 before it was counted
}

func newCovers(c Config, l *Library) *covers {
	quota := c.CoverQuota
	if quota <= 0 {
		quota = 256 << 20
	}
	return &covers{l: l, dir: filepath.Join(c.Data, coversFolder), quota: quota, work: make(chan struct{}, 1), used: -1}
}

// Cover returns an artwork as a JPEG no larger than the given size, which is
// brought to the nearest larger one of CoverSizes, and its content type. It
// fails with ErrNoCover for an id that no track has, or an image that cannot be
// shown.
func (l *Library) Cover(ctx context.Context, id string, size int) (data []byte, contentType string, err error) {
	data, err = l.covers.get(ctx, id, size)
	if err != nil {
		return nil, "", fmt.Errorf("cover %q: %w", id, err)
	}
	return data, "image/jpeg", nil
}

func (c *covers) get(ctx context.Context, id string, size int) ([]byte, error) {
	if !isArtworkID(id) {
		return nil, ErrNoCover
	}
	at := slices.IndexFunc(CoverSizes, func(s int) bool { return s >= size })
	if at < 0 {
		at = len(CoverSizes) - 1
	}
	size = CoverSizes[at]
	if b, err := os.ReadFile(c.file(id, size)); err == nil {
		return b, nil
	}
	select {
	case c.work <- struct{}{}:
		defer func() { <-c.work }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if b, err := os.ReadFile(c.file(id, size)); err == nil {
		return b, nil // made while we waited
	}
	b, err := c.original(ctx, id, at)
	if err != nil {
		return nil, err
	}
	if b, err = scaled(b, size); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoCover, err)
	}
	if err := c.keep(id, size, b); err != nil {
		c.l.log.Warn("keeping a scaled cover failed", "err", err)
	}
	return b, nil
}

// original returns the image to scale: the next larger one that is cached, or
// the one that came with the music.
func (c *covers) original(ctx context.Context, id string, at int) ([]byte, error) {
	for _, larger := range CoverSizes[at+1:] {
		if b, err := os.ReadFile(c.file(id, larger)); err == nil {
			return b, nil
		}
	}
	list, err := c.l.store.TracksWithCover(ctx, id, 5)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		b, err := c.l.artworkOf(t, id)
		if err == nil {
			return b, nil
		}
		c.l.log.Debug("reading a cover failed", "path", t.Path, "err", err)
	}
	return nil, ErrNoCover
}

// artworkOf reads the image of the given id from a track's file, or from beside
// it.
func (l *Library) artworkOf(t store.Track, id string) ([]byte, error) {
	f, err := l.openTrack(t)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// Damaged tags may still have their picture.
	read, _ := tags.Read(f, info.Size())
	if p, ok := read.Cover(); ok && artworkID(p.Open(), p.Size) == id {
		return io.ReadAll(p.Open())
	}
	return l.folderArtwork(t, id)
}

func (l *Library) folderArtwork(t store.Track, id string) ([]byte, error) {
	root, err := os.OpenRoot(t.Root)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrUnreachable, err)
	}
	defer func() { _ = root.Close() }()
	rel, err := filepath.Rel(t.Root, filepath.Dir(t.Path))
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{rel, filepath.Dir(rel)} {
		entries, err := readDir(root, dir)
		if err != nil {
			return nil, err
		}
		folder := newFolder(root, filepath.ToSlash(dir), entries, nil)
		if folder.coverID() != id {
			continue
		}
		f, err := openRegular(root, folder.image)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(f, maxImageBytes))
		return b, errors.Join(err, f.Close())
	}
	return nil, ErrNoCover
}

func (c *covers) file(id string, size int) string {
	return filepath.Join(c.dir, id[:2], fmt.Sprintf("%s-%d.jpg", id, size))
}

// isArtworkID keeps everything out of file names but what artworkID makes.
func isArtworkID(id string) bool {
	if len(id) != 24 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// keep writes a scaled cover and stays within the quota.
func (c *covers) keep(id string, size int, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := c.file(id, size)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if c.used < 0 {
		c.used = 0
		for _, f := range c.files() {
			c.used += f.size
		}
	}
	if c.used+int64(len(b)) > c.quota {
		c.makeRoom(c.quota / 2)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".cover-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	c.used += int64(len(b))
	return nil
}

type cached struct {
	path string
	size int64
	made time.Time
}

// files lists what is cached.
func (c *covers) files() []cached {
	var out []cached
	_ = filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil //nolint:nilerr // what cannot be read does not count
		}
		if info, err := e.Info(); err == nil {
			out = append(out, cached{path, info.Size(), info.ModTime()})
		}
		return nil
	})
	return out
}

// makeRoom removes the oldest until no more than keep bytes are left.
func (c *covers) makeRoom(keep int64) {
	files := c.files()
	slices.SortFunc(files, func(a, b cached) int { return a.made.Compare(b.made) })
	c.used = 0
	for _, f := range files {
		c.used += f.size
	}
	for _, f := range files {
		if c.used <= keep {
			return
		}
		if err := os.Remove(f.path); err == nil {
			c.used -= f.size
		}
	}
}

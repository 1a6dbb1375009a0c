package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// cacheQuota is how many bytes the cache folder may hold: an album in every
// rendition takes about 200 MB.
const cacheQuota = 1 << 30

// diskCache keeps what can be made again: encoded segments, and where frames
// are in long files. What was not used for the longest makes room. It
// implements hls.Cache; a disk that is full, or a folder that cannot be
// written, only means that nothing is kept.
type diskCache struct {
	dir   string
	quota int64
	log   *slog.Logger

	mu   sync.Mutex
	size int64 // of the files; -1 before they were counted
}

func newDiskCache(dir string, quota int64, log *slog.Logger) *diskCache {
	return &diskCache{dir: dir, quota: quota, log: log, size: -1}
}

func (c *diskCache) path(name string) string {
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16]))
}

// Get implements hls.Cache.
func (c *diskCache) Get(name string) ([]byte, bool) {
	path := c.path(name)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it was used
	return data, true
}

// Put implements hls.Cache.
func (c *diskCache) Put(name string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if int64(len(data)) > c.quota/4 {
		return
	}
	if err := c.write(c.path(name), data); err != nil {
		c.log.Debug("nothing was kept in the cache", "err", err)
		return
	}
	if c.size >= 0 {
		c.size += int64(len(data))
	}
	if c.size < 0 || c.size > c.quota {
		c.tidy()
	}
}

func (c *diskCache) write(path string, data []byte) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// tidy counts what is there, and removes the oldest of it down to nine tenths
// of the quota.
func (c *diskCache) tidy() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	c.size = 0
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
			c.size += info.Size()
		}
	}
	if c.size <= c.quota {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if c.size <= c.quota*9/10 {
			return
		}
		if os.Remove(filepath.Join(c.dir, f.Name())) == nil {
			c.size -= f.Size()
		}
	}
}

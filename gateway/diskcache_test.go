package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestDiskCacheKeepsToItsQuota(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	open := func() *diskCache { return newDiskCache(dir, 10_000, slog.New(slog.DiscardHandler)) }
	c := open()
	if _, ok := c.Get("nothing"); ok {
		t.Error("found what was never put")
	}
	data := bytes.Repeat([]byte("x"), 1000)
	old := time.Now().Add(-time.Hour)
	for i := range 9 {
		name := fmt.Sprint("a ", i)
		c.Put(name, data)
		at := old.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(c.path(name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := c.Get("a 0"); !ok || !bytes.Equal(got, data) { // used now: it stays
		t.Error("a 0 is not there")
	}
	c = open() // a restart
	for i := range 3 {
		c.Put(fmt.Sprint("b ", i), data)
	}
	for name, want := range map[string]bool{"a 0": true, "a 1": false, "a 2": false, "a 8": true, "b 2": true} {
		if _, ok := c.Get(name); ok != want {
			t.Errorf("%s is there: %v", name, ok)
		}
	}
	if c.Put("huge", make([]byte, 5000)); c.size > c.quota {
		t.Errorf("%d bytes of %d", c.size, c.quota)
	}
	if _, ok := c.Get("huge"); ok {
		t.Error("one file took half of the cache")
	}
}

// A folder that cannot be written means that nothing is kept, and no more.
func TestDiskCacheWithoutADisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newDiskCache(file, 10_000, slog.New(slog.DiscardHandler))
	c.Put("a", []byte("b"))
	if _, ok := c.Get("a"); ok {
		t.Error("kept where nothing can be")
	}
}

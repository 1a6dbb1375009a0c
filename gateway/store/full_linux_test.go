package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// On a full disk writes fail with ErrFull, reads go on, and once there is room
// again so do writes.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skip("mounting a small disk needs root:", err)
	}
	t.Cleanup(func() { check(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	ctx := context.Background()
	s := opened(t, filepath.Join(dir, "data"))
	must(s.AddPlay(ctx, Play{Track: "kept"}))
	filler := filepath.Join(dir, "filler")
	for size := 3 << 20; size > 256; size /= 2 {
		_ = appendTo(filler, size) // until there is no room for even this
		_ = appendTo(filler, size)
	}
	var err error
	written := 1
	for i := 0; err == nil && i < 10_000; i++ {
		if _, err = s.AddPlay(ctx, Play{Track: fmt.Sprint(i)}); err == nil {
			written++
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("on a full disk: %v", err)
	}
	if err := s.Backup(ctx, filepath.Join(dir, "copy.db")); !errors.Is(err, ErrFull) {
		t.Errorf("a backup to a full disk: %v", err)
	}
	if got := must(s.Plays(ctx, 0, 0)); len(got) != written {
		t.Errorf("%d plays, %d were acknowledged", len(got), written)
	}
	check(t, os.Remove(filler))
	must(s.AddPlay(ctx, Play{Track: "after"}))
}

func appendTo(file string, size int) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(bytes.Repeat([]byte{1}, size))
	return errors.Join(err, f.Close())
}

package library

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// A data folder that is full stops the scan with a reason, and once there is
// room a scan goes on where it stopped.
func TestScanOnAFullDisk(t *testing.T) {
	disk, root := t.TempDir(), t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1200k"); err != nil {
		t.Skip("mounting a small disk needs root:", err)
	}
	t.Cleanup(func() { check(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	const files = 1500
	for i := range files {
		put(t, root, fmt.Sprintf("%d/%d.wav", i/20, i), wav(fmt.Sprintf("A long enough title to fill a disk with, number %d", i), 4))
	}
	f := fixtureIn(t, filepath.Join(disk, "data"), wavProber{}, root)
	f.scan(context.Background())
	if r := f.Report(); len(r) != 1 || !strings.Contains(r[0].Reason.String(), "no space left") {
		t.Fatalf("report: %v", r)
	}
	part := must(f.store.Counts(context.Background())).Tracks
	if part >= files {
		t.Fatalf("%d tracks were kept", part)
	}
	if _, _, err := f.store.Tracks(context.Background(), store.TrackFilter{}, store.Page{}); err != nil {
		t.Error(err)
	}
	check(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=20m"))
	if n := len(f.again()); n != files || f.Progress().Problems != 0 {
		t.Errorf("%d tracks once there is room, %v", n, f.Report())
	}
}

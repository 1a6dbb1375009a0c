package gateway

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/jumpgate-audio/jumpgate/hls"
)

// On a disk that is full segments are encoded and served as ever, only none is kept,
// and no half of one stays; what was kept before is still served, and once there is
// room again all is kept.
func TestRenditionsOnAFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: a full disk needs root, to mount a small tmpfs")
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("NOT TESTED: no tmpfs can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	const segments = 12
	encoded := map[int]int{} // how often each segment was made, by its first frame
	vod, err := hls.NewEncoded(hls.EncodedConfig{
		Codec:        hls.CodecConfig{Codec: "opus", Rate: 48000, Channels: 2, Header: []byte("OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00")},
		FrameSamples: 960, Samples: segments * 6 * 48000, Version: "v",
		Encode: func(_ context.Context, first, n int) ([][]byte, error) {
			encoded[first]++
			frames := make([][]byte, n)
			for i := range frames {
				frames[i] = bytes.Repeat([]byte{byte(first + i)}, 160) // 48 kB a segment
			}
			return frames, nil
		},
		Cache: newDiskCache(filepath.Join(disk, "cache"), 1<<30, slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := make([][]byte, segments)
	fetch := func() (made int) {
		clear(encoded)
		for i := range segments {
			w := httptest.NewRecorder()
			vod.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d.m4s", i), nil))
			if w.Code != http.StatusOK || first[i] != nil && !bytes.Equal(first[i], w.Body.Bytes()) {
				t.Fatalf("segment %d: %d, %d bytes", i, w.Code, w.Body.Len())
			}
			first[i] = w.Body.Bytes()
		}
		return len(encoded)
	}
	if n := fetch(); n != segments {
		t.Fatalf("%d segments were encoded, of %d", n, segments)
	}
	n := fetch()
	if n == 0 || n == segments {
		t.Errorf("%d segments were encoded again: the disk has room for some of %d", n, segments)
	}
	kept, err := os.ReadDir(filepath.Join(disk, "cache"))
	if err != nil || len(kept) != segments-n {
		t.Errorf("%d files are kept of %d segments: %v", len(kept), segments-n, err)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=4m"); err != nil {
		t.Fatal(err)
	}
	fetch()
	if n := fetch(); n != 0 {
		t.Errorf("%d segments were encoded though there is room to keep them", n)
	}
}

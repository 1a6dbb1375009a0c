package container_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// fuzz opens anything, and holds what must be true of every track.
func fuzz(f *testing.F, seed string) {
	file := files()[seed]
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := container.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if !errors.Is(err, container.ErrCorrupt) && !errors.Is(err, container.ErrUnknown) && !errors.Is(err, container.ErrUnsupported) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		cfg := tr.Config()
		if tr.NumFrames() == 0 || cfg.Samples < 0 || cfg.PreSkip < 0 || cfg.Padding < 0 || cfg.Rate <= 0 || cfg.Channels <= 0 {
			t.Fatalf("%d frames, %+v", tr.NumFrames(), cfg)
		}
		for i := range tr.NumFrames() {
			off, size, _ := tr.Frame(i)
			if off < 0 || size < 0 || size > len(b) {
				t.Fatalf("frame %d: %d bytes at %d", i, size, off)
			}
			if n, err := tr.ReadAt(make([]byte, size), off); n < size {
				t.Fatalf("frame %d: %v", i, err)
			}
		}
	})
}

func FuzzFLAC(f *testing.F) { fuzz(f, "flac") }
func FuzzOgg(f *testing.F)  { fuzz(f, "opus") }
func FuzzMP3(f *testing.F)  { fuzz(f, "mp3") }
func FuzzWAV(f *testing.F)  { fuzz(f, "wav") }
func FuzzMP4(f *testing.F)  { fuzz(f, "m4a") }
func FuzzADTS(f *testing.F) { fuzz(f, "adts") }

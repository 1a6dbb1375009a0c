package player

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A stream of another rate goes on in the same file, at the file's rate.
func TestWAVGoesOnAtAnotherRate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.wav")
	w := NewWAV(path)
	for _, rate := range []int{44100, 48000, 44100} {
		if err := w.Open(Format{Rate: rate, Channels: 2, Bits: 16}); err != nil {
			t.Fatal(err)
		}
		pcm := make([]float32, rate*2) // a second of 1 kHz
		for i := range rate {
			x := float32(math.Sin(2*math.Pi*1000*float64(i)/float64(rate))) / 2
			pcm[2*i], pcm[2*i+1] = x, x
		}
		for len(pcm) > 0 {
			n := min(rate/200*2, len(pcm))
			if err := w.Heard(pcm[:n]); err != nil {
				t.Fatal(err)
			}
			pcm = pcm[n:]
		}
	}
	if err := w.Open(Format{Rate: 44100, Channels: 1, Bits: 16}); err == nil {
		t.Error("a mono stream went into a stereo file")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	samples := data[wavHeader:]
	if seconds := float64(len(samples)) / 4 / 44100; math.Abs(seconds-3) > 0.01 {
		t.Errorf("%.3f s in the file, 3 went in", seconds)
	}
	crossings := 0
	for i := 4; i+1 < len(samples); i += 4 {
		before, now := int16(binary.LittleEndian.Uint16(samples[i-4:])), int16(binary.LittleEndian.Uint16(samples[i:]))
		if before < 0 && now >= 0 {
			crossings++
		}
	}
	if crossings < 2990 || crossings > 3002 {
		t.Errorf("%d periods in the file, 3000 went in", crossings)
	}
}

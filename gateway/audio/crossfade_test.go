package audio

import (
	"errors"
	"io"
	"math"
	"testing"
)

// plain is a decoder of samples in memory.
type plain struct {
	info   Info
	pcm    []float32
	fails  error // instead of the end
	closed bool
}

func (p *plain) Info() Info { return p.info }

func (p *plain) Read(dst []float32) (int, error) {
	if len(p.pcm) == 0 {
		if p.fails != nil {
			return 0, p.fails
		}
		return 0, io.EOF
	}
	n := copy(dst[:min(len(dst), 2*777)], p.pcm) // blocks of an odd size
	p.pcm = p.pcm[n:]
	return n / 2, nil
}

func (p *plain) SeekFrame(int64) error { return ErrUnsupported }
func (p *plain) Close() error          { p.closed = true; return nil }

func sines(rate, frames int, hz, level float64) *plain {
	pcm := make([]float32, 2*frames)
	for i := range frames {
		v := float32(level * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		pcm[2*i], pcm[2*i+1] = v, v
	}
	return &plain{info: Info{Rate: rate, Channels: 2, Bits: 16, Frames: int64(frames)}, pcm: pcm}
}

// TestCrossfade: the level stays while both sound, and what comes is its own,
// sample by sample, from there on.
func TestCrossfade(t *testing.T) {
	const rate, fade = 48000, 48000
	going, coming := sines(rate, fade, 300, 0.5), sines(rate, 3*fade, 1111, 0.5)
	want := coming.pcm
	x, err := NewCrossfade(going, coming, fade)
	if err != nil {
		t.Fatal(err)
	}
	got := all(t, x)
	if len(got) != len(want) {
		t.Fatalf("%d frames, want %d", len(got)/2, len(want)/2)
	}
	for at := 0; at+4800 <= 3*fade; at += 4800 {
		var sum float64
		for _, v := range got[2*at : 2*at+9600] {
			sum += float64(v) * float64(v)
		}
		if rms := math.Sqrt(sum / 9600); math.Abs(20*math.Log10(rms/(0.5/math.Sqrt2))) > 0.3 {
			t.Errorf("from frame %d on the level is %.3f", at, rms)
		}
	}
	for i := 2 * fade; i < len(want); i++ {
		if got[i] != want[i] {
			t.Fatalf("sample %d behind the fade is %g, want %g", i, got[i], want[i])
		}
	}
	if err := x.Close(); err != nil || !going.closed || !coming.closed {
		t.Errorf("closing leaves something open: %v", err)
	}
}

// TestCrossfadeHoldsTheCeiling: two loud pieces do not clip.
func TestCrossfadeHoldsTheCeiling(t *testing.T) {
	x, err := NewCrossfade(sines(48000, 24000, 440, 1), sines(48000, 48000, 440, 1), 24000)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range all(t, x)[:48000] {
		if math.Abs(float64(v)) > amplitude(-1) {
			t.Fatalf("sample %d is %g", i, v)
		}
	}
}

// TestCrossfadeShort: whichever ends or fails first, nothing is lost.
func TestCrossfadeShort(t *testing.T) {
	broken := errors.New("damaged")
	for name, test := range map[string]struct {
		going, coming *plain
		frames        int
		err           error
	}{
		"going ends early":      {sines(8000, 100, 100, .5), sines(8000, 9000, 100, .5), 9000, nil},
		"going breaks off":      {&plain{info: Info{Rate: 8000, Channels: 2}, fails: broken}, sines(8000, 9000, 100, .5), 9000, nil},
		"coming is shorter":     {sines(8000, 9000, 100, .5), sines(8000, 900, 100, .5), 900, nil},
		"coming is damaged":     {sines(8000, 9000, 100, .5), &plain{info: Info{Rate: 8000, Channels: 2}, fails: broken}, 0, broken},
		"coming has no samples": {sines(8000, 9000, 100, .5), sines(8000, 0, 100, .5), 0, nil},
	} {
		x, err := NewCrossfade(test.going, test.coming, 4000)
		if err != nil {
			t.Fatal(err)
		}
		frames := 0
		for block := make([]float32, 500); err == nil; {
			var n int
			n, err = x.Read(block)
			frames += n
		}
		if test.err == nil {
			test.err = io.EOF
		}
		if frames != test.frames || !errors.Is(err, test.err) {
			t.Errorf("%s: %d frames, want %d, and %v", name, frames, test.frames, err)
		}
	}
	for name, pair := range map[string][2]*plain{
		"rates":    {sines(8000, 9, 1, 1), sines(16000, 9, 1, 1)},
		"channels": {sines(8000, 9, 1, 1), {info: Info{Rate: 8000, Channels: 1}}},
	} {
		if _, err := NewCrossfade(pair[0], pair[1], 100); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s that differ: %v", name, err)
		}
	}
}

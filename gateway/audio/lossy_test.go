package audio

import (
	"math"
	"os"
	"testing"
)

// sweep is what the files in testdata were made from, by ffmpeg with
// libmp3lame and libopus: a tone on the left, a rising one on the right.
func sweep(frames, rate int) []float32 {
	out := make([]float32, 0, 2*frames)
	for i := range frames {
		t := float64(i) / float64(rate)
		l := 0.5 * math.Sin(2*math.Pi*440*t) * min(1, t*20)
		r := 0.4 * math.Sin(2*math.Pi*(300+500*t)*t)
		out = append(out, float32(l), float32(r))
	}
	return out
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLossyInPlace holds that encoder delay and padding are gone: the length
// is the original's, and the samples are where they were. One sample off, the
// difference would be larger.
func TestLossyInPlace(t *testing.T) {
	for _, c := range []struct {
		name         string
		frames, rate int
		snr          float64
	}{
		{"sweep.mp3", 40_000, 44100, 25},
		{"sweep.opus", 40_000, 48000, 25},
	} {
		d := decoder(t, fixture(t, c.name))
		if i := d.Info(); i.Frames != int64(c.frames) || i.Rate != c.rate || i.Channels != 2 || i.Bits != 0 {
			t.Errorf("%s: %+v", c.name, i)
		}
		got, want := all(t, d), sweep(c.frames, c.rate)
		if len(got) != len(want) {
			t.Fatalf("%s: %d samples, want %d", c.name, len(got), len(want))
		}
		at := snr(got, want)
		late, early := snr(got[2:], want), snr(got, want[2:])
		if at < c.snr || late > at || early > at {
			t.Errorf("%s: %.1f dB SNR in place, %.1f and %.1f a sample off", c.name, at, late, early)
		}
	}
}

func snrOf(t *testing.T, d Decoder, at int64, whole []float32) float64 {
	t.Helper()
	if err := d.SeekFrame(at); err != nil {
		t.Fatal(err)
	}
	ch := d.Info().Channels
	want := whole[int(at)*ch:]
	got, err := some(d, 1000, seekFrames*ch)
	if err != nil {
		t.Fatal(err)
	}
	if short := len(got) < seekFrames*ch; short && len(got) != len(want) || len(got) > len(want) {
		t.Fatalf("%d samples behind a seek to %d, there are %d", len(got), at, len(want))
	}
	return snr(got, want[:len(got)])
}

// seekFrames is how much is looked at behind a seek: a seek near the end shows
// that the end is where it was.
const seekFrames = 10_000

// TestLossySeek compares what follows a seek with what came without one: MP3
// gives the very same samples, Opus converges within its pre-roll.
func TestLossySeek(t *testing.T) {
	for _, c := range []struct {
		name string
		snr  float64
	}{{"sweep.mp3", math.Inf(1)}, {"mono24.mp3", math.Inf(1)}, {"sweep.opus", 40}} {
		d := decoder(t, fixture(t, c.name))
		whole := all(t, d)
		for _, at := range []int64{0, 1, 1151, 1152, 5000, 12_345, 19_000} {
			if got := snrOf(t, d, at, whole); got < c.snr {
				t.Errorf("%s: %.1f dB SNR behind a seek to %d", c.name, got, at)
			}
		}
	}
}

func TestMonoStaysMono(t *testing.T) {
	d := decoder(t, fixture(t, "mono24.mp3"))
	if i := d.Info(); i.Channels != 1 || i.Rate != 24000 || i.Frames != 20_000 {
		t.Errorf("%+v", i)
	}
	if n := len(all(t, d)); n != 20_000 {
		t.Errorf("%d samples", n)
	}
}

// TestLossyDamage flips and cuts bytes everywhere: errors, but no panics.
func TestLossyDamage(t *testing.T) {
	for _, name := range []string{"sweep.mp3", "sweep.opus", "mono24.mp3"} {
		file := fixture(t, name)
		for i := 0; i < len(file); i += 1 + len(file)/6 {
			b := append([]byte(nil), file...)
			b[i] ^= 0xA5
			tryDecode(t, b)
			tryDecode(t, file[:i])
		}
	}
}

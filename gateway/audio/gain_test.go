package audio

import (
	"math"
	"testing"
)

func gainOf(t *testing.T, c GainConfig, pcm []float32, piece int) []float32 {
	t.Helper()
	g, err := NewGain(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []float32
	for i := 0; i < len(pcm); i += piece * c.Channels {
		out = g.Process(out, pcm[i:min(i+piece*c.Channels, len(pcm))])
	}
	return g.Flush(out)
}

// truePeak measures with an interpolation of its own: eight times the rate.
func truePeak(t *testing.T, pcm []float32) float64 {
	up := resampled(t, pcm, 48000, 8*48000, 4096)
	var p float32
	for _, x := range up {
		p = max(p, abs32(x))
	}
	return dBFS(float64(p))
}

func TestGainExact(t *testing.T) {
	pcm := music(5000, 2, 16)
	same(t, gainOf(t, GainConfig{Rate: 48000, Channels: 2}, pcm, 100), pcm)
	half := gainOf(t, GainConfig{Rate: 48000, Channels: 2, DB: -20}, pcm, 100)
	for i := range pcm {
		if math.Abs(float64(half[i])-float64(pcm[i])*0.1) > 1e-7 {
			t.Fatalf("-20 dB makes %g of %g", half[i], pcm[i])
		}
	}
}

func TestGainKnownPeak(t *testing.T) {
	for _, c := range []struct{ db, peak, want float64 }{
		{6, 0.25, 6},              // there is room
		{12, 0.5, -1 - dBFS(0.5)}, // to the ceiling
		{6, 1.2, 0},               // none: never softer than untouched
		{-6, 1.2, -6},
	} {
		g, err := NewGain(GainConfig{Rate: 48000, Channels: 2, DB: c.db, Peak: c.peak})
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Applied(); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%g dB with a peak of %g: %.3f dB, want %.3f", c.db, c.peak, got, c.want)
		}
	}
}

// TestLimiter makes music much too loud, and measures what comes out.
func TestLimiter(t *testing.T) {
	hot := music(24000, 2, 24)
	// A quarter of the rate, shifted by 45 degrees: its true peaks lie 3 dB
	// above its samples.
	for i := 10_000; i < 13_000; i++ {
		x := float32(0.9 * math.Sin(math.Pi/2*float64(i)+math.Pi/4))
		hot[2*i], hot[2*i+1] = x, x
	}
	for i := 20_000; i < 20_003; i++ {
		hot[2*i] = 1
	}
	for _, db := range []float64{0.1, 6, 20} {
		c := GainConfig{Rate: 48000, Channels: 2, DB: db}
		got := gainOf(t, c, hot, 1000)
		if len(got) != len(hot) {
			t.Fatalf("%d samples of %d", len(got), len(hot))
		}
		if p := truePeak(t, got); p > -1 {
			t.Errorf("%g dB: a true peak of %.2f dBTP", db, p)
		}
		same(t, gainOf(t, c, hot, 13), got)
	}
	// What is soft enough passes through the look-ahead unharmed, in place.
	soft := music(5000, 2, 16)
	for i := range soft {
		soft[i] *= 0.25
	}
	got := gainOf(t, GainConfig{Rate: 48000, Channels: 2, DB: 6}, soft, 333)
	for i := range soft {
		if want := soft[i] * float32(amplitude(6)); math.Abs(float64(got[i]-want)) > 1e-6 {
			t.Fatalf("sample %d is %g, want %g", i, got[i], want)
		}
	}
}

func TestLimiterIsSmooth(t *testing.T) {
	pcm := tone(48000, 48000, 100, 0.3)
	pcm[2*24000] = 1
	got := gainOf(t, GainConfig{Rate: 48000, Channels: 2, DB: 6}, pcm, 480)
	f := float32(amplitude(6))
	last := float32(1)
	for i := 10; i < 47_000; i++ {
		if x := pcm[2*i+1]; abs32(x) > 0.1 {
			g := got[2*i+1] / (x * f)
			if i > 12 && abs32(g-last) > 0.2 && abs32(pcm[2*i-1]) > 0.1 {
				t.Fatalf("the gain steps from %g to %g at %d", last, g, i)
			}
			last = g
		}
	}
}

func TestWithGain(t *testing.T) {
	pcm := music(20_000, 2, 16)
	file := wav(pcm, 48000, 2, 16)
	d, err := WithGain(decoder(t, file), GainConfig{DB: 3})
	if err != nil {
		t.Fatal(err)
	}
	whole := all(t, d)
	same(t, whole, gainOf(t, GainConfig{Rate: 48000, Channels: 2, DB: 3}, pcm, 777))
	if err := d.SeekFrame(5000); err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, d)); n != 30_000 {
		t.Errorf("%d samples behind the seek", n)
	}
	plain := decoder(t, file)
	if d, err := WithGain(plain, GainConfig{}); err != nil || d != plain {
		t.Errorf("a gain of nothing wraps the decoder (%v)", err)
	}
}

func TestMeter(t *testing.T) {
	var m Meter
	m.Write(tone(48000, 48000, 1000, 0.5))
	l := m.Take()
	if len(l) != 2 || math.Abs(l[0].Peak+6.02) > 0.01 || math.Abs(l[1].RMS+9.03) > 0.01 {
		t.Errorf("a sine of -6 dB measures %+v", l)
	}
	if l := m.Take(); !math.IsInf(l[0].Peak, -1) || !math.IsInf(l[0].RMS, -1) {
		t.Errorf("nothing measures %+v", l)
	}
}

package visual

import (
	"math"
	"math/rand/v2"
	"testing"
)

func sine(rate int, hz, amplitude, seconds float64) []float32 {
	out := make([]float32, 0, 2*int(seconds*float64(rate)))
	for i := range int(seconds * float64(rate)) {
		v := float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		out = append(out, v, v)
	}
	return out
}

func analyse(t *testing.T, rate int, pcm []float32) []Frame {
	t.Helper()
	a, err := New(rate)
	if err != nil {
		t.Fatal(err)
	}
	var all []Frame
	for len(pcm) > 0 { // pieces of any length
		n := min(len(pcm), 2*1357)
		all = append(all, a.Write(pcm[:n])...)
		pcm = pcm[n:]
	}
	return all
}

func fromDB(db float64) float64 { return math.Pow(10, db/20) }

func near(got uint16, db, within float64) bool {
	return math.Abs(float64(got)/65535*60-60-db) <= within
}

// Levels are those of the scale: a sine's own at 1 kHz, and A-weighted elsewhere
// (IEC 61672-1 gives -19.1 dB at 100 Hz and -2.5 dB at 10 kHz).
func TestLevels(t *testing.T) {
	for _, rate := range []int{44100, 96000} {
		for _, test := range []struct{ hz, db, want float64 }{
			{1000, 0, 0}, {1000, -20, -20}, {1000, -50, -50}, {100, 0, -19.1}, {10_000, -10, -12.5},
		} {
			all := analyse(t, rate, sine(rate, test.hz, fromDB(test.db), 1))
			f := all[len(all)/2]
			if !near(f.Loudness, test.want, 0.5) || !near(f.PeakLevel, test.want, 1.5) {
				t.Errorf("%d Hz: %g Hz at %g dB is %d, peak %d", rate, test.hz, test.db, f.Loudness, f.PeakLevel)
			}
			if math.Abs(float64(f.PeakHz)-test.hz) > 3 {
				t.Errorf("%d Hz: the peak of %g Hz is at %d Hz", rate, test.hz, f.PeakHz)
			}
		}
	}
	silent := analyse(t, 48000, make([]float32, 2*48000))
	for _, f := range silent {
		if f.Loudness != 0 || f.PeakHz != 0 || f.PeakLevel != 0 || f.Onset != 0 || f.Beat {
			t.Fatalf("silence shows %+v", f)
		}
	}
	if want := Rate - Hold; len(silent) < want-3 || len(silent) > want {
		t.Errorf("a second has %d frames", len(silent))
	}
}

// A tone is shown by the bar whose range it lies in, on each scale.
func TestBins(t *testing.T) {
	const hz = 1500
	all := analyse(t, 48000, sine(48000, hz, 1, 1))
	f := &all[len(all)/2]
	for _, scale := range []string{"lin", "log", "mel"} {
		for _, count := range []int{1, 8, 24, 64, 256} {
			b := Bins{Count: count, Scale: scale, Min: 40, Max: 16_000}
			if err := b.Check(); err != nil {
				t.Fatal(err)
			}
			if math.Abs(b.edge(0)-40) > 1e-6 || math.Abs(b.edge(count)-16_000) > 1e-6 {
				t.Errorf("%+v is from %g to %g Hz", b, b.edge(0), b.edge(count))
			}
			levels, strongest := b.Of(f), 0
			for i, l := range levels {
				if l > levels[strongest] {
					strongest = i
				}
			}
			if b.edge(strongest)-f.hz > hz || b.edge(strongest+1)+f.hz < hz {
				t.Errorf("%+v shows it at %g to %g Hz", b, b.edge(strongest), b.edge(strongest+1))
			}
		}
	}
	for _, bad := range []Bins{{0, "lin", 0, 1}, {257, "lin", 0, 1}, {8, "bark", 0, 1}, {8, "log", 5, 5}, {8, "log", -1, 5}} {
		if bad.Check() == nil {
			t.Errorf("%+v can be made", bad)
		}
	}
}

// drum is a decaying burst of noise at each beat, over a quiet chord.
func drum(rate int, perMinute, seconds float64, seed uint64) (pcm []float32, hits []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	pcm = sine(rate, 220, 0.05, seconds)
	for at := 0.25; at < seconds-0.3; at += 60 / perMinute {
		hits = append(hits, at)
		first := int(at * float64(rate))
		for i := range rate / 10 {
			v := float32(0.6 * rng.NormFloat64() * math.Exp(-float64(i)/(0.02*float64(rate))))
			pcm[2*(first+i)] += v
			pcm[2*(first+i)+1] += v
		}
	}
	return pcm, hits
}

// Every hit is an onset and nothing else is; its beat is found within 40 ms once
// four seconds were heard.
func TestOnsetsAndBeats(t *testing.T) {
	const rate = 44100
	for _, perMinute := range []float64{85, 120, 174} {
		pcm, hits := drum(rate, perMinute, 14, uint64(perMinute))
		var onsets, found []float64
		for _, f := range analyse(t, rate, pcm) {
			at := float64(f.At) / rate
			if f.Onset > 0 {
				onsets = append(onsets, at)
			}
			if f.Beat {
				found = append(found, at)
			}
		}
		if missed, wrong := compare(hits, onsets, 0.04, 0, 13.4); missed+wrong > 1 { // the chord begins, too
			t.Errorf("%g a minute: %d onsets missed, %d beside a hit", perMinute, missed, wrong)
		}
		if missed, wrong := compare(hits, found, 0.04, 6, 13); missed+wrong > 1 {
			t.Errorf("%g a minute: %d beats missed, %d beside a hit: %.2f", perMinute, missed, wrong, found)
		}
	}
}

// compare counts hits that nothing was found at, and finds beside all hits.
func compare(hits, found []float64, within, from, to float64) (missed, wrong int) {
	has := func(list []float64, at float64) bool {
		for _, x := range list {
			if math.Abs(x-at) <= within {
				return true
			}
		}
		return false
	}
	for _, h := range hits {
		if h >= from && h < to && !has(found, h) {
			missed++
		}
	}
	for _, f := range found {
		if f >= from && f < to && !has(hits, f) {
			wrong++
		}
	}
	return missed, wrong
}

// Whatever is written, in whatever pieces, frames come in order.
func TestAnySamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, gain := range []float64{0, 1, 1e30, math.Inf(1), math.NaN()} {
		a, err := New(8000 + rng.IntN(100_000))
		if err != nil {
			t.Fatal(err)
		}
		at := int64(-1)
		for range 30 {
			pcm := make([]float32, 2*rng.IntN(4000))
			for i := range pcm {
				pcm[i] = float32(gain * rng.NormFloat64())
			}
			for _, f := range a.Write(pcm) {
				if f.At <= at {
					t.Fatalf("frame %d behind %d", f.At, at)
				}
				at = f.At
				Bins{Count: 16, Scale: "mel", Min: 0, Max: 30_000}.Of(&f)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	pcm, _ := drum(48000, 120, 1, 1)
	a, err := New(48000)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Write(pcm)
	}
}

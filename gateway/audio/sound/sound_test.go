package sound

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

const rate = 44100

// heard analyses mono samples at the test's rate.
func heard(t *testing.T, samples []float32) Features {
	t.Helper()
	return heardAt(t, samples, rate)
}

func heardAt(t *testing.T, samples []float32, rate int) Features {
	t.Helper()
	a, err := New(rate, 1)
	if err != nil {
		t.Fatal(err)
	}
	a.Write(samples)
	f, err := a.Features()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tone is a number of seconds of sines of equal level.
func tone(seconds, rate int, level float64, hz ...float64) []float32 {
	out := make([]float32, seconds*rate)
	for i := range out {
		for _, f := range hz {
			out[i] += float32(level * math.Sin(2*math.Pi*f*float64(i)/float64(rate)))
		}
	}
	return out
}

// clicks is a short burst of noise at each beat.
func clicks(seconds int, bpm float64) []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	out := tone(seconds, rate, 0.01, 220)
	for beat := 0.0; ; beat++ {
		at := int(beat * 60 / bpm * rate)
		if at+2000 > len(out) {
			return out
		}
		for i := range 2000 {
			out[at+i] += float32((random.Float64() - 0.5) * math.Exp(-float64(i)/300))
		}
	}
}

func noise(seconds int, level float64) []float32 {
	random := rand.New(rand.NewPCG(3, 4))
	out := make([]float32, seconds*rate)
	for i := range out {
		out[i] = float32((random.Float64()*2 - 1) * level)
	}
	return out
}

func near(t *testing.T, what string, got float32, want, within float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > within {
		t.Errorf("%s: %.3f, want %.3f within %.3f", what, got, want, within)
	}
}

func TestASine(t *testing.T) {
	f := heard(t, tone(5, rate, 0.5, 1000))
	near(t, "loudness of half of full scale", f[Loudness], 10*math.Log10(0.125), 0.05)
	near(t, "centroid of 1 kHz", f[Brightness], math.Log2(1000), 0.05)
	near(t, "rolloff of 1 kHz", f[Rolloff], math.Log2(1000), 0.05)
	near(t, "dynamics of a steady tone", f[Dynamics], 0, 0.01)
	near(t, "change of harmony", f[Harmony], 0, 0.001)
	if white := heard(t, noise(5, 0.5)); white[Noisiness] < f[Noisiness]+2 {
		t.Errorf("white noise is flat by %.2f, a sine by %.2f", white[Noisiness], f[Noisiness])
	}
}

func TestTempo(t *testing.T) {
	for _, bpm := range []float64{70, 90, 110, 128, 150} {
		f := heard(t, clicks(30, bpm))
		near(t, "tempo", f[Tempo], math.Log2(bpm), 0.02)
		near(t, "onsets a second", f[Onsets], bpm/60, 0.1)
		if f[Pulse] < 0.6 {
			t.Errorf("clicks at %v a minute have a pulse of %.2f", bpm, f[Pulse])
		}
	}
	if f := heard(t, noise(30, 0.3)); f[Pulse] > 0.4 {
		t.Errorf("noise has a pulse of %.2f", f[Pulse])
	}
}

func TestMode(t *testing.T) {
	// A C major scale's chords against an A minor triad: I IV V I, with the
	// tonic most often, and its counterpart.
	chord := func(hz ...float64) []float32 { return tone(2, rate, 0.1, hz...) }
	c, e, es, f, g, a, as, b, d := 261.63, 329.63, 311.13, 349.23, 392.0, 440.0, 415.3, 493.88, 293.66
	var major, minor []float32
	for _, part := range [][]float32{chord(c, e, g), chord(f, a, c), chord(g, b, d), chord(c, e, g)} {
		major = append(major, part...)
	}
	for _, part := range [][]float32{chord(c, es, g), chord(f, as, c), chord(g, b, d), chord(c, es, g)} {
		minor = append(minor, part...)
	}
	up, down := heard(t, major), heard(t, minor)
	if up[Mode] <= 0 || down[Mode] >= 0 {
		t.Errorf("mode of a major cadence %.3f, of a minor one %.3f", up[Mode], down[Mode])
	}
	if up[KeyClarity] < 0.7 || down[KeyClarity] < 0.7 {
		t.Errorf("clarity of plain cadences: %.2f and %.2f", up[KeyClarity], down[KeyClarity])
	}
	if up[Harmony] < 0.05 {
		t.Errorf("changing chords change by %.3f", up[Harmony])
	}
}

// tune is plucked chords, four to a bar, a bass on the first.
func tune(seconds, rate int) []float32 {
	chords := [][]float64{{261.63, 329.63, 392}, {349.23, 440, 523.25}, {392, 493.88, 587.33}, {261.63, 329.63, 392}}
	out := make([]float32, seconds*rate)
	const beat = 0.55 // seconds
	for i := range out {
		t := float64(i) / float64(rate)
		n := int(t / beat)
		since := t - float64(n)*beat
		for k, hz := range chords[n/4%len(chords)] {
			for overtone := 1.0; overtone < 6; overtone++ {
				level := 0.1 / overtone * math.Exp(-since*4*overtone)
				out[i] += float32(level * math.Sin(2*math.Pi*hz*overtone*since+float64(k)))
			}
		}
		if n%4 == 0 {
			out[i] += float32(0.3 * math.Exp(-since*6) * math.Sin(2*math.Pi*chords[n/4%len(chords)][0]/2*since))
		}
	}
	return out
}

// The same tune at another rate is much the same to the ear, and so here: each
// number within a fraction of what it differs by from track to track.
func TestOtherRates(t *testing.T) {
	within := Features{
		Loudness: 0.2, Dynamics: 0.3, Quiet: 0.03, Brightness: 0.05, BrightnessMove: 0.05, Rolloff: 0.1, Noisiness: 0.3,
		Flux: 0.05, Tempo: 0.02, Pulse: 0.1, Onsets: 0.2, KeyClarity: 0.1, Mode: 0.1, Harmony: 0.05,
	}
	for i := timbre; i < Size; i++ {
		within[i] = 1
	}
	want := heard(t, tune(20, rate))
	near(t, "tempo of the tune", want[Tempo], math.Log2(60/0.55), 0.02)
	for _, other := range []int{22050, 48000, 96000, 192000} {
		got := heardAt(t, tune(20, other), other)
		for i := range got {
			if d := math.Abs(float64(got[i] - want[i])); d > float64(within[i]) {
				t.Errorf("number %d at %d Hz: %.3f, at %d Hz %.3f", i, other, got[i], rate, want[i])
			}
		}
	}
}

func TestStereoInPieces(t *testing.T) {
	mono := tune(5, rate)
	want := heard(t, mono)
	a, err := New(rate, 2)
	if err != nil {
		t.Fatal(err)
	}
	for len(mono) > 0 {
		n := min(777, len(mono))
		var pair []float32
		for _, v := range mono[:n] {
			pair = append(pair, v, v)
		}
		a.Write(pair)
		mono = mono[n:]
	}
	got, err := a.Features()
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("in stereo and in pieces it is\n%v, not\n%v", got, want)
	}
}

func TestWhatCannotBeHeard(t *testing.T) {
	tests := map[string][]float32{
		"nothing":   nil,
		"silence":   make([]float32, 5*rate),
		"too short": tone(1, rate, 0.5, 440)[:rate/2],
	}
	for name, samples := range tests {
		a, err := New(rate, 1)
		if err != nil {
			t.Fatal(err)
		}
		a.Write(samples)
		if _, err := a.Features(); !errors.Is(err, ErrSilent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct{ rate, channels int }{{0, 1}, {-5, 1}, {MaxRate + 1, 1}, {rate, 0}} {
		if _, err := New(c.rate, c.channels); err == nil {
			t.Errorf("it listens to %d channels at %d Hz", c.channels, c.rate)
		}
	}
}

// Samples that no decoder should give leave finite numbers.
func TestHostileSamples(t *testing.T) {
	bad := noise(3, 0.3)
	for i := 1000; i < len(bad); i += 5000 {
		bad[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30}[i/5000%4]
	}
	a, err := New(rate, 1)
	if err != nil {
		t.Fatal(err)
	}
	a.Write(bad)
	f, err := a.Features()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(f.Append(nil)); err != nil {
		t.Error(err)
	}
}

func TestVectorsAreKept(t *testing.T) {
	f := heard(t, noise(3, 0.3))
	got, err := Parse(f.Append(nil))
	if err != nil || got != f {
		t.Errorf("read back %v, %v", got, err)
	}
	for _, b := range [][]byte{nil, make([]byte, 4*Size-1), make([]byte, 4*Size+1)} {
		if _, err := Parse(b); !errors.Is(err, ErrVector) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	bad := f
	bad[3] = float32(math.NaN())
	if _, err := Parse(bad.Append(nil)); !errors.Is(err, ErrVector) {
		t.Errorf("not a number: %v", err)
	}
}

func BenchmarkMinute(b *testing.B) {
	samples := clicks(30, 120)
	for b.Loop() {
		a, _ := New(rate, 1)
		a.Write(samples)
		a.Break()
		a.Write(samples)
		if _, err := a.Features(); err != nil {
			b.Fatal(err)
		}
	}
}

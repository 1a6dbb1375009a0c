package synth

import "math"

const sineSize = 4096

// sineTable holds one cycle and the first sample again.
var sineTable = func() (t [sineSize + 1]float64) {
	for i := range t {
		t[i] = math.Sin(2 * math.Pi * float64(i) / sineSize)
	}
	return t
}()

// sine returns the sine of a phase in cycles, which must not be negative.
func sine(phase float64) float64 {
	x := (phase - float64(int(phase))) * sineSize
	i := int(x)
	f := x - float64(i)
	return sineTable[i] + f*(sineTable[i+1]-sineTable[i])
}

// osc is a phase that runs around, in cycles.
type osc struct{ phase float64 }

func (o *osc) step(inc float64) {
	o.phase += inc
	if o.phase >= 1 {
		o.phase -= float64(int(o.phase))
	}
}

// blep rounds a step at phase 0 so that it does not alias (polynomial
// band-limited step).
func blep(t, inc float64) float64 {
	switch {
	case t < inc:
		t /= inc
		return t + t - t*t - 1
	case t > 1-inc:
		t = (t - 1) / inc
		return t*t + t + t + 1
	}
	return 0
}

// saw returns the next sample of a falling saw.
func (o *osc) saw(inc float64) float64 {
	v := 2*o.phase - 1 - blep(o.phase, inc)
	o.step(inc)
	return v
}

// pulse returns the next sample of a pulse of that width.
func (o *osc) pulse(inc, width float64) float64 {
	v := -1.0
	if o.phase < width {
		v = 1
	}
	v += blep(o.phase, inc)
	back := o.phase - width
	if back < 0 {
		back++
	}
	v -= blep(back, inc)
	o.step(inc)
	return v
}

// sine returns the next sample of a sine.
func (o *osc) sine(inc float64) float64 {
	v := sine(o.phase)
	o.step(inc)
	return v
}

// triangle returns the next sample of a triangle; its corners are soft enough
// to go without smoothing.
func (o *osc) triangle(inc float64) float64 {
	v := 4*math.Abs(o.phase-0.5) - 1
	o.step(inc)
	return v
}

// Noise is white noise from a seed (xorshift).
type Noise uint64

// NewNoise returns a source; equal seeds sound equal.
func NewNoise(seed uint64) *Noise {
	n := Noise(seed*0x9e3779b97f4a7c15 + 0x1234567)
	if n == 0 {
		n = 1
	}
	return &n
}

// Next returns a number in [-1, 1).
func (n *Noise) Next() float64 {
	x := uint64(*n)
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	*n = Noise(x)
	return float64(int64(x)) / (1 << 63)
}

// noteSeed makes the noise of a note depend on the note alone.
func noteSeed(n Note) uint64 {
	return uint64(int64(n.At*9973)) ^ uint64(int64(n.Pitch*131))<<20
}

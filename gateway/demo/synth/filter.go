package synth

import "math"

// svf is a state-variable filter in the trapezoidal form, which may be swept
// while it runs.
type svf struct {
	g, k, a1, a2, a3 float64
	s1, s2           float64
}

// set tunes the filter; q 0.7 is flat, more rings.
func (f *svf) set(hz, q float64) {
	f.g = math.Tan(math.Pi * min(hz, 0.45*Rate) / Rate)
	f.k = 1 / q
	f.a1 = 1 / (1 + f.g*(f.g+f.k))
	f.a2 = f.g * f.a1
	f.a3 = f.g * f.a2
}

// step returns the low-passed and band-passed sample.
func (f *svf) step(v float64) (low, band float64) {
	v3 := v - f.s2
	v1 := f.a1*f.s1 + f.a2*v3
	v2 := f.s2 + f.a2*f.s1 + f.a3*v3
	f.s1 = 2*v1 - f.s1
	f.s2 = 2*v2 - f.s2
	return v2, v1
}

func (f *svf) low(v float64) float64 {
	l, _ := f.step(v)
	return l
}

func (f *svf) band(v float64) float64 {
	_, b := f.step(v)
	return b * f.k
}

func (f *svf) high(v float64) float64 {
	l, b := f.step(v)
	return v - f.k*b - l
}

// onePole is the gentlest low-pass.
type onePole struct{ a, y float64 }

func lowPole(hz float64) onePole {
	return onePole{a: 1 - math.Exp(-2*math.Pi*hz/Rate)}
}

func (p *onePole) next(v float64) float64 {
	p.y += p.a * (v - p.y)
	return p.y
}

// each runs a pair of mono processes over a bus.
func (b *Bus) each(left, right func(float64) float64) {
	for i := range b.L {
		b.L[i] = float32(left(float64(b.L[i])))
		b.R[i] = float32(right(float64(b.R[i])))
	}
}

// LowPass takes away what lies above, 12 dB an octave.
func (b *Bus) LowPass(hz float64) {
	var l, r svf
	l.set(hz, 0.707)
	r.set(hz, 0.707)
	b.each(l.low, r.low)
}

// HighPass takes away what lies below, 12 dB an octave.
func (b *Bus) HighPass(hz float64) {
	var l, r svf
	l.set(hz, 0.707)
	r.set(hz, 0.707)
	b.each(l.high, r.high)
}

// Saturate bends the tops of the waves; drive 1 is hardly heard, 4 is warm.
func (b *Bus) Saturate(drive float64) {
	back := 1 / soft(drive)
	shape := func(v float64) float64 { return soft(v*drive) * back }
	b.each(shape, shape)
}

// soft is tanh as a quotient of polynomials, flat beyond 3.
func soft(v float64) float64 {
	switch {
	case v > 3:
		return 1
	case v < -3:
		return -1
	}
	return v * (27 + v*v) / (27 + 9*v*v)
}

package synth

import "math"

// Kick is a bass drum: a sine that falls.
type Kick struct {
	Hz    float64 // where it ends
	Punch float64 // how far above it starts, in multiples
	Decay float64 // seconds
	Click float64
}

// Play adds a hit.
func (k Kick) Play(b *Bus, n Note) {
	var o osc
	noise := NewNoise(noteSeed(n))
	var tick svf
	tick.set(3500, 0.8)
	amp, sweep, click := 1.0, 1.0, k.Click
	ka, ks, kc := coef(k.Decay/2.3), coef(0.028), coef(0.004)
	rise := 0.0
	b.mono(n, k.Decay*2.2, func() float64 {
		rise = min(1, rise+1.0/40)
		v := o.sine(k.Hz * (1 + k.Punch*sweep*sweep) / Rate)
		sweep *= ks
		amp *= ka
		click *= kc
		return (soft(1.6*v)*amp + click*tick.band(noise.Next())) * n.Vel * rise
	})
}

// Snare is two drum tones under wires of noise; with little noise a tom, with
// a short one a rim.
type Snare struct {
	Hz    float64
	Tone  float64 // level of the skin
	Wires float64 // level of the noise
	Color float64 // Hz of the noise
	Decay float64 // seconds
}

// Play adds a hit.
func (s Snare) Play(b *Bus, n Note) {
	var a, c osc
	noise := NewNoise(noteSeed(n))
	var wires svf
	wires.set(s.Color, 0.9)
	skin, wire := 1.0, 1.0
	kSkin, kWire := coef(s.Decay*0.45/2.3), coef(s.Decay/2.3)
	rise, bend := 0.0, 1.0
	kBend := coef(0.02)
	b.mono(n, s.Decay*2, func() float64 {
		rise = min(1, rise+1.0/30)
		bend *= kBend
		v := a.sine(s.Hz*(1+0.35*bend)/Rate) + 0.5*c.sine(s.Hz*1.71*(1+0.3*bend)/Rate)
		skin *= kSkin
		wire *= kWire
		return (s.Tone*v*skin + s.Wires*wires.band(noise.Next())*wire) * n.Vel * rise
	})
}

// Hat is metal: six squares that do not fit together, and noise, above a
// filter. A long one is a cymbal.
type Hat struct {
	Decay float64 // seconds
	Color float64 // Hz below which there is nothing
	Metal float64 // 0 all noise, a shaker; 1 all metal
	Slow  float64 // seconds to rise, for shakers and brushes
}

// metal are the ratios of the squares.
var metal = [6]float64{1, 1.342, 1.2312, 1.6532, 1.9523, 2.1523}

// Play adds a hit.
func (h Hat) Play(b *Bus, n Note) {
	noise := NewNoise(noteSeed(n))
	var squares [6]osc
	var cut, cut2 svf
	cut.set(h.Color, 0.8)
	cut2.set(h.Color*0.8, 0.7)
	amp, keep := 1.0, coef(h.Decay/2.3)
	rise, slope := 0.0, 1/max(20, h.Slow*Rate)
	b.mono(n, h.Slow+h.Decay*2, func() float64 {
		v := (1 - h.Metal) * 0.8 * noise.Next()
		if h.Metal > 0 {
			sum := 0.0
			for k := range squares {
				sum += squares[k].pulse(540*metal[k]/Rate, 0.5)
			}
			v += h.Metal * 0.3 * sum
		}
		if rise < 1 {
			rise = min(1, rise+slope)
		} else {
			amp *= keep
		}
		return cut2.high(cut.high(v)) * amp * rise * n.Vel * 0.5
	})
}

// Clap is several hands.
type Clap struct{ Decay float64 }

// Play adds a hit.
func (c Clap) Play(b *Bus, n Note) {
	noise := NewNoise(noteSeed(n))
	var f svf
	f.set(1250, 1.6)
	keep, fast := coef(c.Decay/2.3), coef(0.006)
	amp, i := 1.0, 0
	b.mono(n, c.Decay*2.2, func() float64 {
		if i < 3*500 {
			if i%500 == 0 {
				amp = 1
			}
			amp *= fast
		} else {
			if i == 3*500 {
				amp = 1
			}
			amp *= keep
		}
		i++
		return f.band(noise.Next()) * amp * n.Vel * 1.4 * min(1, float64(i)/25)
	})
}

// Crackle adds the dust of an old record, and its hiss.
func (b *Bus) Crackle(seed uint64, level float64) {
	noise := NewNoise(seed)
	var l, r svf
	l.set(2600, 1.5)
	r.set(3100, 1.5)
	hiss := lowPole(4000)
	for i := range b.L {
		var pop float64
		if v := noise.Next(); math.Abs(v) > 0.99965 {
			pop = 30 * (math.Abs(v) - 0.99965) / 0.00035 * noise.Next()
		}
		h := 0.02 * hiss.next(noise.Next())
		b.L[i] += float32(level * (l.low(pop) + h))
		b.R[i] += float32(level * (r.low(pop*0.7) + h))
	}
}

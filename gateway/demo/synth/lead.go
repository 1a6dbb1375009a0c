package synth

import "math"

// Chip is a voice of a games console: a pulse of few widths, or a triangle in
// steps, with vibrato and nothing soft about it but its ends.
type Chip struct {
	Width   float64 // of the pulse, 0 for the stepped triangle
	Env     Env
	Vibrato float64   // cents
	Arp     []float64 // semitones that it runs through, 60 steps a second
	Slide   float64   // semitones from which it comes
}

// Play adds a note.
func (c Chip) Play(b *Bus, n Note) {
	env := c.Env.on(n.Dur)
	var o, vib osc
	freq := 0.0
	i := 0
	smooth := lowPole(9000)
	b.mono(n, c.Env.length(n.Dur), func() float64 {
		if i%147 == 0 {
			t := float64(i) / Rate
			pitch := n.Pitch + c.Slide*math.Exp(-t/0.03)
			if len(c.Arp) > 0 {
				pitch += c.Arp[int(t*60/1.5)%len(c.Arp)]
			}
			if t > 0.15 {
				pitch += c.Vibrato / 100 * vib.sine(6*147.0/Rate)
			}
			freq = Hz(pitch)
		}
		i++
		var v float64
		if c.Width == 0 {
			v = math.Round(7.5*o.triangle(freq/Rate)) / 7.5
		} else {
			v = o.pulse(freq/Rate, c.Width) - (2*c.Width - 1)
		}
		return smooth.next(v) * env.next() * n.Vel * 0.4
	})
}

// Bass is a saw and a sine below it, behind a filter with an envelope of its
// own: from round to acid.
type Bass struct {
	Env    Env
	Bright float64 // Hz at rest
	Sweep  float64 // Hz above that at the start
	Fall   float64 // seconds of the sweep
	Q      float64
	Sub    float64 // level of the sine
	Drive  float64
}

// Play adds a note.
func (s Bass) Play(b *Bus, n Note) {
	env := s.Env.on(n.Dur)
	var saw, sub osc
	var f svf
	sweep, keep := s.Sweep*n.Vel, coef(s.Fall/2.3)
	inc := n.Freq() / Rate
	i := 0
	b.mono(n, s.Env.length(n.Dur), func() float64 {
		if i&15 == 0 {
			f.set(s.Bright+sweep, s.Q)
		}
		i++
		sweep *= keep
		v := f.low(saw.saw(inc)*0.6) + s.Sub*sub.sine(inc)
		return soft(v*s.Drive) * env.next() * n.Vel * 0.6
	})
}

// Stab is a chord's worth of saw through a filter that snaps shut.
type Stab struct {
	Env    Env
	Bright float64 // Hz at the start
	Fall   float64 // seconds
	Q      float64
}

// Play adds a note.
func (s Stab) Play(b *Bus, n Note) {
	env := s.Env.on(n.Dur)
	var a, c osc
	c.phase = 0.4
	var l, r svf
	cut, keep := s.Bright, coef(s.Fall/2.3)
	inc := n.Freq() / Rate
	gl, gr := pan(n.Pan)
	i := 0
	b.stereo(n, s.Env.length(n.Dur), func() (float64, float64) {
		if i&15 == 0 {
			l.set(180+cut, s.Q)
			r.set(180+cut*1.07, s.Q)
		}
		i++
		cut *= keep
		x, y := a.saw(inc*1.0012), c.saw(inc*0.9989)
		e := env.next() * n.Vel * 0.35
		return l.low(x+0.4*y) * e * gl, r.low(y+0.4*x) * e * gr
	})
}

// Sweep is filtered noise that rises over its length: wind, a wave, a riser.
type Sweep struct {
	From, To float64 // Hz
	Q        float64
	Env      Env
}

// Play adds one.
func (s Sweep) Play(b *Bus, n Note) {
	env := s.Env.on(n.Dur)
	left, right := NewNoise(noteSeed(n)), NewNoise(noteSeed(n)+77)
	var l, r svf
	seconds := s.Env.length(n.Dur)
	i := 0
	b.stereo(n, seconds, func() (float64, float64) {
		if i&31 == 0 {
			hz := s.From * math.Pow(s.To/s.From, min(1, float64(i)/(n.Dur*Rate)))
			l.set(hz, s.Q)
			r.set(hz*1.08, s.Q)
		}
		i++
		e := env.next() * n.Vel * 0.4
		return l.band(left.Next()) * e, r.band(right.Next()) * e
	})
}

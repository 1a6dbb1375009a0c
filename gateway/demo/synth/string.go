package synth

import "math"

// Pluck is a plucked string (Karplus and Strong, with the tuning of Jaffe and
// Smith): guitar, harp, koto or gayageum, upright bass, by its numbers.
type Pluck struct {
	Bright  float64                 // 0 felt to 1 wire
	Sustain float64                 // seconds in which a string at 220 Hz loses 60 dB
	Where   float64                 // of the pluck, as a share of the string from the bridge
	Body    float64                 // level of the wooden box
	BodyHz  float64                 // its lowest resonance; 0 means 110
	Bend    func(t float64) float64 // cents at t seconds; nil: none
	Mute    float64                 // seconds in which it is damped when let go; 0: it rings on
}

// Play adds a note.
func (p Pluck) Play(b *Bus, n Note) {
	freq := n.Freq()
	size := int(Rate/freq*1.3) + 8
	line := make([]float64, size)
	period := Rate / freq
	p.excite(line, int(period), n)

	life := p.Sustain * math.Pow(220/freq, 0.45)
	loss := math.Pow(10, -3/(freq*life))
	smooth := 0.5 * (1 - p.Bright) * min(1, 0.35+freq/900) // of the loop's average
	delay := period - smooth - 0.001
	seconds := min(life*1.1, float64(b.Frames())/Rate-n.At)
	damp := 1.0
	if p.Mute > 0 {
		seconds = min(seconds, n.Dur+p.Mute*2)
		damp = coef(p.Mute / 2.3)
	}
	hold, gain, rise := int(n.Dur*Rate), n.Vel, 0.0
	var wood, air svf
	hz := p.BodyHz
	if hz == 0 {
		hz = 110
	}
	wood.set(hz, 4)
	air.set(hz*2.1, 3)
	last, at, i := 0.0, int(period), 0
	back := delay
	b.mono(n, seconds, func() float64 {
		if p.Bend != nil && i&15 == 0 {
			back = delay * math.Exp2(-p.Bend(float64(i)/Rate)/1200)
		}
		if p.Mute > 0 && i > hold {
			gain *= damp
		}
		i++
		v := hermite(line, at, back)
		y := loss * ((1-smooth)*v + smooth*last)
		last = v
		line[at%size] = y
		at++
		out := y
		if p.Body > 0 {
			out += p.Body * (wood.band(y) + 0.7*air.band(y))
		}
		rise = min(1, rise+1.0/60) // a finger is no switch
		return out * gain * rise
	})
}

// excite fills the string with the pluck: noise, darker when soft, combed by
// where it is plucked, without offset.
func (p Pluck) excite(line []float64, period int, n Note) {
	noise := NewNoise(noteSeed(n))
	hz := 320 + 6500*p.Bright*p.Bright*(0.35+0.65*n.Vel)
	soften, again := lowPole(hz), lowPole(2*hz)
	comb := max(1, int(float64(period)*p.Where))
	raw := make([]float64, period)
	for range 256 {
		again.next(soften.next(noise.Next()))
	}
	for i := range raw {
		raw[i] = again.next(soften.next(noise.Next()))
	}
	sum, power := 0.0, 0.0
	for i := range raw {
		line[i] = raw[i] - raw[(i+period-comb)%period]
		sum += line[i]
	}
	mean := sum / float64(period)
	for i := range raw {
		line[i] -= mean
		power += line[i] * line[i]
	}
	level := 0.32 / max(1e-6, math.Sqrt(power/float64(period)))
	for i := range raw {
		line[i] *= level
	}
}

// hermite reads a ring some samples before at, by cubic interpolation.
func hermite(line []float64, at int, back float64) float64 {
	size := len(line)
	pos := float64(at) - back
	i := int(math.Floor(pos))
	f := pos - float64(i)
	k := (i - 1 + 4*size) % size
	y0 := line[k]
	if k++; k == size {
		k = 0
	}
	y1 := line[k]
	if k++; k == size {
		k = 0
	}
	y2 := line[k]
	if k++; k == size {
		k = 0
	}
	y3 := line[k]
	c1 := 0.5 * (y2 - y0)
	c2 := y0 - 2.5*y1 + 2*y2 - 0.5*y3
	c3 := 0.5*(y3-y0) + 1.5*(y1-y2)
	return ((c3*f+c2)*f+c1)*f + y1
}

// Struck is a string or bar that a hammer strikes: a sum of partials, each
// with its own decay. Piano, vibraphone, marimba and music box are tables.
type Struck struct {
	Partials []Partial
	Stretch  float64 // inharmonicity of a stiff string: n*sqrt(1+B*n*n)
	Ring     float64 // seconds in which a note at 262 Hz loses 60 dB
	Hammer   float64 // level of the knock
	Damper   float64 // seconds in which it is damped when let go; 0: it rings on
	Soft     float64 // how much darker it is when struck softly, 0 to 1
	Twin     float64 // cents between the two strings of a note
}

// Partial is one of the tones of a struck body.
type Partial struct {
	Ratio float64 // to the note
	Level float64
	Fast  float64 // how much faster than the lowest it goes
}

// PianoPartials returns the tones of a felt-hammered string.
func PianoPartials() []Partial {
	levels := []float64{1, 0.55, 0.34, 0.27, 0.17, 0.12, 0.075, 0.045, 0.03, 0.018}
	out := make([]Partial, len(levels))
	for i, l := range levels {
		out[i] = Partial{Ratio: float64(i + 1), Level: l, Fast: 1 + 0.32*float64(i)}
	}
	return out
}

// VibesPartials returns the tones of a tuned metal bar.
func VibesPartials() []Partial {
	return []Partial{{1, 1, 1}, {3.98, 0.22, 3}, {10.2, 0.05, 9}}
}

// MarimbaPartials returns the tones of a tuned wooden bar.
func MarimbaPartials() []Partial {
	return []Partial{{1, 1, 1}, {3.93, 0.3, 2.6}, {9.3, 0.1, 6}}
}

// ring is a decaying sine, turned sample by sample.
type ring struct{ c, s, re, im float64 }

// Play adds a note.
func (s Struck) Play(b *Bus, n Note) {
	freq := n.Freq()
	life := s.Ring * math.Pow(262/freq, 0.6)
	rings := s.rings(freq, life, n.Vel)
	noise := NewNoise(noteSeed(n))
	var knock svf
	knock.set(min(2400, 350+freq*1.6), 1.2)
	thump, thumpKeep := s.Hammer, coef(0.018)
	seconds := min(life*1.05, float64(b.Frames())/Rate-n.At)
	damp := 1.0
	if s.Damper > 0 {
		seconds = min(seconds, n.Dur+s.Damper*2.2)
		damp = coef(s.Damper / 2.3)
	}
	hold, gain, i := int(n.Dur*Rate), 0.4*n.Vel, 0
	b.mono(n, seconds, func() float64 {
		v := 0.0
		for k := range rings {
			r := &rings[k]
			re := r.re*r.c - r.im*r.s
			r.im = r.re*r.s + r.im*r.c
			r.re = re
			v += r.im
		}
		if i < 6000 {
			thump *= thumpKeep
			v += thump * knock.band(noise.Next())
		}
		if i++; i > hold && s.Damper > 0 {
			gain *= damp
		}
		return v * gain
	})
}

// rings starts the partials that lie in hearing.
func (s Struck) rings(freq, life, vel float64) []ring {
	var out []ring
	strings := 1
	if s.Twin > 0 {
		strings = 2
	}
	for k, p := range s.Partials {
		ratio := p.Ratio * math.Sqrt(1+s.Stretch*p.Ratio*p.Ratio)
		hz := freq * ratio
		if hz > 15000 {
			break
		}
		level := p.Level * math.Pow(1-s.Soft*(1-vel), float64(k)*0.7)
		for t := range strings {
			if t == 1 && k > 3 {
				continue // the beat of the low partials is what is heard
			}
			w := 2 * math.Pi * hz * math.Exp2(s.Twin*float64(t)/1200) / Rate
			keep := math.Pow(10, -3*p.Fast/(life*Rate))
			out = append(out, ring{c: math.Cos(w) * keep, s: math.Sin(w) * keep, re: level / float64(strings)})
		}
	}
	return out
}

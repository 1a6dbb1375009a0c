package synth

import "math"

// Pad is a bed of detuned saws behind a slow filter, wide in stereo.
type Pad struct {
	Env    Env
	Detune float64 // cents from the middle to the outermost saw
	Bright float64 // Hz: where the filter opens to
	Swell  float64 // seconds in which it opens
	Vibe   float64 // depth of the vibrato in cents
}

// Play adds a note.
func (p Pad) Play(b *Bus, n Note) {
	env := p.Env.on(n.Dur)
	var saws [6]osc
	var inc [6]float64
	for i := range saws {
		saws[i].phase = math.Mod(0.37*float64(i)+n.Pitch*0.173+n.At*0.311, 1)
		spread := (float64(i) - 2.5) / 2.5 * p.Detune / 1200
		inc[i] = n.Freq() * math.Exp2(spread) / Rate
	}
	var left, right svf
	open := coef(max(0.01, p.Swell) / 2.3)
	cutoff := p.Bright * 0.25
	vib, bend := osc{phase: math.Mod(n.Pitch*0.29, 1)}, 1.0
	gl, gr := pan(n.Pan)
	gl, gr = gl*n.Vel*0.35, gr*n.Vel*0.35
	i := 0
	b.stereo(n, p.Env.length(n.Dur), func() (float64, float64) {
		if i&31 == 0 {
			left.set(cutoff, 0.8)
			right.set(cutoff*1.03, 0.8)
			bend = math.Exp2(p.Vibe / 1200 * vib.sine(5.1*32/Rate))
		}
		i++
		cutoff = p.Bright + (cutoff-p.Bright)*open
		e := env.next()
		l := saws[0].saw(inc[0]*bend) + saws[3].saw(inc[3]*bend) + 0.5*saws[4].saw(inc[4]*bend)
		r := saws[5].saw(inc[5]*bend) + saws[2].saw(inc[2]*bend) + 0.5*saws[1].saw(inc[1]*bend)
		return left.low(l) * e * gl, right.low(r) * e * gr
	})
}

// Glass is a soft bell of two sines that modulate each other (FM): electric
// piano, celesta and bells, by ratio and depth.
type Glass struct {
	Env    Env
	Ratio  float64 // of the modulator to the note
	Depth  float64 // of the modulation at full velocity
	Fall   float64 // seconds in which the modulation goes
	Second float64 // level of a second, slightly sharp pair
	Tremor float64 // depth of the stereo tremolo
}

// Play adds a note.
func (g Glass) Play(b *Bus, n Note) {
	env := g.Env.on(n.Dur)
	inc := n.Freq() / Rate
	var car, mod, car2, mod2, trem osc
	fall := coef(g.Fall / 2.3)
	depth := g.Depth * (0.35 + 0.65*n.Vel) / (2 * math.Pi)
	if high := n.Freq() * g.Ratio * 2; high > 12000 {
		depth *= 12000 / high
	}
	rest := depth * 0.15
	gl, gr := pan(n.Pan)
	b.stereo(n, g.Env.length(n.Dur), func() (float64, float64) {
		e := env.next() * n.Vel * 0.5
		v := sine(car.phase + 4 + depth*mod.sine(inc*g.Ratio))
		car.step(inc)
		if g.Second > 0 {
			v += g.Second * sine(car2.phase+4+depth*0.6*mod2.sine(inc*g.Ratio*1.003))
			car2.step(inc * 1.0017)
		}
		depth = rest + (depth-rest)*fall
		t := g.Tremor * trem.sine(4.3/Rate)
		return v * e * gl * (1 + t), v * e * gr * (1 - t)
	})
}

// Reed is one pipe or bow: a pulse or saw with breath and vibrato that comes
// late, for leads, flutes and strings that sing.
type Reed struct {
	Env     Env
	Shape   float64 // 0 sine, 1 saw
	Bright  float64 // Hz
	Breath  float64 // noise beside the tone
	Vibrato float64 // cents
	Late    float64 // seconds until the vibrato is there
	Scoop   float64 // cents below from which the note is reached
}

// Play adds a note.
func (r Reed) Play(b *Bus, n Note) {
	env := r.Env.on(n.Dur)
	noise := NewNoise(noteSeed(n))
	var tone, vib osc
	var body, air svf
	body.set(r.Bright, 0.8)
	air.set(min(9000, n.Freq()*2.5), 2)
	inc, bend := n.Freq()/Rate, 1.0
	i := 0
	b.mono(n, r.Env.length(n.Dur), func() float64 {
		if i&15 == 0 {
			t := float64(i) / Rate
			depth := r.Vibrato * min(1, t/max(0.01, r.Late)) * min(1, t/max(0.01, r.Late))
			cents := depth*vib.sine(5.4*16/Rate) - r.Scoop*math.Exp(-t/0.035)
			bend = math.Exp2(cents / 1200)
		}
		i++
		v := 0.0
		if r.Shape < 1 {
			v = (1 - r.Shape) * (sine(tone.phase) + 0.25*sine(tone.phase*2) + 0.1*sine(tone.phase*3))
		}
		if r.Shape > 0 {
			v += r.Shape * 0.6 * (2*tone.phase - 1 - blep(tone.phase, inc))
		}
		tone.step(inc * bend)
		e := env.next()
		return (body.low(v) + r.Breath*air.band(noise.Next())) * e * n.Vel * 0.5
	})
}

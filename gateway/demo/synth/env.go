package synth

import "math"

// Env is an envelope: it rises in a line, and decays and goes as a capacitor
// does. Times in seconds.
type Env struct {
	Attack, Decay, Sustain, Release float64
}

// envelope is an Env at work on a note.
type envelope struct {
	level, target float64
	rise          float64 // a sample
	decay, rel    float64 // what is kept a sample
	hold          int     // samples until it is let go
	rising        bool
}

// coef returns what a first-order decay of that time keeps a sample.
func coef(seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return math.Exp(-1 / (seconds * Rate))
}

// on starts the envelope for a note that is held so long. Decay and Release
// name the time to a tenth.
func (e Env) on(dur float64) envelope {
	return envelope{
		target: e.Sustain,
		rise:   1 / max(1, e.Attack*Rate),
		decay:  coef(e.Decay / 2.3),
		rel:    coef(e.Release / 2.3),
		hold:   int(dur * Rate),
		rising: true,
	}
}

// length returns how long a note of that duration sounds.
func (e Env) length(dur float64) float64 { return dur + 2.2*e.Release + 0.02 }

func (v *envelope) next() float64 {
	if v.hold--; v.hold < 0 {
		v.level *= v.rel
		return v.level
	}
	if v.rising {
		if v.level += v.rise; v.level >= 1 {
			v.level, v.rising = 1, false
		}
		return v.level
	}
	v.level = v.target + (v.level-v.target)*v.decay
	return v.level
}

package moods

import (
	"math"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Sanjo is serene: a gayageum, the Korean zither, in one of its five-tone
// modes, with the left hand's bends and shakes (nonghyeon), a janggu with its
// cycle of twelve eighths, and a bamboo flute in some pieces.
func Sanjo(p Piece) *synth.Bus {
	const beats = 6 // twelve eighths
	s := newStage(p, beats)
	s.loose = 0.012
	key := score.Key{Tonic: p.Key % 12, Scale: oneOf(p.Variant, score.Pyeongjo(), score.Gyemyeonjo())}
	mix := s.bus()
	s.part(mix, 0.95, func(b *synth.Bus) { s.gayageum(b, key) })
	s.part(mix, 0.5, s.janggu)
	if p.Variant%3 == 2 {
		s.part(mix, 0.5, func(b *synth.Bus) { s.flute(b, key) })
	}
	mix.Reverb(mix, synth.Room{Decay: 2.2, Damp: 4200, Pre: 0.02}, 0.4)
	return mix
}

// shaken is a string that is pressed after it was plucked: it settles from
// above or below and then shakes, wider and slower on the tonic's fourth.
func shaken(from, depth, hz, late float64) func(float64) float64 {
	return func(t float64) float64 {
		in := min(1, max(0, (t-late)/0.25))
		return from*math.Exp(-t/0.06) + depth*in*math.Sin(2*math.Pi*hz*(t-late))
	}
}

func (s *stage) gayageum(b *synth.Bus, key score.Key) {
	line := score.Line{
		Key: key, Span: s.beats, Low: 55, High: 81, Bars: s.Bars, Beats: s.beats, Leap: 0.22, Form: "ABACBA",
		Chords: []score.Chord{{Root: key.Tonic, Tones: key.Scale}},
		Motifs: [][]float64{
			{1.5, 0.5, 1, 1.5, 0.5, 1},
			{2, 0.5, 0.5, 1.5, 1.5},
			{0.5, 0.5, 0.5, 1.5, 1, 2},
			{3, 1.5, 0.5, 1},
			{1, 0.5, 1, 0.5, 0.5, 0.5, 2},
		},
	}
	string12 := synth.Pluck{Bright: 0.5, Sustain: 5, Where: 0.16, Body: 0.45, BodyHz: 180}
	for _, ev := range score.Melody(s.rng, line) {
		v := string12
		if ev.Dur >= 1 {
			v.Bend = shaken(0, 28+22*s.rng.Float64(), 5.2, 0.22)
			if s.rng.IntN(3) == 0 {
				v.Bend = shaken(oneOf(s.rng.IntN(2), -180.0, 120), 18, 5, 0.3)
			}
		}
		s.play(b, v, ev.At, ev.Dur, ev.Pitch, ev.Vel, 0.1)
		switch {
		case ev.Dur >= 1.5 && s.rng.IntN(2) == 0: // the octave below, as the thumb does
			s.play(b, string12, ev.At+0.02, ev.Dur, ev.Pitch-12, ev.Vel*0.8, -0.2)
		case ev.Dur >= 1 && s.rng.IntN(5) == 0: // a flicked repeat
			s.play(b, string12, ev.At+0.25, 0.5, ev.Pitch, ev.Vel*0.55, 0.15)
		}
	}
	for bar := range s.Bars {
		s.play(b, string12, float64(bar)*s.beats, 4, key.Pitch(0, 43), 0.55, -0.3)
	}
}

func (s *stage) janggu(b *synth.Bus) {
	left := synth.Snare{Hz: 92, Tone: 0.9, Wires: 0.08, Color: 700, Decay: 0.45}
	right := synth.Snare{Hz: 410, Tone: 0.3, Wires: 0.55, Color: 2900, Decay: 0.09}
	kung := score.Pattern(oneOf(s.Variant, "X.....o.....", "X...........", "X......o...."))
	deok := score.Pattern(oneOf(s.Variant, "X..x.o..x.xo", "x..x..o.xx..", "X.....x..x.o"))
	from := oneOf(s.Variant, 1, 0)
	s.beat(b, left, kung, 12, from, s.Bars, 0.6, -0.25)
	s.beat(b, right, deok, 12, from, s.Bars, 0.4, 0.3)
}

func (s *stage) flute(b *synth.Bus, key score.Key) {
	daegeum := synth.Reed{
		Env: synth.Env{Attack: 0.14, Decay: 0.6, Sustain: 0.85, Release: 0.35}, Shape: 0.15, Bright: 2600,
		Breath: 0.3, Vibrato: 38, Late: 0.7, Scoop: 70,
	}
	for bar := 1; bar < s.Bars; bar++ {
		at := float64(bar) * s.beats
		step := oneOf(s.rng.IntN(4), 3, 4, 5, 7)
		s.play(b, daegeum, at, 3.6, key.Pitch(step, 62), 0.5, 0.35)
		s.play(b, daegeum, at+4, 1.7, key.Pitch(step-1, 62), 0.42, 0.35)
	}
}

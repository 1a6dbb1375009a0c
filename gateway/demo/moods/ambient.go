package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Ambient is calm: wide pads that breathe, a deep tone below, bells far away,
// wind. A chord a bar.
func Ambient(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	s.loose = 0.02
	chords := score.Chords(oneOf(p.Variant,
		"Cadd9 Am9 Fmaj9 G9sus",
		"Am9 Fmaj9 Cadd9 Em7",
		"Dm9 Bbmaj9 Fadd9 C9sus",
		"Fmaj7#11 Cadd9 Fmaj7#11 Am9",
		"Cmaj9 Gadd9/B Am9 Fmaj9",
	), p.Key)
	key := score.Key{Tonic: p.Key % 12, Scale: score.FiveMajor()}

	mix := s.bus()
	s.part(mix, 0.8, func(b *synth.Bus) {
		s.ambientPads(b, chords)
		b.Chorus(0.004, 0.23)
	})
	s.part(mix, 0.85, func(b *synth.Bus) {
		s.ambientBells(b, key, chords)
		b.Delay(b, synth.Echo{Time: 45 / p.Tempo, Feedback: 0.55, Damp: 2600}, 0.6)
	})
	synth.Sweep{From: 300, To: 900, Q: 0.7, Env: synth.Env{Attack: 4, Decay: 1, Sustain: 1, Release: 3}}.
		Play(mix, synth.Note{Dur: s.Seconds(s.beats), Vel: 0.05})
	mix.Reverb(mix, synth.Room{Decay: 7, Damp: 4200, Pre: 0.03}, 0.9)
	return mix
}

func (s *stage) ambientPads(b *synth.Bus, chords []score.Chord) {
	pad := synth.Pad{
		Env:    synth.Env{Attack: 1.6, Decay: 2, Sustain: 0.85, Release: 3.2},
		Detune: 11, Bright: oneOf(s.Variant, 2000.0, 1500, 2600), Swell: 2.4, Vibe: 4,
	}
	deep := synth.Reed{Env: synth.Env{Attack: 1, Decay: 2, Sustain: 0.9, Release: 2.5}, Bright: 500}
	for bar, v := range repeat(voiced(chords, 50, 74), s.Bars) {
		at := float64(bar) * s.beats
		s.chord(b, pad, at, s.beats, v, 0.42, 0.7, 0)
		s.play(b, deep, at, s.beats, chords[bar%len(chords)].BassIn(33), 0.38, 0)
	}
}

func (s *stage) ambientBells(b *synth.Bus, key score.Key, chords []score.Chord) {
	bell := oneOf[synth.Voice](s.Variant,
		synth.Glass{Env: synth.Env{Attack: 0.004, Decay: 2.5, Sustain: 0.05, Release: 2}, Ratio: 3.5, Depth: 1.6, Fall: 0.8, Second: 0.4},
		synth.Struck{Partials: synth.VibesPartials(), Ring: 5, Hammer: 0.05},
		synth.Pluck{Bright: 0.45, Sustain: 6, Where: 0.4, Body: 0.1},
	)
	for beat := 2.0; beat < s.total()-2; beat += oneOf(s.rng.IntN(4), 1.0, 1.5, 2, 3) {
		c := chords[int(beat/s.beats)%len(chords)]
		pitch := c.Above(s.rng.IntN(len(c.Tones)), 72+s.rng.IntN(10))
		if s.rng.IntN(3) == 0 {
			pitch = key.Pitch(s.rng.IntN(5), 74)
		}
		s.play(b, bell, beat, 2, pitch, 0.25+0.3*s.rng.Float64(), 1.4*s.rng.Float64()-0.7)
	}
}

// repeat goes through a list until it is n long.
func repeat[T any](of []T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = of[i%len(of)]
	}
	return out
}

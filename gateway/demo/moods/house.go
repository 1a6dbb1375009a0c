package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// House is driving: four to the floor, an off-beat bass, chords that snap shut
// in a long echo, and a filter that opens over the piece. It builds in steps
// of four bars.
func House(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	s.swing, s.sub = 0.14, 0.25
	chords := score.Chords(oneOf(p.Variant,
		"Am9 Am9 Fmaj9 Em7",
		"Dm9 Dm9 Gm9 Am7",
		"Cm9 Abmaj9 Cm9 Bb13",
		"Em9 Em9 Cmaj9 D69",
	), p.Key)

	mix := s.bus()
	var kicks []float64
	s.part(mix, 0.7, func(b *synth.Bus) { kicks = s.houseDrums(b) })
	s.part(mix, 1.05, func(b *synth.Bus) {
		s.houseStabs(b, chords)
		b.Delay(b, synth.Echo{Time: 45 / p.Tempo, Feedback: 0.6, Damp: 2200}, 0.55)
		b.Reverb(b, synth.Room{Decay: 3, Damp: 4000, Pre: 0.02, LowCut: 300}, 0.5)
		b.Duck(kicks, 0.55, 0.22)
	})
	s.part(mix, 0.55, func(b *synth.Bus) {
		s.houseBass(b, chords)
		b.Duck(kicks, 0.6, 0.12)
	})
	s.part(mix, 0.75, func(b *synth.Bus) {
		s.houseBed(b, chords)
		b.Duck(kicks, 0.75, 0.3)
	})
	mix.Saturate(1.3)
	return mix
}

// full tells from which bar on a part of the arrangement is there: parts come
// in every two bars in a piece of its own, every four in a longer set.
func (s *stage) full(part int) int {
	if s.Bars > 16 {
		return part * 2
	}
	return part
}

func (s *stage) houseStabs(b *synth.Bus, chords []score.Chord) {
	pattern := score.Pattern(oneOf(s.Variant, "..X..x..|..X.....", "...X..x.|...X....", "X..x..x.|......o.", "..X....x|..o..x.."))
	voices := voiced(chords, 55, 74)
	for bar := s.full(1); bar < s.Bars; bar++ {
		open := float64(bar) / float64(s.Bars)
		stab := synth.Stab{
			Env:    synth.Env{Attack: 0.003, Decay: 0.3, Sustain: 0.2, Release: 0.2},
			Bright: 900 + 2600*open, Fall: 0.28, Q: 1.1,
		}
		for _, h := range pattern {
			s.chord(b, stab, float64(bar)*s.beats+float64(h.Step)/4, 0.35, voices[bar%len(voices)], 0.5*h.Vel, 0.4, 0)
		}
	}
}

func (s *stage) houseBass(b *synth.Bus, chords []score.Chord) {
	bass := synth.Bass{
		Env:    synth.Env{Attack: 0.004, Decay: 0.25, Sustain: 0.55, Release: 0.06},
		Bright: 140, Sweep: oneOf(s.Variant, 500.0, 900, 350, 1400), Fall: 0.18, Q: oneOf(s.Variant, 0.9, 1.6, 0.8, 2.4), Sub: 0.8, Drive: 1.6,
	}
	figure := oneOf(s.Variant,
		[]int{-1, 0, -1, 0, -1, 0, -1, 12},
		[]int{-1, 0, 0, -1, -1, 0, 12, -1},
		[]int{-1, 0, -1, 0, 7, -1, 0, 10},
		[]int{0, -1, 0, 12, -1, 0, 10, 12},
	)
	for bar := s.full(1); bar < s.Bars; bar++ {
		root := chords[bar%len(chords)].BassIn(31)
		for i, up := range figure {
			if up >= 0 {
				s.play(b, bass, float64(bar)*s.beats+float64(i)/2, 0.4, root+up, 0.9, 0)
			}
		}
	}
}

func (s *stage) houseBed(b *synth.Bus, chords []score.Chord) {
	for bar, v := range repeat(voiced(chords, 57, 79), s.Bars) {
		open := float64(bar) / float64(s.Bars)
		pad := synth.Pad{
			Env:    synth.Env{Attack: 0.5, Decay: 1, Sustain: 0.9, Release: 0.8},
			Detune: 14, Bright: 500 + 1500*open, Swell: 0.8,
		}
		s.chord(b, pad, float64(bar)*s.beats, s.beats, v[:min(3, len(v))], 0.4, 0.7, 0)
	}
}

// houseDrums returns when the kicks come, for ducking.
func (s *stage) houseDrums(b *synth.Bus) []float64 {
	kick := synth.Kick{Hz: 50, Punch: 3.6, Decay: 0.22, Click: 0.4}
	clap := synth.Clap{Decay: 0.16}
	closed := synth.Hat{Decay: 0.035, Color: 7800, Metal: 0.5}
	open := synth.Hat{Decay: 0.16, Color: 7000, Metal: 0.5}
	rim := synth.Snare{Hz: 830, Tone: 0.5, Wires: 0.2, Color: 3000, Decay: 0.05}
	shaker := synth.Hat{Decay: 0.03, Color: 6000, Slow: 0.012}
	four := score.Pattern("X...X...X...X...")
	s.beat(b, kick, four, 16, 0, s.Bars, 1, 0)
	s.beat(b, closed, score.Pattern("o.xoo.xoo.xoo.xo"), 16, 0, s.Bars, 0.75, 0.25)
	s.beat(b, clap, score.Pattern("....X.......X..."), 16, s.full(1), s.Bars, 1, 0)
	s.beat(b, open, score.Pattern("..x...x...x...x."), 16, s.full(2), s.Bars, 0.95, -0.2)
	s.beat(b, shaker, score.Pattern("xoxoxoxoxoxoxoxo"), 16, s.full(2), s.Bars, 0.7, 0.5)
	s.beat(b, rim, score.Euclid(5, 16, s.Variant*3+2), 16, s.full(3), s.Bars, 0.5, -0.45)
	var at []float64
	for beat := range s.Bars * 4 {
		at = append(at, float64(beat)*60/s.Tempo)
	}
	return at
}

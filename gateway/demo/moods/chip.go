package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Chip is playful: the four voices of an old console, a tune, chords as fast
// arpeggios, a stepped bass and noise for drums.
func Chip(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	chords := score.Chords(oneOf(p.Variant,
		"C G Am F C G F G",
		"Am F C G Am F G E",
		"F G Em Am Dm G C C",
		"C C Bb F Ab Bb C C",
		"Dm Bb F C Dm Bb C A",
	), p.Key)
	scale, tonic := score.Major(), p.Key
	if v := p.Variant % 5; v == 1 || v == 4 {
		scale, tonic = score.Minor(), p.Key+oneOf(v, 0, 9, 0, 0, 2)
	}
	minor := len(scale) == 7 && scale[2] == 3
	chords = cadence(chords, p.Bars, tonic, minor)
	mix := s.bus()
	s.part(mix, 0.85, func(b *synth.Bus) {
		s.chipLead(b, score.Key{Tonic: tonic % 12, Scale: scale}, chords)
		b.Delay(b, synth.Echo{Time: 45 / p.Tempo, Feedback: 0.3, Damp: 5000}, 0.3)
	})
	s.part(mix, 0.42, func(b *synth.Bus) { s.chipArp(b, chords) })
	s.part(mix, 0.8, func(b *synth.Bus) { s.chipBass(b, chords) })
	s.part(mix, 0.6, s.chipDrums)
	mix.Reverb(mix, synth.Room{Decay: 0.7, Damp: 6000, LowCut: 400}, 0.12)
	return mix
}

func (s *stage) chipLead(b *synth.Bus, key score.Key, chords []score.Chord) {
	env := synth.Env{Attack: 0.002, Decay: 0.3, Sustain: 0.6, Release: 0.05}
	voice := synth.Chip{Width: oneOf(s.Variant, 0.25, 0.125, 0.5), Env: env, Vibrato: 22}
	line := score.Line{
		Key: key, Chords: chords, Span: s.beats, Low: 69, High: 88, Bars: s.Bars, Beats: s.beats, Leap: 0.32, Form: "AABA",
		Motifs: [][]float64{
			{0.5, 0.5, 0.5, 0.5, 1, 1},
			{0.75, 0.75, 0.5, 0.5, 0.5, 1},
			{1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
			{0.5, 0.25, 0.25, 0.5, 0.5, 1, 0.5, 0.5},
		},
	}
	for _, ev := range score.Melody(s.rng, line) {
		s.play(b, voice, ev.At, ev.Dur*0.88, ev.Pitch, ev.Vel, 0.12)
	}
}

func (s *stage) chipArp(b *synth.Bus, chords []score.Chord) {
	env := synth.Env{Attack: 0.002, Decay: 0.12, Sustain: 0.35, Release: 0.04}
	for bar := range s.Bars {
		c := chords[bar%len(chords)]
		root := c.Above(0, 57)
		voice := synth.Chip{Width: 0.5, Env: env, Arp: []float64{0, float64(c.Tones[1]), float64(c.Tones[2]), 12}}
		for _, h := range score.Pattern(oneOf(s.Variant, "X.x.x.x.", "X..x..x.", "XxxxXxxx")) {
			s.play(b, voice, float64(bar)*s.beats+float64(h.Step)/2, 0.45, root, 0.7*h.Vel, -0.45)
		}
	}
}

func (s *stage) chipBass(b *synth.Bus, chords []score.Chord) {
	voice := synth.Chip{Env: synth.Env{Attack: 0.002, Decay: 0.2, Sustain: 0.85, Release: 0.03}}
	figure := oneOf(s.Variant, []int{0, 12, 0, 12, 0, 12, 7, 12}, []int{0, 0, 12, 0, 7, 0, 12, 7}, []int{0, 7, 12, 7, 0, 7, 12, 7})
	for bar := range s.Bars {
		root := chords[bar%len(chords)].BassIn(38)
		for i, up := range figure {
			s.play(b, voice, float64(bar)*s.beats+float64(i)/2, 0.42, root+up, 0.95, 0)
		}
	}
}

func (s *stage) chipDrums(b *synth.Bus) {
	kick := synth.Kick{Hz: 58, Punch: 4, Decay: 0.13, Click: 0.2}
	snare := synth.Snare{Hz: 240, Tone: 0.25, Wires: 0.9, Color: 3400, Decay: 0.12}
	hat := synth.Hat{Decay: 0.03, Color: 8000}
	s.beat(b, kick, score.Pattern(oneOf(s.Variant, "X...x...X.x.....", "X..x..X.X..x....", "X.......X.......")), 16, 0, s.Bars, 0.9, 0)
	s.beat(b, snare, score.Pattern("....X.......X..o"), 16, 0, s.Bars, 0.55, 0)
	s.beat(b, hat, score.Pattern("x.x.x.x.x.x.x.xo"), 16, 0, s.Bars, 0.35, 0.3)
}

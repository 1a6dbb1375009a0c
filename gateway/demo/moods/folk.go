package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Folk is warm: a fingerpicked guitar, a whistle or fiddle with the tune, a
// low string, and a foot on the floor.
func Folk(p Piece) *synth.Bus {
	beats := oneOf(p.Variant, 4.0, 3.0)
	s := newStage(p, beats)
	s.loose = 0.007
	chords := score.Chords(oneOf(p.Variant,
		"G D/F# Em C G C D G",
		"D G D A D G A D",
		"Am G F G Am Em F Am",
		"C F C G Am F G C",
		"Em D C G Em D Am Em",
		"F Bb F C Dm Bb C F",
	), p.Key)
	tonic := oneOf(p.Variant, 7, 2, 9, 0, 4, 5) + p.Key
	scale := oneOf(p.Variant, score.Major(), score.Mixolydian(), score.Dorian(), score.Major(), score.Minor(), score.Major())
	chords = cadence(chords, p.Bars, tonic, scale[2] == 3)

	mix := s.bus()
	s.part(mix, 0.85, func(b *synth.Bus) { s.picking(b, chords) })
	s.part(mix, 0.62, func(b *synth.Bus) { s.folkTune(b, score.Key{Tonic: tonic % 12, Scale: scale}, chords) })
	s.part(mix, 0.7, func(b *synth.Bus) { s.lowString(b, chords) })
	if p.Variant%2 == 0 {
		foot := synth.Kick{Hz: 62, Punch: 0.6, Decay: 0.16}
		s.beat(mix, foot, score.Pattern("x.x."), 4, s.Bars/4, s.Bars, 0.28, 0)
		s.beat(mix, synth.Hat{Decay: 0.07, Color: 4200, Slow: 0.02}, score.Pattern(".o.o.o.x"), 8, s.Bars/4, s.Bars, 0.22, 0.4)
	}
	mix.Reverb(mix, synth.Room{Decay: 1.5, Damp: 4800, Pre: 0.012}, 0.32)
	return mix
}

func (s *stage) lowString(b *synth.Bus, chords []score.Chord) {
	bass := synth.Pluck{Bright: 0.25, Sustain: 3, Where: 0.25, Body: 0.4, BodyHz: 90, Mute: 0.15}
	for bar := s.Bars / 4; bar < s.Bars; bar++ {
		s.play(b, bass, float64(bar)*s.beats, s.beats*0.9, chords[bar%len(chords)].BassIn(33), 0.8, 0)
	}
}

func (s *stage) picking(b *synth.Bus, chords []score.Chord) {
	steel := synth.Pluck{Bright: oneOf(s.Variant, 0.62, 0.5, 0.55), Sustain: 4.5, Where: 0.21, Body: 0.35}
	order := oneOf(s.Variant, []int{0, 2, 1, 3, 2, 1, 3, 2}, []int{0, 1, 2, 3, 2, 1}, []int{0, 3, 2, 1, 3, 2, 1, 2})
	for bar, v := range repeat(voiced(chords, 52, 69), s.Bars) {
		c := chords[bar%len(chords)]
		at := float64(bar) * s.beats
		if bar == s.Bars-1 {
			s.chord(b, steel, at, s.beats, append([]int{c.BassIn(40)}, v...), 0.6, 0.3, 0.06)
			continue
		}
		strings := append([]int{c.BassIn(40)}, v...)
		strings = append(strings, v[0]+12)
		steps := int(s.beats * 2)
		for i := range steps {
			k := order[i%len(order)]
			vel := 0.5 + 0.12*s.rng.Float64()
			if i == 0 || i == steps/2 {
				vel = 0.72
			}
			if i == steps/2 && s.beats == fourBeats {
				s.play(b, steel, at+float64(i)/2, 2, c.Above(2, 40), vel, -0.3)
			}
			s.play(b, steel, at+float64(i)/2, 2, strings[min(k, len(strings)-1)], vel, -0.25+0.08*float64(k))
		}
	}
}

func (s *stage) folkTune(b *synth.Bus, key score.Key, chords []score.Chord) {
	voice := oneOf[synth.Voice](s.Variant,
		synth.Reed{Env: synth.Env{Attack: 0.04, Decay: 0.3, Sustain: 0.85, Release: 0.1}, Bright: 4200, Breath: 0.16, Vibrato: 16, Late: 0.35, Scoop: 25},
		synth.Reed{Env: synth.Env{Attack: 0.07, Decay: 0.3, Sustain: 0.9, Release: 0.14}, Shape: 0.8, Bright: 2600, Breath: 0.03, Vibrato: 20, Late: 0.3, Scoop: 30},
		synth.Pluck{Bright: 0.75, Sustain: 2.4, Where: 0.12, Body: 0.2, BodyHz: 190},
	)
	motifs := [][]float64{{1, 0.5, 0.5, 1, 1}, {1.5, 0.5, 1, 1}, {0.5, 0.5, 1, 2}, {1, 1, 0.5, 0.5, 1}, {3, -1}}
	if s.beats == 3 {
		motifs = [][]float64{{1, 1, 1}, {1.5, 0.5, 1}, {2, 1}, {1, 0.5, 0.5, 1}}
	}
	line := score.Line{
		Key: key, Chords: chords, Span: s.beats, Low: 69, High: 86, Bars: s.Bars - s.Bars/4,
		Beats: s.beats, Leap: 0.2, Form: "ABAC", Motifs: motifs,
	}
	from := float64(s.Bars/4) * s.beats
	line.Chords = append(append([]score.Chord{}, chords[s.Bars/4%len(chords):]...), chords[:s.Bars/4%len(chords)]...)
	for _, ev := range score.Melody(s.rng, line) {
		s.play(b, voice, from+ev.At, ev.Dur*0.95, ev.Pitch, ev.Vel*0.7, 0.2)
	}
}

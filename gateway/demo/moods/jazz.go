package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Jazz is late at night: a trio of walking bass, brushes and ride, and a piano
// or vibraphone that comps and sings.
func Jazz(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	s.swing, s.sub, s.loose = 0.33, 0.5, 0.008
	chords := score.Chords(oneOf(p.Variant,
		"Dm9 G13 Cmaj9 A7b9 Dm9 G13 Em7 A7#5",
		"Cm9 F13 Bbmaj9 Ebmaj9 Am7b5 D7b9 Gm9 Gm6",
		"F9 Bb9 F9 Cm9 Bb9 F9 Gm9 C13",
		"Fmaj9 D7b9 Gm9 C13 Am7 D7b9 Gm9 C13",
		"Am9 D13 Gmaj9 Cmaj9 F#m7b5 B7b9 Em9 Em9",
		"Ebmaj9 Cm9 Fm9 Bb13 Gm7 C7b9 Fm9 Bb13",
	), p.Key)
	tonic := oneOf(p.Variant, 0, 10, 5, 5, 7, 3) + p.Key
	scale := score.Major()
	if p.Variant%6 == 2 {
		scale = score.Blues()
	}
	home := oneOf(p.Variant, "C69", "C69", "C9", "C69", "C69", "C69")
	chords = append(repeat(chords, p.Bars-1), score.Chords(home, tonic)[0])
	piano := synth.Struck{Partials: synth.PianoPartials(), Stretch: 0.0004, Ring: 6, Hammer: 0.5, Damper: 0.2, Soft: 0.6, Twin: 1.2}
	mix := s.bus()
	s.part(mix, 0.6, func(b *synth.Bus) { s.comping(b, piano, chords) })
	s.part(mix, 0.95, func(b *synth.Bus) { s.walking(b, chords) })
	s.part(mix, 0.6, s.brushes)
	s.part(mix, 0.75, func(b *synth.Bus) {
		s.improvise(b, piano, score.Key{Tonic: tonic % 12, Scale: scale}, chords)
	})
	mix.Reverb(mix, synth.Room{Decay: 1.3, Damp: 5000, Pre: 0.01}, 0.28)
	return mix
}

// improvise plays the tune, on the vibraphone in every second piece.
func (s *stage) improvise(b *synth.Bus, voice synth.Voice, key score.Key, chords []score.Chord) {
	if s.Variant%2 == 1 {
		voice = synth.Struck{Partials: synth.VibesPartials(), Ring: 5, Hammer: 0.1, Damper: 0.5}
	}
	line := score.Line{
		Key: key, Chords: chords, Span: s.beats,
		Low: 67, High: 87, Bars: s.Bars, Beats: s.beats, Leap: 0.3, Form: "ABACAD",
		Motifs: [][]float64{
			{-0.5, 0.5, 0.5, 0.5, 1.5, 0.5, -4},
			{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, -2, 1, 1},
			{-1, 0.5, 1, 0.5, 1, -0.5, 0.5, 1.5, 0.5, 1},
			{1.5, 0.5, -1, 0.5, 0.5, -4},
		},
	}
	for _, ev := range score.Melody(s.rng, line) {
		s.play(b, voice, ev.At, ev.Dur*0.9, ev.Pitch, ev.Vel*0.8, 0.2)
	}
}

func (s *stage) comping(b *synth.Bus, v synth.Voice, chords []score.Chord) {
	patterns := []string{"X..o....", "..X....x", "X....x..", "...X..o.", "o..X...."}
	voices := voiced(rootless(chords), 53, 70)
	for bar := range s.Bars {
		pattern := patterns[s.rng.IntN(len(patterns))]
		if bar == s.Bars-1 {
			pattern = "X......."
		}
		for _, h := range score.Pattern(pattern) {
			dur := 0.6
			if h.Vel == 1 {
				dur = 1.3
			}
			s.chord(b, v, float64(bar)*s.beats+float64(h.Step)/2, dur, voices[bar%len(voices)], 0.5*h.Vel, 0.35, 0)
		}
	}
}

// rootless leaves the root to the bass.
func rootless(chords []score.Chord) []score.Chord {
	out := make([]score.Chord, len(chords))
	for i, c := range chords {
		out[i] = c
		if len(c.Tones) > 4 {
			out[i].Tones = c.Tones[1:]
		}
	}
	return out
}

// walking plays a quarter a beat: root, tones of the chord, and a step into
// the next root.
func (s *stage) walking(b *synth.Bus, chords []score.Chord) {
	bass := synth.Pluck{Bright: 0.22, Sustain: 2.2, Where: 0.3, Body: 0.5, BodyHz: 98, Mute: 0.09}
	last := chords[0].BassIn(33)
	for bar := range s.Bars {
		c, next := chords[bar%len(chords)], chords[(bar+1)%len(chords)]
		root := near(c.BassIn(28), last, 28, 48)
		goal := near(next.BassIn(28), root, 28, 48)
		at := float64(bar) * s.beats
		if bar == s.Bars-1 {
			s.play(b, bass, at, 4, root, 0.9, -0.05)
			return
		}
		third := near(c.Above(1, 28), root+3, 28, 50)
		fifth := near(c.Above(2, 28), (root+goal)/2, 28, 50)
		lead := goal + oneOf(s.rng.IntN(3), -1, 1, 7)
		for i, p := range []int{root, third, fifth, lead} {
			vel := 0.78 + 0.14*s.rng.Float64()
			s.play(b, bass, at+float64(i), 0.92, p, vel, -0.05)
		}
		last = lead
	}
}

// near returns the octave of a pitch that lies nearest to another.
func near(pitch, to, low, high int) int {
	best := pitch
	for p := pitch % 12; p <= high; p += 12 {
		if p >= low && dist(p, to) < dist(best, to) {
			best = p
		}
	}
	return best
}

func dist(a, b int) int { return max(a-b, b-a) }

func (s *stage) brushes(b *synth.Bus) {
	ride := synth.Hat{Decay: 0.5, Color: 5200, Metal: 0.75}
	swish := synth.Hat{Decay: 0.22, Color: 2600, Slow: 0.06}
	tap := synth.Snare{Hz: 210, Tone: 0.15, Wires: 0.5, Color: 2400, Decay: 0.11}
	foot := synth.Hat{Decay: 0.04, Color: 5000, Metal: 0.6}
	kick := synth.Kick{Hz: 60, Punch: 1, Decay: 0.2}
	last := s.Bars - 1
	s.beat(b, ride, score.Pattern("X.xoX.xo"), 8, 0, last, 0.22, 0.35)
	s.beat(b, swish, score.Pattern("x.o.x.o."), 8, 0, last, 0.35, -0.2)
	s.beat(b, tap, score.Pattern("..o...x."), 8, 0, last, 0.5, -0.1)
	s.beat(b, foot, score.Pattern("..x...x."), 8, 0, last, 0.25, -0.4)
	s.beat(b, kick, score.Pattern("o...o..."), 8, 0, s.Bars, 0.4, 0)
	s.play(b, synth.Hat{Decay: 1.6, Color: 3600, Metal: 0.6}, float64(last)*s.beats, 0.1, 60, 0.25, 0.3)
}

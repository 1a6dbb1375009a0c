package moods

import (
	"math"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Nocturne is one piano at night: broken chords below, a song above, time that
// gives, and a slow end.
func Nocturne(p Piece) *synth.Bus {
	beats := oneOf(p.Variant, 4.0, 3.0)
	s := newStage(p, beats)
	s.loose = 0.012
	chords := score.Chords(oneOf(p.Variant,
		"Am F C G Dm Am E7 Am",
		"C Em F Fm C/G G7 C C",
		"Dm Gm A7 Dm Bb F/A Gm A7",
		"Eb Cm Ab Bb7 Eb/G Ab Bb7 Eb",
		"Em C G D/F# Am Em B7 Em",
		"F Dm Bbmaj7 C7 F/A Bb C7 F",
	), p.Key)
	minor := oneOf(p.Variant, true, false, true, false, true, false)
	tonic := oneOf(p.Variant, 9, 0, 2, 3, 4, 5) + p.Key
	scale := score.Major()
	if minor {
		scale = score.Minor()
	}
	chords = cadence(chords, p.Bars, tonic, minor)
	piano := synth.Struck{
		Partials: synth.PianoPartials(), Stretch: 0.00035, Ring: 9, Hammer: 0.5,
		Damper: 0.45, Soft: 0.5, Twin: 1.6,
	}
	b := s.bus()
	s.brokenChords(b, piano, chords)
	line := score.Line{
		Key: score.Key{Tonic: tonic % 12, Scale: scale}, Chords: chords, Span: s.beats,
		Low: 67, High: 86, Bars: s.Bars, Beats: s.beats, Leap: 0.2, Form: "ABACA",
		Motifs: nocturneMotifs(beats),
	}
	for _, ev := range score.Melody(s.rng, line) {
		s.play(b, piano, ev.At, ev.Dur*1.05, ev.Pitch, 0.25+ev.Vel*0.55*s.arch(ev.At), 0.15)
	}
	b.Reverb(b, synth.Room{Decay: 2.8, Damp: 5200, Pre: 0.02}, 0.45)
	return b
}

func nocturneMotifs(beats float64) [][]float64 {
	if beats == 3 {
		return [][]float64{{2, 1}, {1, 1, 1, 3}, {1.5, 0.5, 1}, {3}}
	}
	return [][]float64{{2, 1, 1}, {1.5, 0.5, 2}, {-0.5, 0.5, 1, 1, 1}, {3, 1}, {1, 1, 0.5, 0.5, 1}}
}

// brokenChords plays the left hand: bass, then the chord upwards and back.
func (s *stage) brokenChords(b *synth.Bus, v synth.Voice, chords []score.Chord) {
	for bar := range s.Bars {
		c := chords[bar%len(chords)]
		at := float64(bar) * s.beats
		low := c.BassIn(36)
		inner := c.Lead(nil, 50, 66)
		vel := 0.42 * s.arch(at)
		s.play(b, v, at, s.beats*0.98, low, vel*1.25, -0.35)
		if bar == s.Bars-1 {
			s.chord(b, v, at+0.25, s.beats, inner, vel, 0.2, 0.22) // the last one is rolled
			continue
		}
		for i, steps := 1, int(s.beats*2); i < steps; i++ {
			k := i - 1
			if n := len(inner); k >= n {
				k = (2*n - 2 - k%(2*n-2)) % n
			}
			beat := at + float64(i)/2
			s.play(b, v, beat, s.beats-float64(i)/2, inner[k], vel*(0.75+0.1*s.rng.Float64()), -0.2)
		}
	}
}

// arch swells to the middle of the piece and goes back.
func (s *stage) arch(beat float64) float64 {
	return 0.72 + 0.28*math.Sin(math.Pi*min(1, beat/s.total()))
}

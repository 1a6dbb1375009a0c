package moods

import (
	"math"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Strings is cinematic: an orchestra's strings in four voices that swell, a
// line of violins above, harp, and drums far away at the height.
func Strings(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	s.loose = 0.015
	chords := score.Chords(oneOf(p.Variant,
		"Dm Bb F C Gm Dm A7 Dm",
		"C G/B Am Em F C/E Dm7 G",
		"Em C G D Am Em B7 Em",
		"Fm Db Ab Eb Bbm Fm C7 Fm",
		"F C/E Dm Am Bb F/A Gm7 C",
	), p.Key)
	tonic := oneOf(p.Variant, 2, 0, 4, 5, 5) + p.Key
	scale := oneOf(p.Variant, score.Minor(), score.Major(), score.Minor(), score.Minor(), score.Major())
	chords = cadence(chords, p.Bars, tonic, scale[2] == 3)

	mix := s.bus()
	s.part(mix, 0.9, func(b *synth.Bus) {
		s.section(b, chords)
		b.Chorus(0.003, 0.4)
	})
	s.part(mix, 0.6, func(b *synth.Bus) { s.violins(b, score.Key{Tonic: tonic % 12, Scale: scale}, chords) })
	s.part(mix, 0.5, func(b *synth.Bus) { s.harp(b, chords) })
	s.part(mix, 0.5, func(b *synth.Bus) { s.timpani(b, chords) })
	mix.Reverb(mix, synth.Room{Decay: 3.6, Damp: 5000, Pre: 0.035}, 0.7)
	return mix
}

// swell is the orchestra's loudness at a beat: two waves, the second higher.
func (s *stage) swell(beat float64) float64 {
	x := beat / s.total()
	return 0.42 + 0.25*math.Sin(math.Pi*math.Mod(2*x, 1)) + 0.33*math.Sin(math.Pi*x)
}

func (s *stage) section(b *synth.Bus, chords []score.Chord) {
	for bar, v := range repeat(voiced(chords, 48, 72), s.Bars) {
		c := chords[bar%len(chords)]
		at := float64(bar) * s.beats
		loud := s.swell(at + s.beats/2)
		bow := synth.Pad{
			Env:    synth.Env{Attack: 0.35, Decay: 1, Sustain: 0.9, Release: 0.7},
			Detune: 9, Bright: 900 + 2600*loud, Swell: 0.9, Vibe: 9,
		}
		low := c.BassIn(36)
		s.play(b, bow, at, s.beats, low, 0.55*loud, 0.35)
		s.play(b, bow, at, s.beats, low+12, 0.3*loud, 0.3)
		s.chord(b, bow, at, s.beats, v, 0.45*loud, -0.55, 0)
	}
}

func (s *stage) violins(b *synth.Bus, key score.Key, chords []score.Chord) {
	bow := synth.Reed{Env: synth.Env{Attack: 0.16, Decay: 0.6, Sustain: 0.92, Release: 0.3}, Shape: 1, Bright: 3400, Breath: 0.02, Vibrato: 22, Late: 0.4}
	line := score.Line{
		Key: key, Chords: chords, Span: s.beats, Low: 72, High: 91, Bars: s.Bars, Beats: s.beats, Leap: 0.25, Form: "ABAC",
		Motifs: [][]float64{{2, 1, 1}, {3, 1}, {1, 1, 2}, {4}, {1.5, 0.5, 1, 1}},
	}
	for _, ev := range score.Melody(s.rng, line) {
		loud := s.swell(ev.At)
		for _, desk := range []struct{ cents, pan float64 }{{-5, -0.6}, {0, -0.35}, {6, -0.1}} {
			bow.Play(b, synth.Note{
				Pitch: float64(ev.Pitch) + desk.cents/100, At: s.at(ev.At), Dur: ev.Dur * 60 / s.Tempo,
				Vel: ev.Vel * loud * 0.55, Pan: desk.pan,
			})
		}
	}
}

func (s *stage) harp(b *synth.Bus, chords []score.Chord) {
	gut := synth.Pluck{Bright: 0.4, Sustain: 4, Where: 0.45, Body: 0.1}
	for bar, v := range repeat(voiced(chords, 57, 78), s.Bars) {
		if bar%2 == 1 && s.Variant%2 == 0 {
			continue
		}
		up := append(append([]int{}, v...), v[0]+12, v[1]+12)
		for i, p := range up {
			s.play(b, gut, float64(bar)*s.beats+float64(i)*0.5, 3, p, 0.45*s.swell(float64(bar)*s.beats), 0.5-0.15*float64(i))
		}
	}
}

func (s *stage) timpani(b *synth.Bus, chords []score.Chord) {
	for bar := s.Bars / 2; bar < s.Bars; bar++ {
		c := chords[bar%len(chords)]
		drum := synth.Snare{Hz: synth.Hz(float64(c.BassIn(38))), Tone: 0.8, Wires: 0.05, Color: 400, Decay: 1.2}
		s.play(b, drum, float64(bar)*s.beats, 1, 38, 0.6*s.swell(float64(bar)*s.beats), 0.1)
	}
}

package moods

import (
	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// LoFi is mellow: a swung, dusty beat, an electric piano on ninth chords, a
// round bass, a tune in pieces, and the crackle of a record.
func LoFi(p Piece) *synth.Bus {
	s := newStage(p, fourBeats)
	s.swing, s.sub, s.loose = 0.3, 0.25, 0.006
	chords := score.Chords(oneOf(p.Variant,
		"Dm9 G13 Cmaj9 A7#5",
		"Fmaj9 Em7 Dm9 Cmaj9",
		"Am9 Dm9 Gm9 C13",
		"Bbmaj9 Am7 Dm9 C9sus",
		"Em7b5 A7b9 Dm9 Bbmaj9",
		"Cmaj9 Bm7b5 Am9 Abmaj9",
	), p.Key)

	mix, room := s.bus(), s.bus()
	var kicks []float64
	s.part(mix, 0.55, func(b *synth.Bus) {
		kicks = s.lofiDrums(b)
		b.Saturate(2.2)
		b.LowPass(7500)
	})
	s.part(mix, 0.5, func(b *synth.Bus) { s.lofiBass(b, chords) })
	s.part(mix, 1.25, func(b *synth.Bus) {
		s.lofiKeys(b, chords)
		b.Chorus(0.0022, 0.6)
		b.LowPass(4200)
		b.Duck(kicks, 0.25, 0.25)
		room.Add(b, 1)
	})
	s.part(mix, 0.95, func(b *synth.Bus) {
		s.lofiTune(b, chords)
		b.Delay(b, synth.Echo{Time: 45 / p.Tempo, Feedback: 0.35, Damp: 1800}, 0.4)
		room.Add(b, 1)
	})
	room.Reverb(mix, synth.Room{Decay: 1.6, Damp: 3500, Pre: 0.01}, 0.35)
	mix.Saturate(1.4)
	mix.Crackle(p.Seed, 0.16)
	return mix
}

func (s *stage) lofiKeys(b *synth.Bus, chords []score.Chord) {
	rhodes := synth.Glass{
		Env:   synth.Env{Attack: 0.004, Decay: 2.2, Sustain: 0.25, Release: 0.5},
		Ratio: 1, Depth: 1.7, Fall: 0.5, Second: 0.35, Tremor: 0.22,
	}
	comp := score.Pattern(oneOf(s.Variant, "X.....o.|..x.....", "X.......|..o..x..", "X...o...|x.....o."))
	for bar, v := range repeat(voiced(chords, 55, 76), s.Bars) {
		at := float64(bar) * s.beats
		for i, h := range comp {
			until := 16
			if i+1 < len(comp) {
				until = comp[i+1].Step
			}
			s.chord(b, rhodes, at+float64(h.Step)/4, float64(until-h.Step)/4*0.92, v, 0.42*h.Vel, 0.5, 0.02)
		}
	}
}

func (s *stage) lofiBass(b *synth.Bus, chords []score.Chord) {
	bass := synth.Bass{Env: synth.Env{Attack: 0.012, Decay: 0.5, Sustain: 0.65, Release: 0.12}, Bright: 220, Sweep: 260, Fall: 0.2, Q: 0.7, Sub: 0.9, Drive: 1.3}
	for bar := range s.Bars {
		c, next := chords[bar%len(chords)], chords[(bar+1)%len(chords)]
		root := c.BassIn(31)
		at := float64(bar) * s.beats
		s.play(b, bass, at, 1.4, root, 0.85, 0)
		s.play(b, bass, at+1.75, 0.7, root+oneOf(s.rng.IntN(3), 0, 7, 12), 0.6, 0)
		s.play(b, bass, at+2.5, 0.9, c.Above(2, root), 0.7, 0)
		if s.rng.IntN(2) == 0 {
			s.play(b, bass, at+3.5, 0.4, next.BassIn(31)+oneOf(s.rng.IntN(2), -1, 1), 0.55, 0)
		}
	}
}

func (s *stage) lofiTune(b *synth.Bus, chords []score.Chord) {
	voice := oneOf[synth.Voice](s.Variant,
		synth.Struck{Partials: synth.VibesPartials(), Ring: 3, Hammer: 0.08, Damper: 0.6},
		synth.Reed{Env: synth.Env{Attack: 0.05, Decay: 0.4, Sustain: 0.8, Release: 0.18}, Bright: 2200, Breath: 0.12, Vibrato: 14, Late: 0.3},
		synth.Pluck{Bright: 0.35, Sustain: 2.2, Where: 0.3, Body: 0.3, Mute: 0.3},
	)
	line := score.Line{
		Key: score.Key{Tonic: s.Key % 12, Scale: score.FiveMajor()}, Chords: chords, Span: s.beats,
		Low: 67, High: 84, Bars: s.Bars, Beats: s.beats, Leap: 0.25, Form: "ABAC",
		Motifs: [][]float64{
			{-1, 0.5, 0.5, 1.5, 0.5, -4},
			{0.75, 0.75, 0.5, 2, -4},
			{-0.5, 0.5, 0.5, 0.5, 1.5, 0.5, -2, 0.5, 1.5},
		},
	}
	for _, ev := range score.Melody(s.rng, line) {
		s.play(b, voice, ev.At, ev.Dur*0.9, ev.Pitch, ev.Vel*0.6, 0.25)
	}
}

// lofiDrums returns when the kicks come, for ducking.
func (s *stage) lofiDrums(b *synth.Bus) []float64 {
	kick := synth.Kick{Hz: 52, Punch: 2.4, Decay: 0.28, Click: 0.15}
	snare := synth.Snare{Hz: 190, Tone: 0.4, Wires: 0.8, Color: 2100, Decay: 0.2}
	hat := synth.Hat{Decay: 0.05, Color: 6500, Metal: 0.4}
	shaker := synth.Hat{Decay: 0.05, Color: 5200, Slow: 0.03}
	kp := score.Pattern(oneOf(s.Variant, "X.....x.|..x.....", "X..x....|..X..o..", "X......x|.oX....."))
	from := oneOf(s.Variant, 0, 1)
	s.beat(b, kick, kp, 16, from, s.Bars, 0.95, 0)
	s.beat(b, snare, score.Pattern("....X...|....X..o"), 16, from, s.Bars, 0.75, 0.05)
	s.beat(b, hat, score.Pattern("x.o.x.oo|x.o.x.o."), 16, 0, s.Bars, 0.5, 0.3)
	s.beat(b, shaker, score.Pattern("..x...x...x...x."), 16, from+1, s.Bars, 0.4, -0.4)
	var at []float64
	for bar := from; bar < s.Bars; bar++ {
		for _, h := range kp {
			at = append(at, (float64(bar)*s.beats+float64(h.Step)/4)*60/s.Tempo)
		}
	}
	return at
}

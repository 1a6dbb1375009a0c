package moods

import (
	"math/rand/v2"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/score"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// Piece says what to compose. The mood fills in the rest from the seed.
type Piece struct {
	Seed    uint64
	Key     int     // semitones above C
	Tempo   float64 // beats a minute
	Bars    int
	Variant int // which of the mood's progressions and instruments
	// Stopped tells that nobody wants the piece any more: what is left of it is
	// not played. Nil: it is wanted.
	Stopped func() bool
}

func (p Piece) stopped() bool { return p.Stopped != nil && p.Stopped() }

// Composer renders a piece. What it returns lasts the piece's bars and then
// rings for Tail seconds.
type Composer func(Piece) *synth.Bus

// Tail is how long a piece rings after its last bar, in seconds.
const Tail = 3.0

// fourBeats is the bar of most moods.
const fourBeats = 4.0

// stage is a piece being played.
type stage struct {
	Piece
	rng   *rand.Rand
	beats float64 // in a bar
	loose float64 // seconds that players are early or late
	swing float64 // see score.Swing
	sub   float64 // what is swung, in beats
	spare *synth.Bus
}

func newStage(p Piece, beats float64) *stage {
	return &stage{
		Piece: p,
		rng:   rand.New(rand.NewPCG(p.Seed, 0x6a756d70)), //nolint:gosec // music, not secrets
		beats: beats,
		sub:   0.5,
	}
}

// Seconds returns how long the bars of a piece last.
func (p Piece) Seconds(beats float64) float64 { return float64(p.Bars) * beats * 60 / p.Tempo }

// bus returns silence as long as the piece.
func (s *stage) bus() *synth.Bus { return synth.NewBus(s.Seconds(s.beats) + Tail) }

// part lets fill play on a bus of its own and mixes that in. The bus is used
// again for the next part: a piece needs two, however many play.
func (s *stage) part(mix *synth.Bus, gain float64, fill func(*synth.Bus)) {
	if s.stopped() {
		return
	}
	if s.spare == nil {
		s.spare = s.bus()
	}
	s.spare.Clear()
	fill(s.spare)
	mix.Add(s.spare, gain)
}

// total is the piece's length in beats.
func (s *stage) total() float64 { return float64(s.Bars) * s.beats }

// at returns when a beat comes, swung and as a person plays it.
func (s *stage) at(beat float64) float64 {
	t := score.Swing(beat, s.sub, s.swing) * 60 / s.Tempo
	if s.loose > 0 {
		t += s.loose * s.rng.NormFloat64() * 0.5
	}
	return max(0, t)
}

// play lets a voice sound, in beats.
func (s *stage) play(b *synth.Bus, v synth.Voice, beat, dur float64, pitch int, vel, pan float64) {
	if s.stopped() {
		return
	}
	v.Play(b, synth.Note{Pitch: float64(pitch), At: s.at(beat), Dur: dur * 60 / s.Tempo, Vel: vel, Pan: pan})
}

// chord lets a voice play several pitches, spread over the stereo field, each
// some beats after the one below.
func (s *stage) chord(b *synth.Bus, v synth.Voice, beat, dur float64, pitches []int, vel, width, strum float64) {
	for i, p := range pitches {
		pan := 0.0
		if len(pitches) > 1 {
			pan = width * (2*float64(i)/float64(len(pitches)-1) - 1)
		}
		s.play(b, v, beat+strum*float64(i), dur-strum*float64(i), p, vel, pan)
	}
}

// beat lays a drum pattern of one bar over some bars.
func (s *stage) beat(b *synth.Bus, v synth.Voice, pattern []score.Hit, steps int, from, to int, level, pan float64) {
	for bar := from; bar < to; bar++ {
		for _, h := range pattern {
			at := (float64(bar) + float64(h.Step)/float64(steps)) * s.beats
			vel := h.Vel * level * (0.9 + 0.2*s.rng.Float64())
			s.play(b, v, at, 0.1, 60, vel, pan)
		}
	}
}

// voiced leads the chords one after the other within a range.
func voiced(chords []score.Chord, low, high int) [][]int {
	out := make([][]int, len(chords))
	var before []int
	for i, c := range chords {
		before = c.Lead(before, low, high)
		out[i] = before
	}
	return out
}

// cadence repeats a progression for some bars and lets it end at home.
func cadence(chords []score.Chord, bars, tonic int, minor bool) []score.Chord {
	out := repeat(chords, bars)
	home := "C"
	if minor {
		home = "Cm"
	}
	out[bars-1] = score.Chords(home, tonic)[0]
	return out
}

// oneOf picks by the variant.
func oneOf[T any](variant int, of ...T) T { return of[variant%len(of)] }

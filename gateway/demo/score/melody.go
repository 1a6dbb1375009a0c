package score

import "math/rand/v2"

// Event is a note of a melody, in beats.
type Event struct {
	At, Dur float64
	Pitch   int
	Vel     float64
}

// Line says what a melody is made from.
type Line struct {
	Key       Key
	Chords    []Chord
	Span      float64     // beats that each chord lasts
	Low, High int         // range
	Motifs    [][]float64 // lengths in beats; negative ones are rests
	Bars      int
	Beats     float64 // in a bar
	Leap      float64 // how readily it leaps, 0 to 1
	Form      string  // one letter for every motif's turn, equal ones repeat: "ABAC"
}

// figure is a motif with its contour, so that it can come again.
type figure struct {
	lengths []float64
	moves   []int
}

// Melody writes a line: figures of a rhythm and a contour, which come again
// over other chords as the form says. On strong beats it stands on a tone of
// the chord, between them it walks on the scale, and it ends at rest.
func Melody(rng *rand.Rand, l Line) []Event {
	figures := map[byte]figure{}
	var out []Event
	step := l.Key.Step((l.Low+l.High)/2, l.Low)
	total := float64(l.Bars) * l.Beats
	at := 0.0
	for turn := 0; at < total-0.01; turn++ {
		name := l.Form[turn%len(l.Form)]
		f, ok := figures[name]
		if !ok {
			f = l.figure(rng)
			figures[name] = f
		}
		home := step
		for i, d := range f.lengths {
			if at >= total-0.01 {
				break
			}
			length := min(abs64(d), total-at)
			step = l.inside(step + f.moves[i])
			if d > 0 {
				pitch := l.Key.Pitch(step, l.Low)
				if strong(at, l.Beats) || length >= 1.5 {
					pitch, step = l.settle(pitch, at)
				}
				out = append(out, Event{At: at, Dur: length, Pitch: pitch, Vel: accent(rng, at, l.Beats)})
			}
			at += length
		}
		step = (step + home) / 2 // phrases do not wander off
	}
	return l.rest(out)
}

// figure invents a motif.
func (l Line) figure(rng *rand.Rand) figure {
	f := figure{lengths: l.Motifs[rng.IntN(len(l.Motifs))]}
	dir := 1
	if rng.IntN(2) == 0 {
		dir = -1
	}
	for range f.lengths {
		move := dir
		switch r := rng.Float64(); {
		case r < l.Leap:
			move = dir * (2 + rng.IntN(3))
			dir = -dir // a leap is filled in from the other side
		case r < l.Leap+0.15:
			move = 0
		case r < l.Leap+0.4:
			dir = -dir
			move = dir
		}
		f.moves = append(f.moves, move)
	}
	return f
}

// inside keeps a step within the range by turning it back.
func (l Line) inside(step int) int {
	for l.Key.Pitch(step, l.Low) > l.High {
		step -= 2
	}
	for l.Key.Pitch(step, l.Low) < l.Low {
		step += 2
	}
	return step
}

// ChordAt returns the chord that sounds at a beat.
func (l Line) ChordAt(at float64) Chord {
	return l.Chords[int(at/l.Span+1e-9)%len(l.Chords)]
}

// settle moves a pitch to the nearest tone of the chord.
func (l Line) settle(pitch int, at float64) (settled, step int) {
	c := l.ChordAt(at)
	for d := range 7 {
		for _, p := range []int{pitch - d, pitch + d} {
			if c.Has(p) && p >= l.Low-2 && p <= l.High+2 {
				return p, l.Key.Step(p, l.Low)
			}
		}
	}
	return pitch, l.Key.Step(pitch, l.Low)
}

// rest lets the last note stand on the chord's root or third.
func (l Line) rest(events []Event) []Event {
	if len(events) == 0 {
		return events
	}
	last := &events[len(events)-1]
	c := l.ChordAt(last.At)
	for d := range 7 {
		for _, p := range []int{last.Pitch - d, last.Pitch + d} {
			if r := mod(p-c.Root, 12); r == 0 || r == 4 || r == 3 {
				last.Pitch = p
				last.Dur = max(last.Dur, 2)
				return events
			}
		}
	}
	return events
}

func strong(at, beats float64) bool {
	in := at - beats*float64(int(at/beats+1e-9))
	return in < 0.01 || abs64(in-beats/2) < 0.01
}

func accent(rng *rand.Rand, at, beats float64) float64 {
	v := 0.62 + 0.12*rng.Float64()
	if strong(at, beats) {
		v += 0.16
	}
	return v
}

func abs64(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

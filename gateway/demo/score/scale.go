package score

// Scale is the semitones of an octave that are used, from the tonic up.
type Scale []int

// Major is the scale of bright pieces.
func Major() Scale { return Scale{0, 2, 4, 5, 7, 9, 11} }

// Minor is the natural minor scale.
func Minor() Scale { return Scale{0, 2, 3, 5, 7, 8, 10} }

// Dorian is minor with a bright sixth, as many folk tunes are.
func Dorian() Scale { return Scale{0, 2, 3, 5, 7, 9, 10} }

// Mixolydian is major with a flat seventh, as pipes play it.
func Mixolydian() Scale { return Scale{0, 2, 4, 5, 7, 9, 10} }

// Blues is the minor five-tone scale with the blue fifth.
func Blues() Scale { return Scale{0, 3, 5, 6, 7, 10} }

// FiveMajor is the major scale without its half steps.
func FiveMajor() Scale { return Scale{0, 2, 4, 7, 9} }

// Pyeongjo is the bright mode of Korean court and folk music (sol la do re mi).
func Pyeongjo() Scale { return Scale{0, 2, 5, 7, 9} }

// Gyemyeonjo is its plaintive mode (la do re mi sol, as sanjo uses it).
func Gyemyeonjo() Scale { return Scale{0, 3, 5, 7, 10} }

// Key is a scale on a tonic.
type Key struct {
	Tonic int // pitch class, 0 is C
	Scale Scale
}

// Pitch returns the n-th step of the key counted from the tonic at or above
// the pitch from; n may be negative.
func (k Key) Pitch(n, from int) int {
	base := from + mod(k.Tonic-from, 12)
	size := len(k.Scale)
	octave := n / size
	if n < 0 && n%size != 0 {
		octave--
	}
	return base + 12*octave + k.Scale[mod(n, size)]
}

// Step returns the number of the highest step at or below a pitch, counted as
// Pitch does.
func (k Key) Step(pitch, from int) int {
	n := 0
	for k.Pitch(n, from) > pitch {
		n--
	}
	for k.Pitch(n+1, from) <= pitch {
		n++
	}
	return n
}

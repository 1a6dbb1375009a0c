package score

import (
	"fmt"
	"slices"
	"strings"
)

// Chord is a root and the intervals above it, in semitones.
type Chord struct {
	Root  int // pitch class, 0 is C
	Bass  int // pitch class of the lowest tone
	Tones []int
}

// qualities are the chords that the pieces use, by their symbols.
func qualities() map[string][]int {
	return map[string][]int{
		"":        {0, 4, 7},
		"m":       {0, 3, 7},
		"5":       {0, 7},
		"6":       {0, 4, 7, 9},
		"m6":      {0, 3, 7, 9},
		"69":      {0, 4, 7, 9, 14},
		"7":       {0, 4, 7, 10},
		"maj7":    {0, 4, 7, 11},
		"m7":      {0, 3, 7, 10},
		"9":       {0, 4, 7, 10, 14},
		"maj9":    {0, 4, 7, 11, 14},
		"m9":      {0, 3, 7, 10, 14},
		"m11":     {0, 3, 7, 10, 14, 17},
		"13":      {0, 4, 10, 14, 21},
		"7b9":     {0, 4, 7, 10, 13},
		"7#5":     {0, 4, 8, 10},
		"m7b5":    {0, 3, 6, 10},
		"dim7":    {0, 3, 6, 9},
		"sus2":    {0, 2, 7},
		"sus4":    {0, 5, 7},
		"7sus":    {0, 5, 7, 10},
		"9sus":    {0, 5, 7, 10, 14},
		"add9":    {0, 4, 7, 14},
		"madd9":   {0, 3, 7, 14},
		"mmaj7":   {0, 3, 7, 11},
		"maj7#11": {0, 4, 7, 11, 18},
	}
}

// pitchClass reads a letter with its accidentals and returns what follows.
func pitchClass(s string) (pc int, rest string, ok bool) {
	if s == "" {
		return 0, s, false
	}
	at := strings.IndexByte("C D EF G A B", s[0])
	if at < 0 || s[0] == ' ' {
		return 0, s, false
	}
	for rest = s[1:]; rest != ""; rest = rest[1:] {
		switch rest[0] {
		case '#':
			at++
		case 'b':
			at--
		default:
			return (at + 12) % 12, rest, true
		}
	}
	return (at + 12) % 12, rest, true
}

// ParseChord reads a symbol such as "Dm9", "F#7sus" or "C/E".
func ParseChord(symbol string) (Chord, error) {
	name, under, slash := strings.Cut(symbol, "/")
	root, quality, ok := pitchClass(name)
	tones, known := qualities()[quality]
	if !ok || !known {
		return Chord{}, fmt.Errorf("chord %q: not known", symbol)
	}
	c := Chord{Root: root, Bass: root, Tones: tones}
	if slash {
		if c.Bass, _, ok = pitchClass(under); !ok {
			return Chord{}, fmt.Errorf("chord %q: no such bass", symbol)
		}
	}
	return c, nil
}

// Chords reads symbols with spaces between, moved up by some semitones. It
// panics on a symbol that it does not know: the pieces are part of the program.
func Chords(symbols string, up int) []Chord {
	fields := strings.Fields(symbols)
	out := make([]Chord, len(fields))
	for i, f := range fields {
		c, err := ParseChord(f)
		if err != nil {
			panic(err)
		}
		c.Root, c.Bass = mod(c.Root+up, 12), mod(c.Bass+up, 12)
		out[i] = c
	}
	return out
}

// Has tells whether a pitch belongs to the chord.
func (c Chord) Has(pitch int) bool {
	return slices.ContainsFunc(c.Tones, func(t int) bool { return mod(pitch-c.Root-t, 12) == 0 })
}

// BassIn returns the chord's bass at or above a pitch.
func (c Chord) BassIn(low int) int { return low + mod(c.Bass-low, 12) }

// Above returns the pitch class of the n-th tone at or above a pitch.
func (c Chord) Above(n, low int) int {
	return low + mod(c.Root+c.Tones[n%len(c.Tones)]-low, 12)
}

// Lead voices a chord within a range so that its tones lie as near as may be
// to those of the chord before. Without one before it starts in the middle.
func (c Chord) Lead(before []int, low, high int) []int {
	var best []int
	least := 1 << 30
	for start := low; start <= high; start++ {
		v := c.close(start)
		if v[0] != start || v[len(v)-1] > high {
			continue
		}
		if d := distance(before, v, (low+high)/2); d < least {
			best, least = v, d
		}
	}
	if best == nil { // the range is too small for a close voicing
		return c.close(low)
	}
	return best
}

// close stacks the chord's tones upwards from a pitch, as near as they go.
func (c Chord) close(from int) []int {
	v := make([]int, 0, len(c.Tones))
	for _, t := range c.Tones {
		v = append(v, from+mod(c.Root+t-from, 12))
	}
	slices.Sort(v)
	return slices.Compact(v)
}

// distance is how far the voices move.
func distance(before, after []int, middle int) int {
	d := 0
	for _, p := range after {
		near := 1 << 20
		if len(before) == 0 {
			near = abs(p - middle)
		}
		for _, q := range before {
			near = min(near, abs(p-q))
		}
		d += near * near
	}
	return d
}

func mod(a, n int) int { return ((a % n) + n) % n }

func abs(a int) int {
	if a < 0 {
		return -a
	}
	return a
}

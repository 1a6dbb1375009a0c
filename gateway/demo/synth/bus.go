package synth

import "math"

// Rate is the sampling rate of everything here, in Hz.
const Rate = 44100

// Bus is a stretch of stereo sound that voices add to. A Bus belongs to one
// goroutine.
type Bus struct{ L, R []float32 }

// NewBus returns silence that lasts so many seconds.
func NewBus(seconds float64) *Bus {
	n := int(math.Round(seconds * Rate))
	return &Bus{L: make([]float32, n), R: make([]float32, n)}
}

// Frames returns how many samples a channel has.
func (b *Bus) Frames() int { return len(b.L) }

// Add mixes another bus of the same length in.
func (b *Bus) Add(o *Bus, gain float64) {
	g := float32(gain)
	n := min(len(b.L), len(o.L))
	for i := range n {
		b.L[i] += g * o.L[i]
		b.R[i] += g * o.R[i]
	}
}

// Clear makes it silent again.
func (b *Bus) Clear() {
	clear(b.L)
	clear(b.R)
}

// Scale multiplies everything.
func (b *Bus) Scale(gain float64) {
	g := float32(gain)
	for i := range b.L {
		b.L[i] *= g
		b.R[i] *= g
	}
}

// FadeIn and FadeOut shape the ends with a raised cosine.
func (b *Bus) FadeIn(seconds float64) {
	n := min(int(seconds*Rate), len(b.L))
	for i := range n {
		g := float32(0.5 - 0.5*math.Cos(math.Pi*float64(i)/float64(n)))
		b.L[i] *= g
		b.R[i] *= g
	}
}

// FadeOut shapes the end with a raised cosine.
func (b *Bus) FadeOut(seconds float64) {
	n := min(int(seconds*Rate), len(b.L))
	at := len(b.L) - 1
	for i := range n {
		g := float32(0.5 - 0.5*math.Cos(math.Pi*float64(i)/float64(n)))
		b.L[at-i] *= g
		b.R[at-i] *= g
	}
}

// Cut returns the frames from..to as a bus that shares the samples.
func (b *Bus) Cut(from, to int) *Bus { return &Bus{L: b.L[from:to], R: b.R[from:to]} }

// Note is one sound to be made.
type Note struct {
	Pitch float64 // MIDI note number, 69 is A at 440 Hz; fractions are allowed
	At    float64 // seconds from the start of the bus
	Dur   float64 // seconds until it is let go
	Vel   float64 // loudness, 0 to 1
	Pan   float64 // -1 left to 1 right
}

// Freq returns the frequency of the note in Hz.
func (n Note) Freq() float64 { return Hz(n.Pitch) }

// Hz returns the frequency of a MIDI note number.
func Hz(pitch float64) float64 { return 440 * math.Exp2((pitch-69)/12) }

// Voice plays notes.
type Voice interface{ Play(b *Bus, n Note) }

// pan returns the gains of the sides, equal in power.
func pan(p float64) (l, r float64) {
	a := (min(1, max(-1, p)) + 1) * math.Pi / 4
	return math.Cos(a), math.Sin(a)
}

// edge is how long every voice takes to vanish at its very end, in samples,
// so that no end clicks.
const edge = 200

// mono renders samples from next into the bus at the note's place and pan.
func (b *Bus) mono(n Note, seconds float64, next func() float64) {
	l, r := pan(n.Pan)
	b.stereo(n, seconds, func() (float64, float64) {
		v := next()
		return v * l, v * r
	})
}

// stereo renders samples from next into the bus at the note's place.
func (b *Bus) stereo(n Note, seconds float64, next func() (l, r float64)) {
	at := int(n.At * Rate)
	count := int(seconds * Rate)
	if at < 0 || at >= len(b.L) {
		return
	}
	count = min(count, len(b.L)-at)
	left, right := b.L[at:at+count], b.R[at:at+count]
	body := max(0, count-edge)
	for i := range body {
		l, r := next()
		left[i] += float32(l)
		right[i] += float32(r)
	}
	for i := body; i < count; i++ {
		l, r := next()
		g := float64(count-i) / edge
		left[i] += float32(l * g)
		right[i] += float32(r * g)
	}
}

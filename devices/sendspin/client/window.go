package client

import (
	"math"
	"slices"
)

// window holds the exchanges of the last seconds or minutes, of each second
// only the smallest delay of each direction. No message arrives before it was
// sent: whatever the delays were, the server's clock as a line over ours lies
// below all that the way there says and above all that the way back says. The
// line in the middle of the widest gap between the two is the estimate. Its
// error shrinks with the number of exchanges, not with the root of it, as a mean
// of them would.
type window struct {
	slots []slot
	base  int64   // client time, the origin of x
	floor int64   // offset that y is relative to
	width float64 // of the delays' spread, µs, as last seen
}

// slot is one second's worth. x is the client's time, y the offset that an
// exchange would show if its delay were zero, both from the window's origin.
type slot struct {
	start        int64
	n            int
	highX, highY float64 // the way there: not below the truth
	lowX, lowY   float64 // the way back: not above it
}

const (
	slotLength = 1_000_000 // µs
	slotsLeast = 10
	slotsMost  = 600
	surePPM    = 50  // a slope is believed once it is known so well
	stampNoise = 5.0 // µs, standard error of reading a clock around a message
)

func (w *window) clear() { w.slots = w.slots[:0] }

// add takes an exchange. It reports whether that began a new second.
func (w *window) add(drift float64, sent, serverReceived, serverSent, received int64) bool {
	if len(w.slots) == 0 {
		w.base, w.floor = sent, serverReceived-sent
	}
	high := slot{
		start: sent, n: 1,
		highX: float64(sent - w.base), highY: float64(serverReceived - sent - w.floor),
		lowX: float64(received - w.base), lowY: float64(serverSent - received - w.floor),
	}
	last := len(w.slots) - 1
	if last < 0 || sent-w.slots[last].start >= slotLength {
		w.slots = append(w.slots, high)
		w.trim()
		return last >= 0
	}
	s := &w.slots[last]
	s.n++
	if high.highY-s.highY < drift*(high.highX-s.highX) {
		s.highX, s.highY = high.highX, high.highY
	}
	if high.lowY-s.lowY > drift*(high.lowX-s.lowX) {
		s.lowX, s.lowY = high.lowX, high.lowY
	}
	return false
}

// trim drops seconds that are too old to help. Over T seconds jitter leaves an
// error of about 10 widths of the delay in 10 T exchanges, and a crystal that
// wanders as driftNoise says one of about 0.01 T^1.5 µs: they are equal at
// T = (100 widths)^0.4.
func (w *window) trim() {
	keep := min(max(int(math.Pow(100*w.width, 0.4)), slotsLeast), slotsMost)
	if n := len(w.slots) - keep; n > 0 {
		w.slots = slices.Delete(w.slots, 0, n)
		w.moveOrigin()
	}
}

// moveOrigin keeps x small, whatever time has passed.
func (w *window) moveOrigin() {
	by := float64(w.slots[0].start - w.base)
	w.base = w.slots[0].start
	for i := range w.slots {
		w.slots[i].highX -= by
		w.slots[i].lowX -= by
	}
}

// measure returns the offset at the client's time at, and its standard error.
// drift is what is known of it so far, for a window that is too short to tell.
func (w *window) measure(at int64, drift float64) (offset, sigma float64) {
	slope := drift
	if n := len(w.slots); n >= 4 {
		steep := w.steepness(drift)
		sigma = 2 * w.sigma(steep) // at the end of a line whose slope is not given
		if span := float64(w.slots[n-1].start - w.slots[0].start); sigma < surePPM*1e-6*span {
			slope = steep
		}
	}
	high, low := w.bounds(slope)
	if sigma == 0 { // only the bound is known
		sigma = max((high-low)/4, stampNoise)
	}
	return float64(w.floor) + (high+low)/2 + slope*float64(at-w.base), sigma
}

// sigma is the standard error of the gap's middle. The smallest of n delays that
// are spread evenly over a width lies width/(n+1) above the least possible one,
// give or take as much; each second's smallest one is such a sample, and their
// median tells the width whatever a few stalls did.
func (w *window) sigma(slope float64) float64 {
	high, low := w.bounds(slope)
	count := 0
	var there, back []float64
	for i := range w.slots {
		s := &w.slots[i]
		n := float64(s.n + 1)
		count += s.n
		there = append(there, (s.highY-slope*s.highX-high)*n)
		back = append(back, (low-s.lowY+slope*s.lowX)*n)
	}
	slices.Sort(there)
	slices.Sort(back)
	a, b := there[len(there)/2]/math.Ln2, back[len(back)/2]/math.Ln2
	w.width = max(a, b)
	return math.Hypot(math.Hypot(a, b)/2/float64(count), stampNoise)
}

// bounds are how far up and down a line of that slope can be moved, at x = 0.
func (w *window) bounds(slope float64) (high, low float64) {
	high, low = math.Inf(1), math.Inf(-1)
	for i := range w.slots {
		s := &w.slots[i]
		high = min(high, s.highY-slope*s.highX)
		low = max(low, s.lowY-slope*s.lowX)
	}
	return high, low
}

// steepness is the slope of the widest gap. The gap is a concave function of
// the slope: a golden-section search finds its maximum.
func (w *window) steepness(around float64) float64 {
	const golden = 0.6180339887498949
	gap := func(slope float64) float64 {
		high, low := w.bounds(slope)
		return high - low
	}
	a, b := around-maxDrift, around+maxDrift
	c, d := b-golden*(b-a), a+golden*(b-a)
	atC, atD := gap(c), gap(d)
	for b-a > 1e-9 {
		if atC > atD {
			b, d, atD = d, c, atC
			c = b - golden*(b-a)
			atC = gap(c)
		} else {
			a, c, atC = c, d, atD
			d = a + golden*(b-a)
			atD = gap(d)
		}
	}
	return min(max((a+b)/2, -maxDrift), maxDrift)
}

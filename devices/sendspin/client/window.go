package client

import (
	"math"
	"slices"
)

// window holds the exchanges of the last seconds or minutes, of each second
// only the smallest delay of each direction. No message arrives before it was
// sent: whatever the delays were, the server's clock as a line over ours lies
// below all that the way there says and above all that the way back says. Of a line
// of some slope, the middle between the two is the likeliest, and slopes are the
// likelier the wider they leave the gap: the estimate is the mean over the slopes, so
// weighted. Its error shrinks with the number of exchanges, not with the root of it,
// as a mean of them would.
type window struct {
	slots []slot
	base  int64   // client time, the origin of x
	floor int64   // offset that y is relative to
	width float64 // of the delays' spread, µs, as last seen
	// The corners of what lies above and below, as measure found them; of the
	// latter with y negated.
	high, low []point
	odds      float64 // how fast the likelihood falls with the gap, per µs of half of it
}

type point struct{ x, y float64 }

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
	slotsSlope = 4 // below, nothing is known of the slope
	crystal    = 100e-6
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
// error of about 10 widths of the delay in 10 T exchanges, and a crystal whose rate
// wanders by 0.01 ppm in a second one of about 0.01 T^1.5 µs: they are equal at
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

// measure returns the offset at the client's time at, its standard error, and the
// slope.
func (w *window) measure(at int64) (offset, sigma, slope float64) {
	w.high, w.low = w.high[:0], w.low[:0]
	for i := range w.slots {
		s := &w.slots[i]
		w.high, w.low = corner(w.high, point{s.highX, s.highY}), corner(w.low, point{s.lowX, -s.lowY})
	}
	if len(w.slots) < slotsSlope {
		high, low := w.bounds(0)
		return float64(w.floor) + (high+low)/2, max((high-low)/4, stampNoise), 0
	}
	best := w.steepness()
	w.spread(best)
	return w.mean(at, best)
}

// mean weighs the slopes around the best one. Delays are about evenly spread
// where they are smallest, so that n of them within a width leave an edge that is
// x too far out with odds of exp(-n x / width); with these of both directions, all
// lines of one slope together weigh exp(odds * gap / 2). A crystal's slope is within
// 100 ppm, which helps in the first seconds.
func (w *window) mean(at int64, best float64) (offset, sigma, slope float64) {
	const steps, least = 64, 9 // what weighs less than exp(-9) is left out
	high, low := w.bounds(best)
	top := high - low
	edge := func(step float64) float64 {
		for {
			high, low := w.bounds(best + step)
			if math.Abs(step) > maxDrift || w.odds*(top-high+low)/2 > least {
				return min(max(best+step, -maxDrift), maxDrift)
			}
			step *= 1.5
		}
	}
	from, to := edge(-1e-8), edge(1e-8)
	var sum, first, second, slopes float64
	for i := range steps {
		b := from + (to-from)*(float64(i)+0.5)/steps
		high, low := w.bounds(b)
		weight := math.Exp(w.odds*(high-low-top)/2 - b*b/(2*crystal*crystal))
		y := (high+low)/2 + b*float64(at-w.base)
		sum += weight
		slopes += weight * b
		first += weight * y
		second += weight * y * y
	}
	offset = first / sum
	variance := max(second/sum-offset*offset, 0) + 2/(w.odds*w.odds) // of the slopes, and within one
	return float64(w.floor) + offset, math.Hypot(math.Sqrt(variance), stampNoise), slopes / sum
}

// spread learns how the delays are spread. The smallest of n that are spread evenly
// over a width lies width/(n+1) above the least possible one, give or take as much;
// each second's smallest one is such a sample, and their median tells the width
// whatever a few stalls did.
func (w *window) spread(slope float64) {
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
	w.odds = float64(count) * (1/max(a, stampNoise) + 1/max(b, stampNoise))
}

// corner adds a point to the right of a convex hull's lower side.
func corner(hull []point, p point) []point {
	for n := len(hull); n >= 2; n-- {
		a, b := hull[n-2], hull[n-1]
		if (b.x-a.x)*(p.y-a.y) > (b.y-a.y)*(p.x-a.x) {
			break
		}
		hull = hull[:n-1]
	}
	return append(hull, p)
}

// bounds are how far up and down a line of that slope can be moved, at x = 0:
// corners stop it first.
func (w *window) bounds(slope float64) (high, low float64) {
	high, low = math.Inf(1), math.Inf(-1)
	for _, p := range w.high {
		high = min(high, p.y-slope*p.x)
	}
	for _, p := range w.low {
		low = max(low, -p.y-slope*p.x)
	}
	return high, low
}

// steepness is the slope of the widest gap. The gap is a concave function of
// the slope: a golden-section search finds its maximum.
func (w *window) steepness() float64 {
	const golden = 0.6180339887498949
	gap := func(slope float64) float64 {
		high, low := w.bounds(slope)
		return high - low
	}
	a, b := -maxDrift, maxDrift
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
	return (a + b) / 2
}

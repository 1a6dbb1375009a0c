package synth

import "math"

// kWeight is the filter of ITU-R BS.1770: a shelf for the head, then a
// high-pass, as two biquads.
type kWeight struct{ shelf, high biquad }

type biquad struct{ b0, b1, b2, a1, a2, z1, z2 float64 }

func (q *biquad) next(v float64) float64 {
	y := q.b0*v + q.z1
	q.z1 = q.b1*v - q.a1*y + q.z2
	q.z2 = q.b2*v - q.a2*y
	return y
}

// newKWeight derives the coefficients for Rate from the standard's analogue
// prototypes.
func newKWeight() kWeight {
	k := math.Tan(math.Pi * 1681.974450955533 / Rate)
	vh := math.Pow(10, 3.999843853973347/20)
	vb := math.Pow(vh, 0.4996667741545416)
	q := 0.7071752369554196
	a0 := 1 + k/q + k*k
	var w kWeight
	w.shelf = biquad{
		b0: (vh + vb*k/q + k*k) / a0, b1: 2 * (k*k - vh) / a0, b2: (vh - vb*k/q + k*k) / a0,
		a1: 2 * (k*k - 1) / a0, a2: (1 - k/q + k*k) / a0,
	}
	k = math.Tan(math.Pi * 38.13547087602444 / Rate)
	q = 0.5003270373238773
	a0 = 1 + k/q + k*k
	w.high = biquad{b0: 1, b1: -2, b2: 1, a1: 2 * (k*k - 1) / a0, a2: (1 - k/q + k*k) / a0}
	return w
}

// Loudness returns the integrated loudness in LUFS (ITU-R BS.1770-4: 400 ms
// blocks, gated at -70 LUFS and at 10 LU below their mean), -70 for silence.
func (b *Bus) Loudness() float64 {
	const hop = Rate / 10
	l, r := newKWeight(), newKWeight()
	var quarters []float64
	sum, n := 0.0, 0
	for i := range b.L {
		x, y := l.high.next(l.shelf.next(float64(b.L[i]))), r.high.next(r.shelf.next(float64(b.R[i])))
		sum += x*x + y*y
		if n++; n == hop {
			quarters = append(quarters, sum)
			sum, n = 0, 0
		}
	}
	var blocks []float64
	for i := 3; i < len(quarters); i++ {
		blocks = append(blocks, (quarters[i]+quarters[i-1]+quarters[i-2]+quarters[i-3])/(4*hop))
	}
	mean := gated(blocks, lufsPower(-70))
	if mean == 0 {
		return -70
	}
	return powerLUFS(gated(blocks, mean/10))
}

func lufsPower(l float64) float64 { return math.Pow(10, (l+0.691)/10) }
func powerLUFS(p float64) float64 { return -0.691 + 10*math.Log10(p) }

// gated returns the mean of the blocks above a gate, 0 if there is none.
func gated(blocks []float64, gate float64) float64 {
	sum, n := 0.0, 0
	for _, p := range blocks {
		if p > gate {
			sum += p
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// Peak returns the highest sample's magnitude.
func (b *Bus) Peak() float64 {
	high, low := float32(0), float32(0)
	for _, side := range [][]float32{b.L, b.R} {
		for _, v := range side {
			if v > high {
				high = v
			} else if v < low {
				low = v
			}
		}
	}
	return float64(max(high, -low))
}

// Master brings the bus to a loudness and keeps every sample below a ceiling
// (1 is full scale). What lies below 25 Hz goes.
func (b *Bus) Master(lufs, ceiling float64) {
	b.HighPass(25)
	for range 2 {
		b.Scale(math.Pow(10, (lufs-b.Loudness())/20))
		b.limit(ceiling)
	}
}

// limit holds the peaks down. It looks 5 ms ahead: the gain is the least that
// the coming samples ask for, smoothed over the same time, so that it is there
// when the peak is.
func (b *Bus) limit(ceiling float64) {
	const look = Rate / 200
	if b.Peak() <= ceiling {
		return
	}
	n := len(b.L)
	need := make([]float32, n+2*look) // gain that each sample asks for
	for i := range need {
		need[i] = 1
	}
	top := float32(ceiling)
	for i := range b.L {
		if p := max(b.L[i], -b.L[i], b.R[i], -b.R[i]); p > top {
			need[i+look] = top / p
		}
	}
	least := slidingMin(need, look)
	release := float32(coef(0.12))
	sum, held := float64(look), float32(1)
	window := make([]float32, look)
	for i := range window {
		window[i] = 1
	}
	for i := range n + look {
		g := least[i]
		if held = 1 - (1-held)*release; g < held {
			held = g
		}
		k := i % look
		sum += float64(held) - float64(window[k])
		window[k] = held
		if at := i - look; at >= 0 {
			gain := min(float32(sum/look), need[at+look])
			b.L[at] *= gain
			b.R[at] *= gain
		}
	}
}

// slidingMin returns for each place the least of its value and the next n.
func slidingMin(v []float32, n int) []float32 {
	out := make([]float32, len(v))
	ring := make([]int, n+2) // places with rising values, the least at head
	head, size := 0, 0
	for i := len(v) - 1; i >= 0; i-- {
		for size > 0 && v[ring[(head+size-1)%len(ring)]] >= v[i] {
			size--
		}
		ring[(head+size)%len(ring)] = i
		size++
		for ring[head] > i+n {
			head = (head + 1) % len(ring)
			size--
		}
		out[i] = v[ring[head]]
	}
	return out
}

package visual

import "math"

// onsets finds where transients begin: where the spectrum, in bands and by its
// logarithm, rises more than it has lately.
type onsets struct {
	last    [onsetBands]float64
	flux    [3]float64 // of the last frames, the newest last
	mean    float64    // of the flux of late
	loudest float64    // of late
	since   int        // frames since an onset
	seen    int
}

const (
	onsetBands = 24
	onsetTop   = 12_000 // Hz
	memory     = 0.98   // of a frame's weight in the mean, a frame later: under a second
	refractory = 5      // frames between onsets at least: 83 ms
)

// add takes a frame's power and returns by how much it rose.
func (o *onsets) add(power []float64, hz float64) float64 {
	rise := 0.0
	k := 1
	for b := range onsetBands {
		top := onsetTop * math.Pow(float64(b+1)/onsetBands, 2)
		sum := 0.0
		for ; k < len(power) && float64(k)*hz < top; k++ {
			sum += power[k]
		}
		// What is below -60 dB does not count.
		now := math.Log1p(1e6 * sum)
		if o.seen > 0 {
			rise += max(now-o.last[b], 0)
		}
		o.last[b] = now
	}
	o.seen++
	o.flux = [3]float64{o.flux[1], o.flux[2], rise}
	o.mean = memory*o.mean + (1-memory)*rise
	o.loudest = max(memory*o.loudest, rise)
	return rise
}

// before is how strong an onset the frame before the newest is.
func (o *onsets) before() uint8 {
	o.since++
	const clear = 4 // at least, whatever the mean
	middle := o.flux[1]
	if middle < 2*o.mean+clear || middle < o.flux[0] || middle <= o.flux[2] || o.since < refractory {
		return 0
	}
	o.since = 0
	return uint8(max(1, min(255*middle/max(o.loudest, 1), 255)))
}

package visual

import "math"

// beats finds the beat in the flux of the onsets, by dynamic programming over what
// was heard (Ellis, "Beat Tracking by Dynamic Programming", 2007), a little behind
// the present. It does not tell downbeats.
type beats struct {
	flux   []float64 // of each frame
	score  []float64 // of the best row of beats that ends there
	from   []int     // the beat before in that row; -1 for none
	base   int       // the number of the first frame that is kept
	period float64   // frames a beat; 0 while there is none
	last   int       // frame of the last beat told
	told   bool
}

const (
	history    = 8 * Rate // frames that are kept
	settled    = 4 * Rate // before which nothing is told
	slowest    = Rate     // frames a beat: 60 a minute
	fastest    = Rate * 60 / 200
	tightness  = 100.0
	likeliest  = Rate / 2.0 // 120 a minute
	leastPulse = 0.15       // how regular the flux must be, 1 for a metronome
)

// add takes a frame's flux and returns which frames are beats, as how many frames
// ago they were, in order.
func (b *beats) add(flux float64) (back []int) {
	b.flux = append(b.flux, flux)
	n := b.base + len(b.flux)
	if n%(Rate/2) == 0 {
		b.tempo()
	}
	b.extend()
	if len(b.flux) > history {
		cut := len(b.flux) - history
		b.flux, b.score, b.from = b.flux[cut:], b.score[cut:], b.from[cut:]
		b.base += cut
	}
	if n < settled || b.period == 0 {
		return nil
	}
	return b.settledBeats()
}

// tempo is the lag at which the flux is most like itself, with a liking for
// moderate ones.
func (b *beats) tempo() {
	b.period = 0
	mean, power := 0.0, 0.0
	for _, f := range b.flux {
		mean += f / float64(len(b.flux))
	}
	for _, f := range b.flux {
		power += (f - mean) * (f - mean)
	}
	if power == 0 {
		return
	}
	alike := func(lag int) float64 {
		sum := 0.0
		for i := lag; i < len(b.flux); i++ {
			sum += (b.flux[i] - mean) * (b.flux[i-lag] - mean)
		}
		return sum / power
	}
	best, bestValue, pulse := 0, 0.0, 0.0
	for lag := fastest; lag <= slowest && lag < len(b.flux); lag++ {
		a := alike(lag)
		octaves := math.Log2(float64(lag) / likeliest)
		if v := a * math.Exp(-0.5*octaves*octaves/(0.9*0.9)); v > bestValue {
			best, bestValue, pulse = lag, v, a
		}
	}
	if pulse < leastPulse {
		return
	}
	b.period = float64(best)
	l, r := alike(best-1), alike(best+1)
	if bend := l - 2*pulse + r; bend < 0 {
		b.period += min(max((l-r)/(2*bend), -0.5), 0.5)
	}
}

// extend adds the newest frame to the rows.
func (b *beats) extend() {
	i := len(b.flux) - 1
	best, from := 0.0, -1
	if p := b.period; p > 0 {
		best = math.Inf(-1)
		for k := max(i-int(2*p), 0); k <= i-int(p/2); k++ {
			off := math.Log(float64(i-k) / p)
			if s := b.score[k] - tightness*off*off; s > best {
				best, from = s, b.base+k
			}
		}
		best = max(best, 0)
	}
	b.score = append(b.score, b.flux[i]+0.9*best)
	b.from = append(b.from, from)
}

// settledBeats follows the best row back from the present and tells those beats
// that nothing to come will change.
func (b *beats) settledBeats() (back []int) {
	n := len(b.score)
	i := n - 1
	for k := max(n-int(b.period), 0); k < n; k++ {
		if b.score[k] > b.score[i] {
			i = k
		}
	}
	for i >= 0 {
		ago := n - 1 - i
		if frame := b.base + i; ago >= Hold/2 {
			if b.told && frame-b.last < int(0.6*b.period) || ago >= Hold {
				break
			}
			back = append([]int{ago}, back...)
		}
		i = b.from[i] - b.base
	}
	if len(back) > 0 {
		b.last, b.told = b.base+n-1-back[len(back)-1], true
	}
	return back
}

package sound

import "math"

const (
	slowest = 40.0  // beats a minute
	fastest = 240.0 // beats a minute
	// Where the ear hears a beat rather than its double or its half: a bell
	// over the octaves around walking pace (Ellis 2007).
	walking   = 110.0
	preferred = 0.9 // octaves, its standard deviation
	// An onset stands out by this many times the mean strength around it.
	standsOut = 1.5
	around    = 0.5 // seconds to each side
)

// rhythm gathers the strength of onsets, and at the end of each excerpt how like
// it is to itself a beat later.
type rhythm struct {
	frames   float64 // a second
	before   [bands]float64
	begun    bool
	strength []float64 // of this excerpt

	flux    moments
	onsets  int
	seconds float64
	repeats []float64 // autocorrelation by lag, summed over the excerpts
	energy  float64   // at lag 0
}

func newRhythm(frames float64) *rhythm {
	return &rhythm{frames: frames, repeats: make([]float64, int(frames*60/slowest)+3)}
}

func (r *rhythm) add(s *spectrum) {
	rise := 0.0
	if r.begun {
		for b, l := range s.mel {
			rise += max(0, l-r.before[b])
		}
	}
	r.before, r.begun = s.mel, true
	r.strength = append(r.strength, rise/bands)
	if s.heard {
		r.flux.add(rise / bands)
	}
}

func (r *rhythm) endExcerpt() {
	strength := r.strength
	r.strength, r.begun = r.strength[:0], false
	if float64(len(strength)) < 2*r.frames {
		return // too short to have a beat
	}
	local := localMean(strength, int(around*r.frames))
	r.seconds += float64(len(strength)) / r.frames
	for i := 1; i+1 < len(strength); i++ {
		v := strength[i]
		if v > strength[i-1] && v >= strength[i+1] && v > standsOut*local[i] && v > 0.02 {
			r.onsets++
		}
	}
	for i := range strength {
		strength[i] = max(0, strength[i]-local[i])
	}
	mean := 0.0
	for _, v := range strength {
		mean += v / float64(len(strength))
	}
	for i := range strength {
		strength[i] -= mean
		r.energy += strength[i] * strength[i]
	}
	for lag := range r.repeats {
		sum := 0.0
		for i := lag; i < len(strength); i++ {
			sum += strength[i] * strength[i-lag]
		}
		// As much as if every lag had as many products.
		r.repeats[lag] += sum * float64(len(strength)) / float64(max(len(strength)-lag, 1))
	}
}

// localMean returns the mean of the values within reach of each.
func localMean(values []float64, reach int) []float64 {
	sums := make([]float64, len(values)+1)
	for i, v := range values {
		sums[i+1] = sums[i] + v
	}
	out := make([]float64, len(values))
	for i := range values {
		from, to := max(i-reach, 0), min(i+reach+1, len(values))
		out[i] = (sums[to] - sums[from]) / float64(to-from)
	}
	return out
}

func (r *rhythm) fill(f *Features) {
	f[Flux] = float32(r.flux.mean())
	f[Tempo] = float32(math.Log2(walking))
	if r.seconds > 0 {
		f[Onsets] = float32(float64(r.onsets) / r.seconds)
	}
	if r.energy <= 0 {
		return
	}
	lag, best := 0, 0.0
	for i := int(r.frames * 60 / fastest); i+1 < len(r.repeats); i++ {
		if r.repeats[i] < r.repeats[i-1] || r.repeats[i] < r.repeats[i+1] {
			continue
		}
		octaves := math.Log2(r.frames*60/float64(i)/walking) / preferred
		if v := r.repeats[i] * math.Exp(-octaves*octaves/2); v > best {
			lag, best = i, v
		}
	}
	if lag == 0 {
		return
	}
	f[Tempo] = float32(math.Log2(r.frames * 60 / r.peak(lag)))
	f[Pulse] = float32(min(r.repeats[lag]/r.energy, 1))
}

// peak places a peak between the lags, by a parabola through three.
func (r *rhythm) peak(lag int) float64 {
	a, b, c := r.repeats[lag-1], r.repeats[lag], r.repeats[lag+1]
	if bend := a - 2*b + c; bend < 0 {
		return float64(lag) + 0.5*(a-c)/bend
	}
	return float64(lag)
}

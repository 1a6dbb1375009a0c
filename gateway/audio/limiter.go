package audio

import (
	"math"
	"slices"
)

// The limiter's times: how far it looks ahead, and how fast it lets go.
const (
	limiterAhead   = 0.0015 // s
	limiterRelease = 0.080  // s, to 1/e
)

// True peaks are looked for between samples by interpolation to four times
// the rate, as ITU-R BS.1770-4 annex 2 does it.
const (
	peakPhases = 4
	peakTaps   = 12
	// peakError is how many dB such an interpolation may miss.
	peakError = 0.25
)

// limiter holds a true-peak ceiling with a gain that is the same for all
// channels. The gain reaches a peak's value smoothly within the look-ahead:
// it is a moving average over the window of the window's smallest needed gain.
type limiter struct {
	channels int
	ceiling  float64
	window   int
	release  float64
	bank     [peakPhases - 1][peakTaps]float32
	weight   float32 // the largest sum of a row's absolute weights

	planes [][]float32 // each channel's frames, from the oldest one that waits
	at     int64       // frames in
	loudAt int64       // the last frame that could make a peak
	needs  []need      // rising gains: the window's smallest, and those to come
	env    float64
	held   []float64 // a ring of the last envelopes
	slot   int
	sum    float64 // of held
}

// need is the gain that frame at needs.
type need struct {
	at   int64
	gain float64
}

func newLimiter(rate, channels int, ceiling float64) *limiter {
	l := &limiter{
		channels: channels, ceiling: ceiling * amplitude(-peakError), weight: 1,
		window:  max(int(float64(rate)*limiterAhead), 8),
		release: 1 - math.Exp(-1/(limiterRelease*float64(rate))),
	}
	all := sincBank(peakPhases, peakTaps, 1)
	for p := range l.bank {
		copy(l.bank[p][:], all[(p+1)*peakTaps:])
		var sum float32
		for _, w := range l.bank[p] {
			sum += abs32(w)
		}
		l.weight = max(l.weight, sum)
	}
	l.reset()
	return l
}

// lag is how many frames stand between a frame's arrival and its leaving: the
// window, and what the interpolation needs behind a sample.
func (l *limiter) lag() int { return l.window + peakTaps/2 - 1 }

func (l *limiter) reset() {
	l.planes = make([][]float32, l.channels)
	for c := range l.planes {
		// Silence came before: the first frames that leave are it.
		l.planes[c] = make([]float32, max(l.lag(), peakTaps), 4096)
	}
	l.held = slices.Repeat([]float64{1}, l.window)
	l.sum, l.slot, l.env = float64(l.window), 0, 1
	l.at, l.loudAt, l.needs = 0, -peakTaps, l.needs[:0]
}

// process appends the frames that leave. The first lag frames that would
// leave are the silence before the beginning, and are left out.
func (l *limiter) process(dst, src []float32, factor float32) []float32 {
	frames := len(src) / l.channels
	for c, p := range l.planes {
		for i := range frames {
			p = append(p, src[i*l.channels+c]*factor)
		}
		l.planes[c] = p
	}
	return l.run(dst, frames)
}

// flush pushes silence until the last frame has left.
func (l *limiter) flush(dst []float32) []float32 {
	for c := range l.planes {
		l.planes[c] = append(l.planes[c], make([]float32, l.lag())...)
	}
	return l.run(dst, l.lag())
}

// run handles the newest frames, which are at the ends of the planes.
func (l *limiter) run(dst []float32, frames int) []float32 {
	start := len(l.planes[0]) - frames
	for i := start; i < start+frames; i++ {
		gain := l.gain(i)
		if l.at++; l.at <= int64(l.lag()) {
			continue
		}
		for _, p := range l.planes {
			dst = append(dst, p[i-l.lag()]*gain)
		}
	}
	for c, p := range l.planes {
		keep := max(l.lag(), peakTaps)
		l.planes[c] = p[:copy(p, p[len(p)-keep:])]
	}
	return dst
}

// gain takes in the frame at index i and returns the gain of the one that
// leaves for it.
func (l *limiter) gain(i int) float32 {
	for _, p := range l.planes {
		// Between samples, no interpolation exceeds its weights' sum.
		if float64(abs32(p[i])*l.weight) > l.ceiling {
			l.loudAt = l.at
		}
	}
	if l.at-l.loudAt < peakTaps {
		if p := float64(l.peak(i)); p > l.ceiling {
			l.require(l.ceiling / p)
		}
	}
	// A sample's peak shows up in two neighbouring needs: two frames more
	// than the average takes keep both in sight.
	for len(l.needs) > 0 && l.at-l.needs[0].at >= int64(l.window+2) {
		l.needs = l.needs[1:]
	}
	low := 1.0
	if len(l.needs) > 0 {
		low = l.needs[0].gain
	}
	l.env = min(low, l.env+(1-l.env)*l.release)
	l.sum += l.env - l.held[l.slot]
	l.held[l.slot] = l.env
	if l.slot++; l.slot == l.window {
		l.slot = 0
	}
	return float32(min(l.sum/float64(l.window), 1))
}

// require notes what gain the frame now needs. Earlier frames that need less
// of a cut will never be the window's smallest again.
func (l *limiter) require(gain float64) {
	for n := len(l.needs); n > 0 && l.needs[n-1].gain >= gain; n-- {
		l.needs = l.needs[:n-1]
	}
	l.needs = append(l.needs, need{l.at, gain})
}

// peak is the largest value around the middle of the last peakTaps frames up
// to i, in all channels, at the samples and between them.
func (l *limiter) peak(i int) (p float32) {
	for _, plane := range l.planes {
		w := (*[peakTaps]float32)(plane[i-peakTaps+1:])
		p = max(p, abs32(w[peakTaps/2-1]), abs32(w[peakTaps/2]))
		for r := range l.bank {
			row := &l.bank[r]
			var a, b float32
			for k := 0; k < peakTaps; k += 2 {
				a += w[k] * row[k]
				b += w[k+1] * row[k+1]
			}
			p = max(p, abs32(a+b))
		}
	}
	return p
}

func abs32(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}

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
	bank     []float32 // peakPhases-1 rows of peakTaps

	hist  []float32 // the last peakTaps input frames, for the interpolation
	delay []float32 // a ring of frames that wait
	need  []float64 // a ring of needed gains, one for each frame
	held  []float64 // a ring of the windows' smallest gains
	sum   float64
	at    int64 // frames in
	env   float64
}

func newLimiter(rate, channels int, ceiling float64) *limiter {
	l := &limiter{
		channels: channels, ceiling: ceiling * amplitude(-peakError),
		window:  max(int(float64(rate)*limiterAhead), 8),
		release: 1 - math.Exp(-1/(limiterRelease*float64(rate))),
	}
	all := sincBank(peakPhases, peakTaps, 1)
	l.bank = all[peakTaps : peakPhases*peakTaps]
	l.reset()
	return l
}

// lag is how many frames stand between a frame's arrival and its leaving: the
// window, and what the interpolation needs behind a sample.
func (l *limiter) lag() int { return l.window + peakTaps/2 - 1 }

func (l *limiter) reset() {
	l.hist = make([]float32, peakTaps*l.channels)
	l.delay = make([]float32, (l.lag()+1)*l.channels)
	// A sample's peak shows up in two neighbouring needs: two more than the
	// average takes keep both in sight.
	l.need = slices.Repeat([]float64{1}, l.window+2)
	l.held = slices.Repeat([]float64{1}, l.window)
	l.sum, l.env, l.at = float64(l.window), 1, 0
}

func (l *limiter) process(dst, src []float32, factor float32) []float32 {
	frame := make([]float32, l.channels)
	for ; len(src) >= l.channels; src = src[l.channels:] {
		for c := range frame {
			frame[c] = src[c] * factor
		}
		dst = l.push(dst, frame)
	}
	return dst
}

// flush pushes silence until the last frame has left.
func (l *limiter) flush(dst []float32) []float32 {
	end := l.at
	silence := make([]float32, l.channels)
	for l.at < end+int64(l.lag()) {
		dst = l.push(dst, silence)
	}
	return dst
}

// push takes one frame and appends the one that leaves.
func (l *limiter) push(dst, frame []float32) []float32 {
	copy(l.hist, l.hist[l.channels:])
	copy(l.hist[len(l.hist)-l.channels:], frame)
	slots := l.lag() + 1
	copy(l.delay[int(l.at%int64(slots))*l.channels:], frame)

	need := 1.0
	if p := float64(l.peak()); p > l.ceiling {
		need = l.ceiling / p
	}
	l.need[int(l.at%int64(len(l.need)))] = need
	i := int(l.at % int64(l.window))
	l.env = min(l.smallest(), l.env+(1-l.env)*l.release)
	l.sum += l.env - l.held[i]
	l.held[i] = l.env
	gain := float32(min(l.sum/float64(l.window), 1))

	l.at++
	if l.at <= int64(l.lag()) {
		return dst
	}
	out := int((l.at - 1 - int64(l.lag())) % int64(slots))
	for _, x := range l.delay[out*l.channels:][:l.channels] {
		dst = append(dst, x*gain)
	}
	return dst
}

// smallest is the least gain that the window needs.
func (l *limiter) smallest() float64 {
	low := 1.0
	for _, n := range l.need {
		low = min(low, n)
	}
	return low
}

// peak is the largest value around the middle of hist, in all channels, at
// the samples and between them.
func (l *limiter) peak() (p float32) {
	mid := (peakTaps/2 - 1) * l.channels
	for c := range l.channels {
		p = max(p, abs32(l.hist[mid+c]), abs32(l.hist[mid+l.channels+c]))
		for row := l.bank; len(row) > 0; row = row[peakTaps:] {
			var v float32
			for k := range peakTaps {
				v += l.hist[k*l.channels+c] * row[k]
			}
			p = max(p, abs32(v))
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

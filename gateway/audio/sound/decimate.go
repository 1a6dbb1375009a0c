package sound

import "math"

// Analysis runs between these rates, so that a window lasts much the same for
// every file; what lies above highest is not looked at.
const (
	highestRate = 32000
	halfTaps    = 31 // of the half-band filter
)

// halver halves a sample rate: a half-band low-pass (windowed sinc) of which
// every second output is computed. The first octave below the new Nyquist
// frequency is left as it is to about half a dB up to four fifths of it.
type halver struct {
	taps [halfTaps]float64
	past []float64
}

func newHalver() *halver {
	h := &halver{}
	sum := 0.0
	for i := range h.taps {
		x := float64(i - halfTaps/2)
		window := 0.54 + 0.46*math.Cos(2*math.Pi*x/(halfTaps+1))
		h.taps[i] = 0.5 * sinc(x/2) * window
		sum += h.taps[i]
	}
	for i := range h.taps {
		h.taps[i] /= sum
	}
	return h
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// halve appends the half of what was given so far to dst.
func (h *halver) halve(dst, src []float64) []float64 {
	h.past = append(h.past, src...)
	at := 0
	for ; at+halfTaps <= len(h.past); at += 2 {
		window := h.past[at : at+halfTaps]
		sum := h.taps[halfTaps/2] * window[halfTaps/2]
		// Every second tap of a half-band filter is zero, and it is symmetric.
		for i := halfTaps/2 - 1; i >= 0; i -= 2 {
			sum += h.taps[i] * (window[i] + window[halfTaps-1-i])
		}
		dst = append(dst, sum)
	}
	h.past = append(h.past[:0], h.past[at:]...)
	return dst
}

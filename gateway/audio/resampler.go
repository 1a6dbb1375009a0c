package audio

import (
	"fmt"
	"math"
)

// What the resampler does to a signal, relative to the Nyquist frequency of
// the lower of the two rates: flat to within 0.001 dB up to resamplePass,
// down by resampleStop dB from 1 on.
const (
	resamplePass = 0.90
	resampleStop = 120.0
	// resampleTaps is the filter's length at equal rates, in input samples.
	resampleTaps = 160
	// resamplePhases bounds the filter bank; rates in odd ratios are
	// interpolated between its phases.
	resamplePhases = 4096
)

// Resampler changes the rate of interleaved samples with a polyphase windowed
// sinc. It hides its delay: output frame n lies at input time n*from/to, and n
// input frames give ceil(n*to/from) output frames once Flush was called, with
// nothing depending on how the input was cut into pieces. A Resampler belongs
// to one goroutine.
type Resampler struct {
	from, to int64 // reduced to lowest terms
	channels int
	taps     int // even
	phases   int
	bank     []float32 // phases+1 rows of taps

	hist []float32 // input, interleaved
	base int64     // the input frame at the start of hist
	fed  int64     // input frames so far, the end of hist
	next int64     // the output frame to make
}

// NewResampler makes a resampler between two rates in Hz.
func NewResampler(from, to, channels int) (*Resampler, error) {
	const most = 1 << 20
	if from < 1000 || to < 1000 || from > most || to > most || channels < 1 || channels > 8 {
		return nil, fmt.Errorf("resample %d to %d Hz, %d channels: %w", from, to, channels, ErrUnsupported)
	}
	g := gcd(from, to)
	r := &Resampler{from: int64(from / g), to: int64(to / g), channels: channels}
	cutoff := min(1, float64(to)/float64(from))
	r.taps = 2 * int(math.Ceil(resampleTaps/2/cutoff))
	r.phases = int(min(r.to, resamplePhases))
	r.bank = sincBank(r.phases, r.taps, cutoff)
	r.Reset()
	return r, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// sincBank computes the filter: row p, tap k weighs the input sample that
// lies taps/2-1-k+p/phases before the output.
func sincBank(phases, taps int, cutoff float64) []float32 {
	beta := 0.1102 * (resampleStop - 8.7) // Kaiser's formula
	norm := bessel0(beta)
	mid := cutoff * (1 + resamplePass) / 2
	half := float64(taps / 2)
	bank := make([]float32, (phases+1)*taps)
	row := make([]float64, taps)
	for p := range phases + 1 {
		sum := 0.0
		for k := range row {
			x := half - 1 - float64(k) + float64(p)/float64(phases)
			row[k] = 0
			if u := x / half; u > -1 && u < 1 {
				row[k] = sinc(x*mid) * bessel0(beta*math.Sqrt(1-u*u)) / norm
			}
			sum += row[k]
		}
		// Every phase passes a constant unchanged.
		for k, v := range row {
			bank[p*taps+k] = float32(v / sum)
		}
	}
	return bank
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel0 is the modified Bessel function of the first kind and order zero.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// Reset forgets everything: the next input frame is frame 0 again.
func (r *Resampler) Reset() { r.startAt(0) }

// startAt makes output frame n the next, and returns the input frame that
// must come next for it.
func (r *Resampler) startAt(n int64) int64 {
	r.next = n
	first := n/r.to*r.from + n%r.to*r.from/r.to - int64(r.taps/2-1)
	r.base, r.hist, r.fed = first, r.hist[:0], max(first, 0)
	// Before the beginning there is silence.
	for range max(-first, 0) * int64(r.channels) {
		r.hist = append(r.hist, 0)
	}
	return r.fed
}

// Process takes interleaved input and appends the output that it completes to
// dst.
func (r *Resampler) Process(dst, src []float32) []float32 {
	r.hist = append(r.hist, src...)
	r.fed += int64(len(src) / r.channels)
	dst = r.produce(dst, math.MaxInt64)
	r.forget()
	return dst
}

// Flush appends what is left of the output to dst. Only Reset may follow.
func (r *Resampler) Flush(dst []float32) []float32 {
	total := r.outFrames(r.fed)
	r.hist = append(r.hist, make([]float32, r.taps*r.channels)...)
	dst = r.produce(dst, total)
	r.hist = r.hist[:0]
	return dst
}

// outFrames is how many frames come out for n that go in.
func (r *Resampler) outFrames(n int64) int64 {
	return n/r.from*r.to + (n%r.from*r.to+r.from-1)/r.from
}

// produce makes output frames before end as far as the input reaches.
func (r *Resampler) produce(dst []float32, end int64) []float32 {
	for ; r.next < end; r.next++ {
		whole := r.next/r.to*r.from + r.next%r.to*r.from/r.to
		at := int(whole-int64(r.taps/2-1)-r.base) * r.channels
		if at+r.taps*r.channels > len(r.hist) {
			break
		}
		window := r.hist[at : at+r.taps*r.channels]
		frac := r.next % r.to * r.from % r.to
		if r.phases == int(r.to) {
			dst = r.frame(dst, window, r.bank[int(frac)*r.taps:][:r.taps])
			continue
		}
		dst = r.between(dst, window, float64(frac)/float64(r.to)*float64(r.phases))
	}
	return dst
}

// between makes a frame at a phase that the bank does not hold.
func (r *Resampler) between(dst, window []float32, phase float64) []float32 {
	p := int(phase)
	u := float32(phase - float64(p))
	n := len(dst)
	dst = r.frame(dst, window, r.bank[p*r.taps:][:r.taps])
	dst = r.frame(dst, window, r.bank[(p+1)*r.taps:][:r.taps])
	a, b := dst[n:n+r.channels], dst[n+r.channels:]
	for i := range a {
		a[i] += (b[i] - a[i]) * u
	}
	return dst[:n+r.channels]
}

// frame appends one output frame.
func (r *Resampler) frame(dst, window, row []float32) []float32 {
	if r.channels == 2 {
		// Four taps at a time, in four sums: this loop is most of the work.
		var l0, r0, l1, r1 float32
		for len(row) >= 4 && len(window) >= 8 {
			k, w := (*[4]float32)(row), (*[8]float32)(window)
			l0 += w[0]*k[0] + w[4]*k[2]
			r0 += w[1]*k[0] + w[5]*k[2]
			l1 += w[2]*k[1] + w[6]*k[3]
			r1 += w[3]*k[1] + w[7]*k[3]
			row, window = row[4:], window[8:]
		}
		for k, w := range row {
			l0 += window[2*k] * w
			r0 += window[2*k+1] * w
		}
		return append(dst, l0+l1, r0+r1)
	}
	for c := range r.channels {
		var sum float32
		for k, w := range row {
			sum += window[k*r.channels+c] * w
		}
		dst = append(dst, sum)
	}
	return dst
}

// forget drops input that no later output needs.
func (r *Resampler) forget() {
	first := r.next/r.to*r.from + r.next%r.to*r.from/r.to - int64(r.taps/2-1)
	n := min(int(first-r.base)*r.channels, len(r.hist))
	if n < 4096 && n < len(r.hist)/2 {
		return
	}
	r.base += int64(n / r.channels)
	r.hist = r.hist[:copy(r.hist, r.hist[n:])]
}

package visual

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Rate is how many frames a second of sound has.
const Rate = 60

// Hold is how many frames the analyser looks ahead: a beat is told by what follows
// it.
const Hold = 24

// Frame is one moment of the sound. Levels are A-weighted, 0 for -60 dB of full
// scale or less, 65535 for a sine of full scale, and straight between in dB.
type Frame struct {
	// At is the moment, in samples of each channel since New or Reset.
	At       int64
	Loudness uint16
	// PeakHz is the strongest frequency, 0 in silence, and PeakLevel how strong.
	PeakHz, PeakLevel uint16
	// Onset is how strong a transient begins here, 0 for none.
	Onset uint8
	Beat  bool

	power []float64 // of each bin of the transform, A-weighted; 1 is a sine of full scale
	hz    float64   // a bin's width
}

// Analyser makes frames of interleaved stereo.
type Analyser struct {
	rate   int
	window int
	fft    *fourier.FFT
	shape  []float64
	weight []float64 // A-weighting of each bin's power

	held   []float64 // mono samples, the first of them at sample from
	from   int64
	frames int64 // made since the start
	in     []float64
	out    []complex128

	onsets onsets
	beats  beats
	late   []Frame // waiting for what follows them
}

// New returns an analyser of sound of a rate in Hz.
func New(rate int) (*Analyser, error) {
	if rate < 8000 || rate > 384_000 {
		return nil, fmt.Errorf("visual: %d Hz", rate)
	}
	a := &Analyser{rate: rate, window: 1024}
	for a.window*24 < rate { // bins of at most 24 Hz
		a.window *= 2
	}
	a.fft = fourier.NewFFT(a.window)
	a.in, a.shape = make([]float64, a.window), make([]float64, a.window)
	for i := range a.shape {
		a.shape[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(a.window))
	}
	a.weight = make([]float64, a.window/2+1)
	for i := range a.weight {
		a.weight[i] = aWeight(a.hz() * float64(i))
	}
	a.Reset()
	return a, nil
}

func (a *Analyser) hz() float64 { return float64(a.rate) / float64(a.window) }

// Reset forgets what was written: the sound has jumped. Frames that were held back
// are lost.
func (a *Analyser) Reset() {
	// The first frame's moment is the first sample: silence before it.
	a.held, a.from, a.frames = make([]float64, a.window/2), -int64(a.window/2), 0
	a.onsets, a.beats, a.late = onsets{}, beats{}, nil
}

// Write takes interleaved stereo and returns the frames that are ready, Hold
// frames behind what was written.
func (a *Analyser) Write(stereo []float32) (ready []Frame) {
	for i := 0; i+1 < len(stereo); i += 2 {
		a.held = append(a.held, (float64(stereo[i])+float64(stereo[i+1]))/2)
	}
	for {
		at := a.frames * int64(a.rate) / Rate
		first := int(at - int64(a.window/2) - a.from)
		if first+a.window > len(a.held) {
			break
		}
		f := a.measure(a.held[first : first+a.window])
		f.At = at
		a.frames++
		ready = a.judge(f, ready)
	}
	next := int(a.frames*int64(a.rate)/Rate - int64(a.window/2) - a.from)
	if n := min(max(next, 0), len(a.held)); n > 0 {
		a.held = append(a.held[:0], a.held[n:]...)
		a.from += int64(n)
	}
	return ready
}

// judge adds what only its neighbours tell of a frame, and hands on those whose
// neighbours are known.
func (a *Analyser) judge(f Frame, ready []Frame) []Frame {
	flux := a.onsets.add(f.power, f.hz)
	a.late = append(a.late, f)
	if n := len(a.late); n > 1 {
		a.late[n-2].Onset = a.onsets.before() // which is known one frame later
	}
	for _, back := range a.beats.add(flux) {
		if i := len(a.late) - 1 - back; i >= 0 {
			a.late[i].Beat = true
		}
	}
	for len(a.late) > Hold {
		ready = append(ready, a.late[0])
		a.late = a.late[1:]
	}
	return ready
}

// measure transforms one window.
func (a *Analyser) measure(samples []float64) Frame {
	for i, s := range samples {
		a.in[i] = s * a.shape[i]
	}
	a.out = a.fft.Coefficients(a.out, a.in)
	// A sine of full scale has |X| = N/4 in its bin under this window, and
	// 3/32 N² in all bins together.
	n := float64(a.window)
	peak, total := 16/(n*n), 32/(3*n*n)
	f := Frame{power: make([]float64, len(a.out)), hz: a.hz()}
	sum, best := 0.0, 0
	for i, x := range a.out {
		p := (real(x)*real(x) + imag(x)*imag(x)) * a.weight[i]
		sum += p * total
		f.power[i] = p * peak
		if f.power[i] > f.power[best] {
			best = i
		}
	}
	f.Loudness = level(sum)
	if f.PeakLevel = level(f.power[best]); f.PeakLevel > 0 {
		f.PeakHz = uint16(min(math.Round(f.hz*a.summit(&f, best)), math.MaxUint16))
	}
	return f
}

// summit is where a peak lies between bins: the parabola through three of them,
// in dB and without the weighting, which would lean it.
func (a *Analyser) summit(f *Frame, i int) float64 {
	if i < 2 || i+1 >= len(f.power) {
		return float64(i)
	}
	const least = 1e-15
	log := func(k int) float64 { return math.Log(f.power[k]/a.weight[k] + least) }
	for _, k := range []int{i - 1, i + 1} {
		if k > 1 && k+1 < len(f.power) && log(k) > log(i) {
			i = k
			break
		}
	}
	l, c, r := log(i-1), log(i), log(i+1)
	if bend := l - 2*c + r; bend < 0 {
		return float64(i) + min(max((l-r)/(2*bend), -0.5), 0.5)
	}
	return float64(i)
}

// level puts a power, 1 for full scale, on the scale of Frame.
func level(power float64) uint16 {
	const floor = 60.0   // dB
	if !(power > 1e-6) { // nor is what is no number
		return 0
	}
	return uint16(math.Round(65535 * min((10*math.Log10(power)+floor)/floor, 1)))
}

// aWeight is the A-weighting of a frequency's power, 1 at 1 kHz (IEC 61672-1).
func aWeight(hz float64) float64 {
	response := func(f float64) float64 {
		q := f * f
		return 12194 * 12194 * q * q /
			((q + 20.6*20.6) * math.Sqrt((q+107.7*107.7)*(q+737.9*737.9)) * (q + 12194*12194))
	}
	r := response(hz) / response(1000)
	return r * r
}

package demo

import (
	"math"
	"math/cmplx"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

// features are what tells one piece from another by measuring.
type features struct {
	octaves  [9]float64 // dB of the whole, from 31 Hz up
	centroid float64    // Hz, of the mean spectrum
	onsets   float64    // a second
	tempo    float64    // beats a minute, as composed
	crest    float64    // dB, peak over mean
	offset   float64    // of the mean from zero
	step     float64    // the largest second difference, where a click would show
}

// measure listens to a bus.
func measure(b *synth.Bus) features {
	const size = 4096
	var f features
	var power [size / 2]float64
	flux := make([]float64, 0, b.Frames()/1024)
	var before [size / 2]float64
	for at := 0; at+size <= b.Frames(); at += 1024 {
		x := make([]complex128, size)
		for i := range x {
			w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/size)
			x[i] = complex(w*float64(b.L[at+i]+b.R[at+i])/2, 0)
		}
		fft(x)
		rise := 0.0
		for i := range power {
			p := real(x[i])*real(x[i]) + imag(x[i])*imag(x[i])
			power[i] += p
			l := math.Log1p(100 * math.Sqrt(p))
			rise += max(0, l-before[i])
			before[i] = l
		}
		flux = append(flux, rise)
	}
	total, weighted := 0.0, 0.0
	for i, p := range power {
		hz := float64(i) * synth.Rate / size
		total += p
		weighted += p * hz
		if o := int(math.Log2(max(hz, 32) / 31.25)); o < len(f.octaves) {
			f.octaves[o] += p
		}
	}
	for i := range f.octaves {
		f.octaves[i] = 10 * math.Log10(f.octaves[i]/total+1e-9)
	}
	f.centroid = weighted / total
	f.onsets = peaks(flux) / (float64(b.Frames()) / synth.Rate)
	f.crest, f.offset, f.step = waveform(b)
	return f
}

// peaks counts where the flux stands out.
func peaks(flux []float64) float64 {
	mean := 0.0
	for _, v := range flux {
		mean += v / float64(len(flux))
	}
	n := 0.0
	for i := 2; i < len(flux)-2; i++ {
		if v := flux[i]; v > 1.35*mean && v >= flux[i-1] && v > flux[i+1] && v >= flux[i-2] && v > flux[i+2] {
			n++
		}
	}
	return n
}

func waveform(b *synth.Bus) (crest, offset, step float64) {
	sum, square := 0.0, 0.0
	for i, v := range b.L {
		sum += float64(v)
		square += float64(v) * float64(v)
		if i >= 2 {
			step = max(step, math.Abs(float64(v-2*b.L[i-1]+b.L[i-2])))
		}
	}
	n := float64(len(b.L))
	return 20 * math.Log10(b.Peak()/math.Sqrt(square/n)), sum / n, step
}

// fft transforms in place; len(x) is a power of two.
func fft(x []complex128) {
	n := len(x)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		if j ^= bit; i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= n; size <<= 1 {
		w := cmplx.Exp(complex(0, -2*math.Pi/float64(size)))
		for at := 0; at < n; at += size {
			t := complex(1, 0)
			for k := range size / 2 {
				a, c := x[at+k], x[at+k+size/2]*t
				x[at+k], x[at+k+size/2] = a+c, a-c
				t *= w
			}
		}
	}
}

package sound

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	window = 2048 // samples: 64 to 128 ms
	hop    = 512
	bins   = window/2 + 1
	bands  = 40

	lowestBand  = 30.0   // Hz
	highestBand = 8000.0 // Hz: all rates of analysis have that, but of files of low rate

	floorPower  = 1e-10 // of a band, so that silence has a logarithm
	silentPower = 1e-6  // -60 dB of full scale: quieter frames tell nothing of timbre
)

// spectrum is one frame as the measures see it.
type spectrum struct {
	heard    bool
	level    float64       // mean power
	power    [bins]float64 // of each bin
	total    float64       // of power
	hz       float64       // a bin's width
	mel      [bands]float64
	cepstrum [coefficients]float64
}

// spectra cuts samples into overlapping windows and transforms them.
type spectra struct {
	fft    *fourier.FFT
	shape  [window]float64
	bank   [bands]filter
	cosine [coefficients][bands]float64
	held   []float64
	in     [window]float64
	out    [bins]complex128
	s      spectrum
}

// filter is one triangular mel band.
type filter struct {
	first  int
	weight []float64
}

func newSpectra(rate int) *spectra {
	sp := &spectra{fft: fourier.NewFFT(window)}
	sp.s.hz = float64(rate) / window
	for i := range sp.shape {
		sp.shape[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)
	}
	low, high := mel(lowestBand), mel(highestBand)
	edge := func(i int) float64 { return hertz(low+(high-low)*float64(i)/(bands+1)) / sp.s.hz }
	for b := range sp.bank {
		sp.bank[b] = triangle(edge(b), edge(b+1), edge(b+2))
	}
	for c := range sp.cosine {
		for b := range bands {
			sp.cosine[c][b] = math.Sqrt(2.0/bands) * math.Cos(math.Pi*float64(c+1)*(float64(b)+0.5)/bands)
		}
	}
	return sp
}

// mel and hertz are the scale of O'Shaughnessy (1987).
func mel(hz float64) float64    { return 1127 * math.Log1p(hz/700) }
func hertz(mel float64) float64 { return 700 * math.Expm1(mel/1127) }

// triangle returns a band between bins, as shares that sum up to one; a band
// narrower than a bin takes the nearest.
func triangle(from, top, to float64) filter {
	f := filter{first: int(math.Ceil(from))}
	sum := 0.0
	for i := f.first; float64(i) < to && i < bins; i++ {
		x := float64(i)
		w := (x - from) / (top - from)
		if x > top {
			w = (to - x) / (to - top)
		}
		f.weight = append(f.weight, w)
		sum += w
	}
	if sum == 0 && top < bins {
		return filter{first: int(math.Round(top)), weight: []float64{1}}
	}
	for i := range f.weight {
		f.weight[i] /= sum
	}
	return f
}

func (sp *spectra) reset() { sp.held = sp.held[:0] }

// write gives every complete window to each.
func (sp *spectra) write(samples []float64, each func(*spectrum)) {
	sp.held = append(sp.held, samples...)
	at := 0
	for ; at+window <= len(sp.held); at += hop {
		sp.transform(sp.held[at : at+window])
		each(&sp.s)
	}
	sp.held = append(sp.held[:0], sp.held[at:]...)
}

func (sp *spectra) transform(samples []float64) {
	s := &sp.s
	s.level = 0
	for i, v := range samples {
		s.level += v * v
		sp.in[i] = v * sp.shape[i]
	}
	s.level /= window
	s.heard = s.level > silentPower
	sp.fft.Coefficients(sp.out[:], sp.in[:])
	s.total = 0
	for i, c := range sp.out {
		// A full-scale sine has the power of about 1 in its bin.
		s.power[i] = (real(c)*real(c) + imag(c)*imag(c)) * (16.0 / (window * window))
		s.total += s.power[i]
	}
	for b, f := range sp.bank {
		sum := floorPower
		for i, w := range f.weight {
			sum += w * s.power[f.first+i]
		}
		s.mel[b] = math.Log(sum)
	}
	for c := range s.cepstrum {
		sum := 0.0
		for b, v := range s.mel {
			sum += sp.cosine[c][b] * v
		}
		s.cepstrum[c] = sum
	}
}

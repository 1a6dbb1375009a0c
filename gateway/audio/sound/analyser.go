package sound

import "fmt"

// MaxRate bounds the sample rates that an Analyser takes.
const MaxRate = 768000

// loudest bounds the samples that are listened to; full scale is 1.
const loudest = 16

// Analyser listens to excerpts of one track. It belongs to one goroutine. Its
// memory is about 100 KB and 600 bytes for each second that it listened to.
type Analyser struct {
	rate, channels int
	halvers        []*halver
	mono           []float64
	spectra        *spectra
	sums           sums
	rhythm         *rhythm
	harmony        *harmony
}

// New returns an Analyser for interleaved samples of a rate in Hz, 1 to MaxRate,
// with at least one channel.
func New(rate, channels int) (*Analyser, error) {
	if rate < 1 || rate > MaxRate || channels < 1 {
		return nil, fmt.Errorf("sound: cannot listen to %d channels at %d Hz", channels, rate)
	}
	a := &Analyser{channels: channels}
	for ; rate > highestRate; rate /= 2 {
		a.halvers = append(a.halvers, newHalver())
	}
	a.rate = rate
	a.spectra = newSpectra(rate)
	a.rhythm = newRhythm(float64(rate) / hop)
	a.harmony = newHarmony(rate)
	return a, nil
}

// Write listens to more of the excerpt: interleaved samples in [-1, 1], a whole
// number of frames.
func (a *Analyser) Write(samples []float32) {
	a.mono = a.mono[:0]
	for ; len(samples) >= a.channels; samples = samples[a.channels:] {
		sum := 0.0
		for _, v := range samples[:a.channels] {
			// What no decoder should give would spoil every sum.
			if v > -loudest && v < loudest {
				sum += float64(v)
			}
		}
		a.mono = append(a.mono, sum/float64(a.channels))
	}
	in := a.mono
	for _, h := range a.halvers {
		in = h.halve(nil, in)
	}
	a.spectra.write(in, a.frame)
}

// Break ends an excerpt: what follows is from another part of the track.
func (a *Analyser) Break() {
	for _, h := range a.halvers {
		h.past = h.past[:0]
	}
	a.spectra.reset()
	a.rhythm.endExcerpt()
	a.harmony.endExcerpt()
}

func (a *Analyser) frame(s *spectrum) {
	a.rhythm.add(s)
	a.sums.add(s)
	if s.heard {
		a.harmony.add(s)
	}
}

// Features ends the last excerpt and says what was heard. Errors: ErrSilent.
func (a *Analyser) Features() (Features, error) {
	a.Break()
	if float64(a.sums.heard)*hop < float64(a.rate) {
		return Features{}, ErrSilent
	}
	var f Features
	a.sums.fill(&f)
	a.rhythm.fill(&f)
	a.harmony.fill(&f)
	return f, nil
}

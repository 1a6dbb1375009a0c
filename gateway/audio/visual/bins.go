package visual

import (
	"fmt"
	"math"
)

// MaxBins is how many bars a display may have.
const MaxBins = 256

// Bins are the bars of a display: Count of them between Min and Max Hz, evenly
// spaced on a scale, "lin", "log" or "mel" (HTK's).
type Bins struct {
	Count    int
	Scale    string
	Min, Max int
}

// Check tells whether the bins can be made.
func (b Bins) Check() error {
	switch {
	case b.Count < 1 || b.Count > MaxBins, b.Min < 0, b.Max <= b.Min:
		return fmt.Errorf("visual: %d bins from %d to %d Hz", b.Count, b.Min, b.Max)
	case b.Scale != "lin" && b.Scale != "log" && b.Scale != "mel":
		return fmt.Errorf("visual: no scale is called %q", b.Scale)
	}
	return nil
}

// edge is the lower bound of bin i in Hz; Count's is the upper one of the last.
func (b Bins) edge(i int) float64 {
	part := float64(i) / float64(b.Count)
	between := func(low, high float64) float64 { return low + (high-low)*part }
	low, high := float64(b.Min), float64(b.Max)
	switch b.Scale {
	case "log":
		low = max(low, 1) // there is no logarithm of 0
		return math.Pow(10, between(math.Log10(low), math.Log10(max(high, low+1))))
	case "mel":
		mel := func(f float64) float64 { return 2595 * math.Log10(1+f/700) }
		return 700 * (math.Pow(10, between(mel(low), mel(high))/2595) - 1)
	default:
		return between(low, high)
	}
}

// Of is what the bars show at a frame's moment, from low to high: the strongest
// part of each. Bars that are narrower than the transform's bins lie between two.
func (b Bins) Of(f *Frame) []uint16 {
	levels := make([]uint16, b.Count)
	low := b.edge(0)
	for i := range levels {
		high := b.edge(i + 1)
		p := f.at((low + high) / 2)
		for k := int(math.Ceil(low / f.hz)); float64(k)*f.hz < high && k < len(f.power); k++ {
			p = max(p, f.power[k])
		}
		levels[i] = level(p)
		low = high
	}
	return levels
}

// at is the power at a frequency, between two bins by their share; 0 beyond them.
func (f *Frame) at(hz float64) float64 {
	place := hz / f.hz
	i := int(place)
	if i+1 >= len(f.power) {
		return 0
	}
	part := place - float64(i)
	return f.power[i]*(1-part) + f.power[i+1]*part
}

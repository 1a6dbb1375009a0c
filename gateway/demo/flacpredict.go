package demo

import (
	"math"
	"math/bits"
)

// bestFixed returns the order of the fixed predictor that costs least (section
// 9.2.5 of RFC 9639, table 20), and about how many bits it takes.
func bestFixed(v []int32) (order int, cost uint64) {
	var sums [5]uint64
	var p [4]int32 // the last values of each difference
	for i, s := range v {
		d := s
		for o := range 5 {
			if i >= 4 {
				sums[o] += uint64(folded(d))
			}
			if o < 4 {
				d, p[o] = d-p[o], d
			}
		}
	}
	cost = math.MaxUint64
	for o, sum := range sums {
		n := max(1, len(v)-4)
		k := riceParameter(sum, n)
		if c := uint64(n)*uint64(k+1) + sum>>k + uint64(o)*flacBits; c < cost && o < len(v) {
			order, cost = o, c
		}
	}
	return order, cost
}

// fixedResidual writes what the predictor of an order leaves.
func fixedResidual(v []int32, order int, res []int32) {
	copy(res, v)
	for range order {
		for i := len(v) - 1; i > 0; i-- {
			res[i] -= res[i-1]
		}
	}
}

const (
	linearOrder     = 10
	linearPrecision = 13 // bits of a coefficient, its sign included
)

// predictor is a linear one with its coefficients as integers.
type predictor struct {
	coef  []int32
	shift uint
}

func (p predictor) order() int       { return len(p.coef) }
func (p predictor) headBits() uint64 { return uint64(p.order()*(flacBits+linearPrecision) + 9) }

// linear finds a predictor for a block by the windowed autocorrelation
// (Levinson and Durbin).
func (c *frameCoder) linear(v []int32, width uint) (predictor, bool) {
	if len(v) < flacBlock { // the window is made for whole blocks
		return predictor{}, false
	}
	for i, s := range v {
		c.windowed[i] = float64(s) * c.window[i]
	}
	var auto [linearOrder + 1]float64
	for lag := range auto {
		a, b := c.windowed[lag:len(v)], c.windowed[:len(v)-lag]
		sum := 0.0
		for i := range a {
			sum += a[i] * b[i]
		}
		auto[lag] = sum
	}
	if auto[0] < 1 {
		return predictor{}, false
	}
	auto[0] *= 1 + 1e-9
	coef, ok := levinson(auto[:])
	if !ok {
		return predictor{}, false
	}
	return quantise(coef, width)
}

// levinson solves for the coefficients.
func levinson(auto []float64) ([]float64, bool) {
	n := len(auto) - 1
	a := make([]float64, n)
	err := auto[0]
	for i := range n {
		acc := auto[i+1]
		for j := range i {
			acc -= a[j] * auto[i-j]
		}
		k := acc / err
		for j := range i / 2 {
			a[j], a[i-1-j] = a[j]-k*a[i-1-j], a[i-1-j]-k*a[j]
		}
		if i%2 == 1 {
			a[i/2] -= k * a[i/2]
		}
		a[i] = k
		if err *= 1 - k*k; err <= 0 {
			return nil, false
		}
	}
	return a, true
}

// quantise turns coefficients into integers, carrying the rounding on. It
// refuses what could overflow 32 bits in a decoder.
func quantise(coef []float64, width uint) (predictor, bool) {
	most := 0.0
	for _, a := range coef {
		most = max(most, math.Abs(a))
	}
	_, exp := math.Frexp(most)
	shift := linearPrecision - 1 - exp
	if most == 0 || shift < 0 {
		return predictor{}, false
	}
	shift = min(shift, 15)
	p := predictor{coef: make([]int32, len(coef)), shift: uint(shift)}
	carry := 0.0
	sum := int64(0)
	for i, a := range coef {
		carry += a * float64(int(1)<<shift)
		q := math.Round(carry)
		q = min(1<<(linearPrecision-1)-1, max(-(1<<(linearPrecision-1)), q))
		p.coef[i] = int32(q)
		carry -= q
		sum += int64(max(q, -q))
	}
	return p, uint(bits.Len64(uint64(sum)))+width <= 31
}

// residual writes what the predictor leaves behind its first samples.
func (p predictor) residual(v, res []int32) {
	n := len(p.coef)
	for i := n; i < len(v); i++ {
		sum := int32(0)
		past := v[i-n : i]
		for j, a := range p.coef {
			sum += a * past[n-1-j]
		}
		res[i] = v[i] - sum>>p.shift
	}
}

// write writes the coefficients (section 9.2.6).
func (p predictor) write(w *bitWriter) {
	w.bits(linearPrecision-1, 4)
	w.bits(uint64(p.shift), 5)
	for _, a := range p.coef {
		w.bits(uint64(uint32(a)), linearPrecision)
	}
}

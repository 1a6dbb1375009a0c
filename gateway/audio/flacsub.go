package audio

import (
	"math/bits"
	"slices"
)

// Ways to code a subframe (RFC 9639 section 9.2).
const (
	flacConstant = iota
	flacVerbatim
	flacFixed
)

// flacMaxOrder is the highest order of the fixed predictors, flacMaxParts that
// of partitions: 64 samples in the smallest.
const (
	flacMaxOrder = 4
	flacMaxParts = 6
)

// flacSub is one channel of a block, and how it will be coded.
type flacSub struct {
	samples []int32
	depth   int // bits a sample, wasted ones left out
	wasted  int // low bits that are always zero
	kind    int
	order   int
	parts   int // partition order
	params  [1 << flacMaxParts]uint8
	size    int // bits, about
	folded  []uint32
}

// predict finds out how the samples, which are of the given bits, are best
// predicted, and estimates their size: what two of four channels are chosen by.
// It shifts wasted bits out.
func (s *flacSub) predict(depth int) {
	var all, differ int32
	for _, x := range s.samples {
		all |= x
		differ |= x ^ s.samples[0]
	}
	s.depth, s.wasted = depth, 0
	if differ == 0 {
		s.kind, s.size = flacConstant, 8+depth
		return
	}
	if z := bits.TrailingZeros32(uint32(all)); z > 0 {
		s.wasted, s.depth = z, depth-z
		for i := range s.samples {
			s.samples[i] >>= z
		}
	}
	s.kind, s.size = flacVerbatim, 8+s.wasted+s.depth*len(s.samples)
	if len(s.samples) <= flacMaxOrder {
		return
	}
	order, sum := s.bestOrder()
	// Folding doubles what it codes.
	_, size := riceParam(2*sum, len(s.samples)-order)
	if size += 8 + s.wasted + order*s.depth; size < s.size {
		s.kind, s.order, s.size = flacFixed, order, size
	}
}

// plan decides how to code what was predicted.
func (s *flacSub) plan() {
	if s.kind != flacFixed {
		return
	}
	s.residual()
	s.partition()
}

// bestOrder is the fixed predictor whose residuals are smallest, and their sum
// without signs.
func (s *flacSub) bestOrder() (order int, least uint64) {
	x := s.samples
	var s0, s1, s2, s3, s4 uint64
	a, b, c, d := x[3], x[3]-x[2], x[3]-2*x[2]+x[1], x[3]-3*x[2]+3*x[1]-x[0]
	for _, v := range x[flacMaxOrder:] {
		e1 := v - a
		e2 := e1 - b
		e3 := e2 - c
		e4 := e3 - d
		s0 += magnitude(v)
		s1 += magnitude(e1)
		s2 += magnitude(e2)
		s3 += magnitude(e3)
		s4 += magnitude(e4)
		a, b, c, d = v, e1, e2, e3
	}
	least = s0
	for o, sum := range [...]uint64{s0, s1, s2, s3, s4} {
		if sum < least {
			order, least = o, sum
		}
	}
	return order, least
}

// magnitude is |x|, without a branch: the sign of a residual is anybody's guess.
func magnitude(x int32) uint64 {
	sign := x >> 31
	return uint64(uint32(x ^ sign - sign))
}

// flacTaps are what the fixed predictors of each order take of the last samples,
// the latest first (RFC 9639 section 9.2.5).
var flacTaps = [flacMaxOrder + 1][flacMaxOrder]int32{1: {1}, 2: {2, -1}, 3: {3, -3, 1}, 4: {4, -6, 4, -1}}

// residual computes what the predictor misses, folded to be without signs.
func (s *flacSub) residual() {
	taps := flacTaps[s.order]
	var a, b, c, d int32 // the last samples
	for _, v := range s.samples[:s.order] {
		a, b, c, d = v, a, b, c
	}
	rest := s.samples[s.order:]
	s.folded = slices.Grow(s.folded[:0], len(rest))[:len(rest)]
	for i, v := range rest {
		r := v - taps[0]*a - taps[1]*b - taps[2]*c - taps[3]*d
		s.folded[i] = uint32(r<<1 ^ r>>31)
		a, b, c, d = v, a, b, c
	}
}

// partition picks the partition order and the parameters.
func (s *flacSub) partition() {
	n := len(s.samples)
	top := 0
	for top < flacMaxParts && n%(2<<top) == 0 && n>>(top+1) > s.order {
		top++
	}
	var sums [1 << flacMaxParts]uint64
	for p, i := 0, 0; p < 1<<top; p++ {
		end := (p+1)*(n>>top) - s.order
		for _, u := range s.folded[i:end] {
			sums[p] += uint64(u)
		}
		i = end
	}
	best := -1
	for order := top; order >= 0; order-- {
		var params [1 << flacMaxParts]uint8
		size := 6
		for p := range 1 << order {
			count := n >> order
			if p == 0 {
				count -= s.order
			}
			k, cost := riceParam(sums[p], count)
			params[p] = k
			size += 5 + cost
		}
		if best < 0 || size < best {
			best, s.parts, s.params = size, order, params
		}
		for p := range 1 << order / 2 {
			sums[p] = sums[2*p] + sums[2*p+1]
		}
	}
}

// riceParam is the best parameter for count values of the given sum, and
// about how many bits they take with it.
func riceParam(sum uint64, count int) (k uint8, size int) {
	n := uint64(count)
	if n > 0 && sum > n {
		k = uint8(min(bits.Len64((sum-1)/n)-1, 30)) // the least for which n<<(k+1) is not under the sum
	}
	cost := func(k uint8) int { return int(n)*(int(k)+1) + int(sum>>k) }
	size = cost(k)
	if k > 0 && cost(k-1) < size {
		k--
		size = cost(k)
	}
	return k, size
}

// write appends the subframe.
func (s *flacSub) write(w *flacBits) {
	kind := uint64(s.kind)
	if s.kind == flacFixed {
		kind = 8 | uint64(s.order)
	}
	w.put(kind, 7)
	if s.wasted > 0 {
		w.put(1, 1)
		w.put(1, uint(s.wasted)) // k-1 in unary
	} else {
		w.put(0, 1)
	}
	depth := uint(s.depth)
	switch s.kind {
	case flacConstant:
		w.put(uint64(s.samples[0]), depth)
	case flacVerbatim:
		for _, x := range s.samples {
			w.put(uint64(x), depth)
		}
	default:
		for _, x := range s.samples[:s.order] {
			w.put(uint64(x), depth)
		}
		s.writeResidual(w)
	}
}

// writeResidual appends the coded residual (section 9.2.7).
func (s *flacSub) writeResidual(w *flacBits) {
	long := uint(0)
	for _, k := range s.params[:1<<s.parts] {
		if k > 14 {
			long = 1
		}
	}
	w.put(uint64(long), 2)
	w.put(uint64(s.parts), 4)
	i := 0
	for p, k := range s.params[:1<<s.parts] {
		w.put(uint64(k), 4+long)
		end := (p+1)*(len(s.samples)>>s.parts) - s.order
		for _, u := range s.folded[i:end] {
			q := uint(u >> k)
			for ; q > 24; q -= 24 {
				w.put(0, 24)
			}
			w.put(1, q+1)
			w.put(uint64(u), uint(k))
		}
		i = end
	}
}

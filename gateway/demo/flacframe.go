package demo

import (
	"math"
	"math/bits"
)

// bitWriter puts bits together, the highest first.
type bitWriter struct {
	buf  []byte
	acc  uint64
	have uint
}

func (w *bitWriter) bits(v uint64, n uint) {
	for n > 32 {
		n -= 32
		w.bits(v>>n&0xffffffff, 32)
	}
	w.acc = w.acc<<n | v&(1<<n-1)
	for w.have += n; w.have >= 8; {
		w.have -= 8
		w.buf = append(w.buf, byte(w.acc>>w.have))
	}
}

// rice writes a folded residual: quotient in unary, remainder in k bits.
func (w *bitWriter) rice(u uint32, k uint) {
	q := uint(u >> k)
	for ; q >= 32; q -= 32 {
		w.bits(0, 32)
	}
	w.bits(1, q+1)
	w.bits(uint64(u), k)
}

func (w *bitWriter) align() {
	if w.have > 0 {
		w.bits(0, 8-w.have)
	}
}

// frameCoder codes frames; it keeps its buffers.
type frameCoder struct {
	w         bitWriter
	mid, side []int32
	window    []float64
	windowed  []float64
	residual  []int32
	best      []int32
	crc8      [256]byte
	crc16     [256]uint16
}

func newFrameCoder() *frameCoder {
	c := &frameCoder{
		mid: make([]int32, flacBlock), side: make([]int32, flacBlock),
		window: make([]float64, flacBlock), windowed: make([]float64, flacBlock),
		residual: make([]int32, flacBlock), best: make([]int32, flacBlock),
	}
	for i := range c.window {
		c.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/flacBlock)
	}
	for i := range 256 {
		a, b := byte(i), uint16(i)<<8
		for range 8 {
			a = a<<1 ^ 0x07*(a>>7)
			b = b<<1 ^ 0x8005*(b>>15)
		}
		c.crc8[i], c.crc16[i] = a, b
	}
	return c
}

// The channel assignments of section 9.1.3.
const (
	leftRight = 1
	leftSide  = 8
	sideRight = 9
	midSide   = 10
)

// frame codes one block; the result is valid until the next call.
func (c *frameCoder) frame(left, right []int32, number int) []byte {
	n := len(left)
	mid, side := c.mid[:n], c.side[:n]
	for i := range left {
		mid[i] = (left[i] + right[i]) >> 1
		side[i] = left[i] - right[i]
	}
	l, r, m, s := roughness(left), roughness(right), roughness(mid), roughness(side)
	mode, least := uint64(leftRight), l+r
	for _, o := range []struct {
		mode uint64
		cost uint64
	}{{leftSide, l + s}, {sideRight, s + r}, {midSide, m + s}} {
		if o.cost < least {
			mode, least = o.mode, o.cost
		}
	}
	c.header(n, mode, number)
	switch mode {
	case leftRight:
		c.channel(left, flacBits)
		c.channel(right, flacBits)
	case leftSide:
		c.channel(left, flacBits)
		c.channel(side, flacBits+1)
	case sideRight:
		c.channel(side, flacBits+1)
		c.channel(right, flacBits)
	default:
		c.channel(mid, flacBits)
		c.channel(side, flacBits+1)
	}
	c.w.align()
	sum := uint16(0)
	for _, b := range c.w.buf {
		sum = sum<<8 ^ c.crc16[byte(sum>>8)^b]
	}
	c.w.bits(uint64(sum), 16)
	return c.w.buf
}

// header writes the frame header of section 9.1.
func (c *frameCoder) header(n int, mode uint64, number int) {
	c.w = bitWriter{buf: c.w.buf[:0]}
	c.w.bits(0b111111111111100, 15)
	c.w.bits(0, 1) // all blocks but the last have the same size
	size := uint64(0b1100)
	if n != flacBlock {
		size = 0b0111 // 16 bits below
	}
	c.w.bits(size, 4)
	c.w.bits(0b1001, 4) // 44.1 kHz
	c.w.bits(mode, 4)
	c.w.bits(0b100, 3) // 16 bits
	c.w.bits(0, 1)
	for _, b := range []byte(string(rune(number))) { // coded as UTF-8 is
		c.w.bits(uint64(b), 8)
	}
	if n != flacBlock {
		c.w.bits(uint64(n-1), 16)
	}
	sum := byte(0)
	for _, b := range c.w.buf {
		sum = c.crc8[sum^b]
	}
	c.w.bits(uint64(sum), 8)
}

// roughness sums the second differences: a cheap guess of what a channel
// costs.
func roughness(v []int32) uint64 {
	sum := uint64(0)
	for i := 2; i < len(v); i++ {
		d := v[i] - 2*v[i-1] + v[i-2]
		sum += uint64(max(d, -d))
	}
	return sum
}

// channel writes one subframe (section 9.2).
func (c *frameCoder) channel(v []int32, width uint) {
	if constant(v) {
		c.w.bits(0, 8)
		c.w.bits(uint64(uint32(v[0])), width)
		return
	}
	order, cost := bestFixed(v)
	p, ok := c.linear(v, width)
	if ok {
		res := c.residual[:len(v)]
		p.residual(v, res)
		if riceGuess(res[p.order():])+p.headBits() < cost {
			c.w.bits(uint64(0b1000000|(p.order()-1)<<1), 8) // 0b1xxxxx: linear, order-1
			c.warmUp(v[:p.order()], width)
			p.write(&c.w)
			c.code(res[p.order():], len(v), p.order())
			return
		}
	}
	res := c.best[:len(v)]
	fixedResidual(v, order, res)
	c.w.bits(uint64(0b0010000|order<<1), 8) // 0b001xxx: fixed
	c.warmUp(v[:order], width)
	c.code(res[order:], len(v), order)
}

func (c *frameCoder) warmUp(v []int32, width uint) {
	for _, s := range v {
		c.w.bits(uint64(uint32(s)), width)
	}
}

func constant(v []int32) bool {
	for _, s := range v {
		if s != v[0] {
			return false
		}
	}
	return true
}

// code writes residuals in the partitions that cost least (section 9.2.5).
// block is the subframe's length, order how many samples were written raw.
func (c *frameCoder) code(res []int32, block, order int) {
	parts := bestPartition(res, block, order)
	c.w.bits(0, 2) // four-bit parameters
	c.w.bits(uint64(parts), 4)
	at, size := 0, block>>parts
	for p := range 1 << parts {
		end := size*(p+1) - order
		k := riceParameter(sumFolded(res[at:end]), end-at)
		c.w.bits(uint64(k), 4)
		for _, r := range res[at:end] {
			c.w.rice(folded(r), k)
		}
		at = end
	}
}

func folded(r int32) uint32 { return uint32(r<<1) ^ uint32(r>>31) }

func sumFolded(res []int32) uint64 {
	sum := uint64(0)
	for _, r := range res {
		sum += uint64(folded(r))
	}
	return sum
}

// riceParameter returns the best number of remainder bits for n values of that
// sum, at most 14.
func riceParameter(sum uint64, n int) uint {
	if n == 0 {
		return 0
	}
	k := uint(bits.Len64(sum/uint64(n)+1)) - 1
	best, least := uint(0), uint64(math.MaxUint64)
	for t := max(k, 1) - 1; t <= min(k+1, 14); t++ {
		if cost := uint64(n)*uint64(t+1) + sum>>t; cost < least {
			best, least = t, cost
		}
	}
	return min(best, 14)
}

// riceGuess estimates the bits that residuals take.
func riceGuess(res []int32) uint64 {
	sum := sumFolded(res)
	k := riceParameter(sum, len(res))
	return uint64(len(res))*uint64(k+1) + sum>>k
}

// bestPartition returns the order of partitions that costs least.
func bestPartition(res []int32, block, order int) int {
	best, least := 0, uint64(math.MaxUint64)
	for parts := range 7 {
		size := block >> parts
		if block&(1<<parts-1) != 0 || size <= order {
			break
		}
		cost, at := uint64(0), 0
		for p := range 1 << parts {
			end := size*(p+1) - order
			cost += 4 + riceGuess(res[at:end])
			at = end
		}
		if cost < least {
			best, least = parts, cost
		}
	}
	return best
}

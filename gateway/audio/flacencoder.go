package audio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// flacBlock is how many frames a FLAC packet has at most: 93 ms at 44.1 kHz.
const flacBlock = 4096

// flacBlockFor is the block size for a format: what it asks for, if that lasts whole
// milliseconds; else a power of two, as every encoder has them. It is less than
// 150 ms, the most that hardware players take.
func flacBlockFor(f Format) int {
	most := min(f.Rate*150/1000, flacBlock)
	if f.Frame > 0 {
		most = min(most, f.Frame)
		if most == f.Frame && f.Frame*1000%f.Rate == 0 {
			return f.Frame
		}
	}
	block := 16
	for 2*block <= most {
		block *= 2
	}
	return block
}

// flacEncoder makes one FLAC frame a packet: fixed predictors, partitioned
// Rice codes, and the best of left, right, mid and side (RFC 9639).
type flacEncoder struct {
	stream *Stream
	blocks blocks
	number uint64 // of the next frame
	out    flacBits
	subs   [4]flacSub // left, right, mid, side; or mono
}

func newFLACEncoder(f Format) (*flacEncoder, error) {
	if f.Bits != 16 && f.Bits != 24 {
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
	block := flacBlockFor(f)
	e := &flacEncoder{stream: &Stream{Format: f, FrameSamples: block}, blocks: blocks{size: block * f.Channels}}
	for i := range e.subs {
		e.subs[i].samples = make([]int32, block)
	}
	return e, e.Reset()
}

func (e *flacEncoder) Stream() *Stream { return e.stream }
func (e *flacEncoder) Delay() int      { return 0 }
func (e *flacEncoder) Close() error    { return nil }

// Reset implements Encoder: frames are numbered from zero again.
func (e *flacEncoder) Reset() error {
	f, block := e.stream.Format, e.stream.FrameSamples
	e.number, e.blocks.buf = 0, nil
	e.stream = &Stream{Format: f, FrameSamples: block, Header: flacHeader(f, block)}
	return nil
}

// flacHeader is the "fLaC" marker and a STREAMINFO block that is the last one
// (RFC 9639 section 8.2). Nothing is known of the length and the checksum of
// an endless stream.
func flacHeader(f Format, block int) []byte {
	var w flacBits
	w.put(0x664C6143, 32)
	w.put(0x80, 8)
	w.put(34, 24)
	w.put(uint64(block), 16)
	w.put(uint64(block), 16)
	w.put(0, 24) // frame sizes
	w.put(0, 24)
	w.put(uint64(f.Rate), 20)
	w.put(uint64(f.Channels-1), 3)
	w.put(uint64(f.Bits-1), 5)
	w.put(0, 4) // samples
	w.put(0, 32)
	return append(w.bytes(), make([]byte, 16)...)
}

// Encode implements Encoder.
func (e *flacEncoder) Encode(pcm []float32) (out []EncodedFrame, err error) {
	err = e.blocks.each(pcm, func(b []float32) error {
		out = append(out, e.pack(b))
		return nil
	})
	return out, err
}

// Flush returns the rest as a short last frame.
func (e *flacEncoder) Flush() ([]EncodedFrame, error) {
	b := e.blocks.buf
	e.blocks.buf = nil
	if len(b) == 0 {
		return nil, nil
	}
	return []EncodedFrame{e.pack(b)}, nil
}

// Channel assignments (section 9.1.3).
const (
	flacMono      = 0
	flacLeftRight = 1
	flacLeftSide  = 8
	flacSideRight = 9
	flacMidSide   = 10
)

// pack encodes one block.
func (e *flacEncoder) pack(b []float32) EncodedFrame {
	f := e.stream.Format
	n := len(b) / f.Channels
	for c := range f.Channels {
		s := &e.subs[c]
		s.samples = s.samples[:n]
		for i := range s.samples {
			s.samples[i] = quantize(b[i*f.Channels+c], f.Bits)
		}
	}
	assignment := flacMono
	chosen := []*flacSub{&e.subs[0]}
	if f.Channels == 2 {
		assignment, chosen = e.stereo(n)
	} else {
		e.subs[0].predict(f.Bits)
	}
	e.out.reset()
	e.frameHeader(n, assignment)
	for _, s := range chosen {
		s.plan()
		s.write(&e.out)
	}
	data := e.out.bytes()
	sum := crc16(data)
	data = append(bytes.Clone(data), byte(sum>>8), byte(sum))
	e.number++
	return EncodedFrame{Samples: n, Data: data}
}

// stereo looks at all four channels and picks the pair that should take least.
func (e *flacEncoder) stereo(n int) (int, []*flacSub) {
	l, r, mid, side := &e.subs[0], &e.subs[1], &e.subs[2], &e.subs[3]
	mid.samples, side.samples = mid.samples[:n], side.samples[:n]
	for i, x := range l.samples {
		y := r.samples[i]
		mid.samples[i], side.samples[i] = (x+y)>>1, x-y
	}
	depth := e.stream.Format.Bits
	l.predict(depth)
	r.predict(depth)
	mid.predict(depth)
	side.predict(depth + 1)
	best, assignment, pair := l.size+r.size, flacLeftRight, []*flacSub{l, r}
	if n := l.size + side.size; n < best {
		best, assignment, pair = n, flacLeftSide, []*flacSub{l, side}
	}
	if n := side.size + r.size; n < best {
		best, assignment, pair = n, flacSideRight, []*flacSub{side, r}
	}
	if mid.size+side.size < best {
		assignment, pair = flacMidSide, []*flacSub{mid, side}
	}
	return assignment, pair
}

// flacRates are the sample rates that have a code of their own (section
// 9.1.2).
var flacRates = [12]int{1: 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}

// frameHeader writes section 9.1.
func (e *flacEncoder) frameHeader(n, assignment int) {
	f := e.stream.Format
	w := &e.out
	w.put(0xFFF8, 16) // blocks of one size
	if n == flacBlock {
		w.put(12, 4)
	} else {
		w.put(7, 4)
	}
	rate, rateBits := rateCode(f.Rate)
	w.put(uint64(rate), 4)
	w.put(uint64(assignment), 4)
	w.put(map[int]uint64{16: 4, 24: 6}[f.Bits], 3)
	w.put(0, 1)
	w.number(e.number)
	if n != flacBlock {
		w.put(uint64(n-1), 16)
	}
	switch rate {
	case 13:
		w.put(uint64(f.Rate), rateBits)
	case 14:
		w.put(uint64(f.Rate/10), rateBits)
	}
	w.put(uint64(crc8(w.bytes())), 8)
}

// rateCode is a rate's code, and how many bits of it follow in the header.
func rateCode(rate int) (code int, extra uint) {
	for c, r := range flacRates {
		if r == rate {
			return c, 0
		}
	}
	switch {
	case rate < 1<<16:
		return 13, 16
	case rate%10 == 0:
		return 14, 16
	}
	return 0, 0 // as STREAMINFO says
}

// flacBits writes bits, the most significant first.
type flacBits struct {
	buf []byte
	acc uint64
	n   uint // bits in acc, under 32 between calls
}

func (w *flacBits) reset() { w.buf, w.acc, w.n = w.buf[:0], 0, 0 }

// put writes the low bits of v, at most 32.
func (w *flacBits) put(v uint64, n uint) {
	w.acc = w.acc<<n | v&(1<<n-1)
	if w.n += n; w.n >= 32 {
		w.n -= 32
		w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(w.acc>>w.n))
	}
}

// bytes fills up the last byte with zeros and returns all.
func (w *flacBits) bytes() []byte {
	w.put(0, -w.n%8)
	for w.n > 0 {
		w.n -= 8
		w.buf = append(w.buf, byte(w.acc>>w.n))
	}
	return w.buf
}

// number writes a frame's number the way UTF-8 writes a character, with up to
// 36 bits (section 9.1.5).
func (w *flacBits) number(v uint64) {
	if v < 0x80 {
		w.put(v, 8)
		return
	}
	// A first byte that is followed by k others holds 6-k bits, they 6 each.
	k := uint(1)
	for bits.Len64(v) > int(6*k+6-k) {
		k++
	}
	w.put(0xFF00>>(k+1)&0xFF|v>>(6*k), 8)
	for ; k > 0; k-- {
		w.put(0x80|v>>(6*(k-1))&0x3F, 8)
	}
}

package audio

import (
	"encoding/binary"
	"strconv"
)

// oggOpus puts packets into an Ogg stream, one a page (RFC 7845), with an end
// trim that leaves the given number of frames.
func oggOpus(s *Stream, frames []EncodedFrame, length int) []byte {
	tags := append([]byte("OpusTags"), 0, 0, 0, 0, 0, 0, 0, 0)
	b := oggPage(2, 0, 0, s.Header)
	b = append(b, oggPage(0, 0, 1, tags)...)
	skip := int64(binary.LittleEndian.Uint16(s.Header[10:]))
	at := int64(0)
	for i, f := range frames {
		at += int64(f.Samples)
		flags := byte(0)
		granule := at
		if i == len(frames)-1 {
			flags, granule = 4, int64(length)+skip
		}
		b = append(b, oggPage(flags, granule, uint32(i+2), f.Data)...)
	}
	return b
}

func oggPage(flags byte, granule int64, seq uint32, packet []byte) []byte {
	le := binary.LittleEndian
	p := append([]byte("OggS"), 0, flags)
	p = le.AppendUint64(p, uint64(granule))
	p = le.AppendUint32(p, 1)
	p = le.AppendUint32(p, seq)
	p = le.AppendUint32(p, 0)
	p = append(p, byte(len(packet)/255+1))
	for n := len(packet); n >= 0; n -= 255 {
		p = append(p, byte(min(n, 255)))
	}
	p = append(p, packet...)
	le.PutUint32(p[22:], oggSum(p))
	return p
}

func itoa(n int) string { return strconv.Itoa(n) }

// oggSum is the checksum of RFC 3533 section 6.
func oggSum(b []byte) (c uint32) {
	for _, x := range b {
		c ^= uint32(x) << 24
		for range 8 {
			top := c >> 31
			c = c<<1 ^ 0x04C11DB7*top
		}
	}
	return c
}

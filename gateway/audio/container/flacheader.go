package container

// flacHeader is a frame header (RFC 9639 section 9.1).
type flacHeader struct {
	variable bool   // num counts samples, not frames
	num      uint64 // the coded number
	block    int    // samples
	size     int    // bytes, checksum included
}

// after is the number of the frame that follows.
func (h flacHeader) after() uint64 {
	if h.variable {
		return h.num + uint64(h.block)
	}
	return h.num + 1
}

// parseFLACHeader reads the header at the start of b. It is false unless the
// header's checksum is right and it fits the stream.
func parseFLACHeader(b []byte, info streamInfo) (h flacHeader, ok bool) {
	if len(b) < 6 || b[0] != 0xFF || b[1]&0xFE != 0xF8 || b[3]&1 != 0 {
		return h, false
	}
	h.variable = b[1]&1 != 0
	blockCode, rateCode := b[2]>>4, b[2]&0xF
	channels, bitsCode := b[3]>>4, b[3]>>1&7
	if blockCode == 0 || rateCode == 15 || channels > 10 || bitsCode == 3 {
		return h, false
	}
	if n := int(channels) + 1; channels < 8 && n != info.channels || channels >= 8 && info.channels != 2 {
		return h, false
	}
	if bits := [8]int{0, 8, 12, 0, 16, 20, 24, 32}[bitsCode]; bits != 0 && bits != info.bits {
		return h, false
	}
	num, n := flacNumber(b[4:])
	if n == 0 {
		return h, false
	}
	h.num, h.size = num, 4+n

	extra := [16]int{6: 1, 7: 2}[blockCode]
	rateBytes := [16]int{12: 1, 13: 2, 14: 2}[rateCode]
	if len(b) < h.size+extra+rateBytes+1 {
		return h, false
	}
	switch {
	case blockCode == 1:
		h.block = 192
	case blockCode <= 5:
		h.block = 576 << (blockCode - 2)
	case blockCode == 6:
		h.block = int(b[h.size]) + 1
	case blockCode == 7:
		h.block = int(b[h.size])<<8 + int(b[h.size+1]) + 1
	default:
		h.block = 256 << (blockCode - 8)
	}
	h.size += extra + rateBytes
	if h.block > info.maxBlock || crc8(b[:h.size]) != b[h.size] {
		return h, false
	}
	h.size++
	return h, true
}

// flacNumber reads the UTF-8-like number of up to 36 bits; n is 0 if it is
// malformed.
func flacNumber(b []byte) (v uint64, n int) {
	c := b[0]
	switch {
	case c < 0x80:
		return uint64(c), 1
	case c < 0xC0 || c == 0xFF:
		return 0, 0
	}
	for n = 1; c&(0x80>>n) != 0; n++ {
	}
	if len(b) < n {
		return 0, 0
	}
	v = uint64(c) & (1<<(7-n) - 1)
	for _, d := range b[1:n] {
		if d&0xC0 != 0x80 {
			return 0, 0
		}
		v = v<<6 | uint64(d&0x3F)
	}
	return v, n
}

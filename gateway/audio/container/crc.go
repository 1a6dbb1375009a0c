package container

// Checksums of FLAC frames (RFC 9639 section 9.1.8 and 9.3) and of Ogg pages
// (RFC 3533 section 6): all without reflection, all starting from zero.
var (
	crc8Table  = makeTable[uint8](0x07)
	crc16Table = makeTable[uint16](0x8005)
	crc32Table = makeTable[uint32](0x04C11DB7)
)

// makeTable has for each byte what it does to a checksum that was zero.
func makeTable[T uint8 | uint16 | uint32](polynomial T) (t [256]T) {
	top := ^(^T(0) >> 1)
	for i := range t {
		c := T(i) * (top >> 7) // the byte stands at the top
		for range 8 {
			if c&top != 0 {
				c = c<<1 ^ polynomial
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}

func crc8(b []byte) (c byte) {
	for _, x := range b {
		c = crc8Table[c^x]
	}
	return c
}

func crc32(c uint32, b []byte) uint32 {
	for _, x := range b {
		c = c<<8 ^ crc32Table[byte(c>>24)^x]
	}
	return c
}

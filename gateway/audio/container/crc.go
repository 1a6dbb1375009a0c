package container

// Checksums of FLAC frames (RFC 9639 section 9.1.8 and 9.3) and of Ogg pages
// (RFC 3533 section 6): all without reflection, all starting from zero.
var (
	crc8Table  = makeCRC8()
	crc16Table = makeCRC16()
	crc32Table = makeCRC32()
)

func makeCRC8() (t [256]byte) {
	for i := range t {
		c := byte(i)
		for range 8 {
			if c&0x80 != 0 {
				c = c<<1 ^ 0x07
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}

func makeCRC16() (t [256]uint16) {
	for i := range t {
		c := uint16(i) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x8005
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}

func makeCRC32() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&0x80000000 != 0 {
				c = c<<1 ^ 0x04C11DB7
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

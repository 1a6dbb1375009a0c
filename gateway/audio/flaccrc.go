package audio

// flacCRC16 is the table for frame checksums (RFC 9639 section 9.3).
var flacCRC16 = func() (t [256]uint16) {
	for i := range t {
		c := uint16(i) << 8
		for range 8 {
			top := c >> 15
			c = c<<1 ^ 0x8005*top
		}
		t[i] = c
	}
	return t
}()

func crc16(b []byte) (c uint16) {
	for _, x := range b {
		c = c<<8 ^ flacCRC16[byte(c>>8)^x]
	}
	return c
}

// crc8 is the checksum of a frame's header (section 9.1.8): a few bytes only.
func crc8(b []byte) (c byte) {
	for _, x := range b {
		c ^= x
		for range 8 {
			top := c >> 7
			c = c<<1 ^ 0x07*top
		}
	}
	return c
}

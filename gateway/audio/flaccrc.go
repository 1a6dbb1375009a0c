package audio

// flacCRC16 are the tables for frame checksums (RFC 9639 section 9.3): row k is
// what a byte comes to with k more behind it, so that four are done at once.
var flacCRC16 = func() (t [4][256]uint16) {
	for i := range t[0] {
		c := uint16(i) << 8
		for range 8 {
			top := c >> 15
			c = c<<1 ^ 0x8005*top
		}
		t[0][i] = c
	}
	for k := 1; k < len(t); k++ {
		for i, c := range t[k-1] {
			t[k][i] = c<<8 ^ t[0][c>>8]
		}
	}
	return t
}()

func crc16(b []byte) (c uint16) {
	t := &flacCRC16
	for ; len(b) >= 4; b = b[4:] {
		c = t[3][byte(c>>8)^b[0]] ^ t[2][byte(c)^b[1]] ^ t[1][b[2]] ^ t[0][b[3]]
	}
	for _, x := range b {
		c = c<<8 ^ t[0][byte(c>>8)^x]
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

package container

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// parseSampleEntry reads the first entry of an stsd box for audio (ISO/IEC
// 14496-12 section 12.2.3, and QuickTime's versions 1 and 2 of it).
func parseSampleEntry(d []byte) (CodecConfig, error) {
	var c CodecConfig
	if len(d) < 8+8+28 {
		return c, errorf(ErrCorrupt, "mp4: short sample description")
	}
	size := int64(binary.BigEndian.Uint32(d[8:]))
	kind := string(d[12:16])
	if size < 36 || size > int64(len(d)-8) {
		return c, errorf(ErrCorrupt, "mp4: sample entry of %d bytes", size)
	}
	e := d[16 : 8+size]
	c.Channels = int(binary.BigEndian.Uint16(e[16:]))
	c.Bits = int(binary.BigEndian.Uint16(e[18:]))
	c.Rate = int(binary.BigEndian.Uint32(e[24:]) >> 16)
	rest := e[28:]
	switch version := binary.BigEndian.Uint16(e[8:]); {
	case version == 1 && len(rest) >= 16:
		rest = rest[16:]
	case version == 2 && len(rest) >= 36:
		rest = rest[36:]
	}
	switch kind {
	case "mp4a":
		return aacEntry(c, rest)
	case "alac":
		return alacEntry(c, rest)
	}
	return c, errorf(ErrUnsupported, "mp4: codec %q", kind)
}

// findBox returns the content of the first box of a kind in b, also inside
// QuickTime's wave box.
func findBox(b []byte, kind string) []byte {
	for len(b) >= 8 {
		n := int64(binary.BigEndian.Uint32(b))
		if n < 8 || n > int64(len(b)) {
			return nil
		}
		switch string(b[4:8]) {
		case kind:
			return b[8:n]
		case "wave":
			if in := findBox(b[8:n], kind); in != nil {
				return in
			}
		}
		b = b[n:]
	}
	return nil
}

// aacEntry finds the AudioSpecificConfig in the esds box (ISO/IEC 14496-14
// section 5.6, 14496-1 section 7.2.6).
func aacEntry(c CodecConfig, boxes []byte) (CodecConfig, error) {
	d := findBox(boxes, "esds")
	if len(d) < 4 {
		return c, errorf(ErrCorrupt, "mp4: no esds box")
	}
	es, ok := descriptor(d[4:], 3)
	if !ok || len(es) < 3 {
		return c, errorf(ErrCorrupt, "mp4: bad esds box")
	}
	flags, es := es[2], es[3:]
	for _, f := range []struct {
		bit byte
		n   int
	}{{0x80, 2}, {0x40, 1}, {0x20, 2}} {
		if flags&f.bit == 0 {
			continue
		}
		n := f.n
		if f.bit == 0x40 && len(es) > 0 {
			n += int(es[0])
		}
		if len(es) < n {
			return c, errorf(ErrCorrupt, "mp4: bad esds box")
		}
		es = es[n:]
	}
	dec, ok := descriptor(es, 4)
	if !ok || len(dec) < 13 {
		return c, errorf(ErrCorrupt, "mp4: bad esds box")
	}
	c.Bits = 0
	switch dec[0] {
	case 0x40, 0x66, 0x67, 0x68:
		c.Codec = CodecAAC
	case 0x69, 0x6B:
		c.Codec = CodecMP3
		return c, nil
	default:
		return c, errorf(ErrUnsupported, "mp4: object type %#x", dec[0])
	}
	asc, ok := descriptor(dec[13:], 5)
	if !ok || len(asc) < 2 {
		return c, errorf(ErrCorrupt, "mp4: no AudioSpecificConfig")
	}
	c.Header = append([]byte(nil), asc...)
	if n := int(asc[1] >> 3 & 0xF); n >= 1 && n <= 7 && asc[0]>>3 != 31 {
		c.Channels = [8]int{0, 1, 2, 3, 4, 5, 6, 8}[n]
	}
	return c, nil
}

// descriptor returns the content of the descriptor with the given tag at the
// start of b.
func descriptor(b []byte, tag byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, false
	}
	n, i := 0, 1
	for {
		if i >= len(b) || i > 4 {
			return nil, false
		}
		n = n<<7 | int(b[i]&0x7F)
		if i++; b[i-1] < 0x80 {
			break
		}
	}
	if n > len(b)-i {
		n = len(b) - i
	}
	return b[i : i+n], true
}

// alacEntry reads the magic cookie: the alac box inside the entry (Apple's
// ALACMagicCookieDescription).
func alacEntry(c CodecConfig, boxes []byte) (CodecConfig, error) {
	d := findBox(boxes, "alac")
	if len(d) < 4+24 {
		return c, errorf(ErrCorrupt, "mp4: no ALAC cookie")
	}
	cookie := d[4 : 4+24] // a channel layout may follow it
	c.Codec = CodecALAC
	c.Bits, c.Channels = int(cookie[5]), int(cookie[9])
	c.Rate = int(binary.BigEndian.Uint32(cookie[20:]))
	c.Header = append([]byte(nil), cookie...)
	if c.Bits < 8 || c.Bits > 32 || c.Channels == 0 {
		return c, errorf(ErrCorrupt, "mp4: bad ALAC cookie")
	}
	return c, nil
}

// parseSMPB reads iTunSMPB: hexadecimal words, of which the second is the
// encoder delay, the third the padding and the fourth the music's length.
func parseSMPB(b []byte) (skip, pad, samples int64, ok bool) {
	w := strings.Fields(string(b))
	if len(w) < 4 {
		return 0, 0, 0, false
	}
	var v [3]int64
	for i := range v {
		n, err := strconv.ParseInt(w[i+1], 16, 64)
		if err != nil || n < 0 || n > 1<<40 {
			return 0, 0, 0, false
		}
		v[i] = n
	}
	return v[0], v[1], v[2], true
}

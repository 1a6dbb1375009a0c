package hls

import "fmt"

// Packed audio (RFC 8216 section 3.4) is bare frames behind an ID3 tag that
// carries their time: MP3 as it is, AAC with an ADTS header for each frame. It
// is for old players without fragmented MP4, and for MP3 in browsers, whose media
// sources take it in no other way.

// maxPackedFrame is more than an ADTS header can say of a frame's length, bytes.
const maxPackedFrame = 1 << 13

// packedFormat is how a codec is packed.
type packedFormat struct {
	extension, mime string
	adts            [7]byte // without the frame's length; zero for MP3
}

// packedAs tells whether, and how, a codec can be packed.
func packedAs(c CodecConfig) (packedFormat, bool) {
	switch c.Codec {
	case "mp3":
		return packedFormat{extension: ".mp3", mime: "audio/mpeg"}, true
	case "aac":
		head, err := adtsHeader(c.Header)
		return packedFormat{extension: ".aac", mime: "audio/aac", adts: head}, err == nil
	}
	return packedFormat{}, false
}

// adtsHeader makes the header that each AAC frame gets (ISO/IEC 13818-7 section
// 6.2) out of an AudioSpecificConfig. Only the object types 1 to 4 and the
// listed rates can be said in it.
func adtsHeader(config []byte) (h [7]byte, err error) {
	if len(config) < 2 {
		return h, fmt.Errorf("%w: AudioSpecificConfig of %d bytes", ErrCodec, len(config))
	}
	object, rate, channels := config[0]>>3, config[0]&7<<1|config[1]>>7, config[1]>>3&15
	if object == 5 || object == 29 {
		object = 2 // HE-AAC: what ADTS carries is its core, which says it by itself
	}
	if object < 1 || object > 4 || rate > 12 || channels < 1 || channels > 7 {
		return h, fmt.Errorf("%w: AAC object type %d at rate index %d with %d channels has no ADTS form", ErrCodec, object, rate, channels)
	}
	h = [7]byte{0xff, 0xf1, (object-1)<<6 | rate<<2 | channels>>2, channels << 6, 0, 0x1f, 0xfc}
	return h, nil
}

// headSize is how many bytes stand before each frame.
func (p packedFormat) headSize() int {
	if p.adts[0] == 0 {
		return 0
	}
	return len(p.adts)
}

// frameHead writes what stands before a frame of a size.
func (p packedFormat) frameHead(buf []byte, size int) []byte {
	n := p.headSize()
	if n == 0 {
		return buf
	}
	size += n
	h := p.adts
	h[3] |= byte(size >> 11 & 3)
	h[4] = byte(size >> 3)
	h[5] |= byte(size << 5)
	return append(buf, h[:]...)
}

// timestampTag writes the ID3 tag with a time of so many samples, in units of
// 90 kHz modulo 2^33.
func timestampTag(c CodecConfig, base int64) []byte {
	const owner = "com.apple.streaming.transportStreamTimestamp\x00"
	rate := int64(c.Rate)
	ticks := uint64(base/rate*90000+base%rate*90000/rate) & (1<<33 - 1)
	payload := len(owner) + 8
	w := &boxWriter{}
	w.text("ID3\x04\x00\x00")
	w.synchsafe(10 + payload)
	w.text("PRIV")
	w.synchsafe(payload)
	w.u16(0)
	w.text(owner)
	w.u64(ticks)
	return w.buf
}

// synchsafe writes a size as ID3v2.4 does: seven bits a byte.
func (w *boxWriter) synchsafe(n int) {
	for shift := 21; shift >= 0; shift -= 7 {
		w.u8(uint8(n >> shift & 0x7f))
	}
}

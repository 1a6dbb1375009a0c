package hls

import "encoding/binary"

// initSegment writes the media initialisation section (RFC 8216 section 3.3):
// ftyp and a moov that says what every fragment is.
func initSegment(c CodecConfig) []byte {
	w := &boxWriter{buf: make([]byte, 0, 1024)}
	w.box("ftyp", func() {
		w.text("iso6")
		w.u32(0)
		w.text("iso6")
		w.text("cmfc") // ISO/IEC 23000-19
		w.text("mp41")
	})
	w.box("moov", func() {
		w.full("mvhd", 0, 0, func() {
			w.zeros(8) // times
			w.u32(uint32(c.Rate))
			w.u32(0)          // duration: fragments tell
			w.u32(0x00010000) // rate
			w.u16(0x0100)     // volume
			w.zeros(10)
			w.matrix()
			w.zeros(24)
			w.u32(2) // next track
		})
		w.box("trak", func() { writeTrack(w, c) })
		w.box("mvex", func() {
			w.full("trex", 0, 0, func() {
				w.u32(1) // track
				w.u32(1) // sample description
				w.zeros(12)
			})
		})
	})
	return w.buf
}

func writeTrack(w *boxWriter, c CodecConfig) {
	w.full("tkhd", 0, 7, func() { // enabled, in movie, in preview
		w.zeros(8)
		w.u32(1) // track
		w.zeros(4 + 4 + 8 + 2)
		w.u16(0)
		w.u16(0x0100) // volume
		w.u16(0)
		w.matrix()
		w.zeros(8)
	})
	if c.PreSkip > 0 {
		w.box("edts", func() {
			// A duration of 0 goes to the end of what fragments bring.
			w.full("elst", 0, 0, func() {
				w.u32(1)
				w.u32(0)
				w.u32(uint32(c.PreSkip))
				w.u32(0x00010000)
			})
		})
	}
	w.box("mdia", func() {
		w.full("mdhd", 0, 0, func() {
			w.zeros(8)
			w.u32(uint32(c.Rate))
			w.u32(0)
			w.u16(0x55c4) // "und"
			w.u16(0)
		})
		w.full("hdlr", 0, 0, func() {
			w.u32(0)
			w.text("soun")
			w.zeros(12)
			w.text("audio\x00")
		})
		w.box("minf", func() {
			w.full("smhd", 0, 0, func() { w.zeros(4) })
			w.box("dinf", func() {
				w.full("dref", 0, 0, func() {
					w.u32(1)
					w.full("url ", 0, 1, func() {}) // in this file
				})
			})
			w.box("stbl", func() { writeSampleTable(w, c) })
		})
	})
}

// writeSampleTable describes the samples; their sizes and times stand in the
// fragments, so the tables are empty.
func writeSampleTable(w *boxWriter, c CodecConfig) {
	w.full("stsd", 0, 0, func() {
		w.u32(1)
		w.box(sampleEntry(c), func() {
			w.zeros(6)
			w.u16(1) // data reference
			w.zeros(8)
			w.u16(uint16(c.Channels))
			w.u16(sampleSize(c))
			w.zeros(4)
			w.u32(uint32(shownRate(c.Rate)) << 16)
			writeCodecBox(w, c)
		})
	})
	w.full("stts", 0, 0, func() { w.u32(0) })
	w.full("stsc", 0, 0, func() { w.u32(0) })
	w.full("stsz", 0, 0, func() { w.zeros(8) })
	w.full("stco", 0, 0, func() { w.u32(0) })
	if n := rollDistance(c); n < 0 {
		// A decoder that starts here is right after so many frames.
		w.full("sgpd", 2, 0, func() {
			w.text("roll")
			w.u32(1) // every frame is in the group: the default
			w.u32(1)
			w.u16(uint16(n))
		})
	}
}

// shownRate fits a rate into the sample entry's 16 bits: of a higher one the
// greatest regular division stands there, and players take the rate from the
// codec's own box.
func shownRate(rate int) int {
	for rate > 0xffff {
		rate /= 2
	}
	return rate
}

// rollDistance is the pre-roll of a codec in frames, negative: 80 ms for Opus
// (RFC 7845 section 4.6) in packets of 20 ms or longer, one frame for AAC.
func rollDistance(c CodecConfig) int16 {
	switch c.Codec {
	case "opus":
		return -4
	case "aac", "mp3":
		return -1
	default:
		return 0
	}
}

func sampleEntry(c CodecConfig) string {
	switch c.Codec {
	case "flac":
		return "fLaC"
	case "opus":
		return "Opus"
	case "alac":
		return "alac"
	default:
		return "mp4a"
	}
}

func sampleSize(c CodecConfig) uint16 {
	if c.Bits > 0 && c.Bits <= 32 {
		return uint16(c.Bits)
	}
	return 16
}

// writeCodecBox writes what the decoder needs: dfLa and dOps by the
// "Encapsulation in ISO base media" documents of their makers, esds by
// ISO/IEC 14496-14 section 5.6.
func writeCodecBox(w *boxWriter, c CodecConfig) {
	switch c.Codec {
	case "flac":
		w.full("dfLa", 0, 0, func() {
			w.u32(0x80000022) // last block, STREAMINFO, 34 bytes
			w.raw(c.Header[8:flacHeaderSize])
		})
	case "opus":
		w.box("dOps", func() {
			head := c.Header
			w.u8(0)
			w.u8(head[9])
			w.u16(binary.LittleEndian.Uint16(head[10:]))
			w.u32(binary.LittleEndian.Uint32(head[12:]))
			w.u16(binary.LittleEndian.Uint16(head[16:]))
			w.u8(0) // mapping family
		})
	case "alac":
		w.full("alac", 0, 0, func() { w.raw(c.Header[:alacCookieSize]) })
	case "aac":
		w.full("esds", 0, 0, func() { writeESDescriptor(w, objectAAC, c.Header) })
	case "mp3":
		object := objectMP3
		if c.Rate < 32000 {
			object = objectMP3LSF
		}
		w.full("esds", 0, 0, func() { writeESDescriptor(w, object, nil) })
	}
}

// Object type indications (ISO/IEC 14496-1 table 5).
const (
	objectAAC    = uint8(0x40)
	objectMP3    = uint8(0x6b) // ISO/IEC 11172-3
	objectMP3LSF = uint8(0x69) // ISO/IEC 13818-3: 24 kHz and lower
)

// writeESDescriptor nests an AudioSpecificConfig, where there is one, in the
// descriptors that MPEG-4 asks for (ISO/IEC 14496-1 section 7.2.6.5); all are
// shorter than 128 bytes, so a length is one byte.
func writeESDescriptor(w *boxWriter, object uint8, config []byte) {
	specific := 0
	if config != nil {
		specific = 2 + len(config)
	}
	w.u8(0x03)
	w.u8(uint8(3 + 2 + 13 + specific + 3))
	w.u16(1) // ES id
	w.u8(0)
	w.u8(0x04)
	w.u8(uint8(13 + specific))
	w.u8(object)
	w.u8(0x15) // audio stream
	w.zeros(3 + 4 + 4)
	if config != nil {
		w.u8(0x05)
		w.u8(uint8(len(config)))
		w.raw(config)
	}
	w.u8(0x06)
	w.u8(1)
	w.u8(2)
}

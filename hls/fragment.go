package hls

import "encoding/binary"

// frame is one coded frame on its way into a fragment.
type frame struct {
	data     []byte
	duration uint32 // in samples
}

// fragment writes one moof with its mdat (ISO/IEC 14496-12 section 8.8).
// sequence counts fragments of a stream from 1; base is the decode time of the
// first frame in samples.
func fragment(sequence uint32, base int64, frames []frame) []byte {
	size := 0
	for _, f := range frames {
		size += len(f.data)
	}
	w := &boxWriter{buf: make([]byte, 0, size+128+8*len(frames))}
	var offsetAt int
	w.box("moof", func() {
		w.full("mfhd", 0, 0, func() { w.u32(sequence) })
		w.box("traf", func() {
			w.full("tfhd", 0, 0x020000, func() { w.u32(1) }) // offsets are from the moof
			w.full("tfdt", 1, 0, func() { w.u64(uint64(base)) })
			// Every audio frame is a sync sample: the flags of trex, zero, say so.
			w.full("trun", 0, 0x000301, func() { // offset, durations, sizes
				w.u32(uint32(len(frames)))
				offsetAt = len(w.buf)
				w.u32(0)
				for _, f := range frames {
					w.u32(f.duration)
					w.u32(uint32(len(f.data)))
				}
			})
		})
	})
	binary.BigEndian.PutUint32(w.buf[offsetAt:], uint32(len(w.buf)+8))
	w.box("mdat", func() {
		for _, f := range frames {
			w.raw(f.data)
		}
	})
	return w.buf
}

// packedAudio writes frames one behind the other, after the ID3 tag that
// carries their time in 90 kHz units (RFC 8216 section 3.4).
func packedAudio(c CodecConfig, base int64, frames []frame) []byte {
	const owner = "com.apple.streaming.transportStreamTimestamp\x00"
	ticks := uint64(base) * 90000 / uint64(c.Rate) & (1<<33 - 1)
	payload := len(owner) + 8
	w := &boxWriter{}
	w.text("ID3\x04\x00\x00")
	w.synchsafe(10 + payload)
	w.text("PRIV")
	w.synchsafe(payload)
	w.u16(0)
	w.text(owner)
	w.u64(ticks)
	for _, f := range frames {
		w.raw(f.data)
	}
	return w.buf
}

// synchsafe writes a size as ID3v2.4 does: seven bits a byte.
func (w *boxWriter) synchsafe(n int) {
	for shift := 21; shift >= 0; shift -= 7 {
		w.u8(uint8(n >> shift & 0x7f))
	}
}

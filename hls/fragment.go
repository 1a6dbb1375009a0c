package hls

import "encoding/binary"

// frame is one coded frame on its way into a fragment.
type frame struct {
	data     []byte
	duration uint32 // in samples
}

// fragmentHead writes a moof and the header of the mdat behind it (ISO/IEC
// 14496-12 section 8.8): what stands before the frames themselves. sequence
// counts fragments of a stream from 1; base is the decode time of the first of
// n frames in samples; room is for what the caller appends.
func fragmentHead(sequence uint32, base int64, n, room int, at func(i int) (size int, dur uint32)) []byte {
	w := &boxWriter{buf: make([]byte, 0, room+fragmentHeadSize(n))}
	var offsetAt, payload int
	w.box("moof", func() {
		w.full("mfhd", 0, 0, func() { w.u32(sequence) })
		w.box("traf", func() {
			w.full("tfhd", 0, 0x020000, func() { w.u32(1) }) // offsets are from the moof
			w.full("tfdt", 1, 0, func() { w.u64(uint64(base)) })
			// Every audio frame is a sync sample: the flags of trex, zero, say so.
			w.full("trun", 0, 0x000301, func() { // offset, durations, sizes
				w.u32(uint32(n))
				offsetAt = len(w.buf)
				w.u32(0)
				for i := range n {
					size, dur := at(i)
					w.u32(dur)
					w.u32(uint32(size))
					payload += size
				}
			})
		})
	})
	binary.BigEndian.PutUint32(w.buf[offsetAt:], uint32(len(w.buf)+8))
	w.u32(uint32(payload + 8))
	w.text("mdat")
	return w.buf
}

// fragmentHeadSize is how many bytes fragmentHead writes for n frames.
func fragmentHeadSize(n int) int { return 8 + 16 + 8 + 16 + 20 + 20 + 8*n + 8 }

// fragment writes one moof with its mdat.
func fragment(sequence uint32, base int64, frames []frame) []byte {
	size := 0
	for _, f := range frames {
		size += len(f.data)
	}
	out := fragmentHead(sequence, base, len(frames), size, func(i int) (int, uint32) {
		return len(frames[i].data), frames[i].duration
	})
	for _, f := range frames {
		out = append(out, f.data...)
	}
	return out
}

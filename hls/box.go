package hls

import "encoding/binary"

// boxWriter appends ISO base media boxes (ISO/IEC 14496-12 section 4.2) to buf.
// A box is opened, filled and closed; its size is put in when it closes.
type boxWriter struct{ buf []byte }

func (w *boxWriter) u8(v uint8)   { w.buf = append(w.buf, v) }
func (w *boxWriter) u16(v uint16) { w.buf = binary.BigEndian.AppendUint16(w.buf, v) }
func (w *boxWriter) u32(v uint32) { w.buf = binary.BigEndian.AppendUint32(w.buf, v) }
func (w *boxWriter) u64(v uint64) { w.buf = binary.BigEndian.AppendUint64(w.buf, v) }
func (w *boxWriter) zeros(n int)  { w.buf = append(w.buf, make([]byte, n)...) }
func (w *boxWriter) raw(b []byte) { w.buf = append(w.buf, b...) }
func (w *boxWriter) text(s string) {
	w.buf = append(w.buf, s...)
}

// box writes a box of the given four-character type around what fill writes.
func (w *boxWriter) box(kind string, fill func()) {
	start := len(w.buf)
	w.u32(0)
	w.text(kind)
	fill()
	binary.BigEndian.PutUint32(w.buf[start:], uint32(len(w.buf)-start))
}

// full writes a box that begins with a version and flags.
func (w *boxWriter) full(kind string, version uint8, flags uint32, fill func()) {
	w.box(kind, func() {
		w.u32(uint32(version)<<24 | flags&0xffffff)
		fill()
	})
}

// matrix writes the unity transformation that headers carry.
func (w *boxWriter) matrix() {
	for _, v := range [9]uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000} {
		w.u32(v)
	}
}

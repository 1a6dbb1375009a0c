package container

import "io"

// Bounds of RFC 9639: a STREAMINFO block is 34 bytes, a block has at most
// 65535 samples, a frame header at most 16 bytes.
const (
	flacInfoSize   = 34
	flacHeaderSize = 16
	// flacMaxBlocks bounds the metadata blocks that are stepped over.
	flacMaxBlocks = 4096
	// flacMaxDamage bounds how many broken frames are stepped over: finding
	// out that one is broken costs a look at all that it could be.
	flacMaxDamage = 1000
)

// probeFLAC reads the metadata blocks (RFC 9639 section 8).
func probeFLAC(w *window, start int64) (*File, error) {
	trimID3v1(w)
	b, err := w.full(start+4, 4+flacInfoSize)
	if err != nil {
		return nil, err
	}
	if b[0]&0x7F != 0 || int(b[1])<<16|int(b[2])<<8|int(b[3]) != flacInfoSize {
		return nil, errorf(ErrCorrupt, "flac: first block is not STREAMINFO")
	}
	info, err := parseStreamInfo(b[4:])
	if err != nil {
		return nil, err
	}
	last := b[0]&0x80 != 0
	header := append([]byte("fLaC"), b...)
	header[4] |= 0x80

	off := start + 8 + flacInfoSize
	for n := 0; !last; n++ {
		b, err := w.full(off, 4)
		if err != nil {
			return nil, err
		}
		if b[0]&0x7F == 0x7F || n == flacMaxBlocks {
			return nil, errorf(ErrCorrupt, "flac: bad metadata block at %d", off)
		}
		last = b[0]&0x80 != 0
		off += 4 + int64(b[1])<<16 + int64(b[2])<<8 + int64(b[3])
		if off > w.size {
			return nil, errorf(ErrCorrupt, "flac: metadata beyond the end of the file")
		}
	}
	cfg := CodecConfig{
		Codec: CodecFLAC, Rate: info.rate, Channels: info.channels, Bits: info.bits,
		Header: header, Samples: -1,
	}
	if info.samples > 0 {
		cfg.Samples = info.samples
		// No frame of n samples is smaller than a header, a constant subframe
		// and a checksum: a total that the file cannot hold is a lie.
		if most := (w.size - off) / 10 * 65535; info.samples > most {
			return nil, errorf(ErrCorrupt, "flac: %d samples in %d bytes", info.samples, w.size-off)
		}
	}
	return &File{ReaderAt: w.r, cfg: cfg, walk: &flacWalker{w: w, first: off, off: off, info: info}}, nil
}

type streamInfo struct {
	minBlock, maxBlock   int
	rate, channels, bits int
	samples              int64
}

// parseStreamInfo reads RFC 9639 section 8.2.
func parseStreamInfo(b []byte) (streamInfo, error) {
	s := streamInfo{
		minBlock: int(b[0])<<8 | int(b[1]),
		maxBlock: int(b[2])<<8 | int(b[3]),
		rate:     int(b[10])<<12 | int(b[11])<<4 | int(b[12])>>4,
		channels: int(b[12]>>1&7) + 1,
		bits:     (int(b[12]&1)<<4 | int(b[13]>>4)) + 1,
		samples: int64(b[13]&0xF)<<32 | int64(b[14])<<24 | int64(b[15])<<16 |
			int64(b[16])<<8 | int64(b[17]),
	}
	if s.rate == 0 || s.bits < 4 || s.maxBlock < 16 || s.minBlock > s.maxBlock {
		return s, errorf(ErrCorrupt, "flac: impossible STREAMINFO (%d Hz, %d bits, blocks %d to %d)",
			s.rate, s.bits, s.minBlock, s.maxBlock)
	}
	return s, nil
}

// flacWalker finds frames. FLAC frames do not tell their length: a frame ends
// where the next header is valid, fits the stream, and the checksum before it
// is right.
type flacWalker struct {
	w      *window
	first  int64 // where the first frame is
	off    int64 // where to look for the next frame
	info   streamInfo
	damage int
}

// frameCap bounds the search for a frame's end: twice what its samples take
// uncoded.
func (s streamInfo) frameCap() int64 {
	return 2*int64(s.maxBlock)*int64(s.channels)*int64(s.bits+8)/8 + 1024
}

func (f *flacWalker) next() (frame, error) {
	h, err := f.sync()
	if err != nil {
		return frame{}, err
	}
	end, err := f.findEnd(h)
	if err != nil {
		return frame{}, err
	}
	fr := frame{off: f.off, size: uint32(end - f.off), dur: uint32(h.block)}
	f.off = end
	return fr, nil
}

// sync finds the next header at or behind f.off. Between whole frames it is
// right there; behind damage it may be further on.
func (f *flacWalker) sync() (flacHeader, error) {
	for off := f.off; ; off++ {
		b, err := f.w.peek(off, flacHeaderSize)
		if err != nil {
			return flacHeader{}, err
		}
		if len(b) < 6 {
			return flacHeader{}, io.EOF
		}
		if b[0] != 0xFF || b[1]&0xFE != 0xF8 {
			continue
		}
		if h, ok := parseFLACHeader(b, f.info); ok {
			f.off = off
			return h, nil
		}
	}
}

// findEnd returns where the frame at f.off, with header h, ends.
func (f *flacWalker) findEnd(h flacHeader) (int64, error) {
	var crc uint16
	off := f.off
	limit := min(f.off+f.info.frameCap(), f.w.size)
	for off < limit {
		b, err := f.w.peek(off, windowSize/2)
		if err != nil {
			return 0, readError("flac", err)
		}
		for i, c := range b {
			at := off + int64(i)
			// A CRC over data and its own CRC is zero.
			if c == 0xFF && crc == 0 && at >= f.off+int64(h.size)+2 && f.startsNext(at, h) {
				return at, nil
			}
			crc = crc<<8 ^ crc16Table[byte(crc>>8)^c]
		}
		off += int64(len(b))
	}
	if limit == f.w.size && crc == 0 {
		return limit, nil
	}
	return f.damaged(h)
}

// startsNext tells whether a header that can follow h is at off.
func (f *flacWalker) startsNext(off int64, h flacHeader) bool {
	var b [flacHeaderSize]byte
	n, _ := f.w.r.ReadAt(b[:min(flacHeaderSize, f.w.size-off)], off)
	next, ok := parseFLACHeader(b[:n], f.info)
	return ok && next.variable == h.variable
}

// damaged ends a frame whose checksum is wrong, or that is followed by
// something else, at the next header that carries the number it must.
func (f *flacWalker) damaged(h flacHeader) (int64, error) {
	if f.damage++; f.damage > flacMaxDamage {
		return 0, errorf(ErrCorrupt, "flac: too much damage")
	}
	limit := min(f.off+f.info.frameCap(), f.w.size)
	for off := f.off + int64(h.size) + 2; off < limit; off++ {
		b, err := f.w.peek(off, flacHeaderSize)
		if err != nil {
			return 0, readError("flac", err)
		}
		if b[0] != 0xFF || len(b) < 6 || b[1]&0xFE != 0xF8 {
			continue
		}
		if next, ok := parseFLACHeader(b, f.info); ok && next.variable == h.variable && next.num > h.num && next.num <= h.after()+64 {
			return off, nil
		}
	}
	if limit == f.w.size {
		return 0, errorf(ErrCorrupt, "flac: last frame is cut off")
	}
	return limit, nil
}

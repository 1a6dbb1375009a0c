package container

import "io"

// adtsHeader is the fixed and variable header of ADTS (ISO/IEC 13818-7
// section 6.2), the way AAC is kept in .aac files.
type adtsHeader struct {
	object   byte // MPEG-4 audio object type
	rateCode byte
	channels byte // the channel configuration
	head     int  // bytes of the header
	size     int  // bytes of the frame, the header included
	blocks   int  // of 1024 samples
}

var adtsRates = [13]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// ADTSHead is how many bytes of a frame ADTSFrame has to see.
const ADTSHead = 7

// ADTSFrame reads the ADTS header at the start of b: how long the frame is, in
// bytes, and how many of them are its header. ok is false where there is none.
func ADTSFrame(b []byte) (head, size int, ok bool) {
	h, ok := parseADTS(b)
	return h.head, h.size, ok
}

// parseADTS reads the header at the start of b.
func parseADTS(b []byte) (h adtsHeader, ok bool) {
	if len(b) < ADTSHead || b[0] != 0xFF || b[1]&0xF6 != 0xF0 {
		return h, false
	}
	h.object = b[2]>>6 + 1
	h.rateCode = b[2] >> 2 & 0xF
	h.channels = b[2]&1<<2 | b[3]>>6
	h.size = int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5)
	h.blocks = int(b[6]&3) + 1
	h.head = 7
	if b[1]&1 == 0 {
		h.head = 9
	}
	return h, int(h.rateCode) < len(adtsRates) && h.channels > 0 && h.size > h.head
}

// fits tells whether two frames can be of one stream.
func (h adtsHeader) fits(o adtsHeader) bool {
	return h.object == o.object && h.rateCode == o.rateCode && h.channels == o.channels
}

// probeADTS takes a file whose first frame is followed by another, or ends it.
func probeADTS(w *window, start int64) (*File, error) {
	b, err := w.peek(start, ADTSHead)
	if err != nil {
		return nil, ErrUnknown
	}
	h, ok := parseADTS(b)
	if !ok {
		return nil, ErrUnknown
	}
	if next := start + int64(h.size); next < w.size {
		b, err := w.peek(next, ADTSHead)
		if err != nil {
			return nil, ErrUnknown
		}
		if n, ok := parseADTS(b); !ok || !n.fits(h) {
			return nil, ErrUnknown
		}
	}
	trimID3v1(w)
	cfg := CodecConfig{
		Codec: CodecAAC, Rate: adtsRates[h.rateCode],
		Channels: [8]int{0, 1, 2, 3, 4, 5, 6, 8}[h.channels], Samples: -1,
		// AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1).
		Header: []byte{h.object<<3 | h.rateCode>>1, h.rateCode<<7 | h.channels<<3},
	}
	return &File{ReaderAt: w.r, cfg: cfg, walk: &adtsWalker{w: w, off: start, first: h}}, nil
}

// adtsWalker steps from header to header; the frames it gives are without
// them, as MP4 keeps them.
type adtsWalker struct {
	w     *window
	off   int64
	first adtsHeader
}

func (a *adtsWalker) next() (frame, error) {
	for {
		b, err := a.w.peek(a.off, ADTSHead)
		if err != nil {
			return frame{}, err
		}
		if len(b) < ADTSHead {
			return frame{}, io.EOF
		}
		h, ok := parseADTS(b)
		if !ok || !h.fits(a.first) {
			a.off++
			continue
		}
		if a.off+int64(h.size) > a.w.size {
			return frame{}, io.EOF
		}
		fr := frame{off: a.off + int64(h.head), size: uint32(h.size - h.head), dur: uint32(h.blocks * 1024)}
		a.off += int64(h.size)
		return fr, nil
	}
}

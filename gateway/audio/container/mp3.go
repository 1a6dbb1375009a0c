package container

import (
	"encoding/binary"
	"errors"
	"io"
)

// mp3Delay is what every MP3 decoder puts before the first sample: the delay
// of the hybrid filter bank (528) and one sample, as the LAME tag's definition
// of encoder delay has it.
const mp3Delay = 529

// mp3Search is how far behind the tags the first frame may be.
const mp3Search = 256 << 10

// mp3Header is an MPEG audio frame header (ISO/IEC 11172-3 section 2.4.1.3)
// of layer III.
type mp3Header struct {
	version  int // 1, 2, or 3 for MPEG 2.5
	rate     int
	channels int
	size     int // bytes, the header included
	samples  int
	crc      bool
}

var mp3Bitrates = [2][16]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},
}

// parseMP3Header reads the header at the start of b; ok is false for anything
// but layer III with a stated bit rate.
func parseMP3Header(b []byte) (h mp3Header, ok bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return h, false
	}
	version, layer := b[1]>>3&3, b[1]>>1&3
	rateCode, bitrateCode := b[2]>>2&3, b[2]>>4
	if version == 1 || layer != 1 || rateCode == 3 || bitrateCode == 0 || bitrateCode == 15 || b[3]&3 == 2 {
		return h, false
	}
	h.version = [4]int{3, 0, 2, 1}[version]
	h.rate = [3]int{44100, 48000, 32000}[rateCode] >> (h.version - 1)
	h.channels = 2
	if b[3]>>6 == 3 {
		h.channels = 1
	}
	h.crc = b[1]&1 == 0
	low := min(h.version-1, 1)
	h.samples = 1152 >> low
	h.size = h.samples/8*mp3Bitrates[low][bitrateCode]*1000/h.rate + int(b[2]>>1&1)
	return h, h.size >= 24
}

// sideSize is the length of the side information (section 2.4.1.7).
func (h mp3Header) sideSize() int {
	switch {
	case h.version == 1 && h.channels == 2:
		return 32
	case h.version != 1 && h.channels == 1:
		return 9
	default:
		return 17
	}
}

// fits tells whether two frames can be of one stream.
func (h mp3Header) fits(o mp3Header) bool { return h.version == o.version && h.rate == o.rate }

// probeMP3 looks for the first frame: three headers in a row, or all there
// are. Content without any is of an unknown format.
func probeMP3(w *window, start int64) (*File, error) {
	trimID3v1(w)
	for off := start; off < start+mp3Search; off++ {
		b, err := w.peek(off, 4)
		if errors.Is(err, io.EOF) || err == nil && len(b) < 4 {
			break
		}
		if err != nil {
			return nil, err
		}
		h, ok := parseMP3Header(b)
		if !ok || !mp3Chain(w, off, h) {
			continue
		}
		return mp3File(w, off, h)
	}
	return nil, ErrUnknown
}

// mp3Chain tells whether frames that fit follow the one at off.
func mp3Chain(w *window, off int64, h mp3Header) bool {
	for range 2 {
		off += int64(h.size)
		if off == w.size {
			return true
		}
		b, err := w.peek(off, 4)
		if err != nil {
			return false
		}
		n, ok := parseMP3Header(b)
		if !ok || !n.fits(h) {
			return false
		}
		h = n
	}
	return true
}

func mp3File(w *window, off int64, h mp3Header) (*File, error) {
	cfg := CodecConfig{Codec: CodecMP3, Rate: h.rate, Channels: h.channels, Samples: -1}
	frameData, err := w.full(off, min(h.size, 512))
	if err != nil {
		return nil, err
	}
	x, ok := parseXing(frameData, h)
	if ok {
		off += int64(h.size)
		cfg.PreSkip, cfg.Padding = x.preSkip, x.padding
		if x.frames > 0 && x.frames <= (w.size-off)/24+1 {
			cfg.Samples = max(x.frames*int64(h.samples)-cfg.PreSkip-cfg.Padding, 0)
		}
	}
	return &File{ReaderAt: w.r, cfg: cfg, walk: &mp3Walker{w: w, off: off, first: h}}, nil
}

// xing is what the first frame's Xing, Info or VBRI header tells.
type xing struct {
	frames           int64 // without this one
	preSkip, padding int64
}

// parseXing reads the tag that encoders put into a first, silent frame. b is
// the start of that frame.
func parseXing(b []byte, h mp3Header) (x xing, ok bool) {
	if len(b) >= 36+18 && string(b[36:40]) == "VBRI" {
		x.frames = int64(binary.BigEndian.Uint32(b[36+14:]))
		return x, true
	}
	at := 4 + h.sideSize()
	if len(b) < at+8 || string(b[at:at+4]) != "Xing" && string(b[at:at+4]) != "Info" {
		return x, false
	}
	flags := b[at+7]
	p := at + 8
	if flags&1 != 0 && len(b) >= p+4 {
		x.frames = int64(binary.BigEndian.Uint32(b[p:]))
		p += 4
	}
	for _, f := range []struct {
		bit byte
		n   int
	}{{2, 4}, {4, 100}, {8, 4}} {
		if flags&f.bit != 0 {
			p += f.n
		}
	}
	// The LAME extension: 9 bytes of version, and at 21 the delay and the
	// padding, of 12 bits each. Lavf writes it too.
	if len(b) < p+24 || b[p] == 0 {
		return x, true
	}
	d := b[p+21 : p+24]
	delay, padding := int64(d[0])<<4|int64(d[1]>>4), int64(d[1]&0xF)<<8|int64(d[2])
	if delay == 0 && padding == 0 {
		return x, true
	}
	x.preSkip = delay + mp3Delay
	x.padding = max(padding-mp3Delay, 0)
	return x, true
}

// mp3Walker steps from header to header, over junk and tags between them.
type mp3Walker struct {
	w     *window
	off   int64
	first mp3Header
}

func (m *mp3Walker) next() (frame, error) {
	synced := true
	for {
		b, err := m.w.peek(m.off, 4)
		if err != nil {
			return frame{}, err
		}
		if len(b) < 4 {
			return frame{}, io.EOF
		}
		h, ok := parseMP3Header(b)
		// Behind junk, a header counts only if another follows.
		if !ok || !h.fits(m.first) || !synced && !mp3Chain(m.w, m.off, h) {
			m.off++
			synced = false
			continue
		}
		if m.off+int64(h.size) > m.w.size {
			return frame{}, io.EOF
		}
		fr := frame{off: m.off, size: uint32(h.size), dur: uint32(h.samples)}
		m.off += int64(h.size)
		return fr, nil
	}
}

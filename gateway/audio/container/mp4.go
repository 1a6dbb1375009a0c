package container

import (
	"encoding/binary"
	"errors"
	"io"
)

// Bounds on what a hostile file can make the parser do.
const (
	mp4MaxBoxes = 20_000
	mp4MaxDepth = 8
	mp4MaxTable = 256 << 20 // bytes of one sample table
)

// box is one box of ISO/IEC 14496-12 section 4.2: where its content is.
type box struct {
	kind     string
	off, end int64
}

// mp4Reader walks boxes.
type mp4Reader struct {
	w     *window
	boxes int
	track *mp4Track // the first audio track
	smpb  []byte
	frag  bool
}

// mp4Track is what a trak box holds that is needed here.
type mp4Track struct {
	handler   string
	timescale uint32
	cfg       CodecConfig
	known     bool // stsd was understood
	reason    error
	skip      int64 // the edit list's media time, -1 without one
	length    int64 // its segment duration in the movie's timescale, -1
	stts      []byte
	stsc      []byte
	stsz      []byte
	stco      []byte
	wide      bool // stco has 64-bit entries
}

// children calls fn for each box between off and end.
func (m *mp4Reader) children(off, end int64, fn func(box) error) error {
	for off+8 <= end {
		if m.boxes++; m.boxes > mp4MaxBoxes {
			return errorf(ErrCorrupt, "mp4: too many boxes")
		}
		b, err := m.w.full(off, 8)
		if err != nil {
			return err
		}
		size, head := int64(binary.BigEndian.Uint32(b)), int64(8)
		bx := box{kind: string(b[4:8])}
		switch size {
		case 0:
			size = end - off
		case 1:
			if b, err = m.w.full(off+8, 8); err != nil {
				return err
			}
			size, head = int64(binary.BigEndian.Uint64(b)&(1<<62-1)), 16
		}
		if size < head || size > end-off {
			return errorf(ErrCorrupt, "mp4: box %q of %d bytes at %d", bx.kind, size, off)
		}
		bx.off, bx.end = off+head, off+size
		if err := fn(bx); err != nil {
			return err
		}
		off += size
	}
	return nil
}

// body reads a whole box of at most limit bytes.
func (m *mp4Reader) body(b box, limit int64) ([]byte, error) {
	n := b.end - b.off
	if n > limit {
		return nil, errorf(ErrCorrupt, "mp4: box %q has %d bytes", b.kind, n)
	}
	out := make([]byte, n)
	if k, err := m.w.r.ReadAt(out, b.off); int64(k) < n {
		return nil, readError("mp4", err)
	}
	return out, nil
}

// errFound ends the walk through the boxes early.
var errFound = errors.New("found")

func probeMP4(w *window) (*File, error) {
	m := &mp4Reader{w: w}
	var movie uint32 // the movie's timescale
	err := m.children(0, w.size, func(b box) error {
		switch b.kind {
		case "moov":
			if err := m.moov(b, &movie); err != nil {
				return err
			}
			return errFound
		case "moof":
			m.frag = true
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFound) {
		return nil, err
	}
	t := m.track
	switch {
	case t == nil:
		return nil, errorf(ErrCorrupt, "mp4: no audio track")
	case !t.known:
		if t.reason == nil {
			t.reason = errorf(ErrCorrupt, "mp4: no sample description")
		}
		return nil, t.reason
	}
	return m.file(movie)
}

func (m *mp4Reader) moov(b box, movie *uint32) error {
	return m.children(b.off, b.end, func(b box) error {
		switch b.kind {
		case "mvhd":
			d, err := m.body(b, 256)
			if err != nil {
				return err
			}
			*movie = mp4Timescale(d)
		case "mvex":
			m.frag = true
		case "trak":
			t := &mp4Track{skip: -1, length: -1}
			if err := m.trak(t, b, 0); err != nil {
				return err
			}
			if m.track == nil && t.handler == "soun" {
				m.track = t
			}
		case "udta":
			return m.udta(b)
		}
		return nil
	})
}

// mp4Timescale reads mvhd and mdhd, which begin alike.
func mp4Timescale(d []byte) uint32 {
	at := 12
	if len(d) > 0 && d[0] == 1 {
		at = 20
	}
	if len(d) < at+4 {
		return 0
	}
	return binary.BigEndian.Uint32(d[at:])
}

func (m *mp4Reader) trak(t *mp4Track, b box, depth int) error {
	if depth > mp4MaxDepth {
		return errorf(ErrCorrupt, "mp4: boxes too deep")
	}
	return m.children(b.off, b.end, func(b box) (err error) {
		switch b.kind {
		case "edts", "mdia", "minf", "stbl":
			return m.trak(t, b, depth+1)
		case "elst":
			var d []byte
			if d, err = m.body(b, 64<<10); err == nil {
				t.edits(d)
			}
		case "mdhd":
			var d []byte
			if d, err = m.body(b, 256); err == nil {
				t.timescale = mp4Timescale(d)
			}
		case "hdlr":
			var d []byte
			if d, err = m.body(b, 64<<10); err == nil && len(d) >= 12 && t.handler == "" {
				t.handler = string(d[8:12])
			}
		case "stsd":
			var d []byte
			if d, err = m.body(b, 1<<20); err == nil && t.handler == "soun" {
				t.cfg, t.reason = parseSampleEntry(d)
				t.known = t.reason == nil
			}
		case "stts":
			t.stts, err = m.body(b, mp4MaxTable)
		case "stsc":
			t.stsc, err = m.body(b, mp4MaxTable)
		case "stsz":
			t.stsz, err = m.body(b, mp4MaxTable)
		case "stco", "co64":
			t.wide = b.kind == "co64"
			t.stco, err = m.body(b, mp4MaxTable)
		}
		return err
	})
}

// edits reads the edit list (ISO/IEC 14496-12 section 8.6.6): the first edit
// that shows media tells the encoder delay and the length.
func (t *mp4Track) edits(d []byte) {
	if len(d) < 8 {
		return
	}
	size := 12
	if d[0] == 1 {
		size = 20
	}
	for d = d[8:]; len(d) >= size; d = d[size:] {
		length, at := int64(binary.BigEndian.Uint32(d)), int64(int32(binary.BigEndian.Uint32(d[4:])))
		if size == 20 {
			length, at = int64(binary.BigEndian.Uint64(d)), int64(binary.BigEndian.Uint64(d[8:]))
		}
		if at >= 0 {
			t.skip, t.length = at, length
			return
		}
	}
}

// udta looks for iTunSMPB, iTunes' own statement of delay and padding.
func (m *mp4Reader) udta(b box) error {
	return m.children(b.off, b.end, func(b box) error {
		if b.kind != "meta" || b.end-b.off < 4 {
			return nil
		}
		return m.children(b.off+4, b.end, func(b box) error {
			if b.kind != "ilst" {
				return nil
			}
			return m.children(b.off, b.end, func(b box) error {
				if b.kind != "----" || b.end-b.off > 4096 {
					return nil
				}
				return m.freeform(b)
			})
		})
	})
}

func (m *mp4Reader) freeform(b box) error {
	var name, data []byte
	err := m.children(b.off, b.end, func(b box) (err error) {
		switch b.kind {
		case "name":
			name, err = m.body(b, 4096)
		case "data":
			data, err = m.body(b, 4096)
		}
		return err
	})
	if err == nil && len(name) > 4 && string(name[4:]) == "iTunSMPB" && len(data) > 8 {
		m.smpb = data[8:]
	}
	return err
}

// mp4Walker goes through the sample tables in step.
type mp4Walker struct {
	size       int64
	rate       int64
	timescale  int64
	stts       []byte
	sttsLeft   uint32
	delta      uint32
	stsc       []byte
	perChunk   uint32
	inChunk    uint32
	chunk      uint32
	stco       []byte
	wide       bool
	fixed      uint32
	sizes      []byte
	left       uint32
	off        int64
	time, done int64 // in the media's timescale; in samples
}

// file puts the tables together.
func (m *mp4Reader) file(movie uint32) (*File, error) {
	t := m.track
	cfg := t.cfg
	if cfg.Rate == 0 {
		cfg.Rate = int(t.timescale)
	}
	if cfg.Rate < 1000 || cfg.Rate > 1<<20 || t.timescale == 0 {
		return nil, errorf(ErrCorrupt, "mp4: %d Hz at a timescale of %d", cfg.Rate, t.timescale)
	}
	cfg.Samples = -1
	f := &File{ReaderAt: m.w.r}
	if m.frag && len(t.stsz) >= 12 && binary.BigEndian.Uint32(t.stsz[8:]) == 0 {
		f.cfg, f.walk = cfg, uncut("fragmented mp4")
		return f, nil
	}
	if len(t.stts) < 8 || len(t.stsc) < 8 || len(t.stsz) < 12 || len(t.stco) < 8 {
		return nil, errorf(ErrCorrupt, "mp4: a sample table is missing")
	}
	w := &mp4Walker{
		size: m.w.size, rate: int64(cfg.Rate), timescale: int64(t.timescale),
		stts: t.stts[8:], stsc: t.stsc[8:], stco: t.stco[8:], wide: t.wide,
		fixed: binary.BigEndian.Uint32(t.stsz[4:]), left: binary.BigEndian.Uint32(t.stsz[8:]),
		sizes: t.stsz[12:],
	}
	if w.fixed == 0 {
		w.left = min(w.left, uint32(len(w.sizes)/4))
	}
	total := w.totalSamples()
	if t.skip > 0 {
		cfg.PreSkip = t.skip * w.rate / w.timescale
	}
	cfg.Samples = max(total-cfg.PreSkip, 0)
	if t.length > 0 && movie > 0 && t.length < 1<<40 {
		// The movie's timescale is often coarse: a length within one of its
		// ticks of the whole is the whole.
		n := t.length * w.rate / int64(movie)
		if n+w.rate/int64(movie) < cfg.Samples {
			cfg.Samples = n
		}
	}
	if skip, pad, n, ok := parseSMPB(m.smpb); ok && skip+pad <= total && cfg.Codec == CodecAAC {
		cfg.PreSkip, cfg.Samples = skip, total-skip-pad
		if n > 0 && n < cfg.Samples {
			cfg.Samples = n
		}
	}
	cfg.Padding = max(total-cfg.PreSkip-cfg.Samples, 0)
	f.cfg, f.walk = cfg, w
	return f, nil
}

// totalSamples adds up the durations of stts.
func (w *mp4Walker) totalSamples() (n int64) {
	for b := w.stts; len(b) >= 8; b = b[8:] {
		n += int64(binary.BigEndian.Uint32(b)) * int64(binary.BigEndian.Uint32(b[4:]))
		if n > 1<<48 {
			return 0
		}
	}
	return n * w.rate / w.timescale
}

func (w *mp4Walker) next() (frame, error) {
	if w.left == 0 {
		return frame{}, io.EOF
	}
	for w.sttsLeft == 0 {
		if len(w.stts) < 8 {
			return frame{}, io.EOF
		}
		w.sttsLeft, w.delta = binary.BigEndian.Uint32(w.stts), binary.BigEndian.Uint32(w.stts[4:])
		w.stts = w.stts[8:]
	}
	if w.inChunk == 0 {
		if err := w.nextChunk(); err != nil {
			return frame{}, err
		}
	}
	size := w.fixed
	if size == 0 {
		size = binary.BigEndian.Uint32(w.sizes)
		w.sizes = w.sizes[4:]
	}
	if w.off < 0 || w.off+int64(size) > w.size {
		return frame{}, errorf(ErrCorrupt, "mp4: a frame of %d bytes at %d lies outside the file", size, w.off)
	}
	w.time += int64(w.delta)
	if w.time > 1<<42 {
		return frame{}, errorf(ErrCorrupt, "mp4: impossible durations")
	}
	end := w.time * w.rate / w.timescale
	fr := frame{off: w.off, size: size, dur: uint32(end - w.done)}
	w.done = end
	w.off += int64(size)
	w.left--
	w.sttsLeft--
	w.inChunk--
	return fr, nil
}

// nextChunk moves to the next chunk that has samples.
func (w *mp4Walker) nextChunk() error {
	for w.inChunk == 0 {
		entry := 4
		if w.wide {
			entry = 8
		}
		if len(w.stco) < entry {
			return io.EOF
		}
		if w.wide {
			w.off = int64(binary.BigEndian.Uint64(w.stco) & (1<<62 - 1))
		} else {
			w.off = int64(binary.BigEndian.Uint32(w.stco))
		}
		w.stco = w.stco[entry:]
		w.chunk++
		for len(w.stsc) >= 12 && binary.BigEndian.Uint32(w.stsc) <= w.chunk {
			w.perChunk = binary.BigEndian.Uint32(w.stsc[4:])
			w.stsc = w.stsc[12:]
		}
		w.inChunk = w.perChunk
	}
	return nil
}

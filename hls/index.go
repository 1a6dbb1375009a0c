package hls

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrIndex is returned for a kept index that is damaged, or of another format.
var ErrIndex = errors.New("hls: no index")

// indexMagic begins a kept index; the digit is its format.
const indexMagic = "jumpgate frames 1\n"

// maxIndexFrames is more than a day of the shortest frames that are served.
const maxIndexFrames = 20_000_000

// AppendIndex writes where the frames of a track are, so that OpenIndex need
// not look for them again: about three bytes a frame.
func AppendIndex(buf []byte, t Track) []byte {
	c := t.Config()
	buf = append(buf, indexMagic...)
	for _, n := range []int64{int64(c.Rate), int64(c.Channels), int64(c.Bits), c.PreSkip, c.Padding} {
		buf = binary.AppendVarint(buf, n)
	}
	for _, s := range []string{c.Codec, string(c.Header)} {
		buf = binary.AppendUvarint(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	n := t.NumFrames()
	buf = binary.AppendUvarint(buf, uint64(n))
	next, before := int64(0), uint32(0)
	for i := range n {
		off, size, dur := t.Frame(i)
		// Frames mostly follow each other, and last as long as the one before.
		buf = binary.AppendVarint(buf, off-next)
		buf = binary.AppendUvarint(buf, uint64(size))
		buf = binary.AppendVarint(buf, int64(dur)-int64(before))
		next, before = off+int64(size), dur
	}
	return buf
}

// OpenIndex returns the track that AppendIndex wrote down, whose bytes are read
// from r. ErrIndex, wrapped, tells that data is not one.
func OpenIndex(data []byte, r io.ReaderAt) (Track, error) {
	in := &indexReader{b: data}
	if len(data) < len(indexMagic) || string(data[:len(indexMagic)]) != indexMagic {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrIndex, indexMagic)
	}
	in.b = data[len(indexMagic):]
	c := CodecConfig{Rate: int(in.varint()), Channels: int(in.varint()), Bits: int(in.varint()), PreSkip: in.varint(), Padding: in.varint()}
	c.Codec = string(in.text())
	c.Header = append([]byte(nil), in.text()...)
	n := in.uvarint()
	if in.broken || n > maxIndexFrames || n > uint64(len(in.b)) {
		return nil, fmt.Errorf("%w: cut off", ErrIndex)
	}
	t := &indexedTrack{codec: c, ReaderAt: r, frames: make([]indexedFrame, n)}
	next, before := int64(0), int64(0)
	for i := range t.frames {
		off, size, dur := next+in.varint(), in.uvarint(), before+in.varint()
		if in.broken || off < 0 || size == 0 || size > maxFrame || dur <= 0 || dur > 1<<20 {
			return nil, fmt.Errorf("%w: frame %d of %d bytes at %d", ErrIndex, i, size, off)
		}
		t.frames[i] = indexedFrame{off: off, size: uint32(size), dur: uint32(dur)}
		next, before = off+int64(size), dur
	}
	return t, nil
}

type indexedFrame struct {
	off       int64
	size, dur uint32
}

type indexedTrack struct {
	codec CodecConfig
	io.ReaderAt
	frames []indexedFrame
}

func (t *indexedTrack) Config() CodecConfig { return t.codec }
func (t *indexedTrack) NumFrames() int      { return len(t.frames) }
func (t *indexedTrack) Frame(i int) (off int64, size int, dur uint32) {
	f := t.frames[i]
	return f.off, int(f.size), f.dur
}

type indexReader struct {
	b      []byte
	broken bool
}

func (r *indexReader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.advance(n)
	return v
}

func (r *indexReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.advance(n)
	return v
}

func (r *indexReader) text() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.broken = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *indexReader) advance(n int) {
	if n <= 0 {
		r.broken, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

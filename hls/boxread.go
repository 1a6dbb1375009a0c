package hls

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrBox is returned, wrapped with the place, for bytes that contradict the
// ISO base media file format.
var ErrBox = errors.New("hls: not fragmented MP4")

// maxTableFrames bounds what one trun may list: a minute of the shortest Opus
// packets is 24,000.
const maxTableFrames = 1 << 16

// boxes calls visit for each box of data, with what stands in it and where
// that begins in data. It refuses boxes that reach past the end.
func boxes(data []byte, visit func(kind string, body []byte, at int) error) error {
	for at := 0; at < len(data); {
		rest := data[at:]
		if len(rest) < 8 {
			return fmt.Errorf("%w: %d bytes behind the last box", ErrBox, len(rest))
		}
		size, head := uint64(binary.BigEndian.Uint32(rest)), 8
		kind := string(rest[4:8])
		switch size {
		case 0: // to the end
			size = uint64(len(rest))
		case 1:
			if len(rest) < 16 {
				return fmt.Errorf("%w: %q is cut off", ErrBox, kind)
			}
			size, head = binary.BigEndian.Uint64(rest[8:]), 16
		}
		if size < uint64(head) || size > uint64(len(rest)) {
			return fmt.Errorf("%w: %q at %d claims %d bytes of %d", ErrBox, kind, at, size, len(rest))
		}
		if err := visit(kind, rest[head:size], at+head); err != nil {
			return err
		}
		at += int(size)
	}
	return nil
}

// boxReader reads fields from the front of a box's body. A read past the end
// gives zero and is remembered, so that a reader checks once.
type boxReader struct {
	b     []byte
	short bool
}

func (r *boxReader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.short, r.b = true, nil
		return make([]byte, max(0, min(n, 8)))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *boxReader) u8() uint8   { return r.take(1)[0] }
func (r *boxReader) u16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *boxReader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *boxReader) u64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

// full reads a version and flags.
func (r *boxReader) full() (version uint8, flags uint32) {
	v := r.u32()
	return uint8(v >> 24), v & 0xffffff
}

func (r *boxReader) err(kind string) error {
	if r.short {
		return fmt.Errorf("%w: %q is cut off", ErrBox, kind)
	}
	return nil
}

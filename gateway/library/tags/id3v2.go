package tags

import (
	"bytes"
	"errors"
	"fmt"
)

// ID3v2 header flags (https://id3.org/id3v2.4.0-structure section 3.1).
const (
	tagUnsync   = 0x80
	tagExtended = 0x40
	tagFooter   = 0x10
)

// id3 is the reading of one ID3v2 tag.
type id3 struct {
	w       *window
	t       *Tags
	version byte // 2, 3 or 4
	unsync  bool // of every frame: version 4
	off     int64
	end     int64
	text    latin
}

// readID3v2 reads the tag at off and returns where it ends.
func readID3v2(w *window, off int64, t *Tags) (int64, error) {
	h, err := w.bytes(off, 10)
	if err != nil {
		return off, err
	}
	if !has(h, 0, "ID3") {
		return off, fmt.Errorf("%w: no ID3v2 tag where one should be", ErrCorrupt)
	}
	size, ok := syncsafe(h[6:])
	if !ok {
		return off, fmt.Errorf("%w: the ID3v2 tag's size", ErrCorrupt)
	}
	d := &id3{w: w, t: t, version: h[3], off: off + 10, end: off + 10 + size}
	after := d.end
	if h[5]&tagFooter != 0 && d.version >= 4 {
		after += 10
	}
	if d.version < 2 || d.version > 4 {
		return after, fmt.Errorf("%w: ID3v2.%d", ErrCorrupt, d.version)
	}
	short := d.end > w.size
	d.end = min(d.end, w.size)
	if h[5]&tagUnsync != 0 {
		if d.version == 4 {
			d.unsync = true
		} else if err := d.resync(); err != nil {
			return after, err
		}
	}
	if err = d.skipExtended(h[5]); err == nil {
		err = d.frames()
	}
	d.text.apply()
	if err == nil && short {
		err = fmt.Errorf("%w: the ID3v2 tag reaches beyond the file", ErrCorrupt)
	}
	return after, err
}

// resync undoes the unsynchronisation of a whole tag, in memory.
func (d *id3) resync() error {
	b, err := d.w.bytes(d.off, d.end-d.off)
	if err != nil {
		return err
	}
	b = resynced(b)
	items := d.w.items
	d.w = newWindow(bytes.NewReader(b), int64(len(b)))
	d.w.items = items
	d.off, d.end = 0, int64(len(b))
	return nil
}

// resynced drops the zeros that were put in after FF.
func resynced(b []byte) []byte {
	return bytes.ReplaceAll(b, []byte{0xFF, 0}, []byte{0xFF})
}

func (d *id3) skipExtended(flags byte) error {
	if flags&tagExtended == 0 || d.version == 2 {
		return nil
	}
	h, err := d.w.bytes(d.off, 4)
	if err != nil {
		return err
	}
	size := be32(h) + 4 // version 3 leaves out the size's own bytes
	if d.version == 4 {
		var ok bool
		if size, ok = syncsafe(h); !ok {
			return fmt.Errorf("%w: the extended header's size", ErrCorrupt)
		}
	}
	if size > d.end-d.off {
		return fmt.Errorf("%w: the extended header reaches beyond the tag", ErrCorrupt)
	}
	d.off += size
	return nil
}

// frame is one frame: where its content lies.
type frame struct {
	id       string
	off, end int64
	flags    byte // the second byte of the frame's flags
}

// frames reads the frames up to the padding.
func (d *id3) frames() error {
	for {
		f, ok, err := d.next()
		if err != nil || !ok {
			return err
		}
		if err := d.frame(f); err != nil && !errors.Is(err, ErrCorrupt) {
			return err // a corrupt frame takes no other with it
		}
		d.off = f.end
	}
}

func (d *id3) next() (f frame, ok bool, err error) {
	head := int64(10)
	if d.version == 2 {
		head = 6
	}
	if d.end-d.off < head {
		return f, false, nil
	}
	if err := d.w.item(); err != nil {
		return f, false, err
	}
	h, err := d.w.bytes(d.off, head)
	if err != nil {
		return f, false, err
	}
	if h[0] == 0 {
		return f, false, nil // padding
	}
	var size int64
	if d.version == 2 {
		f.id, size = string(h[:3]), int64(h[3])<<16|int64(h[4])<<8|int64(h[5])
	} else {
		f.id, size, f.flags = string(h[:4]), be32(h[4:]), h[9]
	}
	if !isFrameID(f.id) {
		return f, false, fmt.Errorf("%w: a frame called %q", ErrCorrupt, f.id)
	}
	f.off = d.off + head
	if d.version == 4 {
		size = d.size4(f.off, h[4:8])
	}
	if f.end = f.off + size; f.end > d.end {
		return f, false, fmt.Errorf("%w: frame %s reaches beyond the tag", ErrCorrupt, f.id)
	}
	return f, true, nil
}

// size4 reads a frame's size in version 4. It should be syncsafe, but some
// taggers wrote plain sizes: the one with a frame or padding behind it counts.
func (d *id3) size4(off int64, b []byte) int64 {
	size, ok := syncsafe(b)
	plain := be32(b)
	if ok && (size == plain || d.boundary(off+size) || !d.boundary(off+plain)) {
		return size
	}
	return plain
}

// boundary tells that a frame may begin, or the tag end, at off.
func (d *id3) boundary(off int64) bool {
	if off >= d.end-10 {
		return off <= d.end
	}
	b, err := d.w.bytes(off, 4)
	return err == nil && (b[0] == 0 || isFrameID(string(b)))
}

func isFrameID(id string) bool {
	for _, c := range []byte(id) {
		if (c < 'A' || c > 'Z') && !isDigit(c) && c != ' ' {
			return false
		}
	}
	return true
}

// syncsafe reads four times seven bits.
func syncsafe(b []byte) (int64, bool) {
	var n int64
	for _, c := range b[:4] {
		if c&0x80 != 0 {
			return 0, false
		}
		n = n<<7 | int64(c)
	}
	return n, true
}

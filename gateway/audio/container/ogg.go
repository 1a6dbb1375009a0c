package container

import (
	"encoding/binary"
	"errors"
	"io"
)

// Bounds: a page is at most 65307 bytes (RFC 3533 section 6); a packet is cut
// off at what the longest Opus packet with its padding could reach.
const (
	oggHeader    = 27
	oggPacketCap = 1 << 20
	oggSearch    = 128 << 10
	// oggMaxDamage bounds how many broken pages in a row are stepped over:
	// each costs a checksum over all that it claims to be.
	oggMaxDamage = 256
)

// oggPage is one page's header.
type oggPage struct {
	off     int64 // in the file
	body    int64 // where its payload starts in the file
	size    int   // of its payload
	flags   byte
	granule int64 // -1: no packet ends here
	serial  uint32
	lacing  []byte
}

func (p oggPage) end() int64      { return p.body + int64(p.size) }
func (p oggPage) continued() bool { return p.flags&1 != 0 }
func (p oggPage) last() bool      { return p.flags&4 != 0 }

// readOggPage reads and checks the page at off.
func readOggPage(w *window, off int64) (oggPage, error) {
	b, err := w.peek(off, oggHeader)
	if err != nil {
		return oggPage{}, err
	}
	if len(b) < oggHeader {
		return oggPage{}, io.EOF
	}
	if string(b[:4]) != "OggS" || b[4] != 0 {
		return oggPage{}, errorf(ErrCorrupt, "ogg: no page at %d", off)
	}
	p := oggPage{
		off: off, flags: b[5],
		granule: int64(binary.LittleEndian.Uint64(b[6:])),
		serial:  binary.LittleEndian.Uint32(b[14:]),
	}
	sum, n := binary.LittleEndian.Uint32(b[22:]), int(b[26])
	if b, err = w.full(off, oggHeader+n); err != nil {
		return oggPage{}, err
	}
	p.lacing = append([]byte(nil), b[oggHeader:]...)
	for _, l := range p.lacing {
		p.size += int(l)
	}
	p.body = off + oggHeader + int64(n)
	b, err = w.full(off, oggHeader+n+p.size)
	if err != nil {
		return oggPage{}, err
	}
	c := crc32(0, b[:22])
	c = crc32(c, []byte{0, 0, 0, 0})
	if crc32(c, b[26:]) != sum {
		return oggPage{}, errorf(ErrCorrupt, "ogg: bad checksum of the page at %d", off)
	}
	return p, nil
}

// nextOggPage finds the next good page at or behind off, stepping over damage.
func nextOggPage(w *window, off int64) (oggPage, error) {
	p, err := readOggPage(w, off)
	for damage := 0; errors.Is(err, ErrCorrupt) && damage < oggMaxDamage; {
		off++
		var b []byte
		if b, err = w.peek(off, 4); err != nil {
			return p, err
		}
		if len(b) < 4 {
			return p, io.EOF
		}
		if string(b) != "OggS" {
			err = ErrCorrupt
			continue
		}
		damage++
		p, err = readOggPage(w, off)
	}
	return p, err
}

// oggPiece maps a page's payload into the Track's own address space, where
// the payloads of the stream follow each other without headers.
type oggPiece struct{ at, file int64 }

// oggWalker cuts the packets of one logical stream.
type oggWalker struct {
	w       *window
	serial  uint32
	off     int64 // the next page in the file
	pieces  []oggPiece
	at      int64 // the end of the payloads so far
	queue   []oggPacket
	partial int // bytes of a packet that goes on in the next page
	bad     bool
	dur     func(head []byte) uint32 // nil: durations are not known
	done    bool
}

type oggPacket struct {
	off  int64
	size int
}

// page takes the next page of the stream apart.
func (o *oggWalker) page() error {
	if o.done {
		return io.EOF
	}
	p, err := nextOggPage(o.w, o.off)
	if err != nil {
		return err
	}
	o.off = p.end()
	if p.serial != o.serial {
		return nil
	}
	o.done = p.last()
	if !p.continued() {
		o.partial, o.bad = 0, false
	} else if o.partial == 0 {
		o.bad = true // its beginning was lost
	}
	o.pieces = append(o.pieces, oggPiece{at: o.at, file: p.body})
	start := o.at - int64(o.partial)
	size := o.partial
	for _, l := range p.lacing {
		size += int(l)
		o.at += int64(l)
		if l == 255 {
			continue
		}
		if !o.bad && size > 0 && size <= oggPacketCap {
			o.queue = append(o.queue, oggPacket{off: start, size: size})
		}
		start, size, o.bad = o.at, 0, false
	}
	o.partial = size
	return nil
}

// packet returns the next packet's place in the Track's address space.
func (o *oggWalker) packet() (oggPacket, error) {
	for len(o.queue) == 0 {
		if err := o.page(); err != nil {
			return oggPacket{}, err
		}
	}
	p := o.queue[0]
	o.queue = o.queue[1:]
	return p, nil
}

func (o *oggWalker) next() (frame, error) {
	for {
		p, err := o.packet()
		if err != nil {
			return frame{}, err
		}
		var head [2]byte
		n, err := o.ReadAt(head[:min(p.size, 2)], p.off)
		if n == 0 {
			return frame{}, readError("ogg packet", err)
		}
		if d := o.dur(head[:n]); d > 0 {
			return frame{off: p.off, size: uint32(p.size), dur: d}, nil
		}
	}
}

// ReadAt reads from the joined payloads.
func (o *oggWalker) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off >= o.at {
		return 0, io.EOF
	}
	lo, hi := 0, len(o.pieces)
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) / 2); o.pieces[mid].at <= off {
			lo = mid
		} else {
			hi = mid
		}
	}
	n := 0
	for ; n < len(b) && lo < len(o.pieces); lo++ {
		end := o.at
		if lo+1 < len(o.pieces) {
			end = o.pieces[lo+1].at
		}
		skip := off + int64(n) - o.pieces[lo].at
		want := min(int64(len(b)-n), end-o.pieces[lo].at-skip)
		if want <= 0 {
			continue
		}
		m, err := o.w.r.ReadAt(b[n:n+int(want)], o.pieces[lo].file+skip)
		n += m
		if int64(m) < want {
			return n, err
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// lastGranule returns the last granule position of the stream, looking at the
// end of the file only; -1 if there is none.
func (o *oggWalker) lastGranule() int64 {
	off := max(o.w.size-oggSearch, 0)
	granule := int64(-1)
	for {
		p, err := nextOggPage(o.w, off)
		if err != nil {
			return granule
		}
		if p.serial == o.serial && p.granule >= 0 {
			granule = p.granule
		}
		off = p.end()
	}
}

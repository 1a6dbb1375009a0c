package tags

import (
	"bytes"
	"fmt"
)

// readOgg reads the comments of an Ogg file (RFC 3533): the second packet of
// the first audio stream, whose first packet tells its codec.
func readOgg(w *window, t *Tags) error {
	p := oggPackets{w: w}
	head, err := p.next()
	if err != nil {
		return err
	}
	// FLAC in Ogg has its native blocks behind a 13 byte header.
	flac := has(head, 0, "\x7FFLAC")
	for range 4 {
		b, err := p.next()
		if err != nil {
			return err
		}
		switch {
		case has(b, 0, "OpusTags"):
			return parseComments(w, b[8:], t)
		case has(b, 0, "\x03vorbis"):
			return parseComments(w, b[7:], t)
		case flac && len(b) > 4 && b[0]&0x7F == 4:
			return parseComments(w, b[4:], t)
		}
	}
	return nil
}

// oggPackets cuts the pages of the first stream into packets.
type oggPackets struct {
	w       *window
	off     int64
	serial  []byte
	lacing  []byte // of the current page, what is left
	payload int64  // where the next segment lies
}

func (p *oggPackets) next() ([]byte, error) {
	var out bytes.Buffer
	for {
		for len(p.lacing) > 0 {
			n := int64(p.lacing[0])
			p.lacing = p.lacing[1:]
			b, err := p.w.bytes(p.payload, n)
			if err != nil {
				return nil, err
			}
			p.payload += n
			if out.Write(b); out.Len() > maxBlock {
				return nil, fmt.Errorf("%w: the comments", ErrBudget)
			}
			if n < 255 {
				return out.Bytes(), nil
			}
		}
		if err := p.page(); err != nil {
			return nil, err
		}
	}
}

// page goes to the next page of the stream (RFC 3533 section 6).
func (p *oggPackets) page() error {
	const header = 27
	for range maxItems {
		h, err := p.w.bytes(p.off, header)
		if err != nil {
			return err
		}
		if !has(h, 0, "OggS") {
			return fmt.Errorf("%w: no Ogg page at %d", ErrCorrupt, p.off)
		}
		lacing, err := p.w.bytes(p.off+header, int64(h[26]))
		if err != nil {
			return err
		}
		p.payload = p.off + header + int64(len(lacing))
		p.off = p.payload
		for _, n := range lacing {
			p.off += int64(n)
		}
		if p.serial == nil {
			p.serial = bytes.Clone(h[14:18])
		}
		if bytes.Equal(p.serial, h[14:18]) {
			p.lacing = lacing
			return nil
		}
	}
	return fmt.Errorf("%w: pages of other streams", ErrBudget)
}

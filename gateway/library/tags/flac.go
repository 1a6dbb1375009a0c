package tags

import "fmt"

// readFLAC reads the metadata blocks of a FLAC stream (RFC 9639 section 8)
// whose marker is at off.
func readFLAC(w *window, off int64, t *Tags) error {
	const comment, picture = 4, 6
	off += 4
	for last := false; !last; {
		if err := w.item(); err != nil {
			return err
		}
		h, err := w.bytes(off, 4)
		if err != nil {
			return err
		}
		last = h[0]&0x80 != 0
		size := be32(h) & 0xFFFFFF
		off += 4
		if size > w.size-off {
			return fmt.Errorf("%w: a metadata block reaches beyond the file", ErrCorrupt)
		}
		switch h[0] & 0x7F {
		case comment:
			b, err := w.bytes(off, size)
			if err != nil {
				return err
			}
			if err := parseComments(w, b, t); err != nil {
				return err
			}
		case picture:
			// A bad picture takes nothing else with it.
			if p, err := parsePicture(w, off, size); err == nil {
				t.addPicture(w.r, p.off, p.size, p.mime, p.kind)
			}
		}
		off += size
	}
	return nil
}

// pictureBlock is where the image of a FLAC picture block lies.
type pictureBlock struct {
	off, size, kind int64
	mime            string
}

// parsePicture reads a picture block (RFC 9639 section 8.8) but not the image.
func parsePicture(w *window, off, size int64) (pictureBlock, error) {
	var p pictureBlock
	end := off + size
	next := func() (int64, error) {
		if end-off < 4 {
			return 0, fmt.Errorf("%w: a picture block ends early", ErrCorrupt)
		}
		b, err := w.bytes(off, 4)
		if err != nil {
			return 0, err
		}
		off += 4
		return be32(b), nil
	}
	var err error
	if p.kind, err = next(); err != nil {
		return p, err
	}
	n, err := next()
	if err != nil {
		return p, err
	}
	if n > 256 || n > end-off {
		return p, fmt.Errorf("%w: a picture's MIME type of %d bytes", ErrCorrupt, n)
	}
	mime, err := w.bytes(off, n)
	if err != nil {
		return p, err
	}
	p.mime = string(mime)
	off += n
	if n, err = next(); err != nil { // the description
		return p, err
	}
	const dimensions = 16 // width, height, depth, colours
	if off += n + dimensions; off > end {
		return p, fmt.Errorf("%w: a picture block ends early", ErrCorrupt)
	}
	if p.size, err = next(); err != nil {
		return p, err
	}
	if p.off = off; p.size > end-off {
		return p, fmt.Errorf("%w: a picture reaches beyond its block", ErrCorrupt)
	}
	return p, nil
}

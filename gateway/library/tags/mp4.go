package tags

import (
	"fmt"
	"strings"
)

// atom is one box of an MP4 file (ISO/IEC 14496-12 section 4.2): where its
// content lies.
type atom struct {
	kind     string
	off, end int64
}

// readMP4 reads iTunes metadata: moov/udta/meta/ilst.
func readMP4(w *window, t *Tags) error {
	list := atom{end: w.size}
	for _, kind := range []string{"moov", "udta", "meta", "ilst"} {
		found := false
		err := eachAtom(w, list, func(a atom) (bool, error) {
			if found = a.kind == kind; found {
				list = a
			}
			return !found, nil
		})
		if err != nil {
			return err
		}
		if !found {
			return nil
		}
		if kind == "meta" {
			// A full box: version and flags, which old QuickTime leaves out.
			b, err := w.bytes(list.off, min(8, list.end-list.off))
			if err != nil {
				return err
			}
			if !has(b, 4, "hdlr") {
				list.off += 4
			}
		}
	}
	return eachAtom(w, list, func(a atom) (bool, error) { return true, readItem(w, a, t) })
}

// eachAtom calls f for the atoms within one, until f returns false.
func eachAtom(w *window, in atom, f func(atom) (more bool, err error)) error {
	for off := in.off; in.end-off >= 8; {
		if err := w.item(); err != nil {
			return err
		}
		h, err := w.bytes(off, 8)
		if err != nil {
			return err
		}
		a := atom{kind: string(h[4:]), off: off + 8}
		size := be32(h)
		switch size {
		case 0: // to the end
			size = in.end - off
		case 1: // 64 bits
			if h, err = w.bytes(off+8, 8); err != nil {
				return err
			}
			if be32(h) > 1<<20 {
				return fmt.Errorf("%w: atom %q of a size that no file has", ErrCorrupt, a.kind)
			}
			size = be32(h)<<32 | be32(h[4:])
			a.off += 8
		}
		if a.end = off + size; a.end < a.off || a.end > in.end {
			return fmt.Errorf("%w: atom %q reaches beyond what it is in", ErrCorrupt, a.kind)
		}
		more, err := f(a)
		if err != nil || !more {
			return err
		}
		off = a.end
	}
	return nil
}

// readItem reads one entry of ilst: atoms "data", and for freeform entries
// ("----") a "name" before them.
func readItem(w *window, item atom, t *Tags) error {
	name := item.kind
	return eachAtom(w, item, func(a atom) (bool, error) {
		switch a.kind {
		case "name":
			if a.end-a.off < 4 || a.end-a.off > 260 {
				return true, nil
			}
			b, err := w.bytes(a.off+4, a.end-a.off-4)
			if err == nil && name == "----" {
				name = "----" + strings.ToUpper(string(b))
			}
			return true, err
		case "data":
			return true, readData(w, name, a, t)
		}
		return true, nil
	})
}

// names that iTunes uses, as Vorbis comments call them.
var itunes = map[string]string{
	"\xA9wrt": "COMPOSER", "\xA9wrk": "WORK", "soar": "ARTISTSORT",
	"\xA9nam": "TITLE", "\xA9ART": "ARTIST", "\xA9alb": "ALBUM", "aART": "ALBUMARTIST", "\xA9gen": "GENRE", "\xA9day": "DATE",
}

// readData reads a value: a type, a locale, then the value itself.
func readData(w *window, name string, a atom, t *Tags) error {
	off, size := a.off+8, a.end-a.off-8
	if size <= 0 {
		return nil
	}
	if name == "covr" {
		t.addPicture(w.r, off, size, "", 3)
		return nil
	}
	if size > maxComment {
		return nil
	}
	b, err := w.bytes(off, size)
	if err != nil {
		return err
	}
	switch free, isFree := strings.CutPrefix(name, "----"); {
	case isFree:
		t.set(free, string(b))
	case name == "trkn" && len(b) >= 6:
		setInts(&t.Number, &t.Numbers, b)
	case name == "disk" && len(b) >= 6:
		setInts(&t.Disc, &t.Discs, b)
	case name == "\xA9mvi" && len(b) >= 1 && len(b) <= 2:
		for _, v := range b { // big-endian
			t.Movement = t.Movement<<8 | int(v)
		}
	case name == "gnre" && len(b) >= 2:
		if g := genre(int(b[0])<<8 | int(b[1]) - 1); g != "" {
			t.addGenres(g)
		}
	case itunes[name] != "":
		t.set(itunes[name], string(b))
	}
	return nil
}

// setInts reads "number of total" as iTunes packs it.
func setInts(n, of *int, b []byte) {
	*n = int(b[2])<<8 | int(b[3])
	*of = int(b[4])<<8 | int(b[5])
}

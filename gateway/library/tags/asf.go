package tags

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// The objects that are read of WMA and other ASF files, each by its GUID as its
// bytes lie in the file (Advanced Systems Format Specification, revision 01.20.05,
// sections 10.1 and 10.2).
const (
	asfHeader      = "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"
	asfContent     = "\x33\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"
	asfExtended    = "\x40\xA4\xD0\xD2\x07\xE3\xD2\x11\x97\xF0\x00\xA0\xC9\x5E\xA8\x50"
	asfExtension   = "\xB5\x03\xBF\x5F\x2E\xA9\xCF\x11\x8E\xE3\x00\xC0\x0C\x20\x53\x65"
	asfMetaLibrary = "\x94\x1C\x23\x44\x98\x94\xD1\x49\xA1\x41\x1D\x13\x4E\x45\x70\x54"
)

// asfNames are the attributes that are read, as Vorbis comments call them.
// Others, like REPLAYGAIN_TRACK_GAIN, have the same name in both.
var asfNames = map[string]string{
	"WM/ALBUMTITLE": "ALBUM", "WM/ALBUMARTIST": "ALBUMARTIST", "WM/GENRE": "GENRE", "WM/MOOD": "MOOD", "WM/YEAR": "DATE",
	"WM/TRACKNUMBER": "TRACKNUMBER", "WM/PARTOFSET": "DISCNUMBER", "WM/COMPOSER": "COMPOSER", "WM/ARTISTSORTORDER": "ARTISTSORT",
	"WM/WORK": "WORK", "MUSICBRAINZ/TRACK ID": "MUSICBRAINZ_TRACKID", "MUSICBRAINZ/ARTIST ID": "MUSICBRAINZ_ARTISTID",
	"AUTHOR": "ARTIST",
}

// Types of attributes (section 3.11).
const (
	asfText  = 0
	asfBytes = 1
	asfDword = 3
	asfQword = 4
	asfWord  = 5
)

// asfHead is how many bytes stand before what an object holds: its id and size.
const asfHead = 24

// readASF reads the tags of an ASF file: they stand in its header, before the
// sound.
func readASF(w *window, t *Tags) error {
	_, size, err := asfObject(w, 0, w.size)
	if err != nil {
		return err
	}
	const counts = 6 // the number of objects, and two reserved bytes
	return asfObjects(w, asfHead+counts, size, t)
}

// asfObject reads the head of the object at off.
func asfObject(w *window, off, end int64) (id string, size int64, err error) {
	if err := w.item(); err != nil {
		return "", 0, err
	}
	h, err := w.bytes(off, asfHead)
	if err != nil {
		return "", 0, err
	}
	n := binary.LittleEndian.Uint64(h[16:])
	if n < asfHead || n > uint64(end-off) {
		return "", 0, fmt.Errorf("%w: an ASF object of %d bytes in %d", ErrCorrupt, n, end-off)
	}
	return string(h[:16]), int64(n), nil
}

// asfObjects reads those that lie from off to end.
func asfObjects(w *window, off, end int64, t *Tags) error {
	for off+asfHead <= end {
		id, size, err := asfObject(w, off, end)
		if err != nil {
			return err
		}
		from := off + asfHead
		off += size
		switch id {
		case asfContent:
			err = readASFContent(w, from, off, t)
		case asfExtended:
			err = readASFAttributes(w, from, off, false, t)
		case asfMetaLibrary:
			err = readASFAttributes(w, from, off, true, t)
		case asfExtension:
			const reserved = 22 // and the length of what follows, which the object's size says too
			err = asfObjects(w, from+reserved, off, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readASFContent reads the content description: five lengths, then the texts, of
// which the title and the artist are the first.
func readASFContent(w *window, off, end int64, t *Tags) error {
	const lengths = 10
	h, err := w.bytes(off, lengths)
	if err != nil {
		return err
	}
	off += lengths
	for i, name := range []string{"TITLE", "ARTIST"} {
		n := int64(binary.LittleEndian.Uint16(h[2*i:]))
		if n > end-off {
			return fmt.Errorf("%w: the ASF content description", ErrCorrupt)
		}
		b, err := w.bytes(off, n)
		if err != nil {
			return err
		}
		t.set(name, decodeASF(b))
		off += n
	}
	return nil
}

// readASFAttributes reads a list of named values. In the metadata library each
// also says which stream it is of, and has four bytes for its length.
func readASFAttributes(w *window, off, end int64, library bool, t *Tags) error {
	h, err := w.bytes(off, 2)
	if err != nil {
		return err
	}
	off += 2
	for range binary.LittleEndian.Uint16(h) {
		if err := w.item(); err != nil {
			return err
		}
		a, next, err := asfAttributeAt(w, off, end, library)
		if err != nil {
			return err
		}
		off = next
		if err := a.read(w, t); err != nil {
			return err
		}
	}
	return nil
}

// asfAttribute is one attribute, and where its value lies.
type asfAttribute struct {
	name     string // in upper case
	kind     uint16
	off, len int64
}

func asfAttributeAt(w *window, off, end int64, library bool) (a asfAttribute, next int64, err error) {
	beyond := fmt.Errorf("%w: an ASF attribute reaches beyond its object", ErrCorrupt)
	var nameLen int64
	if library { // language, stream, name's length, type, value's length; name, value
		h, err := w.bytes(off, 12)
		if err != nil {
			return a, 0, err
		}
		nameLen = int64(binary.LittleEndian.Uint16(h[4:]))
		a.kind, a.len = binary.LittleEndian.Uint16(h[6:]), le32(h[8:])
		off += 12
	} else { // name's length, name, type, value's length, value
		h, err := w.bytes(off, 2)
		if err != nil {
			return a, 0, err
		}
		nameLen = int64(binary.LittleEndian.Uint16(h))
		off += 2
	}
	if nameLen > end-off {
		return a, 0, beyond
	}
	name, err := w.bytes(off, nameLen)
	if err != nil {
		return a, 0, err
	}
	a.name = strings.ToUpper(decodeASF(name))
	off += nameLen
	if !library {
		h, err := w.bytes(off, 4)
		if err != nil {
			return a, 0, err
		}
		a.kind, a.len = binary.LittleEndian.Uint16(h), int64(binary.LittleEndian.Uint16(h[2:]))
		off += 4
	}
	if a.len > end-off {
		return a, 0, beyond
	}
	a.off = off
	return a, off + a.len, nil
}

// read takes over the attribute's value if it is one that is known.
func (a asfAttribute) read(w *window, t *Tags) error {
	if a.kind == asfBytes && a.name == "WM/PICTURE" {
		return a.picture(w, t)
	}
	if a.len > maxComment {
		return nil
	}
	b, err := w.bytes(a.off, a.len)
	if err != nil {
		return err
	}
	name := a.name
	if n := asfNames[name]; n != "" {
		name = n
	}
	switch {
	case a.kind == asfText:
		t.set(name, decodeASF(b))
	case a.kind == asfWord && len(b) == 2:
		t.set(name, strconv.FormatUint(uint64(binary.LittleEndian.Uint16(b)), 10))
	case a.kind == asfDword && len(b) == 4:
		t.set(name, strconv.FormatUint(uint64(binary.LittleEndian.Uint32(b)), 10))
	case a.kind == asfQword && len(b) == 8:
		t.set(name, strconv.FormatUint(binary.LittleEndian.Uint64(b), 10))
	}
	return nil
}

// picture takes a WM/Picture: kind, length, MIME type and description, both ended
// by a zero, and the image. Its bytes are not read.
func (a asfAttribute) picture(w *window, t *Tags) error {
	const head = 1 << 10
	b, err := w.bytes(a.off, min(head, a.len))
	if err != nil || len(b) < 5 {
		return err
	}
	mime, rest := cutText(encUTF16, b[5:])
	_, image := cutText(encUTF16, rest)
	start := a.off + int64(len(b)-len(image))
	if size := le32(b[1:]); len(image) > 0 && size <= a.off+a.len-start { // else it is corrupt, and takes nothing else with it
		t.addPicture(w.r, start, size, decodeASF(mime), int64(b[0]))
	}
	return nil
}

// decodeASF reads a text: little-endian UTF-16, with or without a zero at its end.
func decodeASF(b []byte) string { return strings.TrimRight(decodeUTF16(false, b), "\x00") }

package tags

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// textFrames are the frames that are read, as Vorbis comments call them.
var textFrames = map[string]string{
	"TIT2": "TITLE", "TPE1": "ARTIST", "TALB": "ALBUM", "TPE2": "ALBUMARTIST", "TMOO": "MOOD", "TCON": "GENRE",
	"TDRC": "DATE", "TYER": "DATE", "TRCK": "TRACKNUMBER", "TPOS": "DISCNUMBER",
	"TCOM": "COMPOSER", "TSOP": "ARTISTSORT", "MVIN": "MOVEMENTNUMBER",
	// ID3v2.2
	"TT2": "TITLE", "TP1": "ARTIST", "TAL": "ALBUM", "TP2": "ALBUMARTIST", "TCO": "GENRE",
	"TYE": "DATE", "TRK": "TRACKNUMBER", "TPA": "DISCNUMBER", "TCM": "COMPOSER", "TSP": "ARTISTSORT",
}

// Text encodings (https://id3.org/id3v2.4.0-structure section 4).
const (
	encLatin1 = iota
	encUTF16
	encUTF16BE
	encUTF8
)

func (d *id3) frame(f frame) error {
	name := textFrames[f.id]
	user := f.id == "TXXX" || f.id == "TXX"
	picture := f.id == "APIC" || f.id == "PIC"
	if f.id == "UFID" || f.id == "UFI" {
		return d.fileID(f)
	}
	if name == "" && !user && !picture {
		return nil
	}
	w, off, end, err := d.content(f)
	if err != nil || end <= off {
		return err
	}
	if picture {
		return d.picture(w, f.id == "PIC", off, end)
	}
	if end-off > maxComment {
		return nil
	}
	b, err := w.bytes(off, end-off)
	if err != nil {
		return err
	}
	if user {
		d.userText(b[0], b[1:])
		return nil
	}
	d.setText(name, b[0], b[1:])
	return nil
}

// fileID reads a unique file identifier (id3v2.4.0-frames section 4.1):
// MusicBrainz keeps its recording there.
func (d *id3) fileID(f frame) error {
	w, off, end, err := d.content(f)
	if err != nil || end <= off || end-off > 256 {
		return err
	}
	b, err := w.bytes(off, end-off)
	if err != nil {
		return err
	}
	if owner, id, ok := bytes.Cut(b, []byte{0}); ok && string(owner) == "http://musicbrainz.org" {
		d.t.setRecording(string(id))
	}
	return nil
}

// content returns where the content of a frame lies, its flags undone. What is
// compressed or encrypted is left out: nobody does that to the frames we read.
func (d *id3) content(f frame) (w *window, off, end int64, err error) {
	w, off, end = d.w, f.off, f.end
	switch d.version {
	case 3:
		const packed, group = 0xC0, 0x20
		if f.flags&packed != 0 {
			return w, 0, 0, nil
		}
		if f.flags&group != 0 {
			off++
		}
	case 4:
		const group, packed, unsync, length = 0x40, 0x0C, 0x02, 0x01
		if f.flags&packed != 0 {
			return w, 0, 0, nil
		}
		if f.flags&group != 0 {
			off++
		}
		if f.flags&length != 0 {
			off += 4
		}
		if (d.unsync || f.flags&unsync != 0) && end > off {
			b, err := w.bytes(off, end-off)
			if err != nil {
				return w, 0, 0, err
			}
			b = resynced(b)
			return newWindow(bytes.NewReader(b), int64(len(b))), 0, int64(len(b)), nil
		}
	}
	return w, off, end, nil
}

// setText takes one text frame. Version 4 separates several values by zeros.
func (d *id3) setText(name string, enc byte, b []byte) {
	set := func(s string) {
		for _, v := range strings.Split(s, "\x00") {
			if name == "GENRE" {
				d.t.addID3Genre(v)
			} else {
				d.t.set(name, v)
			}
		}
	}
	if enc == encLatin1 {
		d.text.add(b, set)
		return
	}
	set(decodeText(enc, b))
}

// userText takes a frame that names itself.
func (d *id3) userText(enc byte, b []byte) {
	desc, value := cutText(enc, b)
	name := strings.ToUpper(strings.TrimSpace(decodeText(enc, desc)))
	switch {
	case name == "MOOD", name == "ALBUM ARTIST", name == "ALBUMARTIST", name == "WORK", name == "MUSICBRAINZ ARTIST ID",
		strings.HasPrefix(name, "REPLAYGAIN_"), strings.HasPrefix(name, "R128_"):
		d.setText(name, enc, value)
	}
}

// picture takes an attached picture: its head is read, its bytes are not.
func (d *id3) picture(w *window, v22 bool, off, end int64) error {
	const head = 1 << 10
	b, err := w.bytes(off, min(head, end-off))
	if err != nil {
		return err
	}
	enc, rest := b[0], b[1:]
	var mime string
	if v22 {
		if len(rest) < 4 {
			return fmt.Errorf("%w: a picture frame ends early", ErrCorrupt)
		}
		mime, rest = "image/"+strings.ToLower(string(rest[:3])), rest[3:]
	} else {
		m, r, ok := bytes.Cut(rest, []byte{0})
		if !ok || len(r) < 1 {
			return fmt.Errorf("%w: a picture frame ends early", ErrCorrupt)
		}
		mime, rest = string(m), r
	}
	if mime == "-->" {
		return nil // a link: nothing is fetched
	}
	kind := int64(rest[0])
	_, image := cutText(enc, rest[1:])
	start := off + int64(len(b)-len(image))
	d.t.addPicture(w.r, start, end-start, mime, kind)
	return nil
}

// cutText cuts at the end of a text, which is a zero in its encoding.
func cutText(enc byte, b []byte) (text, rest []byte) {
	if enc == encUTF16 || enc == encUTF16BE {
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 && b[i+1] == 0 {
				return b[:i], b[i+2:]
			}
		}
		return b, nil
	}
	text, rest, _ = bytes.Cut(b, []byte{0})
	return text, rest
}

// decodeText reads a text in one of the encodings; Latin-1 as it stands.
func decodeText(enc byte, b []byte) string {
	switch enc {
	case encUTF16, encUTF16BE:
		return decodeUTF16(enc == encUTF16BE, b)
	case encUTF8:
		return string(b)
	default:
		out := make([]rune, len(b))
		for i, c := range b {
			out[i] = rune(c)
		}
		return string(out)
	}
}

// decodeUTF16 reads UTF-16; a mark at the start of a value tells its order.
// Without one it is little-endian, as the taggers that forget it write it.
func decodeUTF16(big bool, b []byte) string {
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		switch {
		case b[0] == 0xFF && b[1] == 0xFE:
			order = binary.LittleEndian
		case b[0] == 0xFE && b[1] == 0xFF:
			order = binary.BigEndian
		default:
			units = append(units, order.Uint16(b))
		}
	}
	return string(utf16.Decode(units))
}

// addID3Genre reads "Rock", "17", "(17)", "(17)Rock" and "(4)(9)".
func (t *Tags) addID3Genre(s string) {
	s = strings.TrimSpace(s)
	for strings.HasPrefix(s, "(") {
		ref, rest, ok := strings.Cut(s[1:], ")")
		if !ok {
			break
		}
		n, err := strconv.Atoi(ref)
		if err != nil {
			break
		}
		s = strings.TrimSpace(rest)
		// The name that follows refines the number.
		if g := genre(n); g != "" && (s == "" || s[0] == '(') {
			t.addGenres(g)
		}
	}
	if n, err := strconv.Atoi(s); err == nil {
		if g := genre(n); g != "" {
			s = g
		}
	}
	t.addGenres(s)
}

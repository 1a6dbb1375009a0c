package tags

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// readChunks reads the tags of RIFF WAVE and of AIFF files: an ID3v2 tag in a
// chunk of its own, RIFF's INFO list, and AIFF's text chunks (Audio Interchange
// File Format, version 1.3, section 13). The first is what taggers write, and goes
// before the others.
func readChunks(w *window, t *Tags) error {
	h, err := w.bytes(0, 4)
	if err != nil {
		return err
	}
	aiff := has(h, 0, "FORM")
	order := binary.ByteOrder(binary.LittleEndian)
	if aiff {
		order = binary.BigEndian
	}
	info := &latin{}
	for off := int64(12); off+8 <= w.size; {
		if err := w.item(); err != nil {
			return err
		}
		h, err := w.bytes(off, 8)
		if err != nil {
			return err
		}
		kind, size := string(h[:4]), int64(order.Uint32(h[4:]))
		off += 8
		switch strings.ToUpper(kind) {
		case "ID3 ":
			if _, err := readID3v2(w, off, t); err != nil {
				return err
			}
		case "LIST":
			if err := readInfo(w, off, min(size, w.size-off), info, t); err != nil {
				return err
			}
		case "NAME", "AUTH":
			name := aiffNames[kind]
			if !aiff || name == "" || size > maxComment {
				break
			}
			b, err := w.bytes(off, size)
			if err != nil {
				return err
			}
			info.add(bytes.TrimRight(b, "\x00"), func(s string) { t.set(name, s) })
		}
		off += size + size&1
	}
	info.apply()
	return nil
}

var aiffNames = map[string]string{"NAME": "TITLE", "AUTH": "ARTIST"}

var infoNames = map[string]string{
	"INAM": "TITLE", "IART": "ARTIST", "IPRD": "ALBUM", "IGNR": "GENRE", "ICRD": "DATE", "IPRT": "TRACKNUMBER", "ITRK": "TRACKNUMBER",
}

// readInfo reads an INFO list; its text has no marked encoding.
func readInfo(w *window, off, size int64, info *latin, t *Tags) error {
	end := off + size
	kind, err := w.bytes(off, min(4, size))
	if err != nil || string(kind) != "INFO" {
		return err
	}
	for off += 4; off+8 <= end; {
		if err := w.item(); err != nil {
			return err
		}
		h, err := w.bytes(off, 8)
		if err != nil {
			return err
		}
		n := le32(h[4:])
		off += 8
		if name := infoNames[string(h[:4])]; name != "" && n <= maxComment && n <= end-off {
			b, err := w.bytes(off, n)
			if err != nil {
				return err
			}
			info.add(bytes.TrimRight(b, "\x00"), func(s string) { t.set(name, s) })
		}
		off += n + n&1
	}
	return nil
}

package tags

import (
	"bytes"
	"strconv"
)

// readID3v1 reads the 128 bytes that may stand at a file's end
// (https://id3.org/ID3v1). They only fill what nothing better has said.
func readID3v1(w *window, t *Tags) error {
	const size = 128
	if w.size < size {
		return nil
	}
	b, err := w.bytes(w.size-size, size)
	if err != nil {
		return err
	}
	if !has(b, 0, "TAG") {
		return nil
	}
	text := &latin{}
	for _, f := range []struct {
		off, end int
		set      func(string)
	}{
		{3, 33, func(s string) { t.set("TITLE", s) }},
		{33, 63, func(s string) { t.set("ARTIST", s) }},
		{63, 93, func(s string) { t.set("ALBUM", s) }},
		{93, 97, func(s string) { t.set("DATE", s) }},
	} {
		raw, _, _ := bytes.Cut(b[f.off:f.end], []byte{0})
		text.add(cutPair(bytes.TrimRight(raw, " ")), f.set)
	}
	text.apply()
	if b[125] == 0 && b[126] != 0 { // ID3v1.1
		t.set("TRACKNUMBER", strconv.Itoa(int(b[126])))
	}
	if len(t.Genres) == 0 {
		if g := genre(int(b[127])); g != "" {
			t.addGenres(g)
		}
	}
	return nil
}

// cutPair drops a high byte that the 30 bytes of a field have cut off from its
// second one.
func cutPair(b []byte) []byte {
	if len(b) < 30 {
		return b
	}
	high := 0
	for i := len(b) - 1; i >= 0 && b[i] >= 0x80; i-- {
		high++
	}
	if high%2 == 1 && high > 1 {
		return b[:len(b)-1]
	}
	return b
}

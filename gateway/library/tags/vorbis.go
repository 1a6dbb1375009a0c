package tags

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// maxComment bounds one comment that is read as text, in bytes.
const maxComment = 64 << 10

// parseComments reads a Vorbis comment block without its framing
// (https://xiph.org/vorbis/doc/v-comment.html).
func parseComments(w *window, b []byte, t *Tags) error {
	vendor, rest, ok := cutLength(b)
	if !ok || len(rest) < 4 {
		return fmt.Errorf("%w: the comments end in the vendor's name", ErrCorrupt)
	}
	_ = vendor
	count := le32(rest)
	rest = rest[4:]
	for i := range count {
		if err := w.item(); err != nil {
			return err
		}
		var c []byte
		if c, rest, ok = cutLength(rest); !ok {
			return fmt.Errorf("%w: comment %d of %d is not there", ErrCorrupt, i+1, count)
		}
		name, value, ok := bytes.Cut(c, []byte("="))
		if !ok || len(name) > 64 {
			continue
		}
		upper := strings.ToUpper(string(name))
		switch {
		case upper == "METADATA_BLOCK_PICTURE":
			t.addEncodedPicture(value)
		case len(value) <= maxComment:
			t.set(upper, string(value))
		}
	}
	return nil
}

// cutLength cuts off what a 32 bit little-endian length stands before.
func cutLength(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := le32(b)
	if n > int64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// addEncodedPicture takes a FLAC picture block in base64; a bad one is left out.
func (t *Tags) addEncodedPicture(value []byte) {
	block := make([]byte, base64.StdEncoding.DecodedLen(len(value)))
	n, err := base64.StdEncoding.Decode(block, value)
	if err != nil {
		return
	}
	r := bytes.NewReader(block[:n])
	if p, err := parsePicture(newWindow(r, int64(n)), 0, int64(n)); err == nil {
		t.addPicture(r, p.off, p.size, p.mime, p.kind)
	}
}

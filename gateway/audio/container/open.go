package container

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Probe finds out what a file of the given size is and reads its headers,
// without walking through it.
func Probe(r io.ReaderAt, size int64) (*File, error) {
	w := newWindow(r, size)
	start, err := skipID3(w)
	if err != nil {
		return nil, err
	}
	head, err := w.peek(start, 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	switch {
	case len(head) < 4:
		return nil, errorf(ErrCorrupt, "%d bytes of content", len(head))
	case bytes.HasPrefix(head, []byte("fLaC")):
		return probeFLAC(w, start)
	case bytes.HasPrefix(head, []byte("OggS")):
		return probeOgg(w, start)
	case isWAV(head):
		return probeWAV(w, start)
	case len(head) >= 8 && bytes.Equal(head[4:8], []byte("ftyp")):
		return probeMP4(w)
	}
	if f, err := probeADTS(w, start); err == nil || !errors.Is(err, ErrUnknown) {
		return f, err
	}
	return probeMP3(w, start)
}

// Open reads a file's headers and finds all of its frames.
func Open(r io.ReaderAt, size int64) (Track, error) {
	f, err := Probe(r, size)
	if err != nil {
		return nil, err
	}
	if err := f.Index(); err != nil {
		return nil, err
	}
	return f, nil
}

// skipID3 returns where the content starts behind ID3v2 tags (id3.org,
// ID3v2.4.0 structure, section 3.1). Taggers put them before FLAC and WAV too.
func skipID3(w *window) (int64, error) {
	var off int64
	for range 8 {
		b, err := w.peek(off, 10)
		if err != nil || len(b) < 10 || string(b[:3]) != "ID3" || b[3] == 0xFF || b[4] == 0xFF {
			break
		}
		if b[6]|b[7]|b[8]|b[9] >= 0x80 {
			break
		}
		n := int64(b[6])<<21 | int64(b[7])<<14 | int64(b[8])<<7 | int64(b[9])
		n += 10
		if b[5]&0x10 != 0 {
			n += 10
		}
		if off+n > w.size {
			return 0, errorf(ErrCorrupt, "ID3 tag of %d bytes in a file of %d", n, w.size)
		}
		off += n
	}
	return off, nil
}

// trimID3v1 leaves an ID3v1 tag at the end of the file out of sight.
func trimID3v1(w *window) {
	if b, err := w.peek(w.size-128, 3); err == nil && string(b) == "TAG" {
		w.size -= 128
	}
}

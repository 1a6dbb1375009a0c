package tags

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// windowSize is how much is read at a time: most tags lie within one.
	windowSize = 8 << 10
	// budget is how many bytes of a file may be read for its tags.
	budget = 48 << 20
	// maxBlock bounds what is held in memory as one piece: Ogg comments and
	// ID3 tags under unsynchronisation, pictures included.
	maxBlock = 20 << 20
	// maxItems bounds how many frames, comments, atoms or chunks are looked at.
	maxItems = 4096
	// maxPictures bounds how many pictures are kept.
	maxPictures = 8
)

// window reads a file in pieces that small reads share, and counts what it
// costs.
type window struct {
	r     io.ReaderAt
	size  int64
	spent int64
	items int
	buf   []byte
	at    int64 // of buf in the file
}

func newWindow(r io.ReaderAt, size int64) *window {
	return &window{r: r, size: max(size, 0), buf: make([]byte, 0, windowSize)}
}

// ReadAt implements io.ReaderAt within the file's size.
func (w *window) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= w.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > w.size-off
	if short {
		p = p[:w.size-off]
	}
	n, err := w.read(p, off)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

func (w *window) read(p []byte, off int64) (int, error) {
	if len(p) > windowSize/2 {
		if w.spent += int64(len(p)); w.spent > budget {
			return 0, ErrBudget
		}
		return w.r.ReadAt(p, off)
	}
	if off < w.at || off+int64(len(p)) > w.at+int64(len(w.buf)) {
		if w.spent += windowSize; w.spent > budget {
			return 0, ErrBudget
		}
		n, err := w.r.ReadAt(w.buf[:min(windowSize, w.size-off)], off)
		w.at, w.buf = off, w.buf[:n]
		if n < len(p) {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return copy(p, w.buf), err
		}
	}
	return copy(p, w.buf[off-w.at:]), nil
}

// bytes returns n bytes at off; that they are not there is corruption.
func (w *window) bytes(off, n int64) ([]byte, error) {
	if n < 0 || off < 0 || n > w.size-off {
		return nil, fmt.Errorf("%w: %d bytes at %d reach beyond the file's %d", ErrCorrupt, n, off, w.size)
	}
	if n > maxBlock {
		return nil, ErrBudget
	}
	b := make([]byte, n)
	if _, err := w.ReadAt(b, off); err != nil {
		return nil, fmt.Errorf("read %d bytes at %d: %w", n, off, err)
	}
	return b, nil
}

// item counts one frame, comment, atom or chunk.
func (w *window) item() error {
	if w.items++; w.items > maxItems {
		return fmt.Errorf("%w: more than %d items", ErrBudget, maxItems)
	}
	return nil
}

func be32(b []byte) int64 { return int64(binary.BigEndian.Uint32(b)) }
func le32(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) }

// addPicture keeps a picture that lies in r.
func (t *Tags) addPicture(r io.ReaderAt, off, size int64, mime string, kind int64) {
	if size <= 0 || len(t.Pictures) >= maxPictures {
		return
	}
	const front = 3 // ID3v2.4 section 4.14; FLAC and Ogg share the numbers
	t.Pictures = append(t.Pictures, Picture{
		MIME: clean(mime), Front: kind == front, Size: size, r: io.NewSectionReader(r, off, size),
	})
}

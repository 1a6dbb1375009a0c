package container

import (
	"errors"
	"io"
)

// windowSize is how much of the file a scan holds in memory at once.
const windowSize = 64 << 10

// window reads a file through one moving buffer, so that scanning costs one
// read for many small looks.
type window struct {
	r    io.ReaderAt
	size int64
	buf  []byte
	off  int64 // where buf starts in the file
}

func newWindow(r io.ReaderAt, size int64) *window { return &window{r: r, size: size} }

// peek returns up to n bytes at off, fewer only at the end of the file. The
// bytes are valid until the next call. n may not exceed windowSize.
func (w *window) peek(off int64, n int) ([]byte, error) {
	if off < 0 || off >= w.size {
		return nil, io.EOF
	}
	n = int(min(int64(n), w.size-off))
	if off >= w.off && off+int64(n) <= w.off+int64(len(w.buf)) {
		return w.buf[off-w.off:][:n], nil
	}
	if w.buf == nil {
		w.buf = make([]byte, 0, windowSize)
	}
	want := int(min(int64(windowSize), w.size-off))
	m, err := w.r.ReadAt(w.buf[:want], off)
	w.buf, w.off = w.buf[:m], off
	if m < n {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		// The file is shorter than it said.
		w.size = off + int64(m)
		n = m
		if n == 0 {
			return nil, io.EOF
		}
	}
	return w.buf[:n], nil
}

// full is peek for callers who need all n bytes.
func (w *window) full(off int64, n int) ([]byte, error) {
	b, err := w.peek(off, n)
	if err != nil {
		return nil, readError("read", err)
	}
	if len(b) < n {
		return nil, errorf(ErrCorrupt, "read %d bytes at %d: file ends early", n, off)
	}
	return b, nil
}

package hls

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// mediaPiece is a stretch of a segment: bytes of ours, or of the file.
type mediaPiece struct {
	head []byte // nil for one of the file
	off  int64
	size int64
}

// mediaBody is a segment that is put together while it is sent.
type mediaBody struct {
	file   io.ReaderAt // nil where all pieces are ours
	pieces []mediaPiece
	size   int64
	name   string // within the stream
}

func (b *mediaBody) add(p mediaPiece) {
	b.size += p.size
	if n := len(b.pieces); n > 0 && p.head == nil {
		if last := &b.pieces[n-1]; last.head == nil && last.off+last.size == p.off {
			last.size += p.size
			return
		}
	}
	b.pieces = append(b.pieces, p)
}

// copyBuffers holds what file bytes pass through where the kernel cannot copy.
var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// send answers with the body; the headers that name it are set.
func (b *mediaBody) send(w http.ResponseWriter, r *http.Request) {
	if special(r) {
		http.ServeContent(w, r, "", time.Time{}, &mediaSeeker{mediaBody: b})
		return
	}
	h := w.Header()
	// Before the first byte is sent the file must be there, and as long as
	// the index says.
	if err := b.reachable(); err != nil {
		h.Del("Etag")
		refuse(w, http.StatusInternalServerError, "the file could not be read")
		return
	}
	h["Accept-Ranges"] = bytesUnit
	h.Set("Content-Length", strconv.FormatInt(b.size, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	// Where the file ends early, net/http cuts the connection: fewer bytes
	// came than were announced.
	_ = b.writeTo(w)
}

func (b *mediaBody) reachable() error {
	last := b.pieces[len(b.pieces)-1]
	if last.head != nil {
		return nil
	}
	var one [1]byte
	if n, err := b.file.ReadAt(one[:], last.off+last.size-1); n < 1 {
		return fmt.Errorf("read the segment's end: %w", err)
	}
	return nil
}

func (b *mediaBody) writeTo(w io.Writer) error {
	var file *os.File
	if o, ok := b.file.(Opener); ok {
		if f, err := o.OpenFile(); err == nil {
			file = f
			defer func() { _ = f.Close() }()
		}
	}
	for _, p := range b.pieces {
		var err error
		switch {
		case p.head != nil:
			_, err = w.Write(p.head)
		case file != nil:
			if _, err = file.Seek(p.off, io.SeekStart); err == nil {
				_, err = io.CopyN(w, file, p.size)
			}
		default:
			err = copyRange(w, b.file, p.off, p.size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyRange(w io.Writer, r io.ReaderAt, off, size int64) error {
	buf, _ := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	for size > 0 {
		n, err := r.ReadAt((*buf)[:min(size, int64(len(*buf)))], off)
		if n == 0 {
			return fmt.Errorf("read at %d: %w", off, err)
		}
		if _, err := w.Write((*buf)[:n]); err != nil {
			return err
		}
		off, size = off+int64(n), size-int64(n)
	}
	return nil
}

// mediaSeeker reads a segment from any place, for ranges.
type mediaSeeker struct {
	*mediaBody
	at int64
}

var errSeek = errors.New("hls: seek before the start")

// Seek implements io.Seeker.
func (s *mediaSeeker) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errSeek
	}
	s.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (s *mediaSeeker) Read(buf []byte) (int, error) {
	at := s.at
	for _, p := range s.pieces {
		if at >= p.size {
			at -= p.size
			continue
		}
		var n int
		var err error
		if p.head != nil {
			n = copy(buf, p.head[at:])
		} else if n, err = s.file.ReadAt(buf[:min(int64(len(buf)), p.size-at)], p.off+at); n > 0 {
			err = nil
		}
		s.at += int64(n)
		return n, err
	}
	return 0, io.EOF
}

package history

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Read gives every listen in a file to each, in the file's order; what each
// returns ends it. Archives are read through: what in them is no listening
// history is left out. Errors: ErrFormat, ErrDamaged, ErrTooLarge, those of r,
// and those of each; all wrapped. What was read before an error was given.
func Read(r io.ReaderAt, size int64, each func(Listen) error) (Format, error) {
	n := 0
	counted := func(l Listen) error {
		if n++; n > MaxListens {
			return fmt.Errorf("%w: more than %d listens", ErrTooLarge, MaxListens)
		}
		l.Artist, l.Title, l.Album = cut(l.Artist), cut(l.Title), cut(l.Album)
		if !l.usable() {
			return nil
		}
		return each(l)
	}
	head := make([]byte, 4)
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the file: %w", err)
	}
	if string(head) == "PK\x03\x04" {
		return readArchive(r, size, counted)
	}
	return readFile(io.NewSectionReader(r, 0, size), counted)
}

// readArchive reads the JSON and CSV files of a ZIP archive.
func readArchive(r io.ReaderAt, size int64, each func(Listen) error) (Format, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(archive.File) > maxFiles {
		return "", fmt.Errorf("%w: %d files in the archive, %d at most", ErrTooLarge, len(archive.File), maxFiles)
	}
	var format Format
	left := int64(maxUnpacked)
	for _, f := range archive.File {
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".json", ".jsonl", ".csv":
		default:
			continue
		}
		found, err := readPacked(f, &left, each)
		if errors.Is(err, ErrFormat) {
			continue // a profile, a list of ratings
		}
		if err != nil {
			return format, fmt.Errorf("%s: %w", f.Name, err)
		}
		format = found
	}
	if format == "" {
		return "", fmt.Errorf("%w: no listening history in the archive", ErrFormat)
	}
	return format, nil
}

func readPacked(f *zip.File, left *int64, each func(Listen) error) (Format, error) {
	r, err := f.Open()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer func() { _ = r.Close() }()
	return readFile(&bounded{r, left}, each)
}

// bounded reads until what is left for all is used up.
type bounded struct {
	r    io.Reader
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d bytes unpacked", ErrTooLarge, int64(maxUnpacked))
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

// readFile tells a file's format by its beginning.
func readFile(r io.Reader, each func(Listen) error) (Format, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = b.Discard(3) // it was peeked at
		head = head[3:]
	}
	switch text := bytes.TrimLeft(head, " \t\r\n"); {
	case len(text) == 0:
		return "", fmt.Errorf("%w: the file is empty", ErrFormat)
	case text[0] == '[' || text[0] == '{':
		return readJSON(b, each)
	default:
		return LastFM, readCSV(b, head, each)
	}
}

package tags

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Errors that callers test for.
var (
	// ErrCorrupt: the tags are not what they claim to be.
	ErrCorrupt = errors.New("tags: corrupt")
	// ErrBudget: reading the tags would cost more than a file is worth.
	ErrBudget = errors.New("tags: too much to read")
)

// Tags is what a file says about itself. Absent text is empty, absent numbers
// are 0.
type Tags struct {
	Title       string
	Artist      string
	Album       string
	AlbumArtist string
	Genres      []string
	Mood        string
	Year        int
	Disc        int
	Discs       int
	Number      int
	Numbers     int
	RecordingID string // of MusicBrainz: a UUID in lower case
	Composer    string
	Work        string   // that the track is a part of
	Movement    int      // its place in the work
	ArtistSort  string   // how the artist is sorted, often their name in Latin letters
	ArtistIDs   []string // of MusicBrainz: everybody whom Artist names; at most 8
	Gain        Gain
	Pictures    []Picture // at most 8
}

// Gain is what ReplayGain asks for.
type Gain struct {
	Track, Album         float64 // dB, relative to -18 LUFS
	TrackPeak, AlbumPeak float64 // 1.0 is full scale
}

// Picture is an image inside a file. Its bytes are read when asked for; the
// file must then still be open.
type Picture struct {
	MIME  string // as tagged: may be wrong
	Front bool   // marked as the front cover
	Size  int64
	r     io.ReaderAt
}

// Open returns a reader of the image's bytes.
func (p Picture) Open() *io.SectionReader { return io.NewSectionReader(p.r, 0, p.Size) }

// Empty tells that no text was found.
func (t *Tags) Empty() bool {
	return t.Title == "" && t.Artist == "" && t.Album == "" && t.AlbumArtist == ""
}

// Cover returns the picture to show: the one marked as front, else the first.
func (t *Tags) Cover() (Picture, bool) {
	for _, p := range t.Pictures {
		if p.Front {
			return p, true
		}
	}
	if len(t.Pictures) == 0 {
		return Picture{}, false
	}
	return t.Pictures[0], true
}

// Read reads the tags of a file of the given size. A file of a kind without
// tags has empty ones. Where a part of the tags is corrupt, what was read
// before it is returned along with the error. Whatever is in the file, or wrong
// with its reader, Read returns.
func Read(r io.ReaderAt, size int64) (t Tags, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read tags: %w: %v", ErrCorrupt, p)
		}
	}()
	w := newWindow(r, size)
	err = read(w, &t)
	t.tidy()
	if err != nil {
		return t, fmt.Errorf("read tags: %w", err)
	}
	return t, nil
}

func read(w *window, t *Tags) error {
	head := make([]byte, 12)
	n, err := w.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	switch {
	case has(head, 0, "fLaC"):
		return readFLAC(w, 0, t)
	case has(head, 0, "OggS"):
		return readOgg(w, t)
	case has(head, 4, "ftyp"):
		return readMP4(w, t)
	case has(head, 0, "RIFF") && has(head, 8, "WAVE"), has(head, 0, "FORM") && has(head, 8, "AIF"):
		return readChunks(w, t)
	case has(head, 0, asfHeader[:12]):
		return readASF(w, t)
	case has(head, 0, "ID3"):
		return readLeadingID3(w, t)
	default:
		return readID3v1(w, t)
	}
}

// readLeadingID3 reads an ID3v2 tag at the start, and what is behind it: a FLAC
// stream that somebody put a tag before, or an MP3 with an ID3v1 tag too.
func readLeadingID3(w *window, t *Tags) error {
	end, err := readID3v2(w, 0, t)
	if err != nil {
		return errors.Join(err, readID3v1(w, t))
	}
	marker := make([]byte, 4)
	if n, _ := w.ReadAt(marker, end); n == 4 && string(marker) == "fLaC" {
		return readFLAC(w, end, t)
	}
	return readID3v1(w, t)
}

func has(b []byte, at int, want string) bool {
	return len(b) >= at+len(want) && string(b[at:at+len(want)]) == want
}

// tidy makes the text fit to be shown.
func (t *Tags) tidy() {
	for _, s := range []*string{&t.Title, &t.Artist, &t.Album, &t.AlbumArtist, &t.Mood, &t.Composer, &t.Work, &t.ArtistSort} {
		*s = clean(*s)
	}
	genres := t.Genres[:0]
	for _, g := range t.Genres {
		if g = clean(g); g != "" && len(genres) < 16 {
			genres = append(genres, g)
		}
	}
	t.Genres = genres
}

// maxText bounds one text, in bytes: longer ones are cut.
const maxText = 4096

func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > maxText {
		s = s[:maxText]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7F || r == '\uFEFF':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

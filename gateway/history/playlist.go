package history

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Entry is one line of a playlist.
type Entry struct {
	Path   string        // as written: a path, with slashes, or a URL
	Artist string        // of the EXTINF line; may be empty
	Title  string        // of the EXTINF line; may be empty
	Length time.Duration // 0: not told
}

// Playlist is what an M3U file names.
type Playlist struct {
	Name    string // of its PLAYLIST line; may be empty
	Entries []Entry
}

// ReadPlaylist reads M3U, with or without its extensions, in UTF-8 or Windows
// 1252. Errors: ErrFormat, ErrTooLarge, those of r; wrapped.
func ReadPlaylist(r io.Reader) (Playlist, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxRecord)
	var p Playlist
	var next Entry
	for n := 0; lines.Scan(); n++ {
		line := strings.TrimSpace(text(lines.Bytes()))
		if n == 0 {
			line = strings.TrimPrefix(line, "\uFEFF")
			if strings.ContainsRune(line, 0) {
				return Playlist{}, fmt.Errorf("%w: not a text", ErrFormat)
			}
		}
		switch {
		case strings.HasPrefix(line, "#EXTINF:"):
			next = extinf(line[len("#EXTINF:"):])
		case strings.HasPrefix(line, "#PLAYLIST:"):
			p.Name = cut(strings.TrimSpace(line[len("#PLAYLIST:"):]))
		case line == "" || line[0] == '#':
		case len(p.Entries) == MaxEntries:
			return p, fmt.Errorf("%w: more than %d entries", ErrTooLarge, MaxEntries)
		default:
			next.Path = strings.ReplaceAll(line, `\`, "/")
			p.Entries = append(p.Entries, next)
			next = Entry{}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return p, fmt.Errorf("%w: a line of more than %d bytes", ErrTooLarge, maxRecord)
	} else if err != nil {
		return p, fmt.Errorf("read the playlist: %w", err)
	}
	if len(p.Entries) == 0 {
		return p, fmt.Errorf("%w: no tracks in the playlist", ErrFormat)
	}
	return p, nil
}

// extinf reads "LENGTH[ ATTRIBUTES],ARTIST - TITLE".
func extinf(s string) Entry {
	length, name, _ := strings.Cut(s, ",")
	length, _, _ = strings.Cut(length, " ")
	var e Entry
	if n, err := strconv.ParseFloat(length, 64); err == nil && n > 0 && n < 1e6 {
		e.Length = time.Duration(n * float64(time.Second))
	}
	if artist, title, ok := strings.Cut(name, " - "); ok {
		e.Artist, e.Title = cut(strings.TrimSpace(artist)), cut(strings.TrimSpace(title))
	} else {
		e.Title = cut(strings.TrimSpace(name))
	}
	return e
}

// text reads old playlists, which are in no UTF.
func text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

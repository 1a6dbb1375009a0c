package history

import (
	"errors"
	"time"
)

// Errors that callers test for.
var (
	// ErrFormat: the file is none of the formats that are known.
	ErrFormat = errors.New("history: unknown format")
	// ErrDamaged: the file begins like one of them and does not go on so.
	ErrDamaged = errors.New("history: damaged")
	// ErrTooLarge: the file has more in it than is read.
	ErrTooLarge = errors.New("history: too large")
)

// Limits of what is read.
const (
	MaxListens  = 20_000_000 // in one file
	MaxEntries  = 100_000    // in one playlist
	maxFiles    = 20_000     // in one archive
	maxUnpacked = 16 << 30   // bytes of them together
	maxText     = 1024       // bytes of a name; what is longer is cut
	maxRecord   = 1 << 20    // bytes of one record
)

// Format is a kind of file.
type Format string

// The formats.
const (
	ListenBrainz Format = "ListenBrainz"
	LastFM       Format = "Last.fm"
	Spotify      Format = "Spotify"
	M3U          Format = "M3U"
)

// End says how a listen ended, where the export tells.
type End string

// The ends of a listen.
const (
	Unknown  End = ""
	Complete End = "complete"
	Skipped  End = "skipped"
	Stopped  End = "stopped"
)

// Listen is one track that was listened to.
type Listen struct {
	At     time.Time // when it began
	Artist string
	Title  string
	Album  string        // may be empty
	ID     string        // MusicBrainz recording id, lower case; may be empty
	Heard  time.Duration // 0: not told
	Length time.Duration // of the track; 0: not told
	End    End
}

// usable tells that a listen says what and when.
func (l *Listen) usable() bool {
	// The earliest scrobbles are of 2002; what is older is a clock that was
	// never set.
	return l.Title != "" && l.Artist != "" && l.At.Year() >= 2000 && l.At.Year() < 2200
}

func cut(s string) string {
	if len(s) > maxText {
		return s[:maxText]
	}
	return s
}

package store

import (
	"errors"
	"time"
)

// Errors that callers test for.
var (
	ErrNotFound = errors.New("store: not found")
	ErrExists   = errors.New("store: already exists")
	ErrFull     = errors.New("store: no space left to write")
)

// Track is one file of the library, or one that waits for ffmpeg.
type Track struct {
	ID          string // opaque, stable across rescans and moves of the file
	Path        string // absolute; never leaves the gateway
	Root        string // the music folder that it was found in
	Size        int64  // bytes
	ModTime     time.Time
	Title       string
	Artist      string
	ArtistID    string
	Album       string
	AlbumID     string
	AlbumArtist string
	Genre       string // as tagged; several are joined with "; "
	Mood        string // as tagged
	Year        int
	Disc        int
	Discs       int
	Number      int
	Numbers     int
	Duration    time.Duration
	Codec       string // as audio.Codec writes it
	Rate        int    // Hz
	Channels    int
	Bits        int
	GainDB      float64 // ReplayGain of the track, 0 if not tagged
	Peak        float64
	AlbumGainDB float64
	AlbumPeak   float64
	Cover       string // an artwork id, empty if there is none
	Waiting     string // why it cannot be played yet ("needs ffmpeg"), empty when it can
	Added       time.Time
	Missing     bool   // the file was not there at the last scan
	RecordingID string // of MusicBrainz, as tagged; may be empty
	Composer    string
	Work        string // that it is a part of, as tagged
	Movement    int    // its place in the work, 0 if not tagged
	ArtistSort  string // the artist's name for sorting, often in Latin letters
	ArtistMBID  string // of MusicBrainz, where the track has one artist alone
}

// Album is what tracks with the same album and album artist make up.
type Album struct {
	ID       string
	Title    string
	Artist   string
	ArtistID string
	Year     int
	Tracks   int
	Duration time.Duration
	Cover    string
}

// Artist is somebody who made a track or an album.
type Artist struct {
	ID     string
	Name   string
	Albums int
	Tracks int
	Cover  string
}

// Playlist is a list that a person keeps.
type Playlist struct {
	ID      string
	Name    string
	Tracks  int
	Changed time.Time
}

// Rating is what a listener thinks of a track.
type Rating int

// The ratings.
const (
	Disliked Rating = -1
	Unrated  Rating = 0
	Liked    Rating = 1
)

// Play is one playing of a track, as it ended (see zone.Play).
type Play struct {
	ID      int64
	Zone    string
	Track   string
	By      string
	Context string // "kind:id" of the context that it came from
	Started time.Time
	Heard   time.Duration
	Length  time.Duration
	End     string
	Tastes  []string // that it teaches: ids of listeners, or a ZoneTaste
}

// Page asks for a part of a list. Limit 0 means 100; at most 1000.
type Page struct{ Offset, Limit int }

package scrobble

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Listen is one track that was listened to.
type Listen struct {
	Artist    string        `json:"artist"`
	Title     string        `json:"title"`
	Album     string        `json:"album,omitempty"`
	Recording string        `json:"recording,omitempty"` // of MusicBrainz
	Number    int           `json:"number,omitempty"`    // on its disc
	Length    time.Duration `json:"length,omitempty"`
	Started   time.Time     `json:"started"`
}

// enough is how much of a long track makes a listen.
const enough = 4 * time.Minute

// Counts tells whether so much of a track is a listen: half of it, or four
// minutes, whichever is less, as the API's documentation has it. A length of 0
// is not known.
func Counts(heard, length time.Duration) bool {
	least := enough
	if length > 0 {
		least = min(least, length/2)
	}
	return heard >= least && heard > 0
}

// maxText bounds a name in bytes: a listen may have 10,240 in all, and JSON makes
// six of one at worst.
const maxText = 500

// Wanted tells whether a listen can be sent: the API wants an artist and a title.
func (l Listen) Wanted() bool { return l.Artist != "" && l.Title != "" }

// payload is a listen as the API has it.
type payload struct {
	ListenedAt int64    `json:"listened_at,omitempty"`
	Track      metadata `json:"track_metadata"`
}

type metadata struct {
	Artist string         `json:"artist_name"`
	Title  string         `json:"track_name"`
	Album  string         `json:"release_name,omitempty"`
	Info   map[string]any `json:"additional_info"`
}

// payload leaves out when a listen began where it is about what plays now.
func (l Listen) payload(version string, now bool) payload {
	p := payload{Track: metadata{
		Artist: short(l.Artist), Title: short(l.Title), Album: short(l.Album),
		Info: map[string]any{"media_player": "Jumpgate", "submission_client": "Jumpgate", "submission_client_version": version},
	}}
	if !now {
		p.ListenedAt = l.Started.Unix()
	}
	if l.Length > 0 {
		p.Track.Info["duration_ms"] = l.Length.Milliseconds()
	}
	if l.Recording != "" {
		p.Track.Info["recording_mbid"] = l.Recording
	}
	if l.Number > 0 {
		p.Track.Info["tracknumber"] = l.Number
	}
	return p
}

// short cuts a text between characters, and takes out what is none.
func short(s string) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

package history

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// record is what one element of the JSON exports may have: a listen of
// ListenBrainz, a stream of Spotify's extended history, or one of its short one.
type record struct {
	// ListenBrainz
	ListenedAt int64 `json:"listened_at"`
	Track      *struct {
		Artist string `json:"artist_name"`
		Title  string `json:"track_name"`
		Album  string `json:"release_name"`
		Info   struct {
			ID         string      `json:"recording_mbid"`
			DurationMS json.Number `json:"duration_ms"`
			Duration   json.Number `json:"duration"` // seconds
		} `json:"additional_info"`
		Mapping *struct {
			ID string `json:"recording_mbid"`
		} `json:"mbid_mapping"`
	} `json:"track_metadata"`

	// Spotify, extended
	Stamp     *time.Time `json:"ts"` // when it ended
	PlayedMS  int64      `json:"ms_played"`
	Title     string     `json:"master_metadata_track_name"`
	Artist    string     `json:"master_metadata_album_artist_name"`
	Album     string     `json:"master_metadata_album_album_name"`
	Reason    string     `json:"reason_end"`
	Skipped   *bool      `json:"skipped"`
	Incognito bool       `json:"incognito_mode"`

	// Spotify, short
	EndTime     string `json:"endTime"`
	ShortMS     int64  `json:"msPlayed"`
	ShortTitle  string `json:"trackName"`
	ShortArtist string `json:"artistName"`
}

// readJSON reads an array of records, or one record after the other.
func readJSON(b *bufio.Reader, each func(Listen) error) (Format, error) {
	r := &recordReader{b: b}
	d := json.NewDecoder(r)
	first, err := d.Token()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if first == json.Delim('{') {
		// Lines of records: begin anew with the brace that was taken.
		r.used = 0
		d = json.NewDecoder(io.MultiReader(strings.NewReader("{"), d.Buffered(), r))
	} else if first != json.Delim('[') {
		return "", fmt.Errorf("%w: neither a list nor lines of records", ErrFormat)
	}
	var format Format
	for d.More() {
		r.used = 0
		var rec record
		if err := d.Decode(&rec); err != nil {
			if errors.Is(err, ErrTooLarge) {
				return format, err
			}
			return format, fmt.Errorf("%w: %w", damage(format), err)
		}
		l, f := rec.listen()
		if f == "" {
			if format == "" {
				return "", fmt.Errorf("%w: records without a track and a time", ErrFormat)
			}
			continue
		}
		format = f
		if rec.Incognito {
			continue // they asked not to be remembered
		}
		if err := each(l); err != nil {
			return format, err
		}
	}
	if format == "" {
		return "", fmt.Errorf("%w: no records", ErrFormat)
	}
	if first == json.Delim('[') {
		if _, err := d.Token(); err != nil {
			return format, fmt.Errorf("%w: it ends in the middle: %w", ErrDamaged, err)
		}
	}
	return format, nil
}

// damage is what is wrong with a file that cannot be read on.
func damage(format Format) error {
	if format == "" {
		return ErrFormat
	}
	return ErrDamaged
}

// recordReader bounds how much is read for one record.
type recordReader struct {
	b    *bufio.Reader
	used int
}

func (r *recordReader) Read(p []byte) (int, error) {
	if r.used > maxRecord {
		return 0, fmt.Errorf("%w: a record of more than %d bytes", ErrTooLarge, maxRecord)
	}
	n, err := r.b.Read(p[:min(len(p), maxRecord)])
	r.used += n
	return n, err
}

// listen returns what a record tells, and of which format it is; none for a
// record that is no listen.
func (r *record) listen() (Listen, Format) {
	switch {
	case r.Track != nil && r.ListenedAt > 0:
		return r.listenBrainz(), ListenBrainz
	case r.Stamp != nil:
		played := time.Duration(r.PlayedMS) * time.Millisecond
		return Listen{
			At: r.Stamp.Add(-played), Artist: r.Artist, Title: r.Title, Album: r.Album,
			Heard: played, End: r.end(),
		}, Spotify
	case r.EndTime != "":
		ended, err := time.Parse("2006-01-02 15:04", r.EndTime)
		if err != nil {
			return Listen{}, Spotify // not usable, for it has no time
		}
		played := time.Duration(r.ShortMS) * time.Millisecond
		return Listen{At: ended.Add(-played), Artist: r.ShortArtist, Title: r.ShortTitle, Heard: played}, Spotify
	default:
		return Listen{}, ""
	}
}

func (r *record) listenBrainz() Listen {
	t := r.Track
	l := Listen{
		At: time.Unix(r.ListenedAt, 0).UTC(), Artist: t.Artist, Title: t.Title, Album: t.Album,
		ID: strings.ToLower(t.Info.ID),
	}
	if l.ID == "" && t.Mapping != nil {
		l.ID = strings.ToLower(t.Mapping.ID)
	}
	if ms, err := t.Info.DurationMS.Int64(); err == nil {
		l.Length = time.Duration(ms) * time.Millisecond
	} else if s, err := t.Info.Duration.Float64(); err == nil && s > 0 && s < 1e6 {
		l.Length = time.Duration(s * float64(time.Second))
	}
	return l
}

// end reads Spotify's reason_end.
func (r *record) end() End {
	switch {
	case r.Reason == "trackdone":
		return Complete
	case r.Reason == "fwdbtn" || r.Skipped != nil && *r.Skipped:
		return Skipped
	case r.Reason != "":
		return Stopped
	default:
		return Unknown
	}
}

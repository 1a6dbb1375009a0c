package tags

import (
	"math"
	"strconv"
	"strings"
)

// set takes one named value, as Vorbis comments and their likes have it. Names
// are in upper case. The first of several values counts, but for genres
// and artists' ids.
func (t *Tags) set(name, value string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	switch name {
	case "TITLE":
		first(&t.Title, value)
	case "ARTIST":
		first(&t.Artist, value)
	case "ALBUM":
		first(&t.Album, value)
	case "ALBUMARTIST", "ALBUM ARTIST", "ALBUM_ARTIST":
		first(&t.AlbumArtist, value)
	case "GENRE":
		t.addGenres(value)
	case "MOOD":
		first(&t.Mood, value)
	case "DATE", "YEAR", "ORIGINALDATE", "ORIGINALYEAR":
		if t.Year == 0 {
			t.Year = year(value)
		}
	case "TRACKNUMBER", "TRACK":
		setPair(&t.Number, &t.Numbers, value)
	case "TRACKTOTAL", "TOTALTRACKS":
		setPair(&t.Numbers, new(int), value)
	case "DISCNUMBER", "DISC":
		setPair(&t.Disc, &t.Discs, value)
	case "DISCTOTAL", "TOTALDISCS":
		setPair(&t.Discs, new(int), value)
	case "COMPOSER":
		first(&t.Composer, value)
	case "WORK":
		first(&t.Work, value)
	case "MOVEMENT", "MOVEMENTNUMBER":
		setPair(&t.Movement, new(int), value)
	case "ARTISTSORT":
		first(&t.ArtistSort, value)
	case "MUSICBRAINZ_TRACKID", "MUSICBRAINZ TRACK ID":
		t.setRecording(value)
	case "MUSICBRAINZ_ARTISTID", "MUSICBRAINZ ARTIST ID":
		t.addArtists(value)
	default:
		t.Gain.set(name, value)
	}
}

// setRecording takes an id that is a UUID.
func (t *Tags) setRecording(value string) {
	if isUUID(value) {
		first(&t.RecordingID, strings.ToLower(value))
	}
}

// addArtists takes one id or several: taggers put "/" or ";" between them where a
// format has one value only.
func (t *Tags) addArtists(value string) {
	for _, id := range strings.FieldsFunc(value, func(r rune) bool { return r == '/' || r == ';' || r == ' ' || r == 0 }) {
		if isUUID(id) && len(t.ArtistIDs) < 8 && !contains(t.ArtistIDs, id) {
			t.ArtistIDs = append(t.ArtistIDs, strings.ToLower(id))
		}
	}
}

func isUUID(value string) bool {
	return len(value) == 36 && strings.Trim(value, "0123456789abcdefABCDEF-") == ""
}

func first(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// addGenres takes one value that may hold several genres.
func (t *Tags) addGenres(value string) {
	for _, g := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == 0 }) {
		if g = strings.TrimSpace(g); g != "" && !contains(t.Genres, g) {
			t.Genres = append(t.Genres, g)
		}
	}
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if strings.EqualFold(v, s) {
			return true
		}
	}
	return false
}

// setPair reads "3", "03" or "3/12"; what is already set stays.
func setPair(n, of *int, value string) {
	a, b, _ := strings.Cut(value, "/")
	setNumber(n, a)
	setNumber(of, b)
}

func setNumber(n *int, s string) {
	if v, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && *n == 0 && v > 0 && v < 100_000 {
		*n = v
	}
}

// year finds a year in "1999", "1999-05-04" or "04/05/1999".
func year(s string) int {
	for i := 0; i+4 <= len(s); i++ {
		if i > 0 && isDigit(s[i-1]) || i+4 < len(s) && isDigit(s[i+4]) && len(s) != 8 {
			continue
		}
		if y, err := strconv.ParseUint(s[i:i+4], 10, 16); err == nil && y >= 1000 && y <= 2999 {
			return int(y)
		}
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// set takes ReplayGain 2.0's names, and RFC 7845's (section 5.2.1), which are
// 1/256 dB relative to -23 LUFS.
func (g *Gain) set(name, value string) {
	switch name {
	case "REPLAYGAIN_TRACK_GAIN":
		setDecibel(&g.Track, value)
	case "REPLAYGAIN_ALBUM_GAIN":
		setDecibel(&g.Album, value)
	case "REPLAYGAIN_TRACK_PEAK":
		setPeak(&g.TrackPeak, value)
	case "REPLAYGAIN_ALBUM_PEAK":
		setPeak(&g.AlbumPeak, value)
	case "R128_TRACK_GAIN":
		setR128(&g.Track, value)
	case "R128_ALBUM_GAIN":
		setR128(&g.Album, value)
	}
}

// Beyond these a value is not a measurement but a mistake.
const (
	maxGain = 60.0 // dB
	maxPeak = 16.0
)

func setDecibel(to *float64, value string) {
	value = strings.TrimSpace(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(value)), "db"))
	if v, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil && *to == 0 && math.Abs(v) <= maxGain {
		*to = v
	}
}

func setPeak(to *float64, value string) {
	if v, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil && *to == 0 && v > 0 && v <= maxPeak {
		*to = v
	}
}

func setR128(to *float64, value string) {
	const fromEBU = 5 // dB from -23 to -18 LUFS
	if v, err := strconv.ParseInt(value, 10, 16); err == nil && *to == 0 {
		if db := float64(v)/256 + fromEBU; math.Abs(db) <= maxGain {
			*to = db
		}
	}
}

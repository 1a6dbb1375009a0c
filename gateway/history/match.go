package history

import (
	"path"
	"strings"
	"time"
)

// Track is one track of the library, as matching sees it.
type Track struct {
	ID          string // what Match returns
	Title       string
	Artist      string
	AlbumArtist string
	Album       string
	RecordingID string // MusicBrainz, lower case; may be empty
	Path        string // with slashes
	Length      time.Duration
}

// How says what a track was found by.
type How int

// The ways, the surest first.
const (
	NotFound How = iota
	ByID         // the MusicBrainz recording id
	ByPath       // the path, or enough of its end
	ByNames      // artist and title
	Nearly       // artist and title but for a typing error
)

// maxNear bounds how many titles of one artist, or artists of one title, are
// compared letter by letter: where there are more, it is no artist but a heap.
const maxNear = 2000

// Index finds tracks of the library. It belongs to one goroutine.
type Index struct {
	tracks  []Track
	ids     map[string]int
	files   map[string][]int            // by the last element of the path
	artists map[string]map[string][]int // artist key, title key
	titles  map[string][]int
	known   map[Listen]found // without time and end
}

type found struct {
	id  string
	how How
}

// maxKnown bounds the answers that are remembered.
const maxKnown = 200_000

// NewIndex indexes the library.
func NewIndex(tracks []Track) *Index {
	x := &Index{
		tracks: tracks, ids: map[string]int{}, files: map[string][]int{},
		artists: map[string]map[string][]int{}, titles: map[string][]int{}, known: map[Listen]found{},
	}
	for i, t := range tracks {
		if t.RecordingID != "" {
			x.ids[t.RecordingID] = i
		}
		if t.Path != "" {
			file := words(path.Base(t.Path))
			x.files[file] = append(x.files[file], i)
		}
		title := titleKey(t.Title)
		if title == "" {
			continue
		}
		x.titles[title] = append(x.titles[title], i)
		for _, a := range append(artistKeys(t.Artist), artistKeys(t.AlbumArtist)...) {
			byTitle := x.artists[a]
			if byTitle == nil {
				byTitle = map[string][]int{}
				x.artists[a] = byTitle
			}
			if at := byTitle[title]; len(at) == 0 || at[len(at)-1] != i {
				byTitle[title] = append(at, i)
			}
		}
	}
	return x
}

// Match returns the track that was listened to, and what it was found by;
// NotFound with an empty id.
func (x *Index) Match(l Listen) (string, How) {
	l.At, l.Heard, l.End = time.Time{}, 0, Unknown
	if f, ok := x.known[l]; ok {
		return f.id, f.how
	}
	var f found
	if i, how := x.match(l); how != NotFound {
		f = found{x.tracks[i].ID, how}
	}
	if len(x.known) >= maxKnown {
		clear(x.known)
	}
	x.known[l] = f
	return f.id, f.how
}

func (x *Index) match(l Listen) (int, How) {
	if i, ok := x.ids[l.ID]; ok && l.ID != "" {
		return i, ByID
	}
	title, artists := titleKey(l.Title), artistKeys(l.Artist)
	if title == "" {
		return 0, NotFound
	}
	for _, a := range artists {
		if at := x.artists[a][title]; len(at) > 0 {
			return x.best(at, l), ByNames
		}
	}
	if at := x.nearly(artists, title); len(at) > 0 {
		return x.best(at, l), Nearly
	}
	return 0, NotFound
}

// nearly looks for a title with a typing error by the same artist, or for the
// same title by an artist with one.
func (x *Index) nearly(artists []string, title string) []int {
	for _, a := range artists {
		byTitle := x.artists[a]
		if len(byTitle) > maxNear {
			continue
		}
		best := ""
		for t := range byTitle {
			if near(t, title) && (best == "" || t < best) {
				best = t
			}
		}
		if best != "" {
			return byTitle[best]
		}
	}
	at := x.titles[title]
	for _, i := range at[:min(len(at), maxNear)] {
		for _, known := range artistKeys(x.tracks[i].Artist) {
			for _, a := range artists {
				if near(known, a) {
					return []int{i}
				}
			}
		}
	}
	return nil
}

// best chooses among tracks of the same names: that of the same album, then that
// of the nearest length, then the first.
func (x *Index) best(at []int, l Listen) int {
	album := titleKey(l.Album)
	best, bestAlbum, bestOff := at[0], false, time.Duration(1<<62)
	for _, i := range at {
		t := &x.tracks[i]
		same := album != "" && titleKey(t.Album) == album
		off := time.Duration(0)
		if l.Length > 0 && t.Length > 0 {
			off = (t.Length - l.Length).Abs()
		}
		if same && !bestAlbum || same == bestAlbum && off < bestOff {
			best, bestAlbum, bestOff = i, same, off
		}
	}
	return best
}

// MatchEntry returns the track that a line of a playlist names: by its path, or
// by the names that stand with it.
func (x *Index) MatchEntry(e Entry) (string, How) {
	if i, ok := x.byPath(e.Path); ok {
		return x.tracks[i].ID, ByPath
	}
	if e.Artist == "" || e.Title == "" {
		return "", NotFound
	}
	return x.Match(Listen{Artist: e.Artist, Title: e.Title, Length: e.Length})
}

// byPath finds the file whose path shares the longest end with p: playlists come
// from other machines, or name files relative to themselves. The last element
// must agree, and where several files have it, one element more.
func (x *Index) byPath(p string) (int, bool) {
	at := x.files[words(path.Base(p))]
	best, most, tie := 0, 0, false
	for _, i := range at {
		switch n := sharedEnd(x.tracks[i].Path, p); {
		case n > most:
			best, most, tie = i, n, false
		case n == most:
			tie = true
		}
	}
	return best, most > 0 && !tie
}

// sharedEnd counts the elements in which two paths agree, from the end.
func sharedEnd(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && words(x[len(x)-1-n]) == words(y[len(y)-1-n]) {
		n++
	}
	return n
}

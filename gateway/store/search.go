package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// Found is what a search found, the best first.
type Found struct {
	Tracks    []Track
	Albums    []Album
	Artists   []Artist
	Playlists []Playlist
}

// candidates is how many matches of each kind are looked at and ranked. Names
// that start with what was typed are always among them.
const candidates = 150

// Search finds what has been typed so far, from the first character on, in
// every script (see package terms): up to limit of each kind; 0 means 20.
// Names that are, then those that start with what was typed come first.
func (s *Store) Search(ctx context.Context, typed string, limit int) (Found, error) {
	out := Found{Tracks: []Track{}, Albums: []Album{}, Artists: []Artist{}, Playlists: []Playlist{}}
	match, ok := terms.Query(typed)
	if !ok {
		return out, nil
	}
	if limit <= 0 {
		limit = 20
	}
	q := search{match: match, folded: terms.Fold(typed), key: terms.Key(typed), limit: min(limit, 100)}
	var err error
	if out.Artists, err = find(ctx, s, q, artistSource); err != nil {
		return out, err
	}
	if out.Albums, err = find(ctx, s, q, albumSource); err != nil {
		return out, err
	}
	if out.Playlists, err = find(ctx, s, q, playlistSource); err != nil {
		return out, err
	}
	out.Tracks, err = find(ctx, s, q, trackSource)
	return out, err
}

type search struct {
	match  string // FTS5
	folded string // what was typed,
	key    string // and its keys
	limit  int
}

// source says how one kind of thing is searched.
type source[T any] struct {
	columns, table, terms, key, where string
	scan                              func(row) (T, error)
	id                                func(T) string
	names                             func(T) []string // the most telling first
}

var (
	trackSource = source[Track]{
		trackColumns, "tracks t", "track_terms", "t.title_key", "t.missing = 0", scanTrack,
		func(t Track) string { return t.ID }, func(t Track) []string { return []string{t.Title, t.Artist, t.Album} },
	}
	albumSource = source[Album]{
		albumColumns, "albums a", "album_terms", "a.title_key", "1", scanAlbum,
		func(a Album) string { return a.ID }, func(a Album) []string { return []string{a.Title, a.Artist} },
	}
	artistSource = source[Artist]{
		artistColumns, "artists a", "artist_terms", "a.name_key", "1", scanArtist,
		func(a Artist) string { return a.ID }, func(a Artist) []string { return []string{a.Name} },
	}
	playlistSource = source[Playlist]{
		playlistColumns, "playlists p", "playlist_terms", "p.name_key", "1", scanPlaylist,
		func(p Playlist) string { return p.ID }, func(p Playlist) []string { return []string{p.Name} },
	}
)

// find looks for names that start with what was typed, by index, and for what
// has its terms anywhere, and ranks both.
func find[T any](ctx context.Context, s *Store, q search, from source[T]) ([]T, error) {
	n := from.table[strings.IndexByte(from.table, ' ')+1:] + ".n"
	starts, err := list(ctx, s.r, "search", from.scan, "SELECT "+from.columns+" FROM "+from.table+
		" WHERE "+from.where+" AND "+from.key+" >= ? AND "+from.key+" < ? ORDER BY "+from.key+" LIMIT ?",
		q.key, q.key+"\U0010FFFF", q.limit)
	if err != nil {
		return nil, err
	}
	anywhere, err := list(ctx, s.r, "search", from.scan, "SELECT "+from.columns+" FROM "+from.table+
		" WHERE "+from.where+" AND "+n+" IN (SELECT rowid FROM "+from.terms+" WHERE "+from.terms+" MATCH ? LIMIT ?)",
		q.match, candidates)
	if err != nil {
		return nil, err
	}
	return ranked(q, append(starts, anywhere...), from), nil
}

func ranked[T any](q search, all []T, from source[T]) []T {
	type scored struct {
		value T
		score int
		key   string
	}
	seen := make(map[string]bool, len(all))
	var list []scored
	for _, v := range all {
		if id := from.id(v); !seen[id] {
			seen[id] = true
			score, key := rank(q, from.names(v))
			list = append(list, scored{v, score, key})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key))
	})
	out := make([]T, 0, min(len(list), q.limit))
	for _, s := range list[:min(len(list), q.limit)] {
		out = append(out, s.value)
	}
	return out
}

// fits orders how names fit what was typed, 0 is best, by which of a thing's names
// it is: the name is just that, starts with it, starts with the keys that type it
// (of 봄 보물, too, which somebody may be about to type), or has a word that does.
// A title that starts with it comes before the tracks of an album called so.
var fits = [][4]int{{0, 2, 3, 4}, {1, 5, 6, 8}, {7, 9, 10, 11}}

// loose is for a name of which only its terms fit.
const loose = 12

// rank says how well names fit what was typed, 0 is best. The key is the first
// name's.
func rank(q search, names []string) (score int, firstKey string) {
	best := loose
	for i, name := range names {
		key := terms.Key(name)
		if i == 0 {
			firstKey = key
		}
		switch fit := fits[i]; {
		case key == q.key:
			best = min(best, fit[0])
		case strings.HasPrefix(terms.Fold(name), q.folded):
			best = min(best, fit[1])
		case strings.HasPrefix(key, q.key):
			best = min(best, fit[2])
		case strings.Contains(key, " "+q.key):
			best = min(best, fit[3])
		}
	}
	return best, firstKey
}

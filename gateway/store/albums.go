package store

import (
	"context"
	"fmt"
)

const (
	albumColumns  = "a.id, a.title, a.artist, a.artist_id, a.year, a.tracks, a.duration, a.cover"
	artistColumns = "a.id, a.name, a.albums, a.tracks, a.cover"
)

func scanAlbum(r row) (Album, error) {
	var a Album
	var duration int64
	err := r.Scan(&a.ID, &a.Title, &a.Artist, &a.ArtistID, &a.Year, &a.Tracks, &duration, &a.Cover)
	a.Duration = toDuration(duration)
	return a, err
}

func scanArtist(r row) (Artist, error) {
	var a Artist
	err := r.Scan(&a.ID, &a.Name, &a.Albums, &a.Tracks, &a.Cover)
	return a, err
}

// Albums lists the albums by title, or with an artist's id those that the
// artist made or is heard on, by year; and how many there are in all.
func (s *Store) Albums(ctx context.Context, artist string, p Page) ([]Album, int, error) {
	where, order, args := "", "a.title_sort, a.n", []any(nil)
	if artist != "" {
		where = ` WHERE a.artist_id = ? OR a.id IN (SELECT album_id FROM tracks WHERE artist_id = ? AND missing = 0)`
		order, args = "a.year, a.title_sort, a.n", []any{artist, artist}
	}
	var total int
	if err := s.r.QueryRowContext(ctx, "SELECT count(*) FROM albums a"+where, args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count albums: %w", mapped(err))
	}
	limit, offset := p.limits()
	out, err := list(ctx, s.r, "list albums", scanAlbum, "SELECT "+albumColumns+" FROM albums a"+where+
		" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, limit, offset)...)
	return out, total, err
}

// Album returns one album.
func (s *Store) Album(ctx context.Context, id string) (Album, error) {
	a, err := scanAlbum(s.r.QueryRowContext(ctx, "SELECT "+albumColumns+" FROM albums a WHERE a.id = ?", id))
	if err != nil {
		return Album{}, fmt.Errorf("look up album %q: %w", id, mapped(err))
	}
	return a, nil
}

// Artists lists the artists by name, and how many there are.
func (s *Store) Artists(ctx context.Context, p Page) ([]Artist, int, error) {
	var total int
	if err := s.r.QueryRowContext(ctx, "SELECT count(*) FROM artists").Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count artists: %w", mapped(err))
	}
	limit, offset := p.limits()
	out, err := list(ctx, s.r, "list artists", scanArtist, "SELECT "+artistColumns+
		" FROM artists a ORDER BY a.name_sort, a.n LIMIT ? OFFSET ?", limit, offset)
	return out, total, err
}

// Artist returns one artist.
func (s *Store) Artist(ctx context.Context, id string) (Artist, error) {
	a, err := scanArtist(s.r.QueryRowContext(ctx, "SELECT "+artistColumns+" FROM artists a WHERE a.id = ?", id))
	if err != nil {
		return Artist{}, fmt.Errorf("look up artist %q: %w", id, mapped(err))
	}
	return a, nil
}

// Counts says how much there is.
type Counts struct{ Tracks, Albums, Artists, Playlists, Waiting, Missing int }

// Counts counts what is in the library.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := s.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM tracks WHERE missing = 0), (SELECT count(*) FROM albums),
		(SELECT count(*) FROM artists), (SELECT count(*) FROM playlists),
		(SELECT count(*) FROM tracks WHERE waiting != '' AND missing = 0), (SELECT count(*) FROM tracks WHERE missing = 1)`).
		Scan(&c.Tracks, &c.Albums, &c.Artists, &c.Playlists, &c.Waiting, &c.Missing)
	if err != nil {
		return Counts{}, fmt.Errorf("count the library: %w", mapped(err))
	}
	return c, nil
}

package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// trackColumns are what scanTrack reads, in its order.
const trackColumns = `t.id, t.path, t.root, t.size, t.mtime, t.title, t.artist, t.artist_id, t.album, t.album_id,
	t.album_artist, t.genre, t.mood, t.year, t.disc, t.discs, t.number, t.numbers, t.duration, t.codec, t.rate,
	t.channels, t.bits, t.gain, t.peak, t.album_gain, t.album_peak, t.cover, t.waiting, t.added, t.missing, t.recording,
	t.composer, t.work, t.movement, t.artist_sort, t.artist_mbid`

type row interface{ Scan(dest ...any) error }

func scanTrack(r row) (Track, error) {
	var t Track
	var mtime, duration, added int64
	err := r.Scan(&t.ID, &t.Path, &t.Root, &t.Size, &mtime, &t.Title, &t.Artist, &t.ArtistID, &t.Album, &t.AlbumID,
		&t.AlbumArtist, &t.Genre, &t.Mood, &t.Year, &t.Disc, &t.Discs, &t.Number, &t.Numbers, &duration, &t.Codec, &t.Rate,
		&t.Channels, &t.Bits, &t.GainDB, &t.Peak, &t.AlbumGainDB, &t.AlbumPeak, &t.Cover, &t.Waiting, &added, &t.Missing, &t.RecordingID,
		&t.Composer, &t.Work, &t.Movement, &t.ArtistSort, &t.ArtistMBID)
	t.ModTime, t.Duration, t.Added = time.Unix(0, mtime), toDuration(duration), fromMicros(added)
	return t, err
}

// TrackFilter narrows a list of tracks; zero fields do not.
type TrackFilter struct {
	Album  string // an album's id: in the album's order
	Artist string // an artist's id: made by or on an album of, by album
}

func (f TrackFilter) clauses() (where, order string, args []any) {
	where, order = "t.missing = 0", "t.title_sort, t.n"
	if f.Album != "" {
		where += " AND t.album_id = ?"
		args = append(args, f.Album)
		order = "t.disc, t.number, t.path"
	}
	if f.Artist != "" {
		where += " AND t.n IN (SELECT n FROM tracks WHERE artist_id = ? UNION SELECT n FROM tracks WHERE album_artist_id = ?)"
		args = append(args, f.Artist, f.Artist)
		if f.Album == "" {
			order = "t.year, t.album, t.album_id, t.disc, t.number, t.path"
		}
	}
	return where, order, args
}

// Tracks lists the tracks that are there, and how many pass the filter in all.
func (s *Store) Tracks(ctx context.Context, f TrackFilter, p Page) ([]Track, int, error) {
	where, order, args := f.clauses()
	var total int
	err := s.r.QueryRowContext(ctx, "SELECT count(*) FROM tracks t WHERE "+where, args...).Scan(&total)
	if err != nil {
		return nil, 0, fmt.Errorf("count tracks: %w", mapped(err))
	}
	limit, offset := p.limits()
	list, err := s.tracks(ctx, "SELECT "+trackColumns+" FROM tracks t WHERE "+where+
		" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, limit, offset)...)
	return list, total, err
}

// Track returns one track, also a missing one.
func (s *Store) Track(ctx context.Context, id string) (Track, error) {
	t, err := scanTrack(s.r.QueryRowContext(ctx, "SELECT "+trackColumns+" FROM tracks t WHERE t.id = ?", id))
	if err != nil {
		return Track{}, fmt.Errorf("look up track %q: %w", id, mapped(err))
	}
	return t, nil
}

// TracksByID returns the tracks of the given ids in their order, also missing
// ones; ids that are not known are left out.
func (s *Store) TracksByID(ctx context.Context, ids []string) ([]Track, error) {
	found := make(map[string]Track, len(ids))
	for rest := ids; len(rest) > 0; {
		n := min(len(rest), 500)
		list, err := s.tracks(ctx, "SELECT "+trackColumns+" FROM tracks t WHERE t.id IN ("+marks(n)+")", anys(rest[:n])...)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			found[t.ID] = t
		}
		rest = rest[n:]
	}
	out := make([]Track, 0, len(ids))
	for _, id := range ids {
		if t, ok := found[id]; ok {
			out = append(out, t)
		}
	}
	return out, nil
}

// EachTrack calls f with every track that is there, until f returns an error.
// f must not call the store.
func (s *Store) EachTrack(ctx context.Context, f func(Track) error) error {
	rows, err := s.r.QueryContext(ctx, "SELECT "+trackColumns+" FROM tracks t WHERE t.missing = 0")
	if err != nil {
		return fmt.Errorf("list tracks: %w", mapped(err))
	}
	return each(rows, func(r row) error {
		t, err := scanTrack(r)
		if err != nil {
			return err
		}
		return f(t)
	})
}

// TracksWithCover returns up to limit tracks that show an artwork.
func (s *Store) TracksWithCover(ctx context.Context, cover string, limit int) ([]Track, error) {
	return s.tracks(ctx, "SELECT "+trackColumns+" FROM tracks t WHERE t.cover = ? AND t.missing = 0 LIMIT ?", cover, limit)
}

// Waiting lists the tracks that cannot be played yet, and how many there are.
func (s *Store) Waiting(ctx context.Context, p Page) ([]Track, int, error) {
	const where = " FROM tracks t WHERE t.waiting != '' AND t.missing = 0"
	var total int
	if err := s.r.QueryRowContext(ctx, "SELECT count(*)"+where).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count waiting tracks: %w", mapped(err))
	}
	limit, offset := p.limits()
	list, err := s.tracks(ctx, "SELECT "+trackColumns+where+" ORDER BY t.n LIMIT ? OFFSET ?", limit, offset)
	return list, total, err
}

func (s *Store) tracks(ctx context.Context, query string, args ...any) ([]Track, error) {
	return list(ctx, s.r, "list tracks", scanTrack, query, args...)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list runs a query and reads all its rows; it never returns a nil list.
func list[T any](ctx context.Context, q querier, what string, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, mapped(err))
	}
	out := []T{}
	err = each(rows, func(r row) error {
		v, err := scan(r)
		out = append(out, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, mapped(err))
	}
	return out, nil
}

func each(rows *sql.Rows, f func(row) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// marks returns n question marks for an IN list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

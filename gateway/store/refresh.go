package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// VariousArtists is who made an album whose tracks have different artists and
// no album artist.
const VariousArtists = "Various Artists"

// refresh brings the albums and artists that were touched in line with their
// tracks. Albums come first: whose they are counts for the artists.
func (u *scanUpdate) refresh(ctx context.Context) error {
	for id := range u.albums {
		if id == "" {
			continue
		}
		if err := u.refreshAlbum(ctx, id); err != nil {
			return err
		}
	}
	for id := range u.artists {
		if id == "" {
			continue
		}
		if err := u.refreshArtist(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (u *scanUpdate) refreshAlbum(ctx context.Context, id string) error {
	var a Album
	var duration int64
	var artists int
	err := u.tx.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(duration), 0), coalesce(max(year), 0), count(DISTINCT artist_id),
		coalesce(max(album), ''), coalesce(max(album_artist), ''), coalesce(max(album_artist_id), '')
		FROM tracks WHERE album_id = ? AND missing = 0`, id).
		Scan(&a.Tracks, &duration, &a.Year, &artists, &a.Title, &a.Artist, &a.ArtistID)
	if err != nil {
		return err
	}
	if a.Tracks == 0 {
		return u.remove(ctx, id, "DELETE FROM albums WHERE id = ? RETURNING n", "DELETE FROM album_terms WHERE rowid = ?")
	}
	var artist, artistID string
	err = u.tx.QueryRowContext(ctx, `SELECT artist, artist_id FROM tracks WHERE album_id = ? AND missing = 0
		ORDER BY disc, number, path LIMIT 1`, id).Scan(&artist, &artistID)
	if err != nil {
		return err
	}
	switch {
	case a.Artist != "":
	case artists == 1:
		a.Artist, a.ArtistID = artist, artistID
	default:
		a.Artist, a.ArtistID = VariousArtists, ""
	}
	if a.Cover, err = u.coverOf(ctx, "album_id", id); err != nil {
		return err
	}
	var n int64
	err = u.tx.QueryRowContext(ctx, `INSERT INTO albums (id, title, title_sort, title_key, artist, artist_id, year, tracks, duration, cover)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title, title_sort = excluded.title_sort,
		title_key = excluded.title_key, artist = excluded.artist, artist_id = excluded.artist_id, year = excluded.year,
		tracks = excluded.tracks, duration = excluded.duration, cover = excluded.cover RETURNING n`,
		id, a.Title, terms.Fold(a.Title), terms.Key(a.Title), a.Artist, a.ArtistID, a.Year, a.Tracks, duration, a.Cover).Scan(&n)
	if err != nil {
		return err
	}
	return indexTerms(ctx, u.tx, putAlbumTerms, n, a.Title, a.Artist)
}

func (u *scanUpdate) refreshArtist(ctx context.Context, id string) error {
	var a Artist
	err := u.tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM tracks WHERE artist_id = ?1 AND missing = 0),
		(SELECT count(*) FROM albums WHERE artist_id = ?1)`, id).Scan(&a.Tracks, &a.Albums)
	if err != nil {
		return err
	}
	err = u.tx.QueryRowContext(ctx, `SELECT name FROM (SELECT artist AS name, 0 AS second FROM tracks WHERE artist_id = ?1 AND missing = 0
		UNION ALL SELECT album_artist, 1 FROM tracks WHERE album_artist_id = ?1 AND missing = 0) ORDER BY second LIMIT 1`, id).Scan(&a.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return u.remove(ctx, id, "DELETE FROM artists WHERE id = ? RETURNING n", "DELETE FROM artist_terms WHERE rowid = ?")
	} else if err != nil {
		return err
	}
	if a.Cover, err = u.coverOf(ctx, "album_artist_id", id); err != nil {
		return err
	}
	if a.Cover == "" {
		if a.Cover, err = u.coverOf(ctx, "artist_id", id); err != nil {
			return err
		}
	}
	var n int64
	err = u.tx.QueryRowContext(ctx, `INSERT INTO artists (id, name, name_sort, name_key, albums, tracks, cover)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_sort = excluded.name_sort,
		name_key = excluded.name_key, albums = excluded.albums, tracks = excluded.tracks, cover = excluded.cover RETURNING n`,
		id, a.Name, terms.Fold(a.Name), terms.Key(a.Name), a.Albums, a.Tracks, a.Cover).Scan(&n)
	if err != nil {
		return err
	}
	return indexTerms(ctx, u.tx, putArtistTerms, n, a.Name)
}

// coverOf returns the first cover among the tracks whose column is id.
func (u *scanUpdate) coverOf(ctx context.Context, column, id string) (string, error) {
	var cover string
	err := u.tx.QueryRowContext(ctx, "SELECT cover FROM tracks WHERE "+column+
		" = ? AND missing = 0 AND cover != '' ORDER BY disc, number, path LIMIT 1", id).Scan(&cover)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return cover, err
}

// remove drops what has an id, and by its row number its terms.
func (u *scanUpdate) remove(ctx context.Context, id, byID, byRow string) error {
	var n int64
	err := u.tx.QueryRowContext(ctx, byID, id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	_, err = u.tx.ExecContext(ctx, byRow, n)
	return err
}

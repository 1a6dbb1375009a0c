package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// FileRef is what a scan must know of a track to see whether its file changed.
type FileRef struct {
	N       int64 // the row, for ScanBatch
	Size    int64
	ModTime int64 // nanoseconds since 1970
	Art     int64 // as given in ScannedTrack
	Missing bool
	Waiting bool
}

// ScannedTrack is a track as a scan read it from its file.
type ScannedTrack struct {
	Track
	// N is the row to write over, 0 for that of the same path or a new one. The
	// row's ID and Added stay as they are; a new track without an ID gets one.
	N             int64
	AlbumArtistID string
	Print         []byte // fingerprint of the audio
	Art           int64  // identifies the folder's picture at this time, 0 without one
}

// ScanBatch is a part of what a scan found, written in one transaction.
type ScanBatch struct {
	Tracks  []ScannedTrack
	Missing []int64 // rows whose files are gone
}

// EachFile calls f for every track under root, also missing ones. f must not
// call the store.
func (s *Store) EachFile(ctx context.Context, root string, f func(path string, ref FileRef)) error {
	rows, err := s.r.QueryContext(ctx, "SELECT path, n, size, mtime, art, missing, waiting != '' FROM tracks WHERE root = ?", root)
	if err != nil {
		return fmt.Errorf("list the files of %s: %w", root, mapped(err))
	}
	return each(rows, func(r row) error {
		var path string
		var ref FileRef
		if err := r.Scan(&path, &ref.N, &ref.Size, &ref.ModTime, &ref.Art, &ref.Missing, &ref.Waiting); err != nil {
			return err
		}
		f(path, ref)
		return nil
	})
}

// Roots lists the music folders that tracks were found in, with how many of
// them are not missing.
func (s *Store) Roots(ctx context.Context) (map[string]int, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT root, sum(1 - missing) FROM tracks GROUP BY root")
	if err != nil {
		return nil, fmt.Errorf("list music folders: %w", mapped(err))
	}
	out := map[string]int{}
	err = each(rows, func(r row) error {
		var root string
		var n int
		err := r.Scan(&root, &n)
		out[root] = n
		return err
	})
	return out, err
}

// PrintRef is a track with a certain fingerprint.
type PrintRef struct {
	N          int64
	Root, Path string
}

// ByPrint returns the tracks that have a fingerprint.
func (s *Store) ByPrint(ctx context.Context, print []byte) ([]PrintRef, error) {
	return list(ctx, s.r, "look up a fingerprint", func(r row) (PrintRef, error) {
		var p PrintRef
		err := r.Scan(&p.N, &p.Root, &p.Path)
		return p, err
	}, "SELECT n, root, path FROM tracks WHERE print = ? LIMIT 100", print)
}

// SaveScan writes what a scan found and brings albums, artists and the search
// index in line, in one transaction.
func (s *Store) SaveScan(ctx context.Context, b ScanBatch) error {
	return s.write(ctx, crash, "save scanned tracks", func(ctx context.Context, t *writer) error {
		u := scanUpdate{tx: t.Tx, store: s, albums: map[string]bool{}, artists: map[string]bool{}}
		for i := range b.Tracks {
			if err := u.save(ctx, &b.Tracks[i]); err != nil {
				return fmt.Errorf("%s: %w", b.Tracks[i].Path, err)
			}
		}
		for _, n := range b.Missing {
			if err := u.setMissing(ctx, n); err != nil {
				return err
			}
		}
		return u.refresh(ctx)
	})
}

// scanUpdate is one SaveScan: its transaction and what it has touched.
type scanUpdate struct {
	tx      *sql.Tx
	store   *Store
	albums  map[string]bool
	artists map[string]bool
}

func (u *scanUpdate) touch(ids ...string) {
	u.albums[ids[0]] = true
	for _, id := range ids[1:] {
		u.artists[id] = true
	}
}

// touchRow notes what a row belonged to before it changes.
func (u *scanUpdate) touchRow(ctx context.Context, n int64) error {
	var album, artist, albumArtist string
	err := u.tx.QueryRowContext(ctx, "SELECT album_id, artist_id, album_artist_id FROM tracks WHERE n = ?", n).
		Scan(&album, &artist, &albumArtist)
	u.touch(album, artist, albumArtist)
	return err
}

func (u *scanUpdate) setMissing(ctx context.Context, n int64) error {
	if err := u.touchRow(ctx, n); err != nil {
		return err
	}
	if _, err := u.tx.ExecContext(ctx, "UPDATE tracks SET missing = 1 WHERE n = ?", n); err != nil {
		return err
	}
	_, err := u.tx.ExecContext(ctx, "DELETE FROM track_terms WHERE rowid = ?", n)
	return err
}

const scannedColumns = `root = ?, path = ?, size = ?, mtime = ?, print = ?, art = ?, title = ?, title_sort = ?, title_key = ?,
	artist = ?, artist_id = ?, album = ?, album_id = ?, album_artist = ?, album_artist_id = ?, genre = ?, mood = ?, year = ?,
	disc = ?, discs = ?, number = ?, numbers = ?, duration = ?, codec = ?, rate = ?, channels = ?, bits = ?, gain = ?, peak = ?,
	album_gain = ?, album_peak = ?, cover = ?, waiting = ?, recording = ?,
	composer = ?, work = ?, movement = ?, artist_sort = ?, artist_mbid = ?, missing = 0`

const insertScanned = `INSERT INTO tracks (root, path, size, mtime, print, art, title, title_sort, title_key,
	artist, artist_id, album, album_id, album_artist, album_artist_id, genre, mood, year,
	disc, discs, number, numbers, duration, codec, rate, channels, bits, gain, peak,
	album_gain, album_peak, cover, waiting, recording,
	composer, work, movement, artist_sort, artist_mbid, id, added) VALUES (` +
	`?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

func (u *scanUpdate) save(ctx context.Context, t *ScannedTrack) error {
	values := []any{
		t.Root, t.Path, t.Size, t.ModTime.UnixNano(), t.Print, t.Art, t.Title, terms.Fold(t.Title), terms.Key(t.Title),
		t.Artist, t.ArtistID, t.Album, t.AlbumID, t.AlbumArtist, t.AlbumArtistID, t.Genre, t.Mood, t.Year,
		t.Disc, t.Discs, t.Number, t.Numbers, fromDuration(t.Duration), t.Codec, t.Rate, t.Channels, t.Bits, t.GainDB, t.Peak,
		t.AlbumGainDB, t.AlbumPeak, t.Cover, t.Waiting, t.RecordingID,
		t.Composer, t.Work, t.Movement, t.ArtistSort, t.ArtistMBID,
	}
	u.touch(t.AlbumID, t.ArtistID, t.AlbumArtistID)
	n := t.N
	if n == 0 {
		err := u.tx.QueryRowContext(ctx, "SELECT n FROM tracks WHERE path = ?", t.Path).Scan(&n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if n != 0 {
		if err := u.touchRow(ctx, n); err != nil {
			return err
		}
		if _, err := u.tx.ExecContext(ctx, "UPDATE tracks SET "+scannedColumns+" WHERE n = ?", append(values, n)...); err != nil {
			return err
		}
		return indexTerms(ctx, u.tx, putTrackTerms, n, t.Title, t.Artist, t.Album)
	}
	id := t.ID
	if id == "" {
		var err error
		if id, err = u.store.newID(); err != nil {
			return err
		}
	}
	added := t.Added
	if added.IsZero() {
		added = u.store.now()
	}
	res, err := u.tx.ExecContext(ctx, insertScanned, append(values, id, micros(added))...)
	if err != nil {
		return err
	}
	if n, err = res.LastInsertId(); err != nil {
		return err
	}
	return indexTerms(ctx, u.tx, putTrackTerms, n, t.Title, t.Artist, t.Album)
}

// Statements that put names into the search tables: the row and its terms.
const (
	putTrackTerms    = "INSERT OR REPLACE INTO track_terms (rowid, terms) VALUES (?, ?)"
	putAlbumTerms    = "INSERT OR REPLACE INTO album_terms (rowid, terms) VALUES (?, ?)"
	putArtistTerms   = "INSERT OR REPLACE INTO artist_terms (rowid, terms) VALUES (?, ?)"
	putPlaylistTerms = "INSERT OR REPLACE INTO playlist_terms (rowid, terms) VALUES (?, ?)"
)

func indexTerms(ctx context.Context, tx *sql.Tx, put string, n int64, names ...string) error {
	_, err := tx.ExecContext(ctx, put, n, terms.Index(names...))
	return err
}

package store

import (
	"context"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

const playlistColumns = "p.id, p.name, p.tracks, p.changed"

func scanPlaylist(r row) (Playlist, error) {
	var p Playlist
	var changed int64
	err := r.Scan(&p.ID, &p.Name, &p.Tracks, &changed)
	p.Changed = fromMicros(changed)
	return p, err
}

// PlaylistRevision counts the changes of playlists since the store was opened.
func (s *Store) PlaylistRevision() uint64 { return s.playlistRevision.Load() }

// Playlists lists the playlists by name, and how many there are.
func (s *Store) Playlists(ctx context.Context, p Page) ([]Playlist, int, error) {
	var total int
	if err := s.r.QueryRowContext(ctx, "SELECT count(*) FROM playlists").Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count playlists: %w", mapped(err))
	}
	limit, offset := p.limits()
	out, err := list(ctx, s.r, "list playlists", scanPlaylist, "SELECT "+playlistColumns+
		" FROM playlists p ORDER BY p.name_sort, p.n LIMIT ? OFFSET ?", limit, offset)
	return out, total, err
}

// Playlist returns one playlist.
func (s *Store) Playlist(ctx context.Context, id string) (Playlist, error) {
	p, err := scanPlaylist(s.r.QueryRowContext(ctx, "SELECT "+playlistColumns+" FROM playlists p WHERE p.id = ?", id))
	if err != nil {
		return Playlist{}, fmt.Errorf("look up playlist %q: %w", id, mapped(err))
	}
	return p, nil
}

// PlaylistTracks returns all track ids of a playlist in order.
func (s *Store) PlaylistTracks(ctx context.Context, id string) ([]string, error) {
	if _, err := s.Playlist(ctx, id); err != nil {
		return nil, err
	}
	return list(ctx, s.r, "list the tracks of playlist "+id, func(r row) (string, error) {
		var track string
		err := r.Scan(&track)
		return track, err
	}, "SELECT track FROM playlist_tracks WHERE playlist = (SELECT n FROM playlists WHERE id = ?) ORDER BY pos", id)
}

// CreatePlaylist makes a playlist with these tracks in it.
func (s *Store) CreatePlaylist(ctx context.Context, name string, tracks []string) (Playlist, error) {
	id, err := s.newID()
	if err != nil {
		return Playlist{}, err
	}
	p := Playlist{ID: id, Name: name, Tracks: len(tracks), Changed: s.now()}
	err = s.write(ctx, powerCut, "create playlist", func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "INSERT INTO playlists (id, name, name_sort, name_key, tracks, changed) VALUES (?, ?, ?, ?, 0, ?)",
			id, name, terms.Fold(name), terms.Key(name), micros(p.Changed))
		if err != nil {
			return err
		}
		n, err := res.LastInsertId()
		if err != nil {
			return err
		}
		if err := indexTerms(ctx, t.Tx, putPlaylistTerms, n, name); err != nil {
			return err
		}
		return setPlaylistTracks(ctx, t, n, tracks)
	})
	if err != nil {
		return Playlist{}, err
	}
	s.playlistRevision.Add(1)
	return p, nil
}

// RenamePlaylist gives a playlist another name.
func (s *Store) RenamePlaylist(ctx context.Context, id, name string) error {
	return s.editPlaylist(ctx, "rename", id, func(ctx context.Context, t *writer, n int64) error {
		_, err := t.ExecContext(ctx, "UPDATE playlists SET name = ?, name_sort = ?, name_key = ? WHERE n = ?",
			name, terms.Fold(name), terms.Key(name), n)
		if err != nil {
			return err
		}
		return indexTerms(ctx, t.Tx, putPlaylistTerms, n, name)
	})
}

// SetPlaylistTracks replaces what is in a playlist.
func (s *Store) SetPlaylistTracks(ctx context.Context, id string, tracks []string) error {
	return s.editPlaylist(ctx, "change", id, func(ctx context.Context, t *writer, n int64) error {
		return setPlaylistTracks(ctx, t, n, tracks)
	})
}

// DeletePlaylist deletes a playlist.
func (s *Store) DeletePlaylist(ctx context.Context, id string) error {
	return s.editPlaylist(ctx, "delete", id, func(ctx context.Context, t *writer, n int64) error {
		if _, err := t.ExecContext(ctx, "DELETE FROM playlist_terms WHERE rowid = ?", n); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, "DELETE FROM playlists WHERE n = ?", n)
		return err
	})
}

// editPlaylist looks up a playlist's row, lets edit change it, and notes when.
func (s *Store) editPlaylist(ctx context.Context, verb, id string, edit func(ctx context.Context, t *writer, n int64) error) error {
	err := s.write(ctx, powerCut, verb+" playlist "+id, func(ctx context.Context, t *writer) error {
		var n int64
		if err := t.QueryRowContext(ctx, "SELECT n FROM playlists WHERE id = ?", id).Scan(&n); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, "UPDATE playlists SET changed = ? WHERE n = ?", micros(s.now()), n); err != nil {
			return err
		}
		return edit(ctx, t, n)
	})
	if err == nil {
		s.playlistRevision.Add(1)
	}
	return err
}

func setPlaylistTracks(ctx context.Context, t *writer, n int64, tracks []string) error {
	if _, err := t.ExecContext(ctx, "DELETE FROM playlist_tracks WHERE playlist = ?", n); err != nil {
		return err
	}
	stmt, err := t.PrepareContext(ctx, "INSERT INTO playlist_tracks (playlist, pos, track) VALUES (?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for i, track := range tracks {
		if _, err := stmt.ExecContext(ctx, n, i, track); err != nil {
			return err
		}
	}
	_, err = t.ExecContext(ctx, "UPDATE playlists SET tracks = ? WHERE n = ?", len(tracks), n)
	return err
}

package store

import (
	"context"
	"fmt"
	"time"
)

// AddPlay keeps a play and returns its id. Ids grow; none is used twice.
func (s *Store) AddPlay(ctx context.Context, p Play) (int64, error) {
	var id int64
	err := s.write(ctx, powerCut, "keep a play", func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "INSERT INTO plays (zone, track, by, context, started, heard, length, end) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			p.Zone, p.Track, p.By, p.Context, micros(p.Started), fromDuration(p.Heard), fromDuration(p.Length), p.End)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	return id, err
}

// UpdatePlay notes how a play went on or ended.
func (s *Store) UpdatePlay(ctx context.Context, id int64, heard time.Duration, end string) error {
	return s.change(ctx, fmt.Sprintf("update play %d", id), "UPDATE plays SET heard = ?, end = ? WHERE id = ?", fromDuration(heard), end, id)
}

// Plays returns up to limit plays with an id above since, in the order of
// their ids. Limit 0 means all.
func (s *Store) Plays(ctx context.Context, since int64, limit int) ([]Play, error) {
	if limit <= 0 {
		limit = -1
	}
	return list(ctx, s.r, "list plays", func(r row) (Play, error) {
		var p Play
		var started, heard, length int64
		err := r.Scan(&p.ID, &p.Zone, &p.Track, &p.By, &p.Context, &started, &heard, &length, &p.End)
		p.Started, p.Heard, p.Length = fromMicros(started), toDuration(heard), toDuration(length)
		return p, err
	}, "SELECT id, zone, track, by, context, started, heard, length, end FROM plays WHERE id > ? ORDER BY id LIMIT ?", since, limit)
}

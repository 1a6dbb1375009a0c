package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// AddPlay keeps a play and returns its id. Ids grow; none is used twice.
func (s *Store) AddPlay(ctx context.Context, p Play) (int64, error) {
	var id int64
	err := s.write(ctx, powerCut, "keep a play", func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "INSERT INTO plays (zone, track, by, context, started, heard, length, end, tastes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.Zone, p.Track, p.By, p.Context, micros(p.Started), fromDuration(p.Heard), fromDuration(p.Length), p.End, strings.Join(p.Tastes, " "))
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	return id, err
}

// samePlay is how far two notes of one play may be apart: what others wrote down
// has only seconds or minutes, and may mean the start or the end of a beginning.
const samePlay = time.Minute

// ImportPlays keeps plays that were heard elsewhere, in one transaction, and
// returns how many were new: one of the same track within a minute of a play
// that the same taste is known to have heard is that play.
func (s *Store) ImportPlays(ctx context.Context, plays []Play) (added int, err error) {
	err = s.write(ctx, crash, "keep imported plays", func(ctx context.Context, t *writer) error {
		added = 0
		for _, p := range plays {
			at, apart := micros(p.Started), fromDuration(samePlay)
			res, err := t.ExecContext(ctx, `INSERT INTO plays (zone, track, by, context, started, heard, length, end, tastes)
				SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10 WHERE NOT EXISTS
				(SELECT 1 FROM plays WHERE track = ?2 AND started BETWEEN ?5 - ?9 AND ?5 + ?9 AND ' ' || tastes || ' ' LIKE '% ' || ?10 || ' %')`,
				p.Zone, p.Track, p.By, p.Context, at, fromDuration(p.Heard), fromDuration(p.Length), p.End, apart, strings.Join(p.Tastes, " "))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			added += int(n)
		}
		return nil
	})
	return added, err
}

// EndPlay notes how a play ended, and returns whom it still teaches. It is
// ErrNotFound when that was taken back from everybody.
func (s *Store) EndPlay(ctx context.Context, id int64, heard time.Duration, end string) (tastes []string, err error) {
	err = s.write(ctx, powerCut, fmt.Sprintf("end play %d", id), func(ctx context.Context, t *writer) error {
		var joined string
		err := t.QueryRowContext(ctx, "UPDATE plays SET heard = ?, end = ? WHERE id = ? RETURNING tastes", fromDuration(heard), end, id).Scan(&joined)
		tastes = strings.Fields(joined)
		return err
	})
	return tastes, err
}

// StopPlays ends the plays that went on when the program last ended. It is called
// before anything plays.
func (s *Store) StopPlays(ctx context.Context) error {
	return s.write(ctx, powerCut, "end the plays of the last run", func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "UPDATE plays SET end = 'stopped' WHERE end = 'playing'")
		return err
	})
}

// Plays returns up to limit plays with an id above since, in the order of
// their ids. Limit 0 means all.
func (s *Store) Plays(ctx context.Context, since int64, limit int) ([]Play, error) {
	if limit <= 0 {
		limit = -1
	}
	return list(ctx, s.r, "list plays", scanPlay, selectPlays+" WHERE id > ? ORDER BY id LIMIT ?", since, limit)
}

// AllPlays returns every play in the order in which they began: imported ones
// have higher ids than what was played before the import.
func (s *Store) AllPlays(ctx context.Context) ([]Play, error) {
	return list(ctx, s.r, "list plays", scanPlay, selectPlays+" ORDER BY started, id")
}

// PlaysMark is a sum over the plays up to an id: it is another one when some of
// them were taken back since.
func (s *Store) PlaysMark(ctx context.Context, last int64) (mark string, err error) {
	var n, tastes int64
	err = s.r.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(length(tastes)), 0) FROM plays WHERE id <= ?", last).Scan(&n, &tastes)
	if err != nil {
		return "", fmt.Errorf("sum up the plays: %w", mapped(err))
	}
	return fmt.Sprintf("%d/%d", n, tastes), nil
}

var selectPlays = "SELECT " + playColumns("") + " FROM plays"

// playColumns names what scanPlay reads, of a table with that prefix.
func playColumns(of string) string {
	return of + strings.Join([]string{"id", "zone", "track", "by", "context", "started", "heard", "length", "end", "tastes"}, ", "+of)
}

func scanPlay(r row) (Play, error) {
	var p Play
	var started, heard, length int64
	var tastes string
	err := r.Scan(&p.ID, &p.Zone, &p.Track, &p.By, &p.Context, &started, &heard, &length, &p.End, &tastes)
	p.Tastes = strings.Fields(tastes)
	p.Started, p.Heard, p.Length = fromMicros(started), toDuration(heard), toDuration(length)
	return p, err
}

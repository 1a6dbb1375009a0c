package store

import (
	"context"
	"fmt"
)

// Scrobbling is where a listener's listens are handed on to.
type Scrobbling struct {
	Listener string
	URL      string
	Token    string // a secret: it never leaves the gateway but to that URL
	Problem  string // what keeps listens from being sent, empty for nothing
	Waiting  int    // listens
}

// maxScrobbles is how many listens of one listener wait at most; then the
// earliest go.
const maxScrobbles = 100_000

// Scrobblings returns who scrobbles.
func (s *Store) Scrobblings(ctx context.Context) ([]Scrobbling, error) {
	return list(ctx, s.r, "list who scrobbles", func(r row) (Scrobbling, error) {
		var x Scrobbling
		err := r.Scan(&x.Listener, &x.URL, &x.Token, &x.Problem, &x.Waiting)
		return x, err
	}, "SELECT listener, url, token, problem, (SELECT count(*) FROM scrobbles q WHERE q.listener = s.listener) FROM scrobbling s ORDER BY listener")
}

// SetScrobbling has a listener's listens handed on; what waits, waits for the
// new place. ErrNotFound for a listener who is not there.
func (s *Store) SetScrobbling(ctx context.Context, x Scrobbling) error {
	return s.write(ctx, powerCut, "set scrobbling", func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, `INSERT INTO scrobbling (listener, url, token) SELECT id, ?2, ?3 FROM listeners WHERE id = ?1
			ON CONFLICT (listener) DO UPDATE SET url = excluded.url, token = excluded.token, problem = ''`, x.Listener, x.URL, x.Token)
		if err != nil {
			return err
		}
		return changedOne(res)
	})
}

// StopScrobbling forgets where a listener's listens went, and what waits.
func (s *Store) StopScrobbling(ctx context.Context, listener string) error {
	return s.change(ctx, "stop scrobbling", "DELETE FROM scrobbling WHERE listener = ?", listener)
}

// SetScrobblingProblem notes what keeps listens from being sent.
func (s *Store) SetScrobblingProblem(ctx context.Context, listener, problem string) error {
	return s.write(ctx, crash, "note how scrobbling goes", func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "UPDATE scrobbling SET problem = ?2 WHERE listener = ?1 AND problem != ?2", listener, problem)
		return err
	})
}

// Scrobble is a listen that waits to be handed on.
type Scrobble struct {
	ID     int64
	Listen string // JSON
}

// AddScrobble keeps a listen of a listener who scrobbles; of others it keeps
// nothing.
func (s *Store) AddScrobble(ctx context.Context, listener, listen string) error {
	return s.write(ctx, powerCut, "keep a listen", func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "INSERT INTO scrobbles (listener, listen) SELECT listener, ?2 FROM scrobbling WHERE listener = ?1", listener, listen)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = t.ExecContext(ctx, `DELETE FROM scrobbles WHERE listener = ?1 AND id <=
			(SELECT id FROM scrobbles WHERE listener = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, listener, maxScrobbles)
		return err
	})
}

// Scrobbles lists the earliest listens of a listener that wait.
func (s *Store) Scrobbles(ctx context.Context, listener string, limit int) ([]Scrobble, error) {
	return list(ctx, s.r, "list listens that wait", func(r row) (Scrobble, error) {
		var x Scrobble
		err := r.Scan(&x.ID, &x.Listen)
		return x, err
	}, "SELECT id, listen FROM scrobbles WHERE listener = ? ORDER BY id LIMIT ?", listener, limit)
}

// DeleteScrobbles takes out listens that were handed on; ids that are not there
// are no error.
func (s *Store) DeleteScrobbles(ctx context.Context, ids []int64) error {
	return s.write(ctx, powerCut, "take out listens", func(ctx context.Context, t *writer) error {
		for _, id := range ids {
			if _, err := t.ExecContext(ctx, "DELETE FROM scrobbles WHERE id = ?", id); err != nil {
				return fmt.Errorf("listen %d: %w", id, err)
			}
		}
		return nil
	})
}

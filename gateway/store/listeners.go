package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Listener is somebody with a taste: a person of the home.
type Listener struct {
	ID       string
	Name     string
	Account  string // that the listener came with, empty for others
	Child    bool   // what a child hears feeds nobody else
	Learning bool   // false: what is heard teaches this listener nothing
	Created  time.Time
}

// importedZone is the zone that plays heard elsewhere stand under.
const importedZone = "import"

// ZoneTaste is the taste that a zone's plays teach where no listener is named.
func ZoneTaste(zone string) string { return "zone:" + zone }

// ImportedTaste is what an import teaches in a gateway where nobody lives yet;
// whoever claims it inherits that.
var ImportedTaste = ZoneTaste(importedZone)

// ZoneOfTaste returns the zone of a taste that is a zone's own.
func ZoneOfTaste(taste string) (zone string, ok bool) { return strings.CutPrefix(taste, "zone:") }

const listenerColumns = "id, name, account, child, learning, created"

func scanListener(r row) (Listener, error) {
	var l Listener
	var created int64
	err := r.Scan(&l.ID, &l.Name, &l.Account, &l.Child, &l.Learning, &created)
	l.Created = fromMicros(created)
	return l, err
}

// Listeners lists the listeners, the first made first.
func (s *Store) Listeners(ctx context.Context) ([]Listener, error) {
	return list(ctx, s.r, "list listeners", scanListener, "SELECT "+listenerColumns+" FROM listeners ORDER BY created, id")
}

// Listener returns one listener.
func (s *Store) Listener(ctx context.Context, id string) (Listener, error) {
	l, err := scanListener(s.r.QueryRowContext(ctx, "SELECT "+listenerColumns+" FROM listeners WHERE id = ?", id))
	if err != nil {
		return Listener{}, fmt.Errorf("look up listener %s: %w", id, mapped(err))
	}
	return l, nil
}

// AddListener makes a listener; ErrExists if there is one of that name.
func (s *Store) AddListener(ctx context.Context, name string, child bool) (Listener, error) {
	id, err := s.newID()
	if err != nil {
		return Listener{}, err
	}
	l := Listener{ID: id, Name: name, Child: child, Learning: true, Created: s.now()}
	err = s.write(ctx, powerCut, "add listener "+name, func(ctx context.Context, t *writer) error {
		return addListener(ctx, t, l)
	})
	if err != nil {
		return Listener{}, err
	}
	return l, nil
}

func addListener(ctx context.Context, t *writer, l Listener) error {
	_, err := t.ExecContext(ctx, "INSERT INTO listeners ("+listenerColumns+") VALUES (?, ?, ?, ?, ?, ?)",
		l.ID, l.Name, l.Account, l.Child, l.Learning, micros(l.Created))
	return err
}

// moveIn makes the listener who comes with the first account. What was imported
// before is theirs, and they listen in every zone. A listener of that name who
// is there already becomes theirs.
func (s *Store) moveIn(ctx context.Context, t *writer, account string) error {
	id, err := s.newID()
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO listeners (`+listenerColumns+`) VALUES (?, ?, ?, 0, 1, ?)
		ON CONFLICT (name) DO UPDATE SET account = excluded.account`, id, account, account, micros(s.now()))
	if err != nil {
		return err
	}
	if err := t.QueryRowContext(ctx, "SELECT id FROM listeners WHERE account = ?", account).Scan(&id); err != nil {
		return err
	}
	for _, inherit := range []string{
		"UPDATE plays SET tastes = ? WHERE tastes = ?",
		"UPDATE OR REPLACE ratings SET taste = ? WHERE taste = ?",
	} {
		if _, err := t.ExecContext(ctx, inherit, id, ImportedTaste); err != nil {
			return err
		}
	}
	_, err = t.ExecContext(ctx, "INSERT OR IGNORE INTO zone_listeners SELECT id, ? FROM zones", id)
	return err
}

// UpdateListener changes a listener's name and what it says of it; ErrExists if
// another has that name.
func (s *Store) UpdateListener(ctx context.Context, l Listener) error {
	return s.change(ctx, "change listener "+l.ID, "UPDATE listeners SET name = ?, child = ?, learning = ? WHERE id = ?", l.Name, l.Child, l.Learning, l.ID)
}

// DeleteListener deletes a listener and everything that is known of them.
func (s *Store) DeleteListener(ctx context.Context, id string) error {
	return s.write(ctx, powerCut, "delete listener "+id, func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "DELETE FROM listeners WHERE id = ?", id)
		if err != nil {
			return err
		}
		if err := changedOne(res); err != nil {
			return err
		}
		return forget(ctx, t, id)
	})
}

// ForgetTaste deletes what a taste was made from: plays that taught no other,
// ratings and wishes. Nothing to forget is no error.
func (s *Store) ForgetTaste(ctx context.Context, taste string) error {
	return s.write(ctx, powerCut, "forget the taste "+taste, func(ctx context.Context, t *writer) error {
		return forget(ctx, t, taste)
	})
}

func forget(ctx context.Context, t *writer, taste string) error {
	if _, err := takeBack(ctx, t, taste, 0); err != nil {
		return err
	}
	for _, from := range []string{"ratings", "wishes"} {
		if _, err := t.ExecContext(ctx, "DELETE FROM "+from+" WHERE taste = ?", taste); err != nil {
			return err
		}
	}
	return nil
}

// TakeBack makes what was heard since a time teach a taste nothing, and returns
// how many plays that were.
func (s *Store) TakeBack(ctx context.Context, taste string, since time.Time) (n int, err error) {
	err = s.write(ctx, powerCut, "take back plays", func(ctx context.Context, t *writer) error {
		n, err = takeBack(ctx, t, taste, micros(since))
		return err
	})
	return n, err
}

// takeBack takes a taste out of the plays that began after a time; those that
// teach nobody any more go.
func takeBack(ctx context.Context, t *writer, taste string, since int64) (int, error) {
	res, err := t.ExecContext(ctx, `UPDATE plays SET tastes = trim(replace(' ' || tastes || ' ', ' ' || ?1 || ' ', ' '))
		WHERE started >= ?2 AND ' ' || tastes || ' ' LIKE '% ' || ?1 || ' %'`, taste, since)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = t.ExecContext(ctx, "DELETE FROM plays WHERE tastes = '' AND started >= ?", since)
	return int(n), err
}

// PlaysOf calls f for every play that taught a taste, in the order in which they
// began, with what the library calls its track; the names are empty where it is
// gone. f must not call the store.
func (s *Store) PlaysOf(ctx context.Context, taste string, f func(p Play, t Track) error) error {
	//nolint:gosec // the columns are constants
	rows, err := s.r.QueryContext(ctx, `SELECT `+playColumns("p.")+`, coalesce(t.title, ''), coalesce(t.artist, ''), coalesce(t.album, ''), coalesce(t.recording, '')
		FROM plays p LEFT JOIN tracks t ON t.id = p.track WHERE ' ' || p.tastes || ' ' LIKE '% ' || ? || ' %' ORDER BY p.started, p.id`, taste)
	if err != nil {
		return fmt.Errorf("list the plays of %s: %w", taste, mapped(err))
	}
	return each(rows, func(r row) error {
		var t Track
		p, err := scanPlay(tails{r, []any{&t.Title, &t.Artist, &t.Album, &t.RecordingID}})
		if err != nil {
			return err
		}
		t.ID = p.Track
		return f(p, t)
	})
}

// tails scans more columns than its user knows of.
type tails struct {
	row
	last []any
}

func (t tails) Scan(dest ...any) error { return t.row.Scan(append(dest, t.last...)...) }

// Audience is who listens in a zone.
type Audience struct {
	Zone      string
	Listeners []string // ids, in the order in which the listeners were made
	Learning  bool     // false: what is heard there teaches nobody
}

// Audiences returns who listens in each zone.
func (s *Store) Audiences(ctx context.Context) ([]Audience, error) {
	return list(ctx, s.r, "list who listens where", func(r row) (Audience, error) {
		var a Audience
		var ids string
		err := r.Scan(&a.Zone, &a.Learning, &ids)
		a.Listeners = strings.Fields(ids)
		return a, err
	}, `SELECT z.id, z.learning, coalesce((SELECT group_concat(id, ' ') FROM
		(SELECT l.id FROM zone_listeners zl JOIN listeners l ON l.id = zl.listener WHERE zl.zone = z.id ORDER BY l.created, l.id)), '') FROM zones z`)
}

// SetAudience says who listens in a zone; ErrNotFound for a zone or a listener
// that is not there.
func (s *Store) SetAudience(ctx context.Context, a Audience) error {
	return s.write(ctx, powerCut, "set who listens in zone "+a.Zone, func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, "UPDATE zones SET learning = ? WHERE id = ?", a.Learning, a.Zone)
		if err != nil {
			return err
		}
		if err := changedOne(res); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, "DELETE FROM zone_listeners WHERE zone = ?", a.Zone); err != nil {
			return err
		}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(a.Listeners))) {
			res, err := t.ExecContext(ctx, "INSERT INTO zone_listeners SELECT ?, id FROM listeners WHERE id = ?", a.Zone, id)
			if err != nil {
				return err
			}
			if err := changedOne(res); err != nil {
				return err
			}
		}
		return nil
	})
}

package store

import (
	"context"
	"time"
)

// ZoneRow is a zone as it is kept, without its queue. Which devices are in it
// stands with the devices.
type ZoneRow struct {
	ID, Name  string
	Created   time.Time
	Crossfade time.Duration
}

// Zones lists the zones in the order in which they were made.
func (s *Store) Zones(ctx context.Context) ([]ZoneRow, error) {
	return list(ctx, s.r, "list zones", func(r row) (ZoneRow, error) {
		var z ZoneRow
		var created, crossfade int64
		err := r.Scan(&z.ID, &z.Name, &created, &crossfade)
		z.Created, z.Crossfade = fromMicros(created), time.Duration(crossfade)*time.Microsecond
		return z, err
	}, "SELECT id, name, created, crossfade FROM zones ORDER BY created, rowid")
}

// CreateZone makes a zone and returns it.
func (s *Store) CreateZone(ctx context.Context, name string) (ZoneRow, error) {
	id, err := s.newID()
	if err != nil {
		return ZoneRow{}, err
	}
	z := ZoneRow{ID: id, Name: name, Created: s.now()}
	err = s.write(ctx, powerCut, "create zone", func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "INSERT INTO zones (id, name, created) VALUES (?, ?, ?)", z.ID, z.Name, micros(z.Created))
		return err
	})
	if err != nil {
		return ZoneRow{}, err
	}
	return z, nil
}

// RenameZone gives a zone another name.
func (s *Store) RenameZone(ctx context.Context, id, name string) error {
	return s.change(ctx, "rename zone "+id, "UPDATE zones SET name = ? WHERE id = ?", name, id)
}

// SetCrossfade keeps how long a zone's tracks are heard together.
func (s *Store) SetCrossfade(ctx context.Context, id string, d time.Duration) error {
	return s.change(ctx, "set the crossfade of zone "+id, "UPDATE zones SET crossfade = ? WHERE id = ?", d.Microseconds(), id)
}

// DeleteZone deletes a zone with its queue; its plays stay.
func (s *Store) DeleteZone(ctx context.Context, id string) error {
	return s.write(ctx, powerCut, "delete zone "+id, func(ctx context.Context, t *writer) error {
		delete(t.orders, id)
		res, err := t.ExecContext(ctx, "DELETE FROM zones WHERE id = ?", id)
		if err != nil {
			return err
		}
		return changedOne(res)
	})
}

// change runs one durable statement that must meet a row.
func (s *Store) change(ctx context.Context, what, query string, args ...any) error {
	return s.write(ctx, powerCut, what, func(ctx context.Context, t *writer) error {
		res, err := t.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		return changedOne(res)
	})
}

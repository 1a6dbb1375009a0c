package store

import (
	"context"
	"fmt"
	"time"
)

// ZoneRow is a zone as it is kept, without its queue.
type ZoneRow struct {
	ID, Name string
	Created  time.Time
	Members  []string // device ids
}

// Zones lists the zones in the order in which they were made.
func (s *Store) Zones(ctx context.Context) ([]ZoneRow, error) {
	zones, err := list(ctx, s.r, "list zones", func(r row) (ZoneRow, error) {
		var z ZoneRow
		var created int64
		err := r.Scan(&z.ID, &z.Name, &created)
		z.Created = fromMicros(created)
		return z, err
	}, "SELECT id, name, created FROM zones ORDER BY created, rowid")
	if err != nil {
		return nil, err
	}
	for i := range zones {
		zones[i].Members, err = list(ctx, s.r, "list zone members", func(r row) (string, error) {
			var id string
			err := r.Scan(&id)
			return id, err
		}, "SELECT device FROM zone_members WHERE zone = ? ORDER BY device", zones[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return zones, nil
}

// CreateZone makes a zone and returns it.
func (s *Store) CreateZone(ctx context.Context, name string) (ZoneRow, error) {
	id, err := s.newID()
	if err != nil {
		return ZoneRow{}, err
	}
	z := ZoneRow{ID: id, Name: name, Created: s.now(), Members: []string{}}
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

// SetZoneMembers says which devices are in a zone. A device that was in
// another zone leaves it.
func (s *Store) SetZoneMembers(ctx context.Context, zone string, devices []string) error {
	return s.write(ctx, powerCut, "set the members of zone "+zone, func(ctx context.Context, t *writer) error {
		if _, err := t.ExecContext(ctx, "DELETE FROM zone_members WHERE zone = ?", zone); err != nil {
			return err
		}
		for _, d := range devices {
			_, err := t.ExecContext(ctx, `INSERT INTO zone_members (zone, device) VALUES (?, ?)
				ON CONFLICT (device) DO UPDATE SET zone = excluded.zone`, zone, d)
			if err != nil {
				return fmt.Errorf("device %q: %w", d, err)
			}
		}
		return nil
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

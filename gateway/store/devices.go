package store

import (
	"context"
	"fmt"
	"time"
)

// Device is what is kept of a device on the network.
type Device struct {
	ID       string
	Name     string // given by a person, empty for the device's own
	Volume   int    // 0 to 100
	Muted    bool
	Ceiling  int // the highest volume, 0 to 100
	Approved bool
	Delay    time.Duration // what is added to its output latency; may be negative
	// Kind and Address are set for a device that a person added by address.
	Kind, Address string
	Zone          string // the last zone that it was in, empty for none
	FirstSeen     time.Time
}

const deviceColumns = "id, name, volume, muted, ceiling, approved, delay, kind, address, zone, first_seen"

func scanDevice(r row) (Device, error) {
	var d Device
	var delay, seen int64
	err := r.Scan(&d.ID, &d.Name, &d.Volume, &d.Muted, &d.Ceiling, &d.Approved, &delay, &d.Kind, &d.Address, &d.Zone, &seen)
	d.Delay, d.FirstSeen = toDuration(delay), fromMicros(seen)
	return d, err
}

// NewDevice returns what holds for a device that was never seen before:
// volume 30, ceiling 100, not approved.
func (s *Store) NewDevice(id string) Device {
	return Device{ID: id, Volume: 30, Ceiling: 100, FirstSeen: s.now()}
}

// Devices lists the devices that settings are kept for, the first seen first.
func (s *Store) Devices(ctx context.Context) ([]Device, error) {
	return list(ctx, s.r, "list devices", scanDevice, "SELECT "+deviceColumns+" FROM devices ORDER BY first_seen, id")
}

// Device returns what is kept of one device.
func (s *Store) Device(ctx context.Context, id string) (Device, error) {
	d, err := scanDevice(s.r.QueryRowContext(ctx, "SELECT "+deviceColumns+" FROM devices WHERE id = ?", id))
	if err != nil {
		return Device{}, fmt.Errorf("look up device %q: %w", id, mapped(err))
	}
	return d, nil
}

// SaveDevice keeps a device's settings. FirstSeen stays as it was first kept.
func (s *Store) SaveDevice(ctx context.Context, d Device) error {
	return s.write(ctx, powerCut, "save device "+d.ID, func(ctx context.Context, t *writer) error {
		_, err := t.ExecContext(ctx, "INSERT INTO devices ("+deviceColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, volume = excluded.volume, muted = excluded.muted,
			ceiling = excluded.ceiling, approved = excluded.approved, delay = excluded.delay, kind = excluded.kind,
			address = excluded.address, zone = excluded.zone`,
			d.ID, d.Name, d.Volume, d.Muted, d.Ceiling, d.Approved, fromDuration(d.Delay), d.Kind, d.Address, d.Zone, micros(d.FirstSeen))
		return err
	})
}

// DeleteDevice forgets a device.
func (s *Store) DeleteDevice(ctx context.Context, id string) error {
	return s.change(ctx, "delete device "+id, "DELETE FROM devices WHERE id = ?", id)
}

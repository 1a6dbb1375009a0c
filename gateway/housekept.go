package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// firstVolume is the loudest that a device is at its first playback.
const firstVolume = 30

// recall brings back the devices that people added by address.
func (h *house) recall(ctx context.Context) error {
	rows, err := h.cfg.Store.Devices(ctx)
	if err != nil {
		return fmt.Errorf("recall devices: %w", err)
	}
	for _, row := range rows {
		if row.Address == "" {
			continue
		}
		if _, err := h.cfg.Registry.AddManual(ctx, devices.Kind(row.Kind), row.Address, row.Name); err != nil {
			h.log.Warn("a device added by address is not there", "address", row.Address, "error", err)
		}
	}
	return nil
}

// settings returns what is kept of a device, made where there is nothing yet.
func (h *house) settings(d devices.Device) (store.Device, error) {
	row, err := h.cfg.Store.Device(h.ctx, d.ID)
	if !errors.Is(err, store.ErrNotFound) {
		return row, err
	}
	// A device that was added by address and had turned out to have an id goes
	// by its address again until it is seen.
	if row, ok := h.typed(d); ok {
		return row, nil
	}
	row = h.cfg.Store.NewDevice(d.ID)
	row.Volume = firstVolume
	if d.ID == h.cfg.OwnPlayer {
		former, err := h.cfg.Store.Device(h.ctx, h.cfg.FormerOwnPlayer)
		if err == nil {
			former.ID = d.ID
			return former, nil
		}
		row.Zone, row.Approved = h.cfg.Zones.first(), true
	}
	// It is kept once somebody sets something: whoever is on the network could
	// fill the store otherwise.
	return row, nil
}

// typed finds the settings of a device by the address that a person typed.
func (h *house) typed(d devices.Device) (store.Device, bool) {
	if d.Added == "" {
		return store.Device{}, false
	}
	rows, err := h.cfg.Store.Devices(h.ctx)
	if err != nil {
		h.log.Error("devices' settings cannot be read", "error", err)
	}
	for _, row := range rows {
		if row.Address == d.Added {
			return row, true
		}
	}
	return store.Device{}, false
}

// carryOver gives a device's settings to the id that it turned out to have.
// Where that has settings of its own it keeps them, and the quieter of both.
func (h *house) carryOver(old store.Device, id string) {
	if old.ID == id {
		return
	}
	row, err := h.cfg.Store.Device(h.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		row, err = old, nil
		row.ID = id
	} else if err == nil {
		row.Kind, row.Address = old.Kind, old.Address
		row.Name, row.Zone = cmp.Or(row.Name, old.Name), cmp.Or(row.Zone, old.Zone)
		row.Volume, row.Ceiling = min(row.Volume, old.Volume), min(row.Ceiling, old.Ceiling)
	}
	if err == nil {
		err = h.cfg.Store.SaveDevice(h.ctx, row)
	}
	if err == nil {
		err = h.forget(h.ctx, old.ID)
	}
	if err != nil {
		h.log.Error("a device's settings could not be carried over", "from", old.ID, "to", id, "error", err)
		return
	}
	if s := h.speakers[id]; s != nil {
		s.settings = row
		h.reach(s)
		h.show(s)
	}
}

func (h *house) save(s *speaker) {
	if err := h.cfg.Store.SaveDevice(h.ctx, s.settings); err != nil && h.ctx.Err() == nil {
		h.log.Error("a device's settings could not be kept", "device", s.device.ID, "error", err)
	}
}

// forget drops what was kept of a device, if anything was.
func (h *house) forget(ctx context.Context, id string) error {
	err := h.cfg.Store.DeleteDevice(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

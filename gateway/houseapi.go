package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// The house implements api.Devices.

// List implements api.Devices, by name.
func (h *house) List(ctx context.Context) ([]api.Device, error) {
	var list []api.Device
	err := h.do(ctx, func() error {
		for _, s := range h.speakers {
			list = append(list, h.view(s))
		}
		return nil
	})
	sort.Slice(list, func(i, j int) bool {
		if list[i].Name != list[j].Name {
			return strings.ToLower(list[i].Name) < strings.ToLower(list[j].Name)
		}
		return list[i].ID < list[j].ID
	})
	return list, err
}

// Get implements api.Devices.
func (h *house) Get(ctx context.Context, id string) (api.Device, error) {
	var view api.Device
	err := h.do(ctx, func() error {
		s := h.speakers[id]
		if s == nil {
			return fmt.Errorf("device %q: %w", id, store.ErrNotFound)
		}
		view = h.view(s)
		return nil
	})
	return view, err
}

// Patch implements api.Devices.
func (h *house) Patch(ctx context.Context, id string, p api.DevicePatch) (api.Device, error) {
	var view api.Device
	err := h.do(ctx, func() error {
		s := h.speakers[id]
		if s == nil {
			return fmt.Errorf("device %q: %w", id, store.ErrNotFound)
		}
		if err := h.patch(s, p); err != nil {
			return err
		}
		view = h.view(s)
		h.cfg.Show(view)
		return nil
	})
	return view, err
}

func (h *house) patch(s *speaker, p api.DevicePatch) error {
	if p.Zone != nil && *p.Zone != "" {
		if _, ok := h.cfg.Zones.get(*p.Zone); !ok {
			return fmt.Errorf("zone %q: %w", *p.Zone, store.ErrNotFound)
		}
	}
	if p.Name != nil {
		s.settings.Name = *p.Name
	}
	if p.Approved != nil {
		s.settings.Approved = *p.Approved
	}
	if p.Delay != nil {
		s.settings.Delay = *p.Delay
	}
	if p.Cast != nil {
		if err := h.patchCast(s, *p.Cast); err != nil {
			return err
		}
	}
	h.patchVolume(s, p)
	if err := h.cfg.Store.SaveDevice(h.ctx, s.settings); err != nil {
		return err
	}
	if p.Zone != nil {
		h.setZone(s, *p.Zone)
		s.asked = *p.Zone != ""
	} else if p.Delay != nil {
		h.detach(s) // the member is made anew, with the new delay
	}
	s.admit()
	h.reach(s)
	if link, ok := s.link.(*castLink); ok && p.Zone != nil {
		link.asked = true
	}
	return nil
}

func (h *house) patchVolume(s *speaker, p api.DevicePatch) {
	if p.Ceiling != nil {
		s.settings.Ceiling = *p.Ceiling
		s.settings.Volume = min(s.settings.Volume, *p.Ceiling)
	}
	if p.Volume != nil {
		s.settings.Volume = min(*p.Volume, s.settings.Ceiling)
	}
	if s.link == nil {
		return
	}
	if p.Volume != nil || (p.Ceiling != nil && s.volume > *p.Ceiling) {
		s.volume = s.settings.Volume
		s.link.setVolume(s.settings.Volume)
	}
	if p.Muted != nil {
		s.muted = *p.Muted
		s.link.setMuted(*p.Muted)
	}
}

// setZone keeps where a device belongs.
func (h *house) setZone(s *speaker, id string) {
	s.settings.Zone, s.problem = id, phrase.Phrase{}
	if id != "" {
		s.before = ""
	}
	h.save(s)
}

// Add implements api.Devices.
func (h *house) Add(ctx context.Context, r api.DeviceRequest) (api.Device, error) {
	d, err := h.cfg.Registry.AddManual(ctx, devices.Kind(r.Kind), r.Address, r.Name)
	if err != nil {
		return api.Device{}, registryError(err, r.Address)
	}
	var view api.Device
	err = h.do(ctx, func() error {
		d, known := h.added(d)
		if !known {
			return fmt.Errorf("device %q was removed again: %w", r.Address, store.ErrNotFound)
		}
		s := h.speaker(d)
		if s == nil {
			return store.ErrFull
		}
		s.device = d
		s.settings.Kind, s.settings.Address = r.Kind, d.Added
		if r.Name != "" {
			s.settings.Name = r.Name
		}
		h.reach(s)
		view = h.view(s)
		return h.cfg.Store.SaveDevice(ctx, s.settings)
	})
	return view, err
}

// added returns what is known now of a device that was added a moment ago. It may
// have been connected since, and go by its own id.
func (h *house) added(d devices.Device) (devices.Device, bool) {
	if now, ok := h.cfg.Registry.Device(d.ID); ok {
		return now, true
	}
	all := h.cfg.Registry.Devices()
	i := slices.IndexFunc(all, func(now devices.Device) bool { return now.Added == d.Added })
	if i < 0 {
		return devices.Device{}, false
	}
	return all[i], true
}

// registryError says a registry's error, about what was typed, in the words that
// the API knows.
func registryError(err error, typed string) error {
	switch {
	case errors.Is(err, devices.ErrExists):
		return fmt.Errorf("%w: %w", err, store.ErrExists)
	case errors.Is(err, devices.ErrNotFound):
		return fmt.Errorf("%w: %w", err, store.ErrNotFound)
	case errors.Is(err, devices.ErrAddress):
		return api.Invalid(phrase.AddressUnusable, typed)
	case errors.Is(err, devices.ErrNotManual):
		return api.Invalid(phrase.NotManual)
	case errors.Is(err, devices.ErrFull):
		return api.Invalid(phrase.DevicesFull)
	case errors.Is(err, devices.ErrKind):
		return api.Invalid(phrase.Program, err)
	default:
		return err
	}
}

// Remove implements api.Devices.
func (h *house) Remove(ctx context.Context, id string) error {
	if err := h.cfg.Registry.Remove(ctx, id); err != nil {
		return registryError(err, "")
	}
	return h.do(ctx, func() error {
		s := h.speakers[id]
		if s == nil {
			return nil
		}
		defer h.show(s)
		if _, known := h.cfg.Registry.Device(id); known {
			s.settings.Address = "" // it was found in another way as well
			return h.cfg.Store.SaveDevice(ctx, s.settings)
		}
		return h.forget(ctx, s.settings.ID)
	})
}

func (h *house) show(s *speaker) { h.cfg.Show(h.view(s)) }

func (h *house) view(s *speaker) api.Device {
	d := s.device
	v := api.Device{
		ID: d.ID, Kind: string(d.Kind), Name: h.name(s), Model: d.Model, Present: d.Present,
		Playable: playable(d.Kind), Muted: s.muted, Ceiling: s.settings.Ceiling, Approved: s.settings.Approved,
		Pulled: d.Kind != devices.Player, DelayMs: int(s.settings.Delay.Milliseconds()),
		Manual: s.settings.Address != "", Problem: s.trouble().String(), ProblemPhrase: s.trouble(), State: "idle",
		Cast: h.castView(s), Own: d.ID != "" && d.ID == h.cfg.OwnPlayer,
	}
	v.Silent = v.Own && h.cfg.OwnSilent != nil && h.cfg.OwnSilent()
	if d.Kind == devices.Player {
		v.Player = h.playerView(s)
	}
	if a, ok := addr(d); ok {
		v.Address = a.String()
	}
	// The view outlives this moment: it points to copies.
	if zone := s.settings.Zone; zone != "" {
		v.Zone = &zone
	}
	if volume := s.volume; volume >= 0 {
		v.Volume = &volume
	}
	switch {
	case !s.trouble().IsZero():
		v.State = "error"
	case s.attached != "":
		v.State = "playing"
	case s.settings.Zone != "" && d.Present:
		v.State = "connecting"
	}
	return v
}

// playable tells whether Jumpgate can play on devices of a kind.
func playable(k devices.Kind) bool {
	switch k {
	case devices.Cast, devices.CastGroup, devices.Player, devices.Browser:
		return true
	case devices.AirPlay, devices.DLNA:
		return false
	default:
		return false
	}
}

package gateway

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// What a person said of a device that was added by address stays with it when
// its own id becomes known.
func TestSettingsFollowADevicesID(t *testing.T) {
	g, err := New(t.Context(), Config{
		Data: t.TempDir(), Listen: "127.0.0.1:0", Music: []string{t.TempDir()}, Player: "off", Say: func(string, ...any) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	added, err := g.house.Add(ctx, api.DeviceRequest{Kind: "cast", Address: "127.0.0.1:1", Name: "Kitchen"})
	if err != nil {
		t.Fatal(err)
	}
	ceiling, zone := 40, g.zones.first()
	if _, err := g.house.Patch(ctx, added.ID, api.DevicePatch{Ceiling: &ceiling, Zone: &zone}); err != nil {
		t.Fatal(err)
	}
	const id = "0123456789abcdef0123456789abcdef"
	err = g.registry.Sight(ctx, devices.Sighting{
		Service: "_googlecast._tcp", Name: "Chromecast-0123", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: 1,
		TXT: map[string]string{"id": id, "fn": "The TV", "md": "Chromecast", "ve": "05", "ca": "4", "st": "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for {
		var d api.Device
		for _, known := range g.registry.Devices() {
			d, err = g.house.Get(ctx, known.ID)
		}
		if err == nil && d.ID != added.ID && d.Zone != nil && *d.Zone == zone && d.Ceiling == 40 && d.Name == "Kitchen" && d.Manual {
			break
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the device is %+v, %v", d, err)
		}
	}
	if _, err := g.house.Get(ctx, added.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old id is answered with %v", err)
	}
	if _, err := g.store.Device(ctx, added.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old id is kept: %v", err)
	}
}

// A built-in player that only measures says so: somebody who hears nothing
// learns why.
func TestASilentBuiltInPlayerSaysSo(t *testing.T) {
	r := runGateway(t, t.TempDir(), t.TempDir())
	r.until("the built-in player that is silent", func() bool {
		d, err := r.g.house.Get(t.Context(), r.g.ownPlayer.ID())
		return err == nil && d.Present && d.Own && d.Silent
	})
}

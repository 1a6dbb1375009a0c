package devices

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// Who connects cannot take another kind of device's place by taking its id.
func TestIDsAreNotTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		was := only(t, r)
		for _, kind := range []Kind{Player, Browser} {
			err := r.Observe(ctx, Device{ID: was.ID, Kind: kind, Name: "Evil", Addrs: []netip.AddrPort{netip.MustParseAddrPort("192.168.1.66:5000")}, Present: true})
			if !errors.Is(err, ErrExists) {
				t.Errorf("%s: %v", kind, err)
			}
		}
		must(t, r.Observe(ctx, Device{ID: was.ID, Kind: CastGroup, Present: true, Addrs: was.Addrs}))
		if d := only(t, r); d.Name != was.Name || !slices.Equal(d.Addrs, was.Addrs) {
			t.Errorf("now it is %+v", d)
		}
	})
}

// What announces itself cannot have the gateway connect to somewhere else.
func TestSightingsLeadNowhereElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{Networks: func() []netip.Prefix { return nil }})
		must(t, r.Sight(ctx, castAt("198.51.100.1", 8009, "eth0")))
		if d := r.Devices(); len(d) != 0 {
			t.Fatalf("taken: %+v", d)
		}
		s := Sighting{Service: PlayerService, Name: "esp", Port: 8928, Interface: "eth0", Addrs: []netip.Addr{
			netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("192.168.1.5"),
		}}
		for path, want := range map[string]string{
			"/p": "/p", "": "", "p": "", "@198.51.100.1/": "", "/a b": "", "/\r\nX: y": "", "/\\x": "", "/" + strings.Repeat("x", 300): "",
		} {
			s.TXT = map[string]string{"path": path}
			must(t, r.Sight(ctx, s))
			if d := only(t, r); d.Path != want || len(d.Addrs) != 1 || d.Addrs[0].String() != "192.168.1.5:8928" {
				t.Errorf("path %q: %+v", path, d)
			}
		}
	})
}

package devices

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a registry that runs until the test ends.
func running(t *testing.T, cfg Config) (*Registry, context.Context) {
	t.Helper()
	r := New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r, ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func castAt(addr string, port uint16, iface string) Sighting {
	return Sighting{
		Service: CastService, Name: "Google-Nest-0123", Addrs: []netip.Addr{netip.MustParseAddr(addr)}, Port: port,
		TXT: map[string]string{"id": "0123456789abcdef0123456789abcdef", "fn": "Kitchen", "md": "Nest Mini", "ca": "4", "ve": "5"}, Interface: iface,
	}
}

func only(t *testing.T, r *Registry) Device {
	t.Helper()
	list := r.Devices()
	if len(list) != 1 {
		t.Fatalf("%d devices, want 1: %+v", len(list), list)
	}
	return list[0]
}

func TestSightings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		must(t, r.Sight(ctx, castAt("10.0.0.20", 8009, "wlan0")))
		d := only(t, r)
		want := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.20:8009"), netip.MustParseAddrPort("192.168.1.20:8009")}
		if d.ID != "0123456789abcdef0123456789abcdef" || d.Kind != Cast || d.Name != "Kitchen" || d.Model != "Nest Mini" ||
			d.Version != "5" || d.Origin != Found || !d.Present || !slices.Equal(d.Addrs, want) {
			t.Fatalf("got %+v", d)
		}
		// One interface loses it: it is still there.
		gone := castAt("10.0.0.20", 8009, "wlan0")
		gone.Gone = true
		must(t, r.Sight(ctx, gone))
		time.Sleep(2 * Grace)
		synctest.Wait()
		if d = only(t, r); !d.Present || len(d.Addrs) != 1 {
			t.Fatalf("after one goodbye: %+v", d)
		}
		// Address and port change.
		must(t, r.Sight(ctx, castAt("192.168.1.99", 8010, "eth0")))
		if d = only(t, r); d.Addrs[0].String() != "192.168.1.99:8010" || len(d.Addrs) != 1 {
			t.Fatalf("after the move: %+v", d)
		}
		// The other loses it, too: there for its grace, then absent.
		gone.Interface = "eth0"
		must(t, r.Sight(ctx, gone))
		if d = only(t, r); !d.Present {
			t.Fatal("absent at once")
		}
		time.Sleep(Grace + time.Millisecond)
		synctest.Wait()
		if d = only(t, r); d.Present || d.Name != "Kitchen" || len(d.Addrs) != 1 {
			t.Fatalf("after the grace: %+v", d)
		}
		// Said again, it changes nothing; and it comes back.
		must(t, r.Sight(ctx, gone))
		if only(t, r).Present {
			t.Fatal("present after a second goodbye")
		}
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		if !only(t, r).Present {
			t.Fatal("absent after it came back")
		}
	})
}

func TestGraceBridgesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		events := r.Watch(ctx)
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		<-events
		gone := castAt("192.168.1.20", 8009, "eth0")
		gone.Gone = true
		must(t, r.Sight(ctx, gone))
		time.Sleep(Grace - time.Millisecond)
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		time.Sleep(time.Minute)
		synctest.Wait()
		select {
		case ev := <-events:
			t.Fatalf("an event: %+v", ev)
		default:
		}
	})
}

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Sighting
		want identity
		ok   bool
	}{
		{"group by its bit", Sighting{Service: CastService, Name: "g-1", Port: 8009, TXT: map[string]string{"id": "AB-CD", "ca": "36", "fn": "Home", "md": "Google Cast Group"}}, identity{id: "abcd", kind: CastGroup, name: "Home", model: "Google Cast Group"}, true},
		{"group by its port", Sighting{Service: CastService, Name: "g", Port: 42000, TXT: map[string]string{"id": "ab", "ca": "4"}}, identity{id: "ab", kind: CastGroup, name: "g"}, true},
		{"a Chromecast that says nothing", Sighting{Service: CastService, Name: "Box", Port: 8009}, identity{id: "cast:box", kind: Cast, name: "Box"}, true},
		{"_sub", Sighting{Service: CastService, Name: "x._sub", Port: 8009}, identity{}, false},
		{"player", Sighting{Service: PlayerService, Name: "esp", Port: 8928, TXT: map[string]string{"path": "/sendspin", "name": "Bath\x07room"}}, identity{id: "player:esp", kind: Player, name: "Bathroom", path: "/sendspin"}, true},
		{"AirPlay", Sighting{Service: AirPlayService, Name: "TV", Port: 7000, TXT: map[string]string{"deviceid": "A1:B2:C3:D4:E5:F6", "model": "AppleTV6,2"}}, identity{id: "airplay:a1b2c3d4e5f6", kind: AirPlay, name: "TV", model: "AppleTV6,2"}, true},
		{"its older half", Sighting{Service: RAOPService, Name: "A1B2C3D4E5F6@TV", Port: 7000}, identity{id: "airplay:a1b2c3d4e5f6", kind: AirPlay, name: "TV"}, true},
		{"RAOP without a name", Sighting{Service: RAOPService, Name: "A1B2C3D4E5F6", Port: 7000}, identity{}, false},
		{"a printer", Sighting{Service: "_ipp._tcp", Name: "Printer", Port: 631}, identity{}, false},
		{"only control characters", Sighting{Service: PlayerService, Name: "\x01\x02", Port: 1}, identity{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := identify(&c.s); ok != c.ok || got != c.want {
				t.Errorf("got %+v %v, want %+v %v", got, ok, c.want, c.ok)
			}
		})
	}
}

// A player's address is typed, it is seen, it connects, in any order: it is one
// device, called by the id that it gave itself.
func TestOneDeviceHoweverFound(t *testing.T) {
	addr := netip.MustParseAddrPort("192.168.1.30:8928")
	steps := map[string]func(r *Registry, ctx context.Context) error{
		"typed": func(r *Registry, ctx context.Context) error {
			_, err := r.AddManual(ctx, Player, "192.168.1.30", "Desk")
			return err
		},
		"seen": func(r *Registry, ctx context.Context) error {
			return r.Sight(ctx, Sighting{Service: PlayerService, Name: "esp", Addrs: []netip.Addr{addr.Addr()}, Port: addr.Port(), Interface: "eth0", TXT: map[string]string{"path": "/p"}})
		},
		"connected": func(r *Registry, ctx context.Context) error {
			return r.Observe(ctx, Device{ID: "client-7", Kind: Player, Name: "Speaker", Addrs: []netip.AddrPort{addr}, Present: true})
		},
	}
	for _, order := range [][]string{
		{"typed", "seen", "connected"},
		{"typed", "connected", "seen"},
		{"seen", "typed", "connected"},
		{"seen", "connected", "typed"},
		{"connected", "typed", "seen"},
		{"connected", "seen", "typed"},
	} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, ctx := running(t, Config{})
				for _, s := range order {
					must(t, steps[s](r, ctx))
					only(t, r)
				}
				d := only(t, r)
				if d.ID != "client-7" || d.Name != "Desk" || d.Added != addr.String() || !d.Present || !slices.Equal(d.Addrs, []netip.AddrPort{addr}) || d.Path != "/p" {
					t.Fatalf("got %+v", d)
				}
				// The typed part is taken back: the device stays.
				must(t, r.Remove(ctx, d.ID))
				if d = only(t, r); d.Name != "Speaker" || d.Added != "" {
					t.Fatalf("after Remove: %+v", d)
				}
				if err := r.Remove(ctx, d.ID); !errors.Is(err, ErrNotManual) {
					t.Fatalf("second Remove: %v", err)
				}
			})
		})
	}
}

// A player gets the address that another one had.
func TestAnotherPlayerAtTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		addr := netip.MustParseAddrPort("192.168.1.30:8928")
		connect := func(id string, present bool) {
			t.Helper()
			must(t, r.Observe(ctx, Device{ID: id, Kind: Player, Name: id, Addrs: []netip.AddrPort{addr}, Present: present}))
		}
		sight := Sighting{Service: PlayerService, Name: "old", Addrs: []netip.Addr{addr.Addr()}, Port: addr.Port(), Interface: "eth0"}
		must(t, r.Sight(ctx, sight))
		connect("client-7", true)
		connect("client-7", false)
		connect("client-8", true)
		time.Sleep(Grace + time.Millisecond)
		synctest.Wait()
		seven, _ := r.Device("client-7")
		eight, _ := r.Device("client-8")
		if seven.Present || !eight.Present || eight.Interface != "eth0" || len(r.Devices()) != 2 {
			t.Fatalf("got %+v", r.Devices())
		}
	})
}

func TestWatcherLearnsTheNewID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		d, err := r.AddManual(ctx, Cast, "192.168.1.20", "")
		must(t, err)
		if d.ID != "192.168.1.20:8009" || d.Present || !d.LastSeen.IsZero() || d.Origin != Manual {
			t.Fatalf("got %+v", d)
		}
		events := r.Watch(ctx)
		if ev := <-events; ev.Device.ID != d.ID {
			t.Fatalf("got %+v", ev)
		}
		must(t, r.Sight(ctx, castAt("192.168.1.20", 8009, "eth0")))
		if ev := <-events; !ev.Gone || ev.Device.ID != d.ID || ev.Became != "0123456789abcdef0123456789abcdef" {
			t.Fatalf("got %+v", ev)
		}
		if ev := <-events; ev.Gone || !ev.Device.Present || ev.Device.Added != d.ID {
			t.Fatalf("got %+v", ev)
		}
		// Whoever still calls it by its address means it.
		must(t, r.Observe(ctx, Device{ID: d.ID, Kind: Cast, Addrs: d.Addrs, Present: true}))
		only(t, r)
		must(t, r.Remove(ctx, d.ID))
		only(t, r)
	})
}

func TestBrowsersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		for i := range 2 { // two tabs on one phone
			must(t, r.Observe(ctx, Device{ID: fmt.Sprint("tab", i), Kind: Browser, Name: "Phone", Present: true, Addrs: []netip.AddrPort{netip.MustParseAddrPort("192.168.1.40:443")}}))
		}
		if n := len(r.Devices()); n != 2 {
			t.Fatalf("%d devices", n)
		}
		must(t, r.Observe(ctx, Device{ID: "tab0", Kind: Browser}))
		time.Sleep(Grace + time.Millisecond)
		synctest.Wait()
		if d := only(t, r); d.ID != "tab1" {
			t.Fatalf("left: %+v", d)
		}
		if err := r.Observe(ctx, Device{ID: "tab9", Kind: Browser}); !errors.Is(err, ErrNotFound) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestAddManual(t *testing.T) {
	resolve := func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "speaker.lan":
		case "elsewhere.example":
			return []netip.Addr{netip.MustParseAddr("198.51.100.1")}, nil
		default:
			return nil, errors.New("no such host")
		}
		return []netip.Addr{netip.MustParseAddr("fd00::5"), netip.MustParseAddr("192.168.1.5")}, nil
	}
	for _, c := range []struct {
		kind    Kind
		address string
		want    string // the addresses, or the error
		err     error
	}{
		{Cast, "192.168.1.20", "[192.168.1.20:8009]", nil},
		{CastGroup, "192.168.1.20:42000", "[192.168.1.20:42000]", nil},
		{CastGroup, "192.168.1.20", "", ErrAddress},
		{Player, "::ffff:192.168.1.20", "[192.168.1.20:8928]", nil},
		{Player, "[fd00::1]:9000", "[[fd00::1]:9000]", nil},
		{Player, "fd00::1", "[[fd00::1]:8928]", nil},
		{Player, "fe80::1%eth0", "[[fe80::1%eth0]:8928]", nil},
		{Player, "fe80::1", "", ErrAddress},
		{AirPlay, " 10.0.0.1 ", "[10.0.0.1:7000]", nil},
		{DLNA, "10.0.0.1:49152", "[10.0.0.1:49152]", nil},
		{DLNA, "10.0.0.1", "", ErrAddress},
		{Player, "speaker.lan", "[192.168.1.5:8928 [fd00::5]:8928]", nil},
		{Player, "nobody.lan", "", ErrAddress},
		{Browser, "192.168.1.20", "", ErrKind},
		{"gramophone", "192.168.1.20", "", ErrKind},
		{Player, "", "", ErrAddress},
		{Player, "192.168.1", "", ErrAddress},
		{Player, "192.168.1.20:0", "", ErrAddress},
		{Player, "192.168.1.20:65536", "", ErrAddress},
		{Player, "192.168.1.20:-1", "", ErrAddress},
		{Player, "0.0.0.0", "", ErrAddress},
		{Player, "224.0.0.251", "", ErrAddress},
		{Player, "255.255.255.255", "", ErrAddress},
		{Player, "100.100.1.2", "[100.100.1.2:8928]", nil},
		{Player, "127.0.0.1", "[127.0.0.1:8928]", nil},
		{Player, "203.0.113.9", "[203.0.113.9:8928]", nil},
		{Player, "203.0.114.9", "", ErrAddress},
		{Player, "2001:db8:7:99::1", "[[2001:db8:7:99::1]:8928]", nil},
		{Player, "2001:db8:8::1", "", ErrAddress},
		{Player, "elsewhere.example", "", ErrAddress},
		{Player, "http://192.168.1.20/", "", ErrAddress},
		{Player, "speaker lan", "", ErrAddress},
		{Player, "-x.lan", "", ErrAddress},
	} {
		t.Run(fmt.Sprintf("%s %s", c.kind, c.address), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, ctx := running(t, Config{Resolve: resolve, Networks: func() []netip.Prefix {
					return []netip.Prefix{netip.MustParsePrefix("203.0.113.1/24"), netip.MustParsePrefix("2001:db8:7:1::1/64")}
				}})
				d, err := r.AddManual(ctx, c.kind, c.address, "")
				if !errors.Is(err, c.err) {
					t.Fatalf("error %v, want %v", err, c.err)
				}
				if err != nil {
					return
				}
				if got := fmt.Sprint(d.Addrs); got != c.want || d.Kind != c.kind {
					t.Errorf("got %s %s, want %s", d.Kind, got, c.want)
				}
				if _, err := r.AddManual(ctx, c.kind, c.address, ""); !errors.Is(err, ErrExists) {
					t.Errorf("a second time: %v", err)
				}
				must(t, r.Remove(ctx, d.ID))
				if err := r.Remove(ctx, d.ID); !errors.Is(err, ErrNotFound) {
					t.Errorf("second Remove: %v", err)
				}
			})
		})
	}
}

func TestNamesAreLookedUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var moved atomic.Bool
		r, ctx := running(t, Config{Resolve: func(context.Context, string) ([]netip.Addr, error) {
			if moved.Load() {
				return []netip.Addr{netip.MustParseAddr("192.168.1.6")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("192.168.1.5")}, nil
		}})
		_, err := r.AddManual(ctx, Player, "speaker.lan", "")
		must(t, err)
		moved.Store(true)
		time.Sleep(lookUpAgain + time.Second)
		synctest.Wait()
		if d := only(t, r); d.Addrs[0].String() != "192.168.1.6:8928" {
			t.Fatalf("got %+v", d)
		}
	})
}

func TestSlowWatcherGetsTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		events := r.Watch(ctx)
		for i := range 200 {
			must(t, r.Sight(ctx, castAt(fmt.Sprintf("192.168.1.%d", i+1), 8009, "eth0")))
		}
		var last Event
		n := 0
		for {
			synctest.Wait()
			select {
			case last = <-events:
				n++
				continue
			default:
			}
			break
		}
		if n > 2 || last.Device.Addrs[0].String() != "192.168.1.200:8009" {
			t.Fatalf("%d events, the last %+v", n, last)
		}
	})
}

func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, ctx := running(t, Config{})
		sight := func(i int, gone bool) error {
			return r.Sight(ctx, Sighting{
				Service: PlayerService, Name: fmt.Sprint("p", i), Port: 8928, Interface: "eth0", Gone: gone,
				Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})},
			})
		}
		for i := range MaxDevices {
			must(t, sight(i, false))
		}
		if err := sight(MaxDevices, false); !errors.Is(err, ErrFull) {
			t.Fatalf("got %v", err)
		}
		must(t, sight(7, true))
		time.Sleep(Grace + time.Millisecond)
		synctest.Wait()
		must(t, sight(MaxDevices, false))
		if _, ok := r.Device("player:p7"); ok || len(r.Devices()) != MaxDevices {
			t.Fatal("the absent one was not forgotten")
		}
	})
}

func TestEnded(t *testing.T) {
	r := New(Config{})
	ctx, cancel := context.WithCancel(context.Background())
	events := r.Watch(context.Background())
	cancel()
	must(t, r.Run(ctx))
	if _, ok := <-events; ok {
		t.Error("an event after the end")
	}
	if err := r.Sight(context.Background(), Sighting{}); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
	if _, ok := <-r.Watch(context.Background()); ok {
		t.Error("an event after the end")
	}
}

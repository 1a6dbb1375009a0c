package devices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/internal/board"
)

// Grace is how long a device stays present after the last sign of it: a player
// that restarts, or an interface that blinks, does not flicker.
const Grace = 3 * time.Second

// MaxDevices bounds what is kept. When it is reached the devices that were
// absent for the longest are forgotten first.
const MaxDevices = 1024

// lookUpAgain is how often names that a person typed are looked up again:
// their addresses change when a router hands out others.
const lookUpAgain = time.Minute

// ErrEnded is what a request gets when the Registry does not run any more.
var ErrEnded = errors.New("devices: ended")

// Config is what a Registry is made from.
type Config struct {
	// Resolve looks host names up; nil means the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Networks are those that this machine is in; nil means its interfaces'.
	Networks func() []netip.Prefix
	// Log gets what happens; nil discards it.
	Log *slog.Logger
}

// Registry is what is known of all devices. One goroutine, Run's, owns it;
// everything but Run may be called from anywhere, and the calls that change
// something wait until Run has taken them.
type Registry struct {
	resolve  func(ctx context.Context, host string) ([]netip.Addr, error)
	networks func() []netip.Prefix
	log      *slog.Logger
	board    *board.Board[string, Event]
	ask      chan func()
	ended    chan struct{}

	// All below belongs to Run's goroutine.
	entries map[string]*entry // by the device's id
	keys    map[string]string // an instance's key: the id that it belongs to
	before  map[string]string // an id that a device had: the one that it has
	looking bool              // names are being looked up
}

// New makes a Registry. It does nothing before Run.
func New(cfg Config) *Registry {
	r := &Registry{
		resolve: cfg.Resolve, networks: cfg.Networks, log: cfg.Log, board: newBoard(), ask: make(chan func()), ended: make(chan struct{}),
		entries: make(map[string]*entry), keys: make(map[string]string), before: make(map[string]string),
	}
	if r.resolve == nil {
		r.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if r.networks == nil {
		r.networks = ownNetworks
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r
}

// Run keeps the registry until the context ends. It runs once.
func (r *Registry) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	looked := make(chan map[string][]netip.AddrPort)
	defer func() {
		cancel()
		if r.looking {
			<-looked
		}
		close(r.ended)
		r.board.Close()
	}()
	again := time.NewTicker(lookUpAgain)
	defer again.Stop()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case do := <-r.ask:
			do()
		case <-again.C:
			r.lookUpNames(ctx, looked)
		case found := <-looked:
			r.looking = false
			r.moved(found)
		case <-timer.C:
		}
		timer.Reset(r.settle(time.Now()))
	}
}

// do runs f on the registry's goroutine and waits for it.
func (r *Registry) do(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	select {
	case r.ask <- func() { done <- f() }:
		return <-done
	case <-r.ended:
		return ErrEnded
	case <-ctx.Done():
		return fmt.Errorf("devices: ask the registry: %w", ctx.Err())
	}
}

// Sight takes what discovery saw. Services that are no devices are ignored.
func (r *Registry) Sight(ctx context.Context, s Sighting) error {
	return r.do(ctx, func() error {
		if s.Gone {
			r.unsee(&s)
			return nil
		}
		return r.see(s)
	})
}

// Observe takes what a connection says about its device: the adapter of a player
// or of a Chromecast calls it when it is connected, with Present set, the
// device's own ID, and the address that it dialled in Addrs; and when the
// connection ended, with Present unset. A device that was known by its address
// only gets its own id then. The errors are ErrNotFound for one that is gone and
// was never known, ErrFull, and ErrExists where a device of another kind has the
// id: the connection is not to be believed.
func (r *Registry) Observe(ctx context.Context, d Device) error {
	if d.ID == "" {
		return fmt.Errorf("devices: observe a %s device: %w: no id", d.Kind, ErrNotFound)
	}
	return r.do(ctx, func() error { return r.observe(d) })
}

// AddManual adds a device by address: "192.168.1.20", with ":port" where the
// kind has no usual one, or by host name, which is looked up now and then every
// minute. It does not connect: the device stays absent, with a zero LastSeen,
// until an adapter observes it or discovery sees it. An empty name means the
// device's own. The errors are ErrKind, ErrAddress, ErrExists and ErrFull.
func (r *Registry) AddManual(ctx context.Context, kind Kind, address, name string) (Device, error) {
	m, err := parseManual(kind, address, name)
	if err != nil {
		return Device{}, err
	}
	switch {
	case m.host == "" && !r.near(m.addrs[0].Addr()):
		return Device{}, fmt.Errorf("%w: %s is not in this home's network", ErrAddress, address)
	case m.host != "":
		if m.addrs, err = r.lookUp(ctx, m); err != nil {
			return Device{}, err
		}
	}
	var d Device
	err = r.do(ctx, func() (err error) {
		d, err = r.addManual(m)
		return err
	})
	return d, err
}

// Remove forgets what a person typed for a device. It stays, if it was found in
// another way as well. The errors are ErrNotFound and ErrNotManual.
func (r *Registry) Remove(ctx context.Context, id string) error {
	return r.do(ctx, func() error {
		e := r.entry(id)
		switch {
		case e == nil:
			return fmt.Errorf("%w: %q", ErrNotFound, id)
		case e.manual == nil:
			return fmt.Errorf("%w: %q", ErrNotManual, id)
		}
		e.manual = nil
		if !e.known() {
			r.forget(e, "")
			return nil
		}
		r.show(e)
		return nil
	})
}

// Device returns one device as it is known now.
func (r *Registry) Device(id string) (Device, bool) {
	ev, known := r.board.Get(id)
	return ev.Device, known
}

// Devices returns all devices, present and absent, sorted by name and id.
func (r *Registry) Devices() []Device { return sorted(r.board.All()) }

// Watch returns the changes from now on, after an event for each device that is
// known. The channel is closed when ctx or Run ends. A slow reader gets the
// latest state of each device and holds up nobody.
func (r *Registry) Watch(ctx context.Context) <-chan Event { return r.board.Watch(ctx) }

// settle makes absent what has had its grace, and returns when to look again.
func (r *Registry) settle(now time.Time) time.Duration {
	next := time.Hour
	for _, e := range r.entries {
		if e.lost.IsZero() {
			continue
		}
		if left := e.lost.Add(Grace).Sub(now); left > 0 {
			next = min(next, left)
			continue
		}
		e.lost = time.Time{}
		if e.kind() == Browser {
			r.forget(e, "") // a closed tab does not come back as itself
			continue
		}
		r.show(e)
	}
	return next
}

// lookUpNames looks up the names that people typed, outside the owner's
// goroutine, one round at a time.
func (r *Registry) lookUpNames(ctx context.Context, looked chan<- map[string][]netip.AddrPort) {
	var names []manual
	for _, e := range r.entries {
		if e.manual != nil && e.manual.host != "" {
			names = append(names, *e.manual)
		}
	}
	if len(names) == 0 || r.looking {
		return
	}
	r.looking = true
	go func() { // Run waits for it
		found := make(map[string][]netip.AddrPort)
		for _, m := range names {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			if addrs, err := r.lookUp(ctx, m); err == nil {
				found[m.text] = addrs
			}
			cancel()
		}
		looked <- found
	}()
}

// moved takes the addresses that names have now. A name that was not found
// keeps those that it had.
func (r *Registry) moved(found map[string][]netip.AddrPort) {
	for _, e := range r.entries {
		if e.manual == nil {
			continue
		}
		if addrs := found[e.manual.text]; len(addrs) > 0 && !slices.Equal(addrs, e.manual.addrs) {
			r.log.Info("devices: address changed", "device", e.id, "name", e.manual.host, "addrs", addrs)
			e.manual.addrs = addrs
			r.show(e)
		}
	}
}

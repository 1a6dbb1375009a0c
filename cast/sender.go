package cast

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Config says how a Sender reaches its device, and what it does on its own.
// The zero value is a good one.
type Config struct {
	// AppID is the application to launch; empty means DefaultMediaReceiver.
	AppID string
	// Group says that this is a Cast group: its members are followed.
	Group bool
	// Launch has the first connection launch the application in place of a look
	// at what runs. It takes the device from whoever has it, and saves a round
	// trip for a Sender that is made in order to play at once.
	Launch bool
	// Trust is told the SHA-256 of the certificate that the device shows and
	// returns an error to refuse it. Devices sign their own certificates, so
	// this is trust on first use: see Pin. It is called for every connection,
	// from Run's goroutine. Nil trusts.
	Trust func(fingerprint [sha256.Size]byte) error
	// Rewrite returns the address that an item should have now, given our id of
	// it and the one that the device has. It is asked after every reconnect, for
	// what is still to come; changed items are queued afresh. It may be called
	// from any goroutine. Nil leaves them.
	Rewrite func(id, url string) string
	// StallAfter is how long what is loaded may stand still before
	// Status.Stalled; 0 means 20 s.
	StallAfter time.Duration
	// Messages is told what the application says on namespaces that are not
	// Cast's own, JSON as it came. It is called from the connection's goroutine
	// and must not block. Nil ignores them.
	Messages func(namespace string, payload []byte)
	// Dial replaces the TLS dialler, and Trust with it: to look at the bytes, or
	// in tests. It has 5 s. Nil dials TLS.
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)
	// Log hears why connections end, and of questions without answers. Nil is
	// silent.
	Log *slog.Logger
}

// Sender controls one device. Run connects it; all other methods may be called
// from any goroutine while Run runs, and return ErrOffline without a
// connection.
type Sender struct {
	cfg      Config
	presence chan netip.AddrPort // latest wins
	statuses chan Status         // latest wins
	looks    chan struct{}       // of one: what the application plays is to be asked
	editing  chan struct{}       // held while the device's queue is edited

	mu        sync.Mutex
	channel   *channel
	track     tracker
	balance   balance
	changed   chan struct{} // closed at the next change
	launching int           // launches under way, which look for themselves
	began     bool          // the first connection has been made
}

// NewSender returns a Sender that waits for Presence.
func NewSender(cfg Config) *Sender {
	if cfg.AppID == "" {
		cfg.AppID = DefaultMediaReceiver
	}
	if cfg.StallAfter == 0 {
		cfg.StallAfter = 20 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Sender{
		cfg:      cfg,
		presence: make(chan netip.AddrPort, 1),
		statuses: make(chan Status, 1),
		looks:    make(chan struct{}, 1),
		editing:  make(chan struct{}, 1),
		changed:  make(chan struct{}),
		track:    tracker{appID: cfg.AppID, status: Status{State: Idle}},
	}
}

// Once connects to a device, lets f use the Sender, and disconnects: for a
// program that says one thing. It fails when the device cannot be connected
// before ctx ends.
func Once(ctx context.Context, cfg Config, addr netip.AddrPort, f func(context.Context, *Sender) error) error {
	ctx, cancel := context.WithCancel(ctx)
	s := NewSender(cfg)
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	defer running.Wait()
	defer cancel()
	s.Presence(addr)
	if err := s.Connected(ctx); err != nil {
		return err
	}
	return f(ctx, s)
}

// Presence says where the device is now. A changed address takes effect at
// once; the zero AddrPort says that the device is gone. It does not block.
func (s *Sender) Presence(addr netip.AddrPort) { replace(s.presence, addr) }

// Statuses gives the newest Status after every change; a slow reader misses
// those between. It is never closed.
func (s *Sender) Statuses() <-chan Status { return s.statuses }

// Status returns what is known now.
func (s *Sender) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.track.status
}

// Media returns what is loaded, as the device describes it: somebody else's too,
// which has no ID. It is the zero Item while nothing is loaded or the device has
// not described it.
func (s *Sender) Media() Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	item := s.track.shown
	item.Tracks = slices.Clone(item.Tracks)
	return item
}

// Connected waits until there is a connection, or ctx ends: the error then says
// why there is none. A changed certificate is not waited out.
func (s *Sender) Connected(ctx context.Context) error {
	var st Status
	err := s.await(ctx, func() bool {
		st = s.track.status
		return st.Connected || errors.Is(st.Err, ErrCertificate)
	})
	switch {
	case st.Connected:
		return nil
	case st.Err != nil:
		return st.Err
	default:
		return err
	}
}

// await waits for a condition, which is looked at under the mutex.
func (s *Sender) await(ctx context.Context, met func() bool) error {
	for {
		s.mu.Lock()
		if met() {
			s.mu.Unlock()
			return nil
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// replace puts v into a channel of one, in place of what nobody has read.
func replace[T any](ch chan T, v T) {
	for {
		select {
		case ch <- v:
			return
		default:
		}
		select {
		case <-ch:
		default:
		}
	}
}

// connected publishes that there is a connection, or with an error why not.
func (s *Sender) connected(err error) {
	s.mu.Lock()
	s.track.status.Connected, s.track.status.Err = err == nil, err
	s.publish()
	s.mu.Unlock()
}

// publish tells a change. The caller holds mu.
func (s *Sender) publish() {
	s.wake()
	replace(s.statuses, s.track.status)
}

// wake has those who await something look again. The caller holds mu.
func (s *Sender) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// heard merges what a connection brought.
func (s *Sender) heard(ch *channel, m message, h header) {
	s.mu.Lock()
	if s.channel != ch {
		s.mu.Unlock()
		return
	}
	changed := s.track.apply(m, h, time.Now())
	if s.cfg.Group && m.namespace == nsMultizone {
		s.balance.observe(s.track.members, time.Now())
	}
	if changed {
		s.publish()
	}
	look := s.track.ghost || s.track.look && s.launching == 0
	ours := m.source == s.track.transport && m.source != ""
	s.mu.Unlock()
	if look {
		signal(s.looks)
	}
	if ours && s.cfg.Messages != nil && !castNamespace(m.namespace) {
		s.cfg.Messages(m.namespace, m.payload)
	}
}

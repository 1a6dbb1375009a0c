package cast

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
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
	// Dial replaces the TLS dialler, in tests.
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)
	Log  *slog.Logger
}

// Backoff between attempts to connect: quick after a drop, so that the music
// goes on being followed; slow for a device that is gone, or takes connections
// and loses them. A connection that lived for steady begins afresh.
const (
	firstRetry = 400 * time.Millisecond
	lastRetry  = 10 * time.Second
	steady     = 2 * time.Second
	dialLimit  = 5 * time.Second
)

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
		track:    tracker{appID: cfg.AppID},
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

// Connected waits until there is a connection, or ctx ends: the error then says
// why there is none. A changed certificate is not waited out.
func (s *Sender) Connected(ctx context.Context) error {
	err := s.await(ctx, func() bool {
		return s.track.status.Connected || errors.Is(s.track.status.Err, ErrCertificate)
	})
	st := s.Status()
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

// Run holds a connection to the device wherever Presence says it is, and
// returns ctx's error when that ends. What plays goes on when Run ends: the
// connection is dropped without a CLOSE, because an application may end when
// its last sender says goodbye.
func (s *Sender) Run(ctx context.Context) error {
	var addr netip.AddrPort
	retry := firstRetry
	for {
		var again <-chan time.Time
		if addr.IsValid() {
			moved, lived, err := s.connect(ctx, &addr)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if moved {
				if !addr.IsValid() {
					s.connected(ErrOffline)
				}
				retry = firstRetry
				continue
			}
			if lived >= steady {
				retry = firstRetry
			}
			s.connected(err)
			s.cfg.Log.Info("cast connection ended", "device", addr, "reason", err, "retry", retry)
			again = time.After(retry)
			retry = min(2*retry, lastRetry)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case addr = <-s.presence:
			retry = firstRetry
		case <-again:
		}
	}
}

// connect lives through one connection. moved tells that Presence changed addr;
// lived how long the device was there after it had answered.
func (s *Sender) connect(ctx context.Context, addr *netip.AddrPort) (moved bool, lived time.Duration, err error) {
	dialCtx, cancelDial := context.WithTimeout(ctx, dialLimit)
	conn, err := s.dial(dialCtx, *addr)
	cancelDial()
	if err != nil {
		return false, 0, fmt.Errorf("connect to %s: %w", *addr, err)
	}
	runCtx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	var ch *channel
	ch = newChannel(conn, func(m message, h header) { s.heard(ch, m, h) })
	s.attach(ch)

	ended := make(chan error, 1)
	working.Go(func() {
		err := ch.run(runCtx)
		s.detach()
		ended <- err
	})
	if err := s.greet(runCtx, ch); err != nil {
		cancel()
		return false, 0, errors.Join(err, <-ended)
	}
	s.connected(nil)
	begun := time.Now()
	working.Go(func() { s.rewrite(runCtx) })
	working.Go(func() { s.watch(runCtx, ch) })
	for {
		select {
		case err := <-ended:
			return false, time.Since(begun), err
		case next := <-s.presence:
			if next == *addr {
				continue
			}
			*addr = next
			cancel()
			<-ended
			return true, time.Since(begun), nil
		}
	}
}

// greet opens the conversation: what runs is asked for, or our application
// launched, and what it plays is adopted. The music is not interrupted by that.
func (s *Sender) greet(ctx context.Context, ch *channel) error {
	s.mu.Lock()
	launch := s.cfg.Launch && !s.began
	s.mu.Unlock()
	if launch {
		_, err := s.launchOn(ctx, ch, s.cfg.AppID)
		var refused *RequestError
		if err != nil && !errors.As(err, &refused) && !errors.Is(err, errNoApp) {
			return err
		}
		launch = err == nil
	}
	if !launch {
		if _, err := ch.ask(ctx, nsReceiver, receiverID, &plain{header{Type: "GET_STATUS"}}, requestLimit); err != nil {
			return err
		}
		s.adopt(ctx, ch)
	}
	if s.cfg.Group {
		if err := ch.post(ctx, nsMultizone, receiverID, &plain{header{Type: "GET_STATUS"}}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.began = true
	s.mu.Unlock()
	return nil
}

// adopt asks what our application plays, if it runs.
func (s *Sender) adopt(ctx context.Context, ch *channel) {
	s.mu.Lock()
	transport := s.track.transport
	s.track.look = false
	s.mu.Unlock()
	if transport == "" {
		return
	}
	if _, err := ch.ask(ctx, nsMedia, transport, &plain{header{Type: "GET_STATUS"}}, requestLimit); err != nil {
		s.cfg.Log.Debug("cast media status", "error", err)
	}
}

// attach starts afresh for a new connection: a device that has rebooted counts
// its sessions from 1 again. What is remembered is what we gave it.
func (s *Sender) attach(ch *channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel = ch
	old := &s.track
	old.keep(time.Now())
	status := Status{
		Err: old.status.Err, Volume: old.status.Volume, Muted: old.status.Muted, State: Idle,
		Failed: old.status.Failed, FailedCode: old.status.FailedCode, Failures: old.status.Failures,
		Edits: old.status.Edits, MemberChanges: old.status.MemberChanges,
	}
	if old.last.paused {
		status.Held, status.Position, status.At = old.last.item, old.last.position, time.Now()
	}
	s.track = tracker{appID: s.cfg.AppID, status: status, loaded: old.loaded, last: old.last, members: old.members}
}

// detach wakes those who wait for the connection. Why it ended is published
// later.
func (s *Sender) detach() {
	s.mu.Lock()
	s.channel = nil
	s.track.status.Connected = false
	s.wake()
	s.mu.Unlock()
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
		select {
		case s.looks <- struct{}{}:
		default:
		}
	}
	if ours && s.cfg.Messages != nil && !castNamespace(m.namespace) {
		s.cfg.Messages(m.namespace, m.payload)
	}
}

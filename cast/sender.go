package cast

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Config says how a Sender reaches its device.
type Config struct {
	// AppID is the application to launch; empty means DefaultMediaReceiver.
	AppID string
	// Trust is told the SHA-256 of the certificate that the device shows and
	// returns an error to refuse it, ErrCertificate if it has changed. Devices
	// sign their own certificates, so this is trust on first use. Nil trusts.
	Trust func(fingerprint [sha256.Size]byte) error
	// Dial replaces the TLS dialler, in tests.
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)
	Log  *slog.Logger
}

// Backoff between attempts to connect.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 10 * time.Second
	dialLimit  = 5 * time.Second
)

// Sender controls one device. Run connects it; all other methods may be called
// from any goroutine while Run runs, and return ErrOffline without a
// connection.
type Sender struct {
	cfg      Config
	presence chan netip.AddrPort // latest wins
	statuses chan Status         // latest wins

	mu      sync.Mutex
	channel *channel
	track   tracker
}

// NewSender returns a Sender that waits for Presence.
func NewSender(cfg Config) *Sender {
	if cfg.AppID == "" {
		cfg.AppID = DefaultMediaReceiver
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Sender{
		cfg:      cfg,
		presence: make(chan netip.AddrPort, 1),
		statuses: make(chan Status, 1),
		track:    tracker{appID: cfg.AppID},
	}
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
// returns ctx's error when that ends. What plays goes on when Run ends.
func (s *Sender) Run(ctx context.Context) error {
	var addr netip.AddrPort
	retry := firstRetry
	for {
		var again <-chan time.Time
		if addr.IsValid() {
			moved, healthy, err := s.connect(ctx, &addr)
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
			if healthy {
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
// healthy that the device had answered.
func (s *Sender) connect(ctx context.Context, addr *netip.AddrPort) (moved, healthy bool, err error) {
	dialCtx, cancelDial := context.WithTimeout(ctx, dialLimit)
	conn, err := s.dial(dialCtx, *addr)
	cancelDial()
	if err != nil {
		return false, false, fmt.Errorf("connect to %s: %w", *addr, err)
	}
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var ch *channel
	ch = newChannel(conn, func(m message, h header) { s.heard(ch, m, h) })
	s.attach(ch)
	defer s.detach()

	ended := make(chan error, 1)
	go func() { ended <- ch.run(runCtx) }()
	if _, err := ch.request(runCtx, nsReceiver, receiverID, "GET_STATUS", nil); err != nil {
		cancel()
		return false, false, errors.Join(err, <-ended)
	}
	s.adopt(runCtx, ch)
	s.connected(nil)
	for {
		select {
		case err := <-ended:
			return false, true, err
		case next := <-s.presence:
			if next == *addr {
				continue
			}
			*addr = next
			cancel()
			<-ended
			return true, true, nil
		}
	}
}

// adopt asks what our application plays, if it runs: after a reconnect the
// music goes on and is followed.
func (s *Sender) adopt(ctx context.Context, ch *channel) {
	s.mu.Lock()
	transport := s.track.transport
	s.mu.Unlock()
	if transport == "" {
		return
	}
	if _, err := ch.request(ctx, nsMedia, transport, "GET_STATUS", nil); err != nil {
		s.cfg.Log.Debug("cast media status", "error", err)
	}
}

func (s *Sender) dial(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	if s.cfg.Dial != nil {
		return s.cfg.Dial(ctx, addr)
	}
	d := tls.Dialer{Config: &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Devices sign their own certificates: Trust decides in place of a CA.
		InsecureSkipVerify: true, //nolint:gosec // see above
		VerifyConnection: func(state tls.ConnectionState) error {
			if s.cfg.Trust == nil || len(state.PeerCertificates) == 0 {
				return nil
			}
			return s.cfg.Trust(sha256.Sum256(state.PeerCertificates[0].Raw))
		},
	}}
	return d.DialContext(ctx, "tcp", addr.String())
}

// attach starts afresh for a new connection: a device that has rebooted counts
// its sessions from 1 again.
func (s *Sender) attach(ch *channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel = ch
	old := s.track.status
	s.track = tracker{appID: s.cfg.AppID, status: Status{Err: old.Err, Volume: old.Volume, Muted: old.Muted}}
}

func (s *Sender) detach() {
	s.mu.Lock()
	s.channel = nil
	s.track.status.Connected = false
	s.mu.Unlock()
}

// connected publishes that there is a connection, or with an error why not.
func (s *Sender) connected(err error) {
	s.mu.Lock()
	s.track.status.Connected, s.track.status.Err = err == nil, err
	status := s.track.status
	s.mu.Unlock()
	replace(s.statuses, status)
}

// heard merges what a connection brought.
func (s *Sender) heard(ch *channel, m message, h header) {
	s.mu.Lock()
	if s.channel != ch {
		s.mu.Unlock()
		return
	}
	changed := s.track.apply(m, h, time.Now())
	status := s.track.status
	s.mu.Unlock()
	if changed {
		replace(s.statuses, status)
	}
}

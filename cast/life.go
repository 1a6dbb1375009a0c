package cast

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// Backoff between attempts to connect: quick after a drop, so that the music
// goes on being followed; slow for a device that is gone, or takes connections
// and loses them. A connection that lived for steady begins afresh.
const (
	firstRetry = 400 * time.Millisecond
	lastRetry  = 10 * time.Second
	steady     = 2 * time.Second
	dialLimit  = 5 * time.Second
)

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
			// A device that is off is tried for as long as it is off: told of once.
			level := slog.LevelDebug
			if retry == firstRetry {
				level = slog.LevelInfo
			}
			s.cfg.Log.Log(ctx, level, "cast connection ended", "address", addr, "reason", err, "retry", retry)
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

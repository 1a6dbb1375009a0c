package certify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// server is one of our two, with what the player did to it.
type server struct {
	*sendspin.Server
	clock func() int64

	mu     sync.Mutex
	player *sendspin.Player // while connected
	gone   int
	errors int // times that it reported to be out of step
	bad    bool
	volume []int
	paired sendspin.Pairing // how far a pairing is
	bye    wire.Goodbye     // of the last one that left
	fresh  chan struct{}    // something happened
}

func newServer(id string, clock func() int64, log *slog.Logger) (*server, error) {
	s := &server{clock: clock, fresh: make(chan struct{}, 1)}
	identity, err := noise.NewIdentity(nil)
	if err != nil {
		return nil, fmt.Errorf("draw the test server's key: %w", err)
	}
	s.Server, err = sendspin.New(sendspin.Config{
		ID: id, Name: "Jumpgate test", Now: clock, Log: log, Identity: &identity, Keys: &sendspin.MemoryKeyring{},
		Access: func(string) sendspin.Access { return sendspin.Full },
		Timing: sendspin.Timing{BackoffFrom: 200 * time.Millisecond, BackoffTo: 500 * time.Millisecond},
	})
	if err != nil {
		return nil, fmt.Errorf("make the test server: %w", err)
	}
	return s, nil
}

// watch reads the events until they end.
func (s *server) watch() {
	for e := range s.Events() {
		s.mu.Lock()
		switch e.Kind {
		case sendspin.Connected:
			s.player, s.bad = e.Player, false
		case sendspin.Gone:
			if s.player == e.Player {
				s.player = nil
			}
			s.gone++
			s.bye = e.Goodbye
		case sendspin.PairingChanged:
			s.paired = e.Pairing
		case sendspin.StateChanged:
			bad := e.State.Operation == wire.InError
			if bad && !s.bad {
				s.errors++
			}
			s.bad = bad
			s.volume = append(s.volume, e.State.Volume)
		default:
		}
		s.mu.Unlock()
		select {
		case s.fresh <- struct{}{}:
		default:
		}
	}
}

// until waits for something that the player does.
func (s *server) until(ctx context.Context, limit time.Duration, ok func() bool) bool {
	limited := time.NewTimer(limit)
	defer limited.Stop()
	for {
		s.mu.Lock()
		done := ok()
		s.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-s.fresh:
		case <-time.After(50 * time.Millisecond): // states that come without an event
		case <-limited.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// connected waits for the player.
func (s *server) connected(ctx context.Context, limit time.Duration) (*sendspin.Player, bool) {
	var p *sendspin.Player
	ok := s.until(ctx, limit, func() bool { p = s.player; return p != nil })
	return p, ok
}

func (s *server) outOfStep() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errors
}

// dial connects in the background; the channel gets how that ended.
func (s *server) dial(ctx context.Context, address, path string, reason wire.Reason) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- s.Dial(ctx, "ws://"+address+path, reason) }()
	return ended
}

// sentAway waits until the player has said goodbye because of another server.
func sentAway(ctx context.Context, ended <-chan error, limit time.Duration) bool {
	select {
	case err := <-ended:
		var bye *sendspin.GoodbyeError
		return errors.As(err, &bye) && bye.Reason == wire.AnotherServer
	case <-time.After(limit):
		return false
	case <-ctx.Done():
		return false
	}
}

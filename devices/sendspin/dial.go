package sendspin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Dial keeps a connection to the client that listens at url, for example
// "ws://192.168.1.20:8928/sendspin", from Run's beginning until ctx or Run ends: a
// lost connection is made again, after a wait that doubles from Timing.BackoffFrom
// to Timing.BackoffTo, and begins anew when a connection has lasted: longer than 5 s,
// and than the wait for it. It gives up when the client says goodbye for a reason
// that forbids to come back, and returns that *GoodbyeError; when the connection was
// lost within a pairing; when the client speaks the cleartext dialect and that is
// not taken (ErrCleartext); otherwise it returns the error of ctx or ErrClosed.
// Dial with wire.Playback to take a client back from another server when it is
// wanted for playing.
func (s *Server) Dial(ctx context.Context, url string, reason wire.Reason) error {
	select {
	case <-s.roster.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	wait := s.cfg.Timing.BackoffFrom
	for {
		lasted, err := s.dialOnce(ctx, url, reason)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var bye *GoodbyeError
		switch {
		case errors.Is(err, ErrClosed), errors.Is(err, errPairingLost), errors.Is(err, ErrCleartext):
			return err
		case errors.As(err, &bye) && bye.Reason == wire.ConcurrentTry:
			wait = s.cfg.Timing.BackoffTo // it has another server
		case errors.As(err, &bye) && bye.Reason != wire.Restart:
			return err
		case errors.Is(err, errReplaced):
			return fmt.Errorf("dial %s: %w", url, err)
		}
		if bye == nil {
			wait = afterLoss(wait, lasted, s.cfg.Timing.BackoffFrom)
		}
		s.log.Debug("player will be dialled again", "url", url, "in", wait, "why", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait = min(2*wait, s.cfg.Timing.BackoffTo)
		reason = wire.Discovery // coming back after a loss is no claim
	}
}

// steady is how long a connection lasts that does not come and go by the second.
const steady = 5 * time.Second

// afterLoss is how long to wait after a connection was lost for which there had been
// a wait: a player that was restarted soon is not left alone for half a minute.
func afterLoss(wait, lasted, from time.Duration) time.Duration {
	if lasted > max(wait, steady) {
		return from
	}
	return wait
}

// errPairingLost: without a goodbye, a connection that was for pairing alone is
// over (messaging.md, "client/goodbye").
var errPairingLost = errors.New("sendspin: connection lost within a pairing")

// dialOnce makes one connection and serves it to its end; lasted is for how long.
func (s *Server) dialOnce(ctx context.Context, url string, reason wire.Reason) (lasted time.Duration, err error) {
	running, done, err := s.roster.enter()
	if err != nil {
		return 0, err
	}
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(running, cancel)()
	d := websocket.Dialer{
		HandshakeTimeout: s.cfg.Timing.Hello, ReadBufferSize: 1024,
		WriteBufferSize: writeBuffer, WriteBufferPool: &s.buffers,
	}
	conn, res, err := d.DialContext(ctx, url, nil)
	if res != nil && res.Body != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("dial %s: %w", url, err)
	}
	connected := time.Now()
	err = s.serve(ctx, conn, reason)
	if running.Err() != nil {
		err = ErrClosed
	}
	return time.Since(connected), err
}

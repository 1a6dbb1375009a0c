package scrobble

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

const (
	// batch is how many listens go in one request; the API takes 1,000.
	batch = 100
	// firstRest and longestRest are how long a service that is away is left alone.
	firstRest   = 30 * time.Second
	longestRest = time.Hour
)

// Waiting is a listen in the queue.
type Waiting struct {
	ID     int64
	Listen Listen
}

// Queue keeps listens until they are sent. Its methods may be called from any
// goroutine.
type Queue interface {
	// Accounts returns who scrobbles, by listener.
	Accounts(ctx context.Context) (map[string]Account, error)
	// Add keeps a listen of a listener who scrobbles; of others it does nothing.
	Add(ctx context.Context, listener string, l Listen) error
	// Waiting returns the earliest listens of a listener, at most n.
	Waiting(ctx context.Context, listener string, n int) ([]Waiting, error)
	// Done takes listens out.
	Done(ctx context.Context, listener string, ids []int64) error
	// Trouble notes what keeps a listener's listens from being sent, nil for
	// nothing.
	Trouble(ctx context.Context, listener string, err error) error
}

// Config says what a Service is made of.
type Config struct {
	Queue     Queue
	Version   string            // of the program
	Transport http.RoundTripper // nil: http.DefaultTransport
	Log       *slog.Logger      // nil discards
}

// Service sends what is in the queue. Its methods may be called from any
// goroutine and do not wait for the network, but for Check.
type Service struct {
	cfg    Config
	client *client
	wake   chan struct{}
	now    chan playing
	state  map[string]*rest // of Run's goroutine, by listener
}

// playing is what listeners hear at the moment.
type playing struct {
	listeners []string
	listen    Listen
}

// rest is how long a listener's service is left alone.
type rest struct {
	account Account
	until   time.Time
	last    time.Duration
	stopped bool // until the account is another one
}

// New returns a Service; it sends nothing before Run.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		cfg: c, client: newClient(c.Version, c.Transport),
		wake: make(chan struct{}, 1), now: make(chan playing, 4), state: map[string]*rest{},
	}
}

// Playing tells what listeners hear now. It is sent if that is possible at once,
// and lost otherwise.
func (s *Service) Playing(listeners []string, l Listen) {
	if !l.Wanted() || len(listeners) == 0 {
		return
	}
	select {
	case s.now <- playing{listeners, l}:
	default:
	}
}

// Heard keeps a listen of everybody among the listeners who scrobbles. It is on
// disk when Heard returns.
func (s *Service) Heard(ctx context.Context, listeners []string, l Listen) error {
	if !l.Wanted() {
		return nil
	}
	var all error
	for _, who := range listeners {
		all = errors.Join(all, s.cfg.Queue.Add(ctx, who, l))
	}
	s.Wake()
	return all
}

// Wake has the queue looked at: an account may have changed.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is looked at anyway
	}
}

// Check asks a service whether it knows a token. Errors: ErrToken, *Later.
func (s *Service) Check(ctx context.Context, a Account) error { return s.client.check(ctx, a) }

// Run sends until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-s.now:
			s.tellNow(ctx, p)
			continue
		case <-s.wake:
		case <-timer.C:
		}
		timer.Reset(s.pass(ctx))
	}
}

// tellNow tells what plays, to services that are not left alone. Nothing is
// tried again: it will be something else by then.
func (s *Service) tellNow(ctx context.Context, p playing) {
	accounts, err := s.cfg.Queue.Accounts(ctx)
	if err != nil {
		return // pass says so
	}
	for _, who := range p.listeners {
		a, ok := accounts[who]
		if !ok {
			continue
		}
		if r := s.state[who]; r != nil && r.account == a && (r.stopped || time.Now().Before(r.until)) {
			continue
		}
		if err := s.client.now(ctx, a, p.listen); err != nil {
			s.cfg.Log.Debug("tell what plays", "listener", who, "error", err)
		}
	}
}

// pass sends what can be sent, and returns when to look again.
func (s *Service) pass(ctx context.Context) time.Duration {
	accounts, err := s.cfg.Queue.Accounts(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.cfg.Log.Error("look up who scrobbles", "error", err)
		}
		return firstRest
	}
	again := longestRest
	for who, a := range accounts {
		r := s.state[who]
		if r == nil || r.account != a {
			r = &rest{account: a}
			s.state[who] = r
		}
		if r.stopped {
			continue
		}
		if left := time.Until(r.until); left > 0 {
			again = min(again, left)
			continue
		}
		if err := s.empty(ctx, who, a); ctx.Err() == nil {
			if left := s.judge(ctx, who, r, err); left > 0 {
				again = min(again, left)
			}
		}
	}
	return again
}

// judge notes how sending went, and returns how long to wait before the next
// try, 0 where there is nothing to try.
func (s *Service) judge(ctx context.Context, who string, r *rest, err error) time.Duration {
	if told := s.cfg.Queue.Trouble(ctx, who, err); told != nil {
		s.cfg.Log.Error("note how scrobbling goes", "listener", who, "error", told)
	}
	var later *Later
	switch {
	case err == nil:
		r.last = 0
		return 0
	case errors.Is(err, ErrToken):
		r.stopped = true
	case errors.As(err, &later):
		r.last = min(max(2*r.last, firstRest), longestRest)
		r.until = time.Now().Add(max(r.last, later.After))
	default: // the queue
		r.until = time.Now().Add(firstRest)
	}
	s.cfg.Log.Info("listens wait", "listener", who, "error", err)
	if r.stopped {
		return 0
	}
	return time.Until(r.until)
}

// empty sends all that waits for one listener.
func (s *Service) empty(ctx context.Context, who string, a Account) error {
	for {
		waiting, err := s.cfg.Queue.Waiting(ctx, who, batch)
		if err != nil || len(waiting) == 0 {
			return err
		}
		if err := s.send(ctx, who, a, waiting); err != nil {
			return err
		}
	}
}

// send sends some listens and takes them out. Where the service refuses the lot
// it finds the one that is not wanted: that one goes, and is told of.
func (s *Service) send(ctx context.Context, who string, a Account, waiting []Waiting) error {
	listens := make([]Listen, len(waiting))
	ids := make([]int64, len(waiting))
	for i, w := range waiting {
		listens[i], ids[i] = w.Listen, w.ID
	}
	err := s.client.send(ctx, a, listens)
	if errors.Is(err, ErrRefused) {
		if half := len(waiting) / 2; half > 0 {
			if err := s.send(ctx, who, a, waiting[:half]); err != nil {
				return err
			}
			return s.send(ctx, who, a, waiting[half:])
		}
		s.cfg.Log.Warn("a listen was refused for good", "artist", listens[0].Artist, "title", listens[0].Title, "error", err)
		err = nil
	}
	if err != nil {
		return err
	}
	return s.cfg.Queue.Done(ctx, who, ids)
}

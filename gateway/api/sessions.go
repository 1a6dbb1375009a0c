package api

import (
	"context"
	"sync"
	"time"
)

const (
	remembered   = 256              // replies a client session
	memory       = 10 * time.Minute // after its last connection has gone
	maxSessions  = 1024
	listenGrace  = 15 * time.Second // a tab whose connection broke stays a member
	closedGrace  = 3 * time.Second  // one that closed it: a page that is loaded again is back by then
	sweepEvery   = 2 * time.Second
	leavePatient = 10 * time.Second // for a tab to be taken out of its zone
)

// sessions remember what clients have asked for across their reconnects, so
// that a command that is sent again is not carried out again. Safe for use
// from any goroutine.
type sessions struct {
	now func() time.Time

	mu  sync.Mutex
	all map[string]*session
}

// session is one client as it names itself, of one caller.
type session struct {
	key string // unguessable, and no secret

	// Of sessions.mu.
	connections int
	since       time.Time // it has no connection
	closed      bool      // the last one was closed, not lost
	listens     bool
	replies     map[string]*answer
	order       []string // of replies, the oldest first
}

// answer is a command's reply; done is closed when it is there.
type answer struct {
	done    chan struct{}
	message []byte
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: make(map[string]*session)}
}

// enter finds or makes the session of a key for one more connection.
func (s *sessions) enter(key string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[key]
	if !ok {
		if len(s.all) >= maxSessions {
			s.forgetOldest()
		}
		one = &session{key: key, replies: make(map[string]*answer)}
		s.all[key] = one
	}
	one.connections++
	return one
}

// forgetOldest makes room. There are more sessions than connections can be, so
// there always is one without.
func (s *sessions) forgetOldest() {
	var oldest *session
	for _, one := range s.all {
		if one.connections == 0 && !one.listens && (oldest == nil || one.since.Before(oldest.since)) {
			oldest = one
		}
	}
	if oldest != nil {
		delete(s.all, oldest.key)
	}
}

// leave counts a connection out; closed tells that the client ended it.
func (s *sessions) leave(one *session, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.connections--
	one.since, one.closed = s.now(), closed
}

// once carries a command out, or waits for the reply that it had before.
func (s *sessions) once(one *session, id string, carryOut func() []byte) []byte {
	s.mu.Lock()
	if before, ok := one.replies[id]; ok {
		s.mu.Unlock()
		<-before.done
		return before.message
	}
	mine := &answer{done: make(chan struct{})}
	one.replies[id] = mine
	one.order = append(one.order, id)
	if len(one.order) > remembered {
		delete(one.replies, one.order[0])
		one.order = one.order[1:]
	}
	s.mu.Unlock()
	defer close(mine.done) // also when carryOut panics: others wait for it
	mine.message = carryOut()
	return mine.message
}

// listening notes that a session's tab is, or is no more, a member of a zone.
func (s *sessions) listening(one *session, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.listens = on
}

// sweep forgets what is over, and returns the sessions whose tab has gone.
func (s *sessions) sweep() (left []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for key, one := range s.all {
		if one.connections > 0 {
			continue
		}
		gone := now.Sub(one.since)
		grace := listenGrace
		if one.closed {
			grace = closedGrace
		}
		if one.listens && gone >= grace {
			one.listens = false
			left = append(left, key)
		}
		if gone >= memory {
			delete(s.all, key)
		}
	}
	return left
}

// sweepSessions takes tabs that have gone out of their zones, until ctx ends.
func (a *API) sweepSessions(ctx context.Context) error {
	ticks := time.NewTicker(sweepEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
			a.sweepOnce(ctx)
		}
	}
}

func (a *API) sweepOnce(ctx context.Context) {
	for _, key := range a.sessions.sweep() {
		a.unlistenGone(ctx, key)
	}
}

func (a *API) unlistenGone(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, leavePatient)
	defer cancel()
	if err := a.cfg.Tabs.Unlisten(ctx, key); err != nil {
		a.log.Warn("take a tab that has gone out of its zone", "err", err)
	}
}

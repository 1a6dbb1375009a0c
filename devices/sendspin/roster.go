package sendspin

import (
	"context"
	"errors"
	"sync"
)

var errReplaced = errors.New("sendspin: the same client has connected anew")

// roster knows who is connected and holds the events that nobody has read yet.
type roster struct {
	limit int
	wg    sync.WaitGroup // connections, from before their hello
	wake  chan struct{}  // an event waits
	ready chan struct{}  // closed when Run has begun

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before
	count   int             // connections, from before their hello
	players map[string]*Player
	pending []Event
}

func newRoster(limit int) *roster {
	return &roster{limit: limit, players: map[string]*Player{}, wake: make(chan struct{}, 1), ready: make(chan struct{})}
}

func (r *roster) open(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx != nil {
		return errors.New("sendspin: Run was called twice")
	}
	r.ctx = ctx
	close(r.ready)
	return nil
}

// enter counts a connection in. The context ends with Run.
func (r *roster) enter() (context.Context, func(), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A reader of events that stands still must not let them pile up: then
	// nobody new is taken.
	if r.ctx == nil || r.ctx.Err() != nil || r.count >= r.limit || len(r.pending) >= maxPending {
		return nil, nil, ErrClosed
	}
	r.count++
	r.wg.Add(1)
	return r.ctx, func() {
		r.mu.Lock()
		r.count--
		r.mu.Unlock()
		r.wg.Done()
	}, nil
}

// wait is called once Run's context has ended, so that nobody enters any more.
func (r *roster) wait() { r.wg.Wait() }

// join puts p in; an older connection of the same client goes.
func (r *roster) join(p *Player) {
	st := p.State() // a player's lock is never taken within the roster's
	r.mu.Lock()
	old := r.players[p.ID()]
	r.players[p.ID()] = p
	if old != nil {
		r.push(Event{Kind: Gone, Player: old, Err: errReplaced})
	}
	r.push(Event{Kind: Connected, Player: p, State: st})
	r.mu.Unlock()
	if old != nil {
		old.end(errReplaced)
	}
}

func (r *roster) leave(p *Player, err error) {
	bye := p.farewell()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.players[p.ID()] != p {
		return // a newer connection took its place and has said so
	}
	delete(r.players, p.ID())
	r.push(Event{Kind: Gone, Player: p, Goodbye: bye, Err: err})
}

func (r *roster) get(id string) *Player {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.players[id]
}

func (r *roster) all() []*Player {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Player, 0, len(r.players))
	for _, p := range r.players {
		all = append(all, p)
	}
	return all
}

package board

import (
	"context"
	"sync"
)

// Config says how a Board deals with its events.
type Config[E any] struct {
	// Clone returns a copy that shares nothing with what hangs here.
	Clone func(E) E
	// Merge returns what a watcher is told that has not read unread and is then to
	// be told newer of the same key. Nil tells it the newer one.
	Merge func(unread, newer E) E
}

// Board has at most one state for each key. States are events: the one that a new
// watcher is told of the key. All methods may be called from any goroutine; the
// order of changes is that of the calls.
type Board[K comparable, E any] struct {
	cfg     Config[E]
	mu      sync.Mutex
	current map[K]E
	feeds   map[*feed[K, E]]struct{}
	closed  bool
	done    chan struct{}
	readers sync.WaitGroup
}

// New makes an empty Board. Close ends it.
func New[K comparable, E any](cfg Config[E]) *Board[K, E] {
	return &Board[K, E]{cfg: cfg, current: make(map[K]E), feeds: make(map[*feed[K, E]]struct{}), done: make(chan struct{})}
}

// Keep changes what is hung out under a key and tells nobody.
func (b *Board[K, E]) Keep(key K, state E) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current[key] = state
}

// Post changes what is hung out under a key, and tells the watchers ev.
func (b *Board[K, E]) Post(key K, state, ev E) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current[key] = state
	b.tell(key, ev)
}

// Drop takes a key down, and tells the watchers ev.
func (b *Board[K, E]) Drop(key K, ev E) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.current, key)
	b.tell(key, ev)
}

// Get returns what is hung out under a key.
func (b *Board[K, E]) Get(key K) (E, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state, ok := b.current[key]
	if !ok {
		return state, false
	}
	return b.cfg.Clone(state), true
}

// All returns what is hung out, in no order.
func (b *Board[K, E]) All() []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]E, 0, len(b.current))
	for _, state := range b.current {
		out = append(out, b.cfg.Clone(state))
	}
	return out
}

// Watch returns the changes from now on, after the state of every key. The channel
// is closed when ctx or the board ends.
func (b *Board[K, E]) Watch(ctx context.Context) <-chan E {
	out := make(chan E)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(out)
		return out
	}
	f := &feed[K, E]{pending: make(map[K]E), wake: make(chan struct{}, 1)}
	for key, state := range b.current {
		b.put(f, key, state)
	}
	b.feeds[f] = struct{}{}
	b.readers.Go(func() {
		defer close(out)
		b.feed(ctx, f, out)
		b.mu.Lock()
		delete(b.feeds, f)
		b.mu.Unlock()
	})
	return out
}

// Close ends all watchers and waits for them.
func (b *Board[K, E]) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.done)
	}
	b.mu.Unlock()
	b.readers.Wait()
}

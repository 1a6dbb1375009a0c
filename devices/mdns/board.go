package mdns

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// place tells instances apart: the same name on two links is two.
type place struct {
	link    int
	service string
	name    string // folded
}

// board is where the node's goroutine hangs out what is there, for others to
// read and watch.
type board struct {
	mu      sync.Mutex
	current map[place]Instance
	feeds   map[*feed]struct{}
	closed  bool
	done    chan struct{}
	readers sync.WaitGroup
}

// feed is one watcher's queue. It holds at most one event for each place.
type feed struct {
	pending map[place]Event
	order   []place
	wake    chan struct{} // of capacity 1
}

func newBoard() *board {
	return &board{current: make(map[place]Instance), feeds: make(map[*feed]struct{}), done: make(chan struct{})}
}

// post hangs out one change.
func (b *board) post(at place, ev Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ev.Change == Gone {
		delete(b.current, at)
	} else {
		b.current[at] = ev.Instance
	}
	for f := range b.feeds {
		f.put(at, ev)
	}
}

// put queues an event; what the watcher has not read yet is replaced.
func (f *feed) put(at place, ev Event) {
	old, waiting := f.pending[at]
	if !waiting {
		f.order = append(f.order, at)
	} else if old.Change == Appeared && ev.Change == Changed {
		ev.Change = Appeared
	}
	f.pending[at] = ev
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (b *board) take(f *feed) (Event, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(f.order) == 0 {
		return Event{}, false
	}
	at := f.order[0]
	f.order = f.order[1:]
	ev := f.pending[at]
	delete(f.pending, at)
	ev.Instance = ev.Instance.clone()
	return ev, true
}

func (b *board) watch(ctx context.Context) <-chan Event {
	out := make(chan Event)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(out)
		return out
	}
	f := &feed{pending: make(map[place]Event), wake: make(chan struct{}, 1)}
	for at, i := range b.current {
		f.put(at, Event{Appeared, i})
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

// feed hands a watcher's events on until it, or the node, ends.
func (b *board) feed(ctx context.Context, f *feed, out chan<- Event) {
	for {
		ev, ok := b.take(f)
		if !ok {
			select {
			case <-f.wake:
				continue
			case <-ctx.Done():
				return
			case <-b.done:
				return
			}
		}
		select {
		case out <- ev:
		case <-ctx.Done():
			return
		case <-b.done:
			return
		}
	}
}

func (b *board) list() []Instance {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Instance, 0, len(b.current))
	for _, i := range b.current {
		out = append(out, i.clone())
	}
	slices.SortFunc(out, func(a, o Instance) int {
		return cmp.Or(cmp.Compare(a.Service, o.Service), cmp.Compare(a.Name, o.Name), cmp.Compare(a.Interface, o.Interface))
	})
	return out
}

// close ends all watchers and waits for them.
func (b *board) close() {
	b.mu.Lock()
	b.closed = true
	close(b.done)
	b.mu.Unlock()
	b.readers.Wait()
}

package devices

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
)

// Event is what became of one device: its state, or that it is not known any
// more.
type Event struct {
	Device Device
	// Gone tells that the id is not in use any more.
	Gone bool
	// Became is the id that a gone one continues under, when the device turned
	// out to be another, or to be called otherwise; empty if it is forgotten.
	Became string
}

// board is where the registry's goroutine hangs out the devices, for others to
// read and watch.
type board struct {
	mu      sync.Mutex
	current map[string]Device
	feeds   map[*feed]struct{}
	closed  bool
	done    chan struct{}
	readers sync.WaitGroup
}

// feed is one watcher's queue. It holds at most one event for each id: what the
// watcher has not read yet is replaced.
type feed struct {
	pending map[string]Event
	order   []string
	wake    chan struct{} // of capacity 1
}

func newBoard() *board {
	return &board{current: make(map[string]Device), feeds: make(map[*feed]struct{}), done: make(chan struct{})}
}

// post hangs out a device's state, if more has changed than when it was seen.
func (b *board) post(d Device) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, known := b.current[d.ID]
	b.current[d.ID] = d
	if !known || !same(old, d) {
		b.tell(Event{Device: d})
	}
}

// drop takes an id down.
func (b *board) drop(id, became string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, known := b.current[id]
	if !known {
		return
	}
	delete(b.current, id)
	b.tell(Event{Device: d, Gone: true, Became: became})
}

func (b *board) tell(ev Event) {
	for f := range b.feeds {
		f.put(ev)
	}
}

func (f *feed) put(ev Event) {
	id := ev.Device.ID
	if _, waiting := f.pending[id]; !waiting {
		f.order = append(f.order, id)
	}
	f.pending[id] = ev
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func same(a, b Device) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Name == b.Name && a.Model == b.Model && a.Version == b.Version &&
		a.Path == b.Path && a.Origin == b.Origin && a.Present == b.Present && a.Added == b.Added &&
		a.Interface == b.Interface && slices.Equal(a.Addrs, b.Addrs) && maps.Equal(a.TXT, b.TXT) &&
		a.LastSeen.IsZero() == b.LastSeen.IsZero()
}

// clone returns a copy that shares nothing.
func clone(d Device) Device {
	d.Addrs, d.TXT = slices.Clone(d.Addrs), maps.Clone(d.TXT)
	return d
}

func (b *board) get(id string) (Device, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, ok := b.current[id]
	return clone(d), ok
}

func (b *board) list() []Device {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Device, 0, len(b.current))
	for _, d := range b.current {
		out = append(out, clone(d))
	}
	slices.SortFunc(out, func(a, o Device) int { return cmp.Or(cmp.Compare(a.Name, o.Name), cmp.Compare(a.ID, o.ID)) })
	return out
}

func (b *board) take(f *feed) (Event, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(f.order) == 0 {
		return Event{}, false
	}
	id := f.order[0]
	f.order = f.order[1:]
	ev := f.pending[id]
	delete(f.pending, id)
	ev.Device = clone(ev.Device)
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
	f := &feed{pending: make(map[string]Event), wake: make(chan struct{}, 1)}
	for _, d := range b.current {
		f.put(Event{Device: d})
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

// feed hands a watcher's events on until it, or the registry, ends.
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

// close ends all watchers and waits for them.
func (b *board) close() {
	b.mu.Lock()
	b.closed = true
	close(b.done)
	b.mu.Unlock()
	b.readers.Wait()
}

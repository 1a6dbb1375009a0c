package board

import "context"

// feed is one watcher's queue. It holds at most one event for each key. The
// board's mutex guards it.
type feed[K comparable, E any] struct {
	pending map[K]E
	order   []K
	wake    chan struct{} // of capacity 1
}

// tell queues an event for every watcher. The caller holds mu.
func (b *Board[K, E]) tell(key K, ev E) {
	for f := range b.feeds {
		b.put(f, key, ev)
	}
}

// put queues an event; what the watcher has not read yet is replaced. The caller
// holds mu.
func (b *Board[K, E]) put(f *feed[K, E], key K, ev E) {
	unread, waiting := f.pending[key]
	if !waiting {
		f.order = append(f.order, key)
	} else if b.cfg.Merge != nil {
		ev = b.cfg.Merge(unread, ev)
	}
	f.pending[key] = ev
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (b *Board[K, E]) take(f *feed[K, E]) (ev E, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(f.order) == 0 {
		return ev, false
	}
	key := f.order[0]
	f.order = f.order[1:]
	ev = f.pending[key]
	delete(f.pending, key)
	return b.cfg.Clone(ev), true
}

// feed hands a watcher's events on until it, or the board, ends.
func (b *Board[K, E]) feed(ctx context.Context, f *feed[K, E], out chan<- E) {
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

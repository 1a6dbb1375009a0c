package cast

import (
	"context"
	"fmt"
	"slices"
)

// Follow makes items what comes after the item that has the id keep; what
// stood there is removed. With cut, the first of them plays at once; without
// it, what plays is not touched. An empty keep means the item that plays now.
// Where the device has gone on from keep meanwhile, what it plays is not touched
// if that is one of items, and the first of them plays at once otherwise.
//
// Items that are in the device's queue already stay there, so that what it has
// fetched ahead is used. At most two edits are sent, three with cut, and one
// more for every 60 KiB of new items.
func (s *Sender) Follow(ctx context.Context, keep string, items []Item, cut bool) error {
	if len(items) > 0 {
		if err := checkAll(items); err != nil {
			return err
		}
	}
	return s.inQueue(ctx, "follow", func(e editor) error {
		rest, keep, err := e.behind(ctx, keep)
		if err != nil {
			return err
		}
		if at := e.playing(rest); at >= 0 && !cut {
			if i := slices.IndexFunc(items, func(i Item) bool { return i.ID == rest[at].ID }); i >= 0 {
				rest, keep, items = rest[at+1:], rest[at].ID, items[i+1:]
			} else {
				cut = true
			}
		}
		s.given(func(loaded []Item) []Item { return followed(loaded, keep, items) })
		for _, edit := range planFollow(rest, items, cut) {
			if err := e.carryOut(ctx, edit); err != nil {
				return err
			}
		}
		return nil
	})
}

// behind returns what follows one of our items in the device's queue, and the
// item's id where keep was empty.
func (e editor) behind(ctx context.Context, keep string) ([]Queued, string, error) {
	queue, err := e.queue(ctx)
	if err != nil {
		return nil, "", err
	}
	e.s.mu.Lock()
	current, playing := e.s.track.current, e.s.track.status.Item
	e.s.mu.Unlock()
	at := slices.IndexFunc(queue, func(q Queued) bool {
		if keep == "" {
			return q.Device == current
		}
		return q.ID == keep
	})
	if at < 0 && keep == "" {
		keep = playing
		at = slices.IndexFunc(queue, func(q Queued) bool { return q.ID == keep })
	}
	if at < 0 {
		return nil, "", fmt.Errorf("item %q: %w", keep, ErrNotQueued)
	}
	return queue[at+1:], queue[at].ID, nil
}

// playing is where in a part of the queue the item is that plays, negative where
// it is not in there.
func (e editor) playing(part []Queued) int {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	return slices.IndexFunc(part, func(q Queued) bool { return q.Device == e.s.track.current })
}

// followed does to items what Follow does to the device's queue.
func followed(items []Item, keep string, rest []Item) []Item {
	at := slices.IndexFunc(items, func(i Item) bool { return i.ID == keep })
	return append(items[:at+1:at+1], rest...)
}

// queueEdit is one change of the device's queue: exactly one of its parts.
type queueEdit struct {
	insert  []Item
	before  int  // of insert: the device's id, 0 for the end
	play    bool // of insert: the first of it plays at once
	remove  []int
	reorder []int // to the end, in this order
	jump    int
}

func (e editor) carryOut(ctx context.Context, q queueEdit) error {
	switch {
	case q.insert != nil:
		return e.insert(ctx, q.insert, q.before, q.play)
	case q.remove != nil:
		return e.remove(ctx, q.remove)
	case q.reorder != nil:
		return e.reorder(ctx, q.reorder, 0)
	default:
		return e.jump(ctx, q.jump, 0)
	}
}

// planFollow returns the fewest edits that turn the end of the device's queue
// into what is wanted. New items come before old ones go, so that the queue
// never ends in between.
func planFollow(rest []Queued, want []Item, cut bool) []queueEdit {
	kept := match(rest, want)
	edits, reorders := planExact(rest, want, kept)
	switch {
	case !cut || len(want) == 0:
		if len(edits) > 2 {
			return planFresh(rest, want)
		}
	case kept[0] != 0: // it is there already
		if len(edits) > 2 {
			edits = planAround(rest, want, kept[0])
		}
		return append([]queueEdit{{jump: kept[0]}}, edits...)
	default:
		// The cut comes first, which a reordering before it would delay.
		if len(edits) > 2 || reorders {
			edits = planAround(rest, want, 0)
		}
		edits[0].play = true
	}
	return edits
}

// match returns the device's id for every wanted item that it has, else 0. An
// item under another address is another item.
func match(rest []Queued, want []Item) []int {
	used := map[int]bool{}
	out := make([]int, len(want))
	for i, w := range want {
		for _, q := range rest {
			if !used[q.Device] && q.ID == w.ID && (q.URL == w.URL || q.URL == "") {
				out[i], used[q.Device] = q.Device, true
				break
			}
		}
	}
	return out
}

// planExact keeps everything that can stay: at most one reordering, an insertion
// for every run of new items, and at most one removal.
func planExact(rest []Queued, want []Item, kept []int) (edits []queueEdit, reorders bool) {
	stays := slices.DeleteFunc(slices.Clone(kept), func(id int) bool { return id == 0 })
	var now, gone []int // the device's queue as it stands, and what must go
	for _, q := range rest {
		now = append(now, q.Device)
		if !slices.Contains(stays, q.Device) {
			gone = append(gone, q.Device)
		}
	}
	inOrder := slices.DeleteFunc(slices.Clone(now), func(id int) bool { return !slices.Contains(stays, id) })
	if !slices.Equal(inOrder, stays) {
		reorders = true
		edits = append(edits, queueEdit{reorder: stays})
		now = append(slices.Clone(gone), stays...)
	}
	place := 0 // in now, behind the wanted item before
	for i := 0; i < len(want); {
		if kept[i] != 0 {
			place = slices.Index(now, kept[i]) + 1
			i++
			continue
		}
		end := i
		for end < len(want) && kept[end] == 0 {
			end++
		}
		edit := queueEdit{insert: want[i:end]}
		if place < len(now) {
			edit.before = now[place]
		}
		edits = append(edits, edit)
		i = end
	}
	if gone != nil {
		edits = append(edits, queueEdit{remove: gone})
	}
	return edits, reorders
}

// planFresh keeps what both begin with, and replaces the rest.
func planFresh(rest []Queued, want []Item) []queueEdit {
	n := 0
	for n < min(len(rest), len(want)) && rest[n].ID == want[n].ID && (rest[n].URL == want[n].URL || rest[n].URL == "") {
		n++
	}
	return replaceEnd(rest[n:], want[n:], 0)
}

// planAround replaces everything but the first wanted item, where the device has
// it.
func planAround(rest []Queued, want []Item, first int) []queueEdit {
	if first != 0 {
		want = want[1:]
	}
	return replaceEnd(rest, want, first)
}

// replaceEnd replaces the end of a queue but for one item, which the new ones
// come behind.
func replaceEnd(rest []Queued, want []Item, but int) []queueEdit {
	var edits []queueEdit
	var gone []int
	at := 0 // where the new ones go
	for i, q := range rest {
		if q.Device == but {
			at = i + 1
			continue
		}
		gone = append(gone, q.Device)
	}
	if len(want) > 0 {
		edit := queueEdit{insert: want}
		if at < len(rest) {
			edit.before = rest[at].Device
		}
		edits = append(edits, edit)
	}
	if gone != nil {
		edits = append(edits, queueEdit{remove: gone})
	}
	return edits
}

// rewrite queues afresh what is still to come and has another address now.
func (s *Sender) rewrite(ctx context.Context) {
	if s.cfg.Rewrite == nil {
		return
	}
	err := s.inQueue(ctx, "rewrite", func(e editor) error {
		rest, _, err := e.behind(ctx, "")
		if err != nil {
			return err
		}
		want, changed := rewritten(rest, s.cfg.Rewrite)
		if !changed {
			return nil
		}
		// The caller's function is not called under the mutex: it may ask us things.
		s.mu.Lock()
		loaded := slices.Clone(s.track.loaded)
		s.mu.Unlock()
		for i := range loaded {
			loaded[i].URL = s.cfg.Rewrite(loaded[i].ID, loaded[i].URL)
		}
		s.given(func([]Item) []Item { return loaded })
		for _, edit := range planFollow(rest, want, false) {
			if err := e.carryOut(ctx, edit); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.cfg.Log.Debug("cast queue addresses", "error", err)
	}
}

// rewritten returns our items with the addresses that they should have.
func rewritten(rest []Queued, url func(id, url string) string) (want []Item, changed bool) {
	for _, q := range rest {
		if q.ID == "" || q.URL == "" {
			return nil, false // somebody else's, or unknown: not ours to put in order
		}
		item := q.Item
		item.URL = url(q.ID, q.URL)
		changed = changed || item.URL != q.URL
		want = append(want, item)
	}
	return want, changed
}

package cast

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Queued is an item in the device's queue.
type Queued struct {
	Item       // Item.ID is empty if somebody else put it there
	Device int // the device's own id of it, good until the next load
}

// editor talks to one media session: the device refuses what it says to a
// session that has been replaced.
type editor struct {
	s         *Sender
	ch        *channel
	transport string
	media     int
}

// editor returns what a command is sent to: our playback, never somebody
// else's.
func (s *Sender) editor(kind string) (editor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.track
	switch {
	case s.channel == nil:
		return editor{}, ErrOffline
	case t.status.Foreign:
		return editor{}, fmt.Errorf("%s: %w", kind, ErrTaken)
	case t.transport == "" || t.media == 0 || t.status.State == Idle && t.status.IdleReason != "":
		return editor{}, fmt.Errorf("%s: %w", kind, ErrIdle)
	}
	return editor{s, s.channel, t.transport, t.media}, nil
}

// ask sends a request about the session.
func (e editor) ask(ctx context.Context, r sessionRequest) (reply, error) {
	r.session(e.media)
	return e.ch.ask(ctx, nsMedia, e.transport, r, requestLimit)
}

// edit sends a request that changes the queue. The news of the change is told
// from that of others' by the request's id.
func (e editor) edit(ctx context.Context, r sessionRequest) error {
	e.ch.number(r)
	e.s.mu.Lock()
	if e.s.track.edits == nil || len(e.s.track.edits) > maxEdits {
		e.s.track.edits = map[int]bool{}
	}
	e.s.track.edits[r.head().RequestID] = true
	e.s.mu.Unlock()
	_, err := e.ask(ctx, r)
	return err
}

// maxEdits bounds how many edits of ours are remembered until the device tells
// of them.
const maxEdits = 64

// inQueue lets f edit the queue when nobody else does.
func (s *Sender) inQueue(ctx context.Context, kind string, f func(editor) error) error {
	select {
	case s.editing <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", kind, ctx.Err())
	}
	defer func() { <-s.editing }()
	e, err := s.editor(kind)
	if err != nil {
		return err
	}
	return f(e)
}

// Queue reads the device's whole queue, in order.
func (s *Sender) Queue(ctx context.Context) ([]Queued, error) {
	var out []Queued
	err := s.inQueue(ctx, "read the queue", func(e editor) (err error) {
		out, err = e.queue(ctx)
		return err
	})
	return out, err
}

// itemsAtOnce is how many items are asked for in one message, so that the answer
// fits into one.
const itemsAtOnce = 20

// itemsLimit is how long a device may take to tell of them: not all know the
// question, and an edit waits.
const itemsLimit = 2 * time.Second

// queue reads the order of the queue, and the items that are not known yet.
func (e editor) queue(ctx context.Context) ([]Queued, error) {
	answer, err := e.ask(ctx, &mediaRequest{header: header{Type: "QUEUE_GET_ITEM_IDS"}})
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	var ids queueItemIDs
	if err := decode(answer.payload, &ids); err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	for unknown := range slices.Chunk(e.s.unknown(ids.ItemIDs), itemsAtOnce) {
		r := &queueGetItemsRequest{mediaRequest{header{Type: "QUEUE_GET_ITEMS"}, e.media}, unknown}
		// What the device does not tell stays unknown, like others' items.
		if _, err := e.ch.ask(ctx, nsMedia, e.transport, r, itemsLimit); err != nil {
			e.s.cfg.Log.Debug("cast queue items", "error", err)
			break
		}
	}
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	out := make([]Queued, len(ids.ItemIDs))
	for i, id := range ids.ItemIDs {
		out[i] = Queued{Item: e.s.track.items[id], Device: id}
	}
	return out, nil
}

// unknown returns those of the device's ids that nothing is known of, no more
// than can be remembered.
func (s *Sender) unknown(ids []int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int
	for _, id := range ids {
		if _, known := s.track.items[id]; !known {
			out = append(out, id)
		}
	}
	return out[:min(len(out), maxKnown-len(s.track.items))]
}

// insert puts items before one of the device's, or at the end where that is 0,
// in as few messages as hold them. With play the first of them plays at once.
func (e editor) insert(ctx context.Context, items []Item, before int, play bool) error {
	wire := wireItems(items)
	for len(wire) > 0 {
		n := fit(wire)
		r := &queueInsertRequest{mediaRequest: mediaRequest{header: header{Type: "QUEUE_INSERT"}}, Items: wire[:n], InsertBefore: before}
		if play {
			r.CurrentItemIndex, r.CurrentTime = new(int), new(float64)
			*r.CurrentTime = items[0].Start.Seconds()
		}
		if err := e.edit(ctx, r); err != nil {
			return fmt.Errorf("insert %d items: %w", n, err)
		}
		wire, play = wire[n:], false
	}
	return nil
}

func (e editor) remove(ctx context.Context, ids []int) error {
	r := &queueRemoveRequest{mediaRequest{header: header{Type: "QUEUE_REMOVE"}}, ids}
	if err := e.edit(ctx, r); err != nil {
		return fmt.Errorf("remove %d items: %w", len(ids), err)
	}
	return nil
}

func (e editor) reorder(ctx context.Context, ids []int, before int) error {
	r := &queueReorderRequest{mediaRequest{header: header{Type: "QUEUE_REORDER"}}, ids, before}
	if err := e.edit(ctx, r); err != nil {
		return fmt.Errorf("reorder %d items: %w", len(ids), err)
	}
	return nil
}

// find returns the device's id of one of our items.
func find(queue []Queued, id string) (int, error) {
	at := slices.IndexFunc(queue, func(q Queued) bool { return q.ID == id })
	if at < 0 {
		return 0, fmt.Errorf("item %q: %w", id, ErrNotQueued)
	}
	return queue[at].Device, nil
}

// Insert queues items before the one with our id before, or at the end where
// that is empty.
func (s *Sender) Insert(ctx context.Context, before string, items ...Item) error {
	if err := checkAll(items); err != nil {
		return err
	}
	return s.inQueue(ctx, "insert", func(e editor) error {
		place := 0
		if before != "" {
			queue, err := e.queue(ctx)
			if err != nil {
				return err
			}
			if place, err = find(queue, before); err != nil {
				return err
			}
		}
		s.given(func(loaded []Item) []Item {
			at := slices.IndexFunc(loaded, func(i Item) bool { return i.ID == before })
			if at < 0 {
				at = len(loaded)
			}
			return slices.Insert(loaded, at, items...)
		})
		return e.insert(ctx, items, place, false)
	})
}

// given edits what Play would load again. It is done before the device is told,
// whose answer may name the new items by their addresses alone.
func (s *Sender) given(edit func([]Item) []Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.track.loaded = edit(slices.Clone(s.track.loaded))
}

// Remove takes our items out of the device's queue. Removing what plays moves
// the device on to the next.
func (s *Sender) Remove(ctx context.Context, ids ...string) error {
	return s.inQueue(ctx, "remove", func(e editor) error {
		devices, err := e.find(ctx, ids)
		if err != nil {
			return err
		}
		if err := e.remove(ctx, devices); err != nil {
			return err
		}
		s.given(func(loaded []Item) []Item {
			return slices.DeleteFunc(loaded, func(i Item) bool { return slices.Contains(ids, i.ID) })
		})
		return nil
	})
}

// find returns the device's ids of our items.
func (e editor) find(ctx context.Context, ids []string) ([]int, error) {
	queue, err := e.queue(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(ids))
	for i, id := range ids {
		if out[i], err = find(queue, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Reorder brings our items into the given order, and puts them before the one
// with our id before, or at the end where that is empty.
func (s *Sender) Reorder(ctx context.Context, before string, ids ...string) error {
	return s.inQueue(ctx, "reorder", func(e editor) error {
		all := slices.Clone(ids)
		if before != "" {
			all = append(all, before)
		}
		devices, err := e.find(ctx, all)
		if err != nil {
			return err
		}
		place := 0
		if before != "" {
			place, devices = devices[len(ids)], devices[:len(ids)]
		}
		if err := e.reorder(ctx, devices, place); err != nil {
			return err
		}
		s.given(func(loaded []Item) []Item { return reordered(loaded, ids, before) })
		return nil
	})
}

// reordered does to items what QUEUE_REORDER does.
func reordered(items []Item, ids []string, before string) []Item {
	moved := make([]Item, 0, len(ids))
	for _, id := range ids {
		if at := slices.IndexFunc(items, func(i Item) bool { return i.ID == id }); at >= 0 {
			moved = append(moved, items[at])
		}
	}
	rest := slices.DeleteFunc(items, func(i Item) bool { return slices.Contains(ids, i.ID) })
	at := slices.IndexFunc(rest, func(i Item) bool { return i.ID == before })
	if at < 0 {
		at = len(rest)
	}
	return slices.Insert(rest, at, moved...)
}

// JumpTo plays one of the items in the device's queue at once, from the given
// position. To say it twice does not skip further, however slow the device is.
func (s *Sender) JumpTo(ctx context.Context, id string, at time.Duration) error {
	return s.inQueue(ctx, "jump", func(e editor) error {
		devices, err := e.find(ctx, []string{id})
		if err != nil {
			return err
		}
		return e.jump(ctx, devices[0], at)
	})
}

func (e editor) jump(ctx context.Context, device int, at time.Duration) error {
	from := at.Seconds()
	r := &queueUpdateRequest{mediaRequest: mediaRequest{header: header{Type: "QUEUE_UPDATE"}}, CurrentItemID: device, CurrentTime: &from}
	if err := e.edit(ctx, r); err != nil {
		return fmt.Errorf("jump: %w", err)
	}
	return nil
}

// Skip moves by some items, back where that is negative. The device counts from
// what it plays when it gets to it: while it loads, JumpTo is the safer way.
func (s *Sender) Skip(ctx context.Context, by int) error {
	return s.update(ctx, &queueUpdateRequest{Jump: by})
}

// SetRepeat says what the device does at the end of its queue.
func (s *Sender) SetRepeat(ctx context.Context, mode RepeatMode) error {
	return s.update(ctx, &queueUpdateRequest{RepeatMode: mode})
}

// Shuffle has the device shuffle its queue once.
func (s *Sender) Shuffle(ctx context.Context) error {
	yes := true
	return s.update(ctx, &queueUpdateRequest{Shuffle: &yes})
}

func (s *Sender) update(ctx context.Context, r *queueUpdateRequest) error {
	r.Type = "QUEUE_UPDATE"
	return s.inQueue(ctx, "update the queue", func(e editor) error { return e.edit(ctx, r) })
}

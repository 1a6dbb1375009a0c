package zone

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// Place says where added tracks go: "now", "next", "end", or an index.
type Place string

// The places by name; any other is a number, counted from 0 over the whole
// queue as Queue shows it.
const (
	AtNow  Place = "now"  // they play at once
	AtNext Place = "next" // behind the entry that plays
	AtEnd  Place = "end"  // behind the other picks, in front of the flow
)

// AddRequest asks for tracks to be added.
type AddRequest struct {
	Tracks []string
	At     Place
	// Clear removes everything else first; At now then means from the first.
	Clear bool
	// Revision, if not 0, is the queue that the request was made for: if it
	// has changed since, Add returns ErrConflict.
	Revision uint64
}

// Add puts tracks into the queue as picks and returns their entries. It returns
// ErrTooLong when the queue cannot hold them, ErrEmpty for no tracks. While
// shuffle or mix is on the tracks of one request are arranged among themselves.
func (z *Zone) Add(ctx context.Context, r AddRequest) ([]EntryID, error) {
	ranked := r.Tracks
	if st, err := z.State(ctx); err == nil && st.Arranged == ByLiking && len(r.Tracks) <= MaxEntries {
		if ranked, err = z.rank(ctx, r.Tracks); err != nil {
			z.log.Warn("what is added cannot be sorted by liking", "zone", z.cfg.ID, "err", err)
			ranked = r.Tracks
		}
	}
	var ids []EntryID
	err := z.edit(ctx, "add to the queue", func() (e *edit, err error) {
		e, ids, err = z.adding(r, ranked)
		return e, err
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// adding is the edit that an AddRequest means; ranked are its tracks by liking.
func (z *Zone) adding(r AddRequest, ranked []string) (*edit, []EntryID, error) {
	q := z.queue
	if r.Revision != 0 && r.Revision != q.revision {
		return nil, nil, ErrConflict
	}
	if len(r.Tracks) == 0 {
		return nil, nil, ErrEmpty
	}
	kept := q.len()
	var c QueueChange
	if r.Clear {
		kept = 0
		c.Removed = idsOf(q.span(0, q.len()))
	}
	if kept+len(r.Tracks) > MaxEntries {
		return nil, nil, fmt.Errorf("%w: it holds %d of %d entries", ErrTooLong, kept, MaxEntries)
	}
	at, err := z.place(r)
	if err != nil {
		return nil, nil, err
	}
	c.At = at
	ids := make([]EntryID, 0, len(r.Tracks))
	seen := make(map[EntryID]bool, len(r.Tracks))
	for _, t := range r.Tracks {
		id := q.newID(z.rand)
		for seen[id] {
			id = q.newID(z.rand)
		}
		seen[id] = true
		ids = append(ids, id)
		c.Inserted = append(c.Inserted, Entry{ID: id, Track: t, By: Picked})
	}
	switch q.arranged {
	case Shuffled:
		z.rand.Shuffle(len(c.Inserted), func(i, j int) { c.Inserted[i], c.Inserted[j] = c.Inserted[j], c.Inserted[i] })
	case ByLiking:
		sortLike(c.Inserted, func(e Entry) string { return e.Track }, ranked)
	case AsPicked:
	}
	e := &edit{changes: []QueueChange{c}, picked: ids}
	if r.At == AtNow {
		e.goTo, e.how = c.Inserted[0].ID, "skipped"
	}
	return e, ids, nil
}

// place is the position that an AddRequest means.
func (z *Zone) place(r AddRequest) (int, error) {
	q := z.queue
	if r.Clear {
		return 0, nil
	}
	switch r.At {
	case AtNow, AtNext:
		return q.index() + 1, nil
	case AtEnd, "":
		return q.flowStart(), nil
	}
	i, err := strconv.Atoi(string(r.At))
	if err != nil || i < 0 {
		return 0, fmt.Errorf("place %q is none of now, next, end or an index", r.At)
	}
	return min(i, q.len()), nil
}

// Remove takes entries out. When the one that plays is among them, what follows
// it starts. It returns ErrNoEntry, and removes nothing, if one is not there.
func (z *Zone) Remove(ctx context.Context, ids []EntryID) error {
	return z.edit(ctx, "remove from the queue", func() (*edit, error) {
		for _, id := range ids {
			if z.queue.find(id) == nil {
				return nil, fmt.Errorf("%w: %s", ErrNoEntry, id)
			}
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return &edit{changes: []QueueChange{{Removed: unique(ids)}}}, nil
	})
}

// Move puts entries, in the order given, in front of another; an empty before
// means the end of the picks. A flow entry that is moved becomes a pick.
func (z *Zone) Move(ctx context.Context, ids []EntryID, before EntryID) error {
	return z.edit(ctx, "move in the queue", func() (*edit, error) {
		q := z.queue
		ids = unique(ids)
		at := q.flowStart()
		if before != "" {
			if at = q.position(q.find(before)); at < 0 || slices.Contains(ids, before) {
				return nil, fmt.Errorf("%w: %s", ErrNoEntry, before)
			}
		}
		c := QueueChange{Removed: ids, At: at}
		for _, id := range ids {
			n := q.find(id)
			if n == nil {
				return nil, fmt.Errorf("%w: %s", ErrNoEntry, id)
			}
			if q.position(n) < at {
				c.At--
			}
			e := n.entry
			e.By = Picked
			c.Inserted = append(c.Inserted, e)
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return &edit{changes: []QueueChange{c}}, nil
	})
}

// Clear removes everything but the entry that plays or is paused; a stopped
// zone is emptied. The flow fills up again behind it.
func (z *Zone) Clear(ctx context.Context) error {
	return z.edit(ctx, "clear the queue", func() (*edit, error) {
		ids := idsOf(z.queue.span(0, z.queue.len()))
		if z.play.state != Stopped && z.queue.cur != nil {
			i := z.queue.index()
			ids = slices.Delete(ids, i, i+1)
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return &edit{changes: []QueueChange{{Removed: ids}}}, nil
	})
}

// SetRepeat says what follows the last pick.
func (z *Zone) SetRepeat(ctx context.Context, r Repeat) error {
	return z.edit(ctx, "set repeat", func() (*edit, error) {
		switch r {
		case RepeatOff, RepeatOne, RepeatAll:
			return &edit{repeat: r}, nil
		}
		return nil, fmt.Errorf("repeat %q is none of off, one, all", r)
	})
}

// SetContext has the flow made from something else. The entry that plays and
// the picks stay.
func (z *Zone) SetContext(ctx context.Context, c ContextRef) error {
	return z.edit(ctx, "set the context", func() (*edit, error) {
		z.flow.forget()
		return &edit{context: &c, changes: z.queue.withoutFlow()}, nil
	})
}

func (z *Zone) edit(ctx context.Context, what string, prepare func() (*edit, error)) error {
	err := z.do(ctx, func(reply func(error)) { z.submit(prepare, reply) })
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func idsOf(nodes []*node) []EntryID {
	ids := make([]EntryID, 0, len(nodes))
	for _, n := range nodes {
		ids = append(ids, n.entry.ID)
	}
	return ids
}

func unique(ids []EntryID) []EntryID {
	seen := make(map[EntryID]bool, len(ids))
	out := make([]EntryID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
)

// gap is how far apart the order keys of entries are that are appended or
// spread anew. With it, a queue takes two thousand million appended entries in
// its life, and thirty insertions in a row can halve one gap before a stretch
// must be spread anew.
const gap = int64(1) << 32

// order is the order keys of one queue, ascending. The writer keeps it so that
// an index is found without counting rows; its goroutine owns it.
type order struct {
	zone string
	keys []int64
}

// order returns the keys of a zone's queue, read once.
func (t *writer) order(ctx context.Context, zone string) (*order, error) {
	if o := t.orders[zone]; o != nil {
		return o, nil
	}
	keys, err := list(ctx, t, "read order keys", func(r row) (int64, error) {
		var k int64
		err := r.Scan(&k)
		return k, err
	}, "SELECT pos FROM queue WHERE zone = ? ORDER BY pos", zone)
	if err != nil {
		return nil, err
	}
	o := &order{zone: zone, keys: keys}
	t.orders[zone] = o
	return o, nil
}

// remove drops entries; those that are not there are no error.
func (o *order) remove(ctx context.Context, t *writer, entries []string) error {
	if len(entries) == 0 {
		return nil
	}
	stmt, err := t.PrepareContext(ctx, "DELETE FROM queue WHERE zone = ? AND entry = ? RETURNING pos")
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	gone := make(map[int64]bool, len(entries))
	for _, e := range entries {
		var key int64
		err := stmt.QueryRowContext(ctx, o.zone, e).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		} else if err != nil {
			return err
		}
		gone[key] = true
	}
	if len(gone) == 1 {
		for key := range gone {
			if i, ok := slices.BinarySearch(o.keys, key); ok {
				o.keys = slices.Delete(o.keys, i, i+1)
			}
		}
		return nil
	}
	o.keys = slices.DeleteFunc(o.keys, func(k int64) bool { return gone[k] })
	return nil
}

// insert puts entries in at an index.
func (o *order) insert(ctx context.Context, t *writer, at int, entries []QueueEntry) error {
	if len(entries) == 0 {
		return nil
	}
	at = min(max(at, 0), len(o.keys))
	keys, ok := o.between(at, len(entries))
	if !ok {
		if err := o.spread(ctx, t, at, len(entries)); err != nil {
			return err
		}
		if keys, ok = o.between(at, len(entries)); !ok {
			return errors.New("the queue has no room left between two entries")
		}
	}
	stmt, err := t.PrepareContext(ctx, "INSERT INTO queue (zone, entry, pos, track, by, why) VALUES (?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for i, e := range entries {
		if _, err := stmt.ExecContext(ctx, o.zone, e.ID, keys[i], e.Track, e.By, e.Why); err != nil {
			return err
		}
	}
	o.keys = slices.Insert(o.keys, at, keys...)
	return nil
}

// between returns n ascending keys for what comes in at an index, and false
// when there is no room.
func (o *order) between(at, n int) ([]int64, bool) {
	keys := make([]int64, n)
	var first, step int64
	switch {
	case len(o.keys) == 0:
		first, step = 0, gap
	case at == len(o.keys):
		first, step = o.keys[at-1]+gap, gap
	case at == 0:
		first, step = o.keys[0]-int64(n)*gap, gap
	default:
		step = (o.keys[at] - o.keys[at-1]) / int64(n+1)
		if step == 0 {
			return nil, false
		}
		first = o.keys[at-1] + step
	}
	for i := range keys {
		keys[i] = first + int64(i)*step
	}
	return keys, true
}

// stretch returns which keys to spread anew to make room for n more at an
// index, and how far apart: the smallest stretch, doubling from 32 entries,
// that leaves gaps which last. One that reaches the queue's end grows beyond it.
func (o *order) stretch(at, n int) (lo, hi int, step int64) {
	for width := 32; width < 2*len(o.keys); width *= 2 {
		lo, hi = max(at-width/2, 0), min(at+width/2, len(o.keys))
		if hi == len(o.keys) {
			return lo, hi, gap
		}
		if step = (o.keys[hi] - o.keys[lo]) / int64(hi-lo+n+1); step >= gap>>16 {
			return lo, hi, step
		}
	}
	return 0, len(o.keys), gap
}

// spread makes room for n entries at an index.
func (o *order) spread(ctx context.Context, t *writer, at, n int) error {
	lo, hi, step := o.stretch(at, n)
	entries, err := list(ctx, t, "read entries", func(r row) (string, error) {
		var e string
		err := r.Scan(&e)
		return e, err
	}, "SELECT entry FROM queue WHERE zone = ? AND pos >= ? AND pos <= ? ORDER BY pos", o.zone, o.keys[lo], o.keys[hi-1])
	if err != nil {
		return err
	}
	stmt, err := t.PrepareContext(ctx, "UPDATE queue SET pos = ? WHERE zone = ? AND entry = ?")
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	key := o.keys[lo]
	for i, e := range entries {
		if lo+i == at {
			key += int64(n) * step
		}
		if _, err := stmt.ExecContext(ctx, key, o.zone, e); err != nil {
			return err
		}
		o.keys[lo+i] = key
		key += step
	}
	return nil
}

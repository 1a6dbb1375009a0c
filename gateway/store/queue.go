package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// QueueEntry is one place in a zone's queue.
type QueueEntry struct{ ID, Track, By, Why string }

// QueueChange is one change of a queue: the removed entries go, then the
// inserted ones come in at index At of what is left, in their order.
type QueueChange struct {
	Removed  []string
	At       int // past the end means at the end
	Inserted []QueueEntry
}

// Queue is what a zone keeps across a restart.
type Queue struct {
	Entries                             []QueueEntry
	Index                               int
	Offset                              time.Duration
	Repeat, Arranged                    string
	ContextKind, ContextID, ContextName string
	Playing                             bool
	// Order is the position of each entry as it was picked, nil where the queue is in
	// that order.
	Order []int
}

// LoadQueue returns what SaveQueue and SavePosition kept of a zone.
func (s *Store) LoadQueue(ctx context.Context, zone string) (Queue, error) {
	q, err := s.loadQueue(ctx, zone)
	if err != nil {
		return Queue{}, fmt.Errorf("load the queue of zone %q: %w", zone, mapped(err))
	}
	return q, nil
}

func (s *Store) loadQueue(ctx context.Context, zone string) (Queue, error) {
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Queue{}, err
	}
	defer func() { _ = tx.Rollback() }()
	var q Queue
	var order []byte
	err = tx.QueryRowContext(ctx, `SELECT repeat, arranged, context_kind, context_id, context_name, shuffled FROM zones WHERE id = ?`, zone).
		Scan(&q.Repeat, &q.Arranged, &q.ContextKind, &q.ContextID, &q.ContextName, &order)
	if err != nil {
		return Queue{}, err
	}
	var offset int64
	err = tx.QueryRowContext(ctx, "SELECT at, offset, playing FROM zone_positions WHERE zone = ?", zone).Scan(&q.Index, &offset, &q.Playing)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Queue{}, err
	}
	q.Offset = toDuration(offset)
	q.Entries, err = list(ctx, tx, "read entries", func(r row) (QueueEntry, error) {
		var e QueueEntry
		err := r.Scan(&e.ID, &e.Track, &e.By, &e.Why)
		return e, err
	}, "SELECT entry, track, by, why FROM queue WHERE zone = ? ORDER BY pos", zone)
	if err != nil {
		return Queue{}, err
	}
	q.Order, err = unpackOrder(order, len(q.Entries))
	return q, err
}

// SaveQueue carries out the changes in order and keeps the other fields of
// head (not its Entries), in one transaction that survives a power cut. It
// costs by what the changes hold, not by how long the queue is.
func (s *Store) SaveQueue(ctx context.Context, zone string, changes []QueueChange, head Queue) error {
	return s.write(ctx, powerCut, "save the queue of zone "+zone, func(ctx context.Context, t *writer) error {
		if err := saveHead(ctx, t, zone, head); err != nil {
			return err
		}
		if len(changes) == 0 {
			return nil
		}
		o, err := t.order(ctx, zone)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := o.remove(ctx, t, c.Removed); err != nil {
				return err
			}
			if err := o.insert(ctx, t, c.At, c.Inserted); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveHead(ctx context.Context, t *writer, zone string, q Queue) error {
	// The order is only written when it is another: it is as long as the queue.
	_, err := t.ExecContext(ctx, `UPDATE zones SET shuffled = ?2 WHERE id = ?1 AND shuffled IS NOT ?2`, zone, packOrder(q.Order))
	if err != nil {
		return err
	}
	res, err := t.ExecContext(ctx, `UPDATE zones SET repeat = ?, arranged = ?, context_kind = ?, context_id = ?, context_name = ? WHERE id = ?`,
		q.Repeat, q.Arranged, q.ContextKind, q.ContextID, q.ContextName, zone)
	if err != nil {
		return err
	}
	if err := changedOne(res); err != nil {
		return err
	}
	return savePosition(ctx, t, zone, q.Index, q.Offset, q.Playing)
}

// SavePosition keeps where a zone is. It survives a crash, and all but the last
// seconds of it a power cut.
func (s *Store) SavePosition(ctx context.Context, zone string, index int, offset time.Duration, playing bool) error {
	return s.write(ctx, crash, "save the position of zone "+zone, func(ctx context.Context, t *writer) error {
		return savePosition(ctx, t, zone, index, offset, playing)
	})
}

func savePosition(ctx context.Context, t *writer, zone string, index int, offset time.Duration, playing bool) error {
	_, err := t.ExecContext(ctx, `INSERT INTO zone_positions (zone, at, offset, playing) VALUES (?, ?, ?, ?)
		ON CONFLICT (zone) DO UPDATE SET at = excluded.at, offset = excluded.offset, playing = excluded.playing`,
		zone, index, fromDuration(offset), playing)
	return err
}

// changedOne makes ErrNotFound of an update that met no row.
func changedOne(res sql.Result) error {
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

func packOrder(order []int) []byte {
	if order == nil {
		return nil
	}
	b := binary.AppendUvarint(make([]byte, 0, 2*len(order)+2), uint64(len(order)))
	for _, n := range order {
		b = binary.AppendVarint(b, int64(n))
	}
	return b
}

// unpackOrder returns nil for an order that does not fit the queue.
func unpackOrder(b []byte, length int) ([]int, error) {
	if b == nil {
		return nil, nil
	}
	n, size := binary.Uvarint(b)
	if size <= 0 || n != uint64(length) {
		return nil, nil
	}
	order := make([]int, 0, length)
	for b = b[size:]; len(order) < length; b = b[size:] {
		var v int64
		if v, size = binary.Varint(b); size <= 0 {
			return nil, errors.New("the order before shuffling is damaged")
		}
		order = append(order, int(v))
	}
	return slices.Clip(order), nil
}

package zonetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// ErrFull is what a Journal without space returns.
var ErrFull = errors.New("zonetest: no space left to write")

// Journal keeps queues in memory, as a disk would. It may be used from any
// goroutine.
type Journal struct {
	mu    sync.Mutex
	zones map[string]*zone.Saved
	plays []zone.Play
	fails error
	delay time.Duration
}

// NewJournal makes an empty journal.
func NewJournal() *Journal { return &Journal{zones: make(map[string]*zone.Saved)} }

// keptPlays is how many plays are remembered, the newest.
const keptPlays = 1 << 20

// Fail has every write return err from now on; nil makes it work again.
func (j *Journal) Fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fails = err
}

// Slow has every write take that long.
func (j *Journal) Slow(d time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.delay = d
}

// Saved is what is on "disk" for a zone.
func (j *Journal) Saved(id string) zone.Saved {
	s, _ := j.Load(context.Background(), id)
	return s
}

// Plays returns what was logged, oldest first.
func (j *Journal) Plays() []zone.Play {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.plays)
}

// Load implements zone.Journal.
func (j *Journal) Load(_ context.Context, id string) (zone.Saved, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s, ok := j.zones[id]
	if !ok {
		return zone.Saved{}, nil
	}
	out := *s
	out.Entries = slices.Clone(s.Entries)
	out.Order = slices.Clone(s.Order)
	return out, nil
}

// write waits as a disk does and hands out the zone's record, locked.
func (j *Journal) write(ctx context.Context, id string) (*zone.Saved, func(), error) {
	j.mu.Lock()
	delay := j.delay
	j.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	j.mu.Lock()
	if j.fails != nil {
		defer j.mu.Unlock()
		return nil, nil, j.fails
	}
	s := j.zones[id]
	if s == nil {
		s = &zone.Saved{}
		j.zones[id] = s
	}
	return s, j.mu.Unlock, nil
}

// SaveQueue implements zone.Journal.
func (j *Journal) SaveQueue(ctx context.Context, id string, changes []zone.QueueChange, head zone.Saved) error {
	s, unlock, err := j.write(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	entries := s.Entries
	for _, c := range changes {
		if len(c.Removed) > 0 {
			gone := make(map[zone.EntryID]bool, len(c.Removed))
			for _, r := range c.Removed {
				gone[r] = true
			}
			entries = slices.DeleteFunc(slices.Clone(entries), func(e zone.Entry) bool { return gone[e.ID] })
		}
		entries = slices.Insert(slices.Clip(entries), min(c.At, len(entries)), c.Inserted...)
	}
	*s = head
	s.Entries = entries
	return nil
}

// SavePosition implements zone.Journal.
func (j *Journal) SavePosition(ctx context.Context, id string, index int, offset time.Duration, playing bool) error {
	s, unlock, err := j.write(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	s.Index, s.Offset, s.Playing = index, offset, playing
	return nil
}

// AddPlay implements zone.Journal.
func (j *Journal) AddPlay(ctx context.Context, p zone.Play) error {
	_, unlock, err := j.write(ctx, p.Zone)
	if err != nil {
		return err
	}
	defer unlock()
	j.plays = append(j.plays, p)
	if over := len(j.plays) - keptPlays; over > 0 {
		j.plays = slices.Delete(j.plays, 0, over)
	}
	return nil
}

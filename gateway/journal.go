package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// journal is the zone.Journal of every zone: it keeps queues and plays in the
// store, and tells the recommender of a play once it is kept.
type journal struct {
	store       *store.Store
	recommender *recommender
	audience    *audience
	scrobble    *scrobble.Service
	log         *slog.Logger

	mu      sync.Mutex
	playing map[playKey]begun
}

// playKey tells plays apart: the end of one may come after another began.
type playKey struct {
	zone, track string
	started     time.Time
}

// begun is a play that began: the store's id, 0 where it is not kept, and whom
// it teaches, whoever listens when it ends.
type begun struct {
	id     int64
	tastes []string
}

func newJournal(s *store.Store, r *recommender, a *audience, out *scrobble.Service, log *slog.Logger) *journal {
	return &journal{store: s, recommender: r, audience: a, scrobble: out, log: log, playing: map[playKey]begun{}}
}

// Load implements zone.Journal.
func (j *journal) Load(ctx context.Context, id string) (zone.Saved, error) {
	q, err := j.store.LoadQueue(ctx, id)
	if err != nil {
		return zone.Saved{}, err
	}
	saved := zone.Saved{
		Index: q.Index, Offset: q.Offset, Repeat: zone.Repeat(q.Repeat), Arranged: zone.Arrangement(q.Arranged),
		Context: zone.ContextRef{Kind: q.ContextKind, ID: q.ContextID, Name: q.ContextName},
		Playing: q.Playing, Order: q.Order, Entries: make([]zone.Entry, len(q.Entries)),
	}
	for i, e := range q.Entries {
		saved.Entries[i] = zone.Entry{ID: zone.EntryID(e.ID), Track: e.Track, By: zone.By(e.By), Why: phrase.Unpack(e.Why)}
	}
	return saved, nil
}

// SaveQueue implements zone.Journal.
func (j *journal) SaveQueue(ctx context.Context, id string, changes []zone.QueueChange, head zone.Saved) error {
	rows := make([]store.QueueChange, len(changes))
	for i, c := range changes {
		rows[i].At = c.At
		for _, removed := range c.Removed {
			rows[i].Removed = append(rows[i].Removed, string(removed))
		}
		for _, e := range c.Inserted {
			rows[i].Inserted = append(rows[i].Inserted, store.QueueEntry{ID: string(e.ID), Track: e.Track, By: string(e.By), Why: e.Why.Pack()})
		}
	}
	return j.store.SaveQueue(ctx, id, rows, store.Queue{
		Index: head.Index, Offset: head.Offset, Repeat: string(head.Repeat), Arranged: string(head.Arranged),
		ContextKind: head.Context.Kind, ContextID: head.Context.ID, ContextName: head.Context.Name,
		Playing: head.Playing, Order: head.Order,
	})
}

// SavePosition implements zone.Journal.
func (j *journal) SavePosition(ctx context.Context, id string, index int, offset time.Duration, playing bool) error {
	return j.store.SavePosition(ctx, id, index, offset, playing)
}

// AddPlay implements zone.Journal: the beginning of a play makes a row, its end
// completes it. One that teaches nobody is not kept.
func (j *journal) AddPlay(ctx context.Context, p zone.Play) error {
	if strings.HasPrefix(p.Track, api.InputPrefix) {
		return nil // no music of the library's
	}
	row := store.Play{
		Zone: p.Zone, Track: p.Track, By: string(p.By), Context: p.Context.Kind + ":" + p.Context.ID,
		Started: p.Started, Heard: p.Heard, Length: p.Length, End: p.End,
	}
	key := playKey{p.Zone, p.Track, p.Started}
	if p.End == playing {
		row.Tastes = j.audience.lessons(p.Zone)
		id, err := j.keep(ctx, row)
		if err != nil {
			return err
		}
		j.mu.Lock()
		j.playing[key] = begun{id, row.Tastes}
		j.mu.Unlock()
		j.scrobbled(ctx, p, row.Tastes)
		return nil
	}
	j.mu.Lock()
	began, known := j.playing[key]
	delete(j.playing, key)
	j.mu.Unlock()
	var err error
	if known {
		row.ID, row.Tastes = began.id, began.tastes
		if began.id != 0 {
			row.Tastes, err = j.store.EndPlay(ctx, began.id, p.Heard, p.End)
		}
	} else {
		row.Tastes = j.audience.lessons(p.Zone)
		row.ID, err = j.keep(ctx, row)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was taken back while it played
	}
	if err != nil {
		return err
	}
	j.recommender.played(ctx, row)
	j.scrobbled(ctx, p, row.Tastes)
	return nil
}

func (j *journal) keep(ctx context.Context, row store.Play) (int64, error) {
	if len(row.Tastes) == 0 {
		return 0, nil
	}
	return j.store.AddPlay(ctx, row)
}

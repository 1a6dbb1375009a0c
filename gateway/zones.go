package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// firstZone is what the zone of a new gateway is called.
const firstZone = "Home"

// zones runs every zone and implements api.Zones.
type zones struct {
	store *store.Store
	open  func(store.ZoneRow) (*zone.Zone, error)
	// changed is told every state of every zone, on a goroutine of that zone.
	changed func(ctx context.Context, s zone.State)
	// settle says who listens in a zone that was just made.
	settle  func(ctx context.Context, row store.ZoneRow) error
	dropped func(id string)
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	order  []string
	byID   map[string]*runningZone
}

type runningZone struct {
	*zone.Zone
	id     string
	cancel context.CancelFunc
	ctx    context.Context //nolint:containedctx // the zone's life, ended by Delete
	ended  chan struct{}
}

// Rename implements api.Zones.
func (z *zones) Rename(ctx context.Context, id, name string) error {
	r, ok := z.get(id)
	if !ok {
		return store.ErrNotFound
	}
	if err := z.store.RenameZone(ctx, id, name); err != nil {
		return err
	}
	return r.Rename(ctx, name)
}

// SetCrossfade implements api.Zones.
func (z *zones) SetCrossfade(ctx context.Context, id string, d time.Duration) error {
	r, ok := z.get(id)
	if !ok {
		return store.ErrNotFound
	}
	if err := r.SetCrossfade(ctx, d); err != nil {
		return err
	}
	return z.store.SetCrossfade(ctx, id, d)
}

// renewFlows has every zone's flow drawn anew.
func (z *zones) renewFlows(ctx context.Context) {
	z.mu.Lock()
	running := slices.Collect(maps.Values(z.byID))
	z.mu.Unlock()
	for _, r := range running {
		_ = r.Renew(ctx) // a zone that has ended needs no flow
	}
}

// Run waits for ctx to end, then ends every zone and waits for them.
func (z *zones) Run(ctx context.Context) error {
	<-ctx.Done()
	z.mu.Lock()
	for _, r := range z.byID {
		r.cancel()
	}
	z.closed = true
	z.mu.Unlock()
	z.running.Wait()
	return nil
}

// live runs one zone and shows its states until it ends.
func (z *zones) live(r *runningZone) {
	defer close(r.ended)
	var watching sync.WaitGroup
	watching.Go(func() {
		for state := range r.Watch(r.ctx) {
			z.changed(r.ctx, state)
		}
	})
	// A zone ends when it is told to; an error has been logged by it.
	_ = r.Run(r.ctx)
	r.cancel()
	watching.Wait()
}

// restore brings back what the store knows, and makes a first zone in a new
// gateway.
func (z *zones) restore(ctx context.Context) error {
	rows, err := z.store.Zones(ctx)
	if err != nil {
		return fmt.Errorf("restore zones: %w", err)
	}
	if len(rows) == 0 {
		row, err := z.store.CreateZone(ctx, firstZone)
		if err != nil {
			return fmt.Errorf("make the first zone: %w", err)
		}
		rows = []store.ZoneRow{row}
	}
	for _, row := range rows {
		if _, err := z.start(row); err != nil {
			return err
		}
	}
	return nil
}

func (z *zones) start(row store.ZoneRow) (*runningZone, error) {
	made, err := z.open(row)
	if err != nil {
		return nil, fmt.Errorf("start zone %q: %w", row.Name, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &runningZone{Zone: made, id: row.ID, ctx: ctx, cancel: cancel, ended: make(chan struct{})}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.closed {
		cancel()
		return nil, zone.ErrClosed
	}
	z.order = append(z.order, row.ID)
	z.byID[row.ID] = r
	z.running.Go(func() { z.live(r) })
	return r, nil
}

// Get implements api.Zones.
func (z *zones) Get(id string) (api.Zone, bool) {
	r, ok := z.get(id)
	if !ok {
		return nil, false
	}
	return r, true
}

func (z *zones) get(id string) (*runningZone, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	r, ok := z.byID[id]
	return r, ok
}

// List implements api.Zones.
func (z *zones) List() []api.Zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	list := make([]api.Zone, len(z.order))
	for i, id := range z.order {
		list[i] = z.byID[id]
	}
	return list
}

// first is the zone that devices go to when nobody said otherwise.
func (z *zones) first() string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.order[0]
}

// Create implements api.Zones.
func (z *zones) Create(ctx context.Context, name string) (api.Zone, error) {
	row, err := z.store.CreateZone(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := z.settle(ctx, row); err != nil {
		return nil, errors.Join(err, z.store.DeleteZone(ctx, row.ID))
	}
	r, err := z.start(row)
	if err != nil {
		return nil, errors.Join(err, z.store.DeleteZone(ctx, row.ID))
	}
	return r, nil
}

// Delete implements api.Zones.
func (z *zones) Delete(ctx context.Context, id string) error {
	z.mu.Lock()
	r, ok := z.byID[id]
	if !ok {
		z.mu.Unlock()
		return store.ErrNotFound
	}
	if len(z.order) == 1 {
		z.mu.Unlock()
		return api.ErrLastZone
	}
	delete(z.byID, id)
	for i, other := range z.order {
		if other == id {
			z.order = append(z.order[:i:i], z.order[i+1:]...)
			break
		}
	}
	z.mu.Unlock()
	r.cancel()
	<-r.ended
	z.dropped(id) // whatever the store says, it runs no more
	return z.store.DeleteZone(ctx, id)
}

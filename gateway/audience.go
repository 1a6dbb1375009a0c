package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// audience knows who lives here and who listens in which zone, as the store has
// it. Its methods may be called from any goroutine and never wait for the disk,
// but for load.
type audience struct {
	store *store.Store

	mu        sync.Mutex
	listeners []store.Listener
	zones     map[string]store.Audience
}

func newAudience(s *store.Store) *audience { return &audience{store: s} }

// load reads what the store has now.
func (a *audience) load(ctx context.Context) error {
	listeners, err := a.store.Listeners(ctx)
	if err != nil {
		return err
	}
	all, err := a.store.Audiences(ctx)
	if err != nil {
		return err
	}
	zones := make(map[string]store.Audience, len(all))
	for _, z := range all {
		zones[z.Zone] = z
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners, a.zones = listeners, zones
	return nil
}

// list is everybody, in the order of making.
func (a *audience) list() []store.Listener {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.listeners)
}

// find returns the listener of an id.
func (a *audience) find(id string) (store.Listener, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.locked(id)
}

func (a *audience) locked(id string) (store.Listener, bool) {
	i := slices.IndexFunc(a.listeners, func(l store.Listener) bool { return l.ID == id })
	if i < 0 {
		return store.Listener{}, false
	}
	return a.listeners[i], true
}

// of is who listens in a zone; a zone that is not known has nobody in it, who
// would learn.
func (a *audience) of(zone string) store.Audience {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of, ok := a.zones[zone]; ok {
		return of
	}
	return store.Audience{Zone: zone, Learning: true}
}

// tastes are whom a zone's music is chosen for: who listens there, or the zone
// itself.
func (a *audience) tastes(zone string) []string {
	if of := a.of(zone); len(of.Listeners) > 0 {
		return of.Listeners
	}
	return []string{store.ZoneTaste(zone)}
}

// lessons are the tastes that a play in a zone teaches: none of those that are
// not learning now.
func (a *audience) lessons(zone string) []string {
	of := a.of(zone)
	if !of.Learning {
		return nil
	}
	if len(of.Listeners) == 0 {
		return []string{store.ZoneTaste(zone)}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var lessons []string
	for _, id := range of.Listeners {
		if l, ok := a.locked(id); ok && l.Learning {
			lessons = append(lessons, id)
		}
	}
	return lessons
}

// alone returns the listener of a home for one: not a child, and nobody else.
func (a *audience) alone() (id string, ok bool) {
	all := a.list()
	if len(all) != 1 || all[0].Child {
		return "", false
	}
	return all[0].ID, true
}

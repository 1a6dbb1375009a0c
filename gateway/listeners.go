package gateway

import (
	"context"
	"io"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// listeners implements api.Listeners: what is kept of them is the store's, what
// follows from it the recommender's.
type listeners struct {
	store       *store.Store
	audience    *audience
	recommender *recommender
	zones       *zones
	scrobble    *scrobble.Service
}

// List implements api.Listeners.
func (l listeners) List(context.Context) ([]store.Listener, error) { return l.audience.list(), nil }

// Create implements api.Listeners.
func (l listeners) Create(ctx context.Context, name string, child bool) (store.Listener, error) {
	made, err := l.store.AddListener(ctx, name, child)
	if err != nil {
		return made, err
	}
	return made, l.audience.load(ctx)
}

// Update implements api.Listeners.
func (l listeners) Update(ctx context.Context, to store.Listener) error {
	was, ok := l.audience.find(to.ID)
	if !ok {
		return store.ErrNotFound
	}
	if err := l.store.UpdateListener(ctx, to); err != nil {
		return err
	}
	if err := l.audience.load(ctx); err != nil {
		return err
	}
	if was.Child != to.Child {
		l.recommender.relearn() // what a child heard feeds others no more, or does now
	}
	return nil
}

// Delete implements api.Listeners.
func (l listeners) Delete(ctx context.Context, id string) error {
	if err := l.store.DeleteListener(ctx, id); err != nil {
		return err
	}
	err := l.audience.load(ctx)
	l.recommender.forget(ctx, id)
	return err
}

// Audience implements api.Listeners.
func (l listeners) Audience(_ context.Context, zone string) (store.Audience, error) {
	return l.audience.of(zone), nil
}

// SetAudience implements api.Listeners. The flow that was chosen for others is
// chosen anew.
func (l listeners) SetAudience(ctx context.Context, a store.Audience) error {
	if err := l.store.SetAudience(ctx, a); err != nil {
		return err
	}
	if err := l.audience.load(ctx); err != nil {
		return err
	}
	z, ok := l.zones.get(a.Zone)
	if !ok {
		return nil
	}
	return z.Renew(ctx)
}

// Taste implements api.Listeners.
func (l listeners) Taste(ctx context.Context, taste string) (api.Taste, error) {
	var out api.Taste
	err := l.store.PlaysOf(ctx, taste, func(p store.Play, _ store.Track) error {
		if out.Plays++; out.Since == nil {
			at := p.Started.UTC()
			out.Since = &at
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	ratings, err := l.store.RatingsOf(ctx, taste)
	if err != nil {
		return out, err
	}
	for _, r := range ratings {
		if r.Value == store.Liked {
			out.Likes++
		} else {
			out.Dislikes++
		}
	}
	wishes, err := l.store.WishesOf(ctx, taste)
	if err != nil {
		return out, err
	}
	out.Wishes = wishViews(wishes)
	if who, ok := l.audience.find(taste); ok {
		out.Settling = api.Settling(who.Created, time.Now())
	}
	out.Leanings, err = l.recommender.leanings(ctx, taste)
	return out, err
}

// SetWish implements api.Listeners.
func (l listeners) SetWish(ctx context.Context, w store.Wish) error {
	if err := l.store.SetWish(ctx, w); err != nil {
		return err
	}
	l.recommender.wished(ctx, w)
	return nil
}

// TakeBack implements api.Listeners.
func (l listeners) TakeBack(ctx context.Context, taste string, since time.Time) (int, error) {
	n, err := l.store.TakeBack(ctx, taste, since)
	if n > 0 {
		l.recommender.takeBack(ctx, taste, since)
	}
	return n, err
}

// Forget implements api.Listeners.
func (l listeners) Forget(ctx context.Context, taste string) error {
	if err := l.store.ForgetTaste(ctx, taste); err != nil {
		return err
	}
	l.recommender.forget(ctx, taste)
	return nil
}

// Export implements api.Listeners.
func (l listeners) Export(ctx context.Context, taste string, w io.Writer) error {
	return exportTaste(ctx, l.store, taste, w)
}

// settle has new zones listened to by the one who lives here, if it is one.
func (l listeners) settle(ctx context.Context, row store.ZoneRow) error {
	id, ok := l.audience.alone()
	if ok {
		if err := l.store.SetAudience(ctx, store.Audience{Zone: row.ID, Listeners: []string{id}, Learning: true}); err != nil {
			return err
		}
	}
	return l.audience.load(ctx)
}

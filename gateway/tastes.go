package gateway

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// maxLeanings is how many artists and tags a taste shows.
const maxLeanings = 40

// tasteOf finds the taste of a listener by name. Without a name it is that of
// the only one, or in a home where nobody lives yet that of who moves in.
func tasteOf(ctx context.Context, s *store.Store, name string) (string, error) {
	all, err := s.Listeners(ctx)
	if err != nil {
		return "", err
	}
	names := make([]string, len(all))
	for i, l := range all {
		if strings.EqualFold(l.Name, name) {
			return l.ID, nil
		}
		names[i] = l.Name
	}
	switch {
	case name != "" && len(all) == 0:
		return "", fmt.Errorf("there is no listener %q: nobody lives here yet", name)
	case name != "":
		return "", fmt.Errorf("there is no listener %q, only %s", name, strings.Join(names, ", "))
	case len(all) == 0:
		return store.ImportedTaste, nil
	case len(all) > 1:
		return "", fmt.Errorf("whose is it? Name one with --for: %s", strings.Join(names, ", "))
	}
	return all[0].ID, nil
}

// apart tells whether what a taste learns feeds nobody else: a child's, and that
// of a zone where nobody is named.
func (a *audience) apart(taste string) bool {
	l, listens := a.find(taste)
	return !listens || l.Child
}

// fillWishes tells an engine what everybody wishes.
func (r *recommender) fillWishes(ctx context.Context, engine *jump.Engine) error {
	wishes, err := r.store.AllWishes(ctx)
	for _, w := range wishes {
		wish(engine, w)
	}
	return err
}

// wish tells an engine of a wish; an empty one takes an earlier one back.
func wish(engine *jump.Engine, w store.Wish) {
	engine.SetWish(w.Taste, jump.Context{Kind: jump.Kind(w.Kind), ID: w.ID}, jump.Wish(w.Wish))
}

// wished corrects a taste.
func (r *recommender) wished(ctx context.Context, w store.Wish) {
	r.tell(ctx, func(e *jump.Engine) { wish(e, w) })
}

// takeBack has a taste unlearn what it heard since a time.
func (r *recommender) takeBack(ctx context.Context, taste string, since time.Time) {
	r.tell(ctx, func(e *jump.Engine) {
		e.TakeBack(taste, since)
		r.discard()
	})
}

// leanings are what a taste likes and dislikes, by how much it is liked.
func (r *recommender) leanings(ctx context.Context, taste string) ([]api.Leaning, error) {
	return ask(ctx, r, func(e *jump.Engine) []api.Leaning {
		out := []api.Leaning{}
		for _, l := range e.Leanings(taste, time.Now(), maxLeanings) {
			switch l.Kind {
			case jump.KindArtist, jump.KindGenre, jump.KindMood:
				out = append(out, api.Leaning{Kind: string(l.Kind), ID: l.ID, Name: l.Name, Liking: l.Liking})
			default: // nothing that a person could correct
			}
		}
		slices.SortStableFunc(out, func(a, b api.Leaning) int { return cmp.Compare(b.Liking, a.Liking) })
		return out
	})
}

package zone

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// SetShuffle shuffles the picks that are still to come, or puts them back into
// the order they had.
func (z *Zone) SetShuffle(ctx context.Context, on bool) error {
	return z.edit(ctx, "set shuffle", func() (*edit, error) {
		if !on {
			return z.asPicked(Shuffled), nil
		}
		return z.arrange(Shuffled, shuffling(z.rand)), nil
	})
}

// SetMix sorts the picks that are still to come by what those who listen in the
// zone are likely to like, or puts them back into the order they had. A Flow that
// is no Ranker leaves the order as it is.
func (z *Zone) SetMix(ctx context.Context, on bool) error {
	if !on {
		return z.edit(ctx, "set mix", func() (*edit, error) { return z.asPicked(ByLiking), nil })
	}
	var picks []string
	err := z.edit(ctx, "set mix", func() (*edit, error) {
		for _, n := range z.queue.picksAhead() {
			picks = append(picks, n.entry.Track)
		}
		return nil, nil
	})
	if err != nil {
		return err
	}
	ranked, err := z.rank(ctx, picks)
	if err != nil {
		return fmt.Errorf("set mix: %w", err)
	}
	return z.edit(ctx, "set mix", func() (*edit, error) {
		return z.arrange(ByLiking, func(picks []*node) {
			sortLike(picks, func(n *node) string { return n.entry.Track }, ranked)
		}), nil
	})
}

// rank asks what is liked most. It may take a while, and is called off the zone's
// goroutine.
func (z *Zone) rank(ctx context.Context, tracks []string) ([]string, error) {
	ranker, ok := z.cfg.Flow.(Ranker)
	if !ok || len(tracks) < 2 {
		return tracks, nil
	}
	return ranker.Rank(ctx, z.cfg.ID, tracks)
}

// arrange is the edit that brings the picks that are still to come into another
// order; nil where that is so.
func (z *Zone) arrange(to Arrangement, how func([]*node)) *edit {
	if z.queue.arranged == to {
		return nil
	}
	return &edit{arranged: &to, changes: z.queue.reorder(how)}
}

// asPicked is the edit that ends an arrangement; nil where it does not hold.
func (z *Zone) asPicked(from Arrangement) *edit {
	if z.queue.arranged != from {
		return nil
	}
	return z.arrange(AsPicked, func(picks []*node) { slices.SortStableFunc(picks, byHome) })
}

func shuffling(r *rand.Rand) func([]*node) {
	return func(picks []*node) {
		r.Shuffle(len(picks), func(i, j int) { picks[i], picks[j] = picks[j], picks[i] })
	}
}

// sortLike sorts items as their tracks stand in a list. What is not there comes
// last, as it stood: it was picked while the list was made.
func sortLike[T any](items []T, track func(T) string, list []string) {
	places := make(map[string][]int, len(list))
	for i, t := range list {
		places[t] = append(places[t], i)
	}
	type placed struct {
		item T
		at   int
	}
	all := make([]placed, len(items))
	for i, item := range items {
		all[i] = placed{item, len(list)}
		if at := places[track(item)]; len(at) > 0 {
			all[i].at, places[track(item)] = at[0], at[1:]
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	for i, p := range all {
		items[i] = p.item
	}
}

// picksAhead are the picks that are still to come.
func (q *queue) picksAhead() []*node {
	from := q.index() + 1
	return q.span(from, q.flowStart()-from)
}

func (q *queue) reorder(how func([]*node)) []QueueChange {
	picks := q.picksAhead()
	if len(picks) < 2 {
		return nil
	}
	c := QueueChange{At: q.index() + 1}
	for _, n := range picks {
		c.Removed = append(c.Removed, n.entry.ID)
	}
	how(picks)
	for _, n := range picks {
		c.Inserted = append(c.Inserted, n.entry)
	}
	return []QueueChange{c}
}

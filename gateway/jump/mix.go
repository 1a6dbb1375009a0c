package jump

import (
	"cmp"
	"slices"
	"time"
)

// mixSeeds bounds the listener's own tracks that a mix is compared with.
const mixSeeds = 64

// Mix re-sorts any list by predicted liking, the best first. Every item comes
// back exactly as often as it was given: what is not in the catalogue keeps
// its order behind the rest, what the listener dislikes stands at the end.
func (e *Engine) Mix(who string, items []string, now time.Time) []Pick {
	l := e.listeners[who]
	t := e.tasteOf(l, now.Unix())
	seeds := e.mostLiked(l, now.Unix(), mixSeeds)
	like := e.likenessTo(seeds)
	r := Request{Listener: who, Now: now}
	picks := make([]Pick, 0, len(items))
	for _, id := range items {
		s, ok := e.liveSlot(id)
		switch {
		case !ok:
			picks = append(picks, Pick{Item: id, Score: -2})
		case l.disliked(s):
			picks = append(picks, Pick{Item: id, Score: -3})
		default:
			score := float64(like[s]) + tasteWeight*e.liking(t, s) + e.popularity(s, now.Unix())
			why := e.reason(r, l, t, seeds, s)
			picks = append(picks, Pick{Item: id, Why: why.String(), Reason: why, Score: score})
		}
	}
	slices.SortStableFunc(picks, func(a, b Pick) int { return cmp.Compare(b.Score, a.Score) })
	return picks
}

// mostLiked returns the listener's favourites as seeds of weight 1 in sum.
func (e *Engine) mostLiked(l *listener, now int64, n int) []seed {
	if l == nil {
		return nil
	}
	var liked []seed
	for i := range l.heard {
		h := &l.heard[i]
		pos, neg := h.strength(now)
		if b := balance(pos, neg, shrinkItem); b > 0 && e.items[h.slot].live {
			liked = append(liked, seed{h.slot, b})
		}
	}
	slices.SortFunc(liked, func(a, b seed) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.slot, b.slot))
	})
	liked = liked[:min(n, len(liked))]
	sum := 0.0
	for _, s := range liked {
		sum += s.weight
	}
	for i := range liked {
		liked[i].weight /= sum
	}
	return liked
}

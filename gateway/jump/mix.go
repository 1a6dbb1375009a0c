package jump

import (
	"cmp"
	"slices"
	"time"
)

const (
	mixSeeds = 48 // favourites that a mix is compared with
	// A profile is what is like a listener's favourites. It is made again
	// after so many plays, or when it is older: what the listener says of a
	// track itself, its artist and its tags counts at once.
	profileChanges = 20
	profileAge     = 60 * 60 // seconds
)

// profile is what is like a listener's favourites, and why.
type profile struct {
	like    map[int32]cause
	centre  []float32
	sound   heardAs // of the favourites
	madeAt  int64
	changes int
	edition int
}

// profileOf brings a listener's profile up to date.
func (e *Engine) profileOf(l *listener, now int64) *profile {
	p := &l.profile
	if p.like != nil && p.edition == e.edition && p.changes < profileChanges && now-p.madeAt < profileAge {
		return p
	}
	seeds := e.favouriteSeeds(l, now, mixSeeds, 1, 0, nil)
	like := e.likenessTo(seeds)
	var centre []float32
	if e.vectors.ready() && len(seeds) > 0 {
		c := e.vectors.centre()
		for _, s := range seeds {
			e.vectors.addUnit(c, s.slot, float32(s.weight))
		}
		if unit(c) {
			centre = slices.Clone(c)
		}
	}
	*p = profile{centre: centre, like: make(map[int32]cause, len(like.touched)), madeAt: now, edition: e.edition}
	p.sound = heardAs{centre: slices.Clone(like.sound.centre), weight: like.sound.weight}
	for _, s := range like.touched {
		c := like.why[s]
		if c.code == ReasonSound {
			c.seed = like.sound.closest(e, s)
		}
		p.like[s] = cause{like.v[s], c.seed, c.code}
	}
	return p
}

// Mix re-sorts any list by predicted liking, the best first. Every item comes
// back exactly as often as it was given: what is not in the catalogue keeps
// its order behind the rest, what the listener dislikes stands at the end.
func (e *Engine) Mix(who string, items []string, now time.Time) []Pick {
	l := e.who(who)
	var p *profile
	if l != nil {
		p = e.profileOf(l, now.Unix())
	}
	picks := make([]Pick, 0, len(items))
	for _, id := range items {
		s, ok := e.liveSlot(id)
		switch {
		case !ok:
			picks = append(picks, Pick{Item: id, Score: -2})
		case e.refused(l, s):
			picks = append(picks, Pick{Item: id, Score: -3})
		default:
			picks = append(picks, e.mixed(l, p, s, now.Unix()))
		}
	}
	slices.SortStableFunc(picks, func(a, b Pick) int { return cmp.Compare(b.Score, a.Score) })
	return e.together(picks)
}

// mixed scores one item of a mix.
func (e *Engine) mixed(l *listener, p *profile, s int32, now int64) Pick {
	score := mixPopular * float64(log1p(e.popularity(s)))
	if n := e.heat[s].now(now); n > 0 {
		score += homeWeight * n / (n + homeShrink)
	}
	if l == nil {
		return Pick{Item: e.items[s].ID, Score: score}
	}
	score += tasteWeight * e.liking(l, s, now)
	c, alike := p.like[s]
	score += float64(c.v)
	if !alike {
		score += float64(p.sound.of(e, s))
	}
	if p.centre != nil {
		score += mixVectors * float64(e.vectors.cosine(p.centre, s))
	}
	why := e.mixReason(l, c, s, now)
	return Pick{Item: e.items[s].ID, Why: why.String(), Reason: why, Score: score}
}

const (
	mixPopular = 0.0005
	mixVectors = 0.1
)

// mixReason says why an item stands where it does.
func (e *Engine) mixReason(l *listener, c cause, s int32, now int64) Reason {
	h := l.known(s)
	if h != nil && h.rating == Liked {
		return Reason{Code: ReasonFavourite}
	}
	if name, v := e.likedOf(l, s, now); v > 0.1 {
		return Reason{Code: ReasonTaste, Args: []string{name}}
	}
	if c.code != "" && c.code != ReasonTags {
		if _, r := e.likeReason(c, s); r.Code != "" {
			return r
		}
	}
	if h == nil || h.plays == 0 {
		return Reason{Code: ReasonNew}
	}
	return Reason{Code: ReasonTaste, Args: []string{e.title(s)}}
}

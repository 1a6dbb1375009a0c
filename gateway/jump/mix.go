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
	like    causes
	made    bool
	aim     aim     // at the favourites, by their vectors
	sound   heardAs // of the favourites
	madeAt  int64
	changes int
	edition int
}

// causes are likenesses and what spoke most for them, by slot.
type causes struct {
	places
	rows []cause // by place
}

// profileOf brings a listener's profile up to date.
func (e *Engine) profileOf(l *listener, now int64) *profile {
	p := &l.profile
	if p.made && p.edition == e.edition && p.changes < profileChanges && now-p.madeAt < profileAge {
		return p
	}
	seeds := e.favouriteSeeds(l, now, mixSeeds, 1, 0, nil)
	like := e.likenessTo(seeds, &forLists)
	var at aim
	if e.vectors.ready() && len(seeds) > 0 {
		c := e.vectors.centre()
		for _, s := range seeds {
			e.vectors.addUnit(c, s.slot, float32(s.weight))
		}
		if unit(c) {
			at = aimed(nil, c)
		}
	}
	*p = profile{aim: at, made: true, madeAt: now, edition: e.edition}
	p.sound = heardAs{aim: slices.Clone(like.sound.aim), weight: like.sound.weight}
	for i, s := range like.slots {
		c := like.rows[i].why
		if c.from == spokeSound {
			c.seed = like.sound.closest(e, s)
		}
		p.like.of(s)
		p.like.rows = append(p.like.rows, cause{like.rows[i].v, c.seed, c.from})
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
	score := mixPopular * float64(e.popularity(s))
	if n := e.heat[s].now(now); n > 0 {
		score += homeWeight * n / (n + homeShrink)
	}
	if l == nil {
		return Pick{Item: e.labels[s].id, Score: score}
	}
	score += tasteWeight * e.liking(l, s, now)
	c := cause{}
	if i := p.like.find(s); i >= 0 {
		c = p.like.rows[i]
		score += float64(c.v)
	} else {
		score += float64(p.sound.of(e, s))
	}
	if p.aim != nil {
		score += mixVectors * float64(e.vectors.cosine(p.aim, s))
	}
	return Pick{Item: e.labels[s].id, Reason: e.mixReason(l, c, s, now), Score: score}
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
	if c.from != spokeNothing && c.from != spokeTags {
		if _, r := e.likeReason(c, s); r.Code != "" {
			return r
		}
	}
	if h == nil || h.plays == 0 {
		return Reason{Code: ReasonNew}
	}
	return h.again(now)
}

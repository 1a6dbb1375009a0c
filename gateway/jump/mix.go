package jump

import (
	"math"
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
	lines := e.scratch.lines[:0]
	for i, id := range items {
		m := mixLine{at: int32(i), slot: -1, score: mixUnknown}
		if s, ok := e.liveSlot(id); ok {
			m.slot = s
		}
		lines = append(lines, m)
	}
	e.fetchVectors(lines)
	for i := range lines {
		switch m := &lines[i]; {
		case m.slot < 0:
		case e.refused(l, m.slot):
			m.score = mixRefused
		default:
			m.score = e.mixed(l, p, m.slot, now.Unix())
		}
	}
	e.scratch.lines = lines
	picks := make([]Pick, len(items))
	for i, m := range e.together(e.scratch.sortedLines()) {
		picks[i] = Pick{Item: items[m.at], Score: m.score}
		if l != nil && m.score > mixUnknown {
			picks[i].Reason = e.mixReason(l, p.cause(m.slot), m.slot, now.Unix())
		}
	}
	return picks
}

// sortedLines returns the lines, the best first, as they were given where two are
// equal. One number a line is sorted, which is several times faster than lines are.
func (sc *scratch) sortedLines() []mixLine {
	keys := sc.keys[:0]
	for i, m := range sc.lines {
		keys = append(keys, uint64(falling(float32(m.score)))<<32|uint64(i))
	}
	slices.Sort(keys)
	sorted := sc.sorted[:0]
	for _, k := range keys {
		sorted = append(sorted, sc.lines[uint32(k)])
	}
	sc.keys, sc.sorted = keys, sorted
	return sorted
}

// falling returns a number that is the smaller, the larger v is.
func falling(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 == 1 {
		return b
	}
	return ^b &^ (1 << 31)
}

// mixLine is one item of a mix.
type mixLine struct {
	at    int32 // its place in the list
	slot  int32 // -1 for what is not in the catalogue
	score float64
}

// What is not scored comes behind what is.
const (
	mixUnknown = -2
	mixRefused = -3
)

// cause is what is like the favourites in an item, and why.
func (p *profile) cause(s int32) cause {
	if i := p.like.find(s); i >= 0 {
		return p.like.rows[i]
	}
	return cause{}
}

// mixed scores one item of a mix.
func (e *Engine) mixed(l *listener, p *profile, s int32, now int64) float64 {
	score := mixPopular * float64(e.popularity(s))
	if n := e.heat[s].now(now); n > 0 {
		score += homeWeight * n / (n + homeShrink)
	}
	if l == nil {
		return score
	}
	score += tasteWeight * e.liking(l, s, now)
	if i := p.like.find(s); i >= 0 {
		score += float64(p.like.rows[i].v)
	} else {
		score += float64(p.sound.of(e, s))
	}
	if p.aim != nil {
		score += mixVectors * float64(e.vectors.cosine(p.aim, s))
	}
	return score
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
	if of, v := e.likedOf(l, s, now); v > 0.1 {
		return Reason{Code: ReasonTaste, Args: e.namedBy(of.name)}
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

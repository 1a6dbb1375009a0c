package jump

import (
	"cmp"
	"slices"
)

// How a JUMP chooses where to land.
const (
	jumpSeeds     = 8    // items of the thread, of its start, and of a landing
	contextSample = 8    // items looked at for each context
	elsewhere     = 0.2  // share of a landing that may stand in what is left
	jumpTaste     = 0.1  // weight of the listener's liking beside likeness
	jumpVectors   = 0.3  // times the cosine of the vectors, for playlists
	jumpNoise     = 0.01 // so that the same press twice leads to two places
	sizePrior     = 0.01 // for contexts that can carry a flow
	fullSize      = 20
	pullToStart   = 0.5 // of the likeness: the thread of the journey
)

// How many tracks make a context worth landing in.
const (
	leastItems = 3
	leastTag   = 5
)

// rung orders landings before their score does.
type rung int

const (
	rungShown rung = iota // the listener was told that it would be this one
	rungFresh
	rungOverlap // holds too much of what is left
	rungTaste   // the listener's whole taste: there is always that
	rungVisited // left or refused in this journey
	rungClose   // its artists were heard too lately, but were not the last
	rungHeard   // all of it was heard too lately to be played now
	rungHere    // the context that is being left
)

// candidate is a context that a JUMP may land in.
type candidate struct {
	Context
	rung  rung
	age   int // JUMPs since it was left
	score float64
}

// Jump leaves the request's context for another one and returns it with its
// first Count picks. It remembers the landing: a second JUMP within a minute,
// or a skip, counts as "not this". It always answers; in a library with
// nowhere else to go the context is the listener's taste.
func (e *Engine) Jump(r Request) (Context, []Pick) {
	landings := e.Likely(r, 1)
	to := landings[0]
	e.listener(r.Listener).trail.record(e.named(r.Context), to.Context, r.Now)
	return to.Context, to.Picks
}

// Likely returns the n most likely landings of a JUMP, best first, each with
// its first Count picks, for getting their audio ready. It changes nothing: a
// Jump with the same request lands in the first of them. There is at least
// one, and no more than there are contexts.
func (e *Engine) Likely(r Request, n int) []Landing {
	ranked := e.rank(r, max(n, 1))
	out := make([]Landing, 0, len(ranked))
	for _, c := range ranked {
		next := r
		next.Context = c.Context
		seeds := e.seedsOf(c.Context, jumpSeeds, 1, nil)
		if len(seeds) == 0 {
			seeds = e.favouriteSeeds(e.who(r.Listener), r.Now.Unix(), tasteSeeds, 1, r.Seed|1, seeds)
		}
		out = append(out, Landing{
			Context: e.named(c.Context),
			Picks:   e.pick(next, seeds, e.forJump(), &r.Context),
			Score:   c.score,
		})
	}
	return out
}

// rank returns the n best contexts as landings of a JUMP.
func (e *Engine) rank(r Request, n int) []candidate {
	l := e.who(r.Listener)
	tr := &trail{}
	if l != nil {
		tr = &l.trail
	}
	here := r.Context
	if here.Kind == "" {
		here.Kind = KindTaste
	}
	p := e.newPress(r, l, tr, here)
	own := candidate{Context: Context{Kind: KindTaste}, rung: rungTaste, age: -1}
	switch {
	case here.Kind == KindTaste:
		own.rung = rungHere
	case r.Shown.Kind == KindTaste:
		own.rung = rungShown
	}
	p.best = append(make([]candidate, 0, n+1), own)
	p.most = n
	e.eachLanding(r, p)
	return p.best
}

// press is one JUMP being thought about.
type press struct {
	scorer
	r     Request
	tr    *trail
	here  Context
	to    []float32 // the direction, nil without vectors
	late  *draw
	worth *marks // by slot: how like the thread and liked, in millionths
	best  []candidate
	most  int // how many are wanted
}

// newPress lays out what a JUMP goes by.
func (e *Engine) newPress(r Request, l *listener, tr *trail, here Context) *press {
	now := r.Now.Unix()
	thread, start := tr.thread(here, r.Now)
	seeds := e.seedsOf(thread, jumpSeeds, 1-pullToStart, nil)
	seeds = e.seedsOf(start, jumpSeeds, pullToStart, seeds)
	if len(seeds) == 0 {
		seeds = e.seedsRecently(l, r, 0.5, seeds)
		seeds = e.favouriteSeeds(l, now, tasteSeeds, 0.5, r.Seed|1, seeds)
	}
	p := &press{scorer: scorer{e: e, l: l, now: now, seed: r.Seed}, r: r, tr: tr, here: here}
	p.worth = &e.scratch.worth
	p.like = e.likenessTo(seeds, e.forJump())
	p.worth.begin()
	e.in(&e.scratch.within, here)
	p.late = e.heardLately(r, e.live)
	if e.vectors.ready() {
		if from := e.slotsOf(thread); len(from) > 0 {
			p.to = e.towards(from, e.slotsOf(start), pullToStart)
		}
	}
	return p
}

// consider weighs one context.
func (p *press) consider(c Context, slots []int32, vector []float32, salt int32) {
	least := leastItems
	if c.Kind == KindGenre || c.Kind == KindMood || c.Kind == KindTag || c.Kind == KindSound {
		least = leastTag
	}
	score, overlap, ok := p.weigh(slots, least)
	if !ok {
		return
	}
	if p.to != nil && vector != nil {
		score += jumpVectors * float64(dot(p.to, vector))
	}
	cand := candidate{Context: c, rung: rungFresh, score: score + jumpNoise*noise(p.r.Seed, salt)}
	if overlap > elsewhere {
		cand.rung = rungOverlap
	}
	if cand.age = p.tr.age(c, p.r.Now); cand.age >= 0 {
		cand.rung = rungVisited
	}
	if c.same(p.r.Shown) {
		cand.rung = rungShown
	}
	switch gap := p.late.widest(slots); {
	case gap < p.late.nearest():
		cand.rung = rungHeard
	case gap < int32(p.e.cfg.ArtistGap):
		cand.rung = rungClose
	}
	if c.same(p.here) {
		cand.rung = rungHere
	}
	if slices.ContainsFunc(p.best, func(b candidate) bool { return b.same(c) }) {
		return // of a large library's some come up by two ways
	}
	at, _ := slices.BinarySearchFunc(p.best, cand, better)
	if p.best = slices.Insert(p.best, at, cand); len(p.best) > p.most {
		p.best = p.best[:p.most]
	}
}

// better orders candidates, the best first.
func better(a, b candidate) int {
	return cmp.Or(
		cmp.Compare(a.rung, b.rung),
		visitedLongAgo(a, b),
		cmp.Compare(b.score, a.score),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.ID, b.ID))
}

// visitedLongAgo puts what was left long ago before what was just left.
func visitedLongAgo(a, b candidate) int {
	if a.rung != rungVisited {
		return 0
	}
	return cmp.Compare(b.age, a.age)
}

// weigh scores a context by a sample of its items. It is not ok when too few
// of them can be played.
func (p *press) weigh(slots []int32, least int) (score, overlap float64, ok bool) {
	if len(slots) < least {
		return 0, 0, false
	}
	n, inside, sum := 0, 0, 0.0
	count := min(len(slots), contextSample)
	var sample [contextSample]int32
	for i := range count { // spread evenly
		sample[i] = slots[i*len(slots)/count]
	}
	p.e.fetch(sample[:count])
	for _, s := range sample[:count] {
		w := p.worthOf(s)
		if w == unfit {
			continue
		}
		n++
		sum += float64(w) / worthScale
		if p.e.scratch.within.holds(p.e, s) {
			inside++
		}
	}
	if n < min(least, count) {
		return 0, 0, false
	}
	size := float64(min(len(slots), fullSize)) / fullSize
	return sum/float64(n) + sizePrior*size, float64(inside) / float64(n), true
}

const (
	unfit      = -1 << 30 // of what a JUMP does not look at
	worthScale = 1 << 20
)

// worthOf says how like the thread an item is and how much the listener likes
// it; unfit for what they never hear.
func (p *press) worthOf(s int32) int32 {
	if p.worth.has(s) {
		return p.worth.get(s, 0)
	}
	w := int32(unfit)
	if p.allowed(s) {
		v := jumpTaste*p.e.liking(p.l, s, p.now) + p.like.like(p.e, s)
		w = int32(v * worthScale)
	}
	p.worth.set(s, w)
	return w
}

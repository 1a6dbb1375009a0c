package jump

import (
	"slices"
	"time"
)

// What a flow is drawn by. Likeness and taste have scales of their own (see
// doc.go); these are its other parts.
const (
	seedsContext = 0.6 // shares of the seeds' weight
	seedsRecent  = 0.3
	seedsTaste   = 0.4
	seedsSkipped = -0.2

	followWeight  = 0.02 // of what follows the last tracks in sessions
	tasteWeight   = 0.1
	homeWeight    = 0.02 // times n/(n+20): what the home hears
	homeShrink    = 20
	insideWeight  = 0.08 // of standing in the context itself
	freshWeight   = 0.06 // lost by a track heard just now,
	freshDays     = 3    // regained with this time constant
	wornWeight    = 0.15 // lost by a track that the flow brought already,
	wornDays      = 45   // regained with this one
	longingWeight = 0.04 // of a favourite that was not heard for long
	longingDays   = 30
	noiseWeight   = 0.02

	recentSeeds   = 6
	tasteSeeds    = 12
	skippedWithin = 30 * time.Minute

	wholeLibrary = 3000 // tracks that are all looked at; of more see bounds
)

// Flow returns the next Count picks for an endless queue; fewer only when not
// one track may be played.
func (e *Engine) Flow(r Request) []Pick {
	return e.pick(r, e.flowSeeds(r), &forFlow, nil)
}

// flowSeeds gathers what a flow is to be like.
func (e *Engine) flowSeeds(r Request) []seed {
	l := e.who(r.Listener)
	seeds := e.seedsOf(r.Context, contextSeeds, seedsContext, nil)
	if !e.speech(r.Context) {
		seeds = slices.DeleteFunc(seeds, func(s seed) bool { return e.items[s.slot].speech })
	}
	own := len(seeds) == 0
	recent := seedsRecent
	if own {
		recent = seedsContext
	}
	seeds = e.seedsRecently(l, r, recent, seeds)
	if own {
		seeds = e.favouriteSeeds(l, r.Now.Unix(), tasteSeeds, seedsTaste, r.Seed|1, seeds)
	}
	return seeds
}

// seedsRecently appends the last tracks, the newest with most weight; what was
// skipped just now counts against.
func (e *Engine) seedsRecently(l *listener, r Request, weight float64, seeds []seed) []seed {
	last := r.Recent[max(0, len(r.Recent)-recentSeeds):]
	sum, w := 0.0, 1.0
	from := len(seeds)
	speech := e.speech(r.Context)
	for _, id := range slices.Backward(last) {
		s, ok := e.liveSlot(id)
		if !ok || e.items[s].speech != speech {
			continue
		}
		if h := l.known(s); h != nil && h.skippedAt > 0 && r.Now.Unix()-h.skippedAt < int64(skippedWithin/time.Second) {
			seeds = append(seeds, seed{s, seedsSkipped / recentSeeds})
			continue
		}
		seeds = append(seeds, seed{s, w})
		sum += w
		w *= 0.8
	}
	for i := from; i < len(seeds); i++ {
		if seeds[i].weight > 0 {
			seeds[i].weight *= weight / sum
		}
	}
	return seeds
}

// scorer says how well an item fits a request.
type scorer struct {
	e       *Engine
	l       *listener
	like    *likeness
	follow  *sums
	speech  bool
	curious float64 // times the noise: see curiosity
	now     int64
	seed    uint64
}

// allowed tells whether an item may come at all.
func (c *scorer) allowed(s int32) bool {
	en := &c.e.items[s]
	return en.live && en.speech == c.speech && !c.e.refused(c.l, s)
}

// fits tells whether an item may be chosen: of a work that is its first part,
// which the others follow.
func (c *scorer) fits(s int32) bool { return c.e.items[s].before < 0 && c.allowed(s) }

// skipped tells whether the listener skipped an item just now.
func (c *scorer) skipped(s int32) bool {
	h := c.l.known(s)
	return h != nil && h.skippedAt > 0 && c.now-h.skippedAt < int64(skippedWithin/time.Second)
}

// score says how well an item fits; a work fits as its best part does.
func (c *scorer) score(s int32) float32 {
	v := c.alone(s)
	for s = c.e.items[s].after; s >= 0; s = c.e.items[s].after {
		v = max(v, c.alone(s))
	}
	return v
}

func (c *scorer) alone(s int32) float32 {
	e := c.e
	v := tasteWeight*e.liking(c.l, s, c.now) + c.curious*noiseWeight*noise(c.seed, s)
	if n := e.heat[s].now(c.now); n > 0 {
		v += homeWeight * n / (n + homeShrink)
	}
	v += c.like.like(e, s)
	v += followWeight * float64(c.follow.get(s))
	if e.scratch.within.holds(e, s) {
		v += insideWeight
	}
	return float32(v + c.l.timely(s, c.now))
}

// How much more is tried on a listener of whom little is known.
const (
	settlingDays = 14
	curiousMost  = 3.0
)

// curiosity is how many times the usual noise decides: more in the first days of
// a listener, so that they and their taste get to know each other, then as usual.
func (l *listener) curiosity(now int64) float64 {
	if l == nil || l.since == 0 {
		return 1
	}
	left := 1 - float64(max(0, now-l.since))/(settlingDays*day)
	return 1 + (curiousMost-1)*max(0, left)
}

// timely is what a listener's own times say: not again so soon, and a favourite
// once more after long.
func (l *listener) timely(s int32, now int64) float64 {
	h := l.known(s)
	if h == nil || h.lastAt == 0 {
		return 0
	}
	days := float64(now-h.lastAt) / day
	v := -freshWeight * float64(fade(days/freshDays))
	if h.flowed > 0 {
		n := float64(h.flowed)
		v -= wornWeight * n / (n + 1) * float64(fade(days/wornDays))
	}
	if h.longed(now) {
		v += longingWeight
	}
	return v
}

// pick scores what comes into question by the seeds and draws by the rules. After
// a JUMP, items of the context that was left come last, since it goes elsewhere,
// and the first pick is one of the context where the rules allow that.
func (e *Engine) pick(r Request, seeds []seed, most *bounds, left *Context) []Pick {
	if r.Count <= 0 || e.live == 0 {
		return nil
	}
	sc := &e.scratch
	c := scorer{e: e, l: e.who(r.Listener), speech: e.speech(r.Context), now: r.Now.Unix(), seed: r.Seed}
	c.curious = c.l.curiosity(c.now)
	c.like = e.likenessTo(seeds, most)
	c.follow = e.follow(e.slotsKnown(r.Recent[max(0, len(r.Recent)-nextItems):]), most.follow)
	inside := e.in(&sc.within, r.Context)
	d := e.newDraw(r, &c, most)
	if left != nil {
		d.favour(e.in(&sc.left, *left), -1)
		d.favour(inside, 1)
	}
	d.narrow(r.Count)
	picks := make([]Pick, 0, r.Count)
	for len(picks) < r.Count {
		s, ok := int32(0), false
		if left != nil {
			s, ok = d.land(inside)
		}
		if !ok {
			s, ok = d.next()
		}
		if !ok {
			break
		}
		if left != nil {
			d.favour(inside, -1)
			left = nil
		}
		why := e.reason(&c, r, s)
		picks = append(picks, Pick{Item: e.labels[s].id, Reason: why, Score: float64(sc.score.get(s))})
	}
	return picks
}

// question fills scratch.score with what comes into question for a request: all
// of a library that is not large, else what is like the seeds, what follows,
// what is liked, some of the context, and some at random.
func (e *Engine) question(r Request, c *scorer, most *bounds) (whole bool) {
	sc := &e.scratch
	sc.score.begin()
	if e.live <= wholeLibrary {
		e.questionAll(c)
		return true
	}
	consider := func(s int32) {
		if s = e.head(s); !sc.score.has(s) && c.fits(s) {
			sc.score.add(s, c.score(s))
		}
	}
	sc.best = c.like.scored(sc.best[:0])
	for _, b := range highest(sc.best, most.alike+most.alikeEach*r.Count) {
		consider(b.slot)
	}
	for _, s := range c.follow.slots {
		consider(s)
	}
	for s := range e.someOf(r.Context, most.inside+most.insideEach*r.Count, r.Seed) {
		consider(s)
	}
	if c.l != nil {
		for s := range someBy(c.l.favourites, most.favoured, r.Seed) {
			consider(s)
		}
	}
	for i := range int32(most.strange) {
		consider(int32(noise(r.Seed+1, i) * float64(len(e.items))))
	}
	return false
}

// questionAll looks at the rest of the library.
func (e *Engine) questionAll(c *scorer) {
	score := &e.scratch.score
	for i := range e.items {
		if s := int32(i); !score.has(s) && c.fits(s) {
			score.add(s, c.score(s))
		}
	}
}

// longed tells whether a favourite was not heard for long.
func (h *heard) longed(now int64) bool {
	return now-h.lastAt > longingDays*day && (h.rating == Liked || h.plays >= 3 && h.pos > 2*h.neg)
}

// noise returns a number in [0, 1) that depends on the seed and the slot alone
// (the finaliser of SplitMix64).
func noise(seed uint64, slot int32) float64 {
	z := seed + 0x9e3779b97f4a7c15*uint64(slot+1)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11) / (1 << 53)
}

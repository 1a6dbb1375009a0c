package jump

import (
	"cmp"
	"slices"
)

// How a JUMP chooses where to land.
const (
	contextSample = 24   // items looked at for each context
	elsewhere     = 0.2  // share of a landing that may stand in what is left
	jumpTaste     = 0.1  // weight of the listener's liking beside likeness
	jumpNoise     = 0.01 // so that the same press twice leads to two places
	sizePrior     = 0.01 // for contexts that can carry a flow
	fullSize      = 20
	pullToStart   = 0.5 // of the likeness: the thread of the journey
)

// How many tracks make a context worth landing in.
const (
	leastList   = 3
	leastAlbum  = 3
	leastArtist = 3
	leastTag    = 5
)

// rung orders landings before their score does.
type rung int

const (
	rungFresh   rung = iota
	rungOverlap      // holds too much of what is left
	rungTaste        // the listener's whole taste: there is always that
	rungVisited      // left or refused in this journey
	rungHeard        // all of it was heard too lately to be played now
	rungHere         // the context that is being left
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
	left := e.slotsOf(r.Context)
	out := make([]Landing, 0, len(ranked))
	for _, c := range ranked {
		next := r
		next.Context = c.Context
		seeds := e.seedsOf(c.Context, 1, nil)
		if len(seeds) == 0 {
			seeds = e.seedsLiked(e.listeners[r.Listener], r, 1, seeds)
		}
		out = append(out, Landing{
			Context: e.named(c.Context),
			Picks:   e.pick(next, seeds, left, e.slotsOf(c.Context)),
			Score:   c.score,
		})
	}
	return out
}

// rank returns the n best contexts as landings of a JUMP.
func (e *Engine) rank(r Request, n int) []candidate {
	l := e.listeners[r.Listener]
	tr := &trail{}
	if l != nil {
		tr = &l.trail
	}
	here := r.Context
	if here.Kind == "" {
		here.Kind = KindTaste
	}
	thread, start := tr.thread(here, r.Now)
	seeds := e.seedsOf(thread, 1-pullToStart, nil)
	seeds = e.seedsOf(start, pullToStart, seeds)
	if len(seeds) == 0 {
		seeds = e.seedsRecently(l, r, 0.5, seeds)
		seeds = e.seedsLiked(l, r, 0.5, seeds)
	}
	worth := e.worth(l, seeds, r.Now.Unix())
	within := e.markWithin(e.slotsOf(here))
	late := e.heardLately(r, e.live)

	own := candidate{Context: Context{Kind: KindTaste}, rung: rungTaste, age: -1}
	if here.Kind == KindTaste {
		own.rung = rungHere
	}
	best := append(make([]candidate, 0, n+1), own)
	consider := func(c Context, slots []int32, least int, salt int32) {
		score, overlap, ok := weigh(slots, least, worth, within)
		if !ok {
			return
		}
		cand := candidate{Context: c, score: score + jumpNoise*noise(r.Seed, salt)}
		if overlap > elsewhere {
			cand.rung = rungOverlap
		}
		if cand.age = tr.age(c, r.Now); cand.age >= 0 {
			cand.rung = rungVisited
		}
		if !late.allows(slots) {
			cand.rung = rungHeard
		}
		if c.same(here) {
			cand.rung = rungHere
		}
		at, _ := slices.BinarySearchFunc(best, cand, better)
		if best = slices.Insert(best, at, cand); len(best) > n {
			best = best[:n]
		}
	}
	for i := range e.lists {
		if p := &e.lists[i]; !p.gone {
			consider(Context{Kind: KindPlaylist, ID: p.id}, e.inLists.lists[i], leastList, int32(i))
		}
	}
	for k, gs := range []*groups{&e.albums, &e.artists, &e.tags} {
		least := []int{leastAlbum, leastArtist, leastTag}[k]
		for i := range gs.all {
			if g := &gs.all[i]; g.kind != kindDecade {
				consider(Context{Kind: g.kind, ID: g.key}, g.items, least, int32((k+1)<<24+i))
			}
		}
	}
	return best
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

// markWithin marks the items of the context that is left.
func (e *Engine) markWithin(slots []int32) []bool {
	sc := &e.scratch
	if cap(sc.within) < len(e.items) {
		sc.within = make([]bool, len(e.items)+len(e.items)/4)
	}
	w := sc.within[:len(e.items)]
	clear(w)
	for _, s := range slots {
		w[s] = true
	}
	return w
}

// unfit marks what a JUMP does not look at.
const unfit = -1000

// worth says of every item how like the thread it is and how much the listener
// likes it; unfit for what they never hear.
func (e *Engine) worth(l *listener, seeds []seed, now int64) []float32 {
	like := e.likenessTo(seeds)
	t := e.tasteOf(l, now)
	for i := range e.items {
		s := int32(i)
		if en := &e.items[i]; !en.live || en.Speech || l.disliked(s) {
			like[s] = unfit
		} else {
			like[s] += float32(jumpTaste * e.liking(t, s))
		}
	}
	return like
}

// weigh scores a context by a sample of its items. It is not ok when too few
// of them can be played.
func weigh(slots []int32, least int, worth []float32, within []bool) (score, overlap float64, ok bool) {
	if len(slots) < least {
		return 0, 0, false
	}
	n, inside, sum := 0, 0, float32(0)
	count := min(len(slots), contextSample)
	for i := range count { // spread evenly
		s := slots[i*len(slots)/count]
		if worth[s] == unfit {
			continue
		}
		n++
		sum += worth[s]
		if within[s] {
			inside++
		}
	}
	if n < least {
		return 0, 0, false
	}
	size := float64(min(len(slots), fullSize)) / fullSize
	return float64(sum)/float64(n) + sizePrior*size, float64(inside) / float64(n), true
}

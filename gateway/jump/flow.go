package jump

import (
	"cmp"
	"math"
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

	tasteWeight   = 0.1
	insideWeight  = 0.08 // of standing in the context itself
	freshWeight   = 0.06 // lost by a track heard just now,
	freshDays     = 3    // regained with this time constant
	longingWeight = 0.04 // of a favourite that was not heard for long
	longingDays   = 30
	noiseWeight   = 0.02

	recentSeeds   = 6
	tasteSeeds    = 16
	skippedWithin = 30 * time.Minute
)

// Flow returns the next Count picks for an endless queue; fewer only when not
// one track may be played.
func (e *Engine) Flow(r Request) []Pick {
	seeds := e.flowSeeds(r)
	return e.pick(r, seeds, nil, nil)
}

// flowSeeds gathers what a flow is to be like.
func (e *Engine) flowSeeds(r Request) []seed {
	l := e.listeners[r.Listener]
	seeds := e.seedsOf(r.Context, seedsContext, nil)
	own := len(seeds) == 0
	recent := seedsRecent
	if own {
		recent = seedsContext
	}
	seeds = e.seedsRecently(l, r, recent, seeds)
	if own {
		seeds = e.seedsLiked(l, r, seedsTaste, seeds)
	}
	return seeds
}

// seedsRecently appends the last tracks, the newest with most weight; what was
// skipped just now counts against.
func (e *Engine) seedsRecently(l *listener, r Request, weight float64, seeds []seed) []seed {
	last := r.Recent[max(0, len(r.Recent)-recentSeeds):]
	sum, w := 0.0, 1.0
	from := len(seeds)
	for _, id := range slices.Backward(last) {
		s, ok := e.liveSlot(id)
		if !ok {
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

// seedsLiked appends what the listener likes most, shuffled by the seed.
func (e *Engine) seedsLiked(l *listener, r Request, weight float64, seeds []seed) []seed {
	if l == nil {
		return seeds
	}
	var liked []seed
	for i := range l.heard {
		h := &l.heard[i]
		pos, neg := h.strength(r.Now.Unix())
		if b := balance(pos, neg, shrinkItem); b > 0 && e.items[h.slot].live {
			liked = append(liked, seed{h.slot, b * (0.5 + noise(r.Seed, h.slot))})
		}
	}
	slices.SortFunc(liked, func(a, b seed) int { return cmp.Compare(b.weight, a.weight) })
	liked = liked[:min(len(liked), tasteSeeds)]
	sum := 0.0
	for _, s := range liked {
		sum += s.weight
	}
	for _, s := range liked {
		seeds = append(seeds, seed{s.slot, s.weight / sum * weight})
	}
	return seeds
}

// pick scores the library by the seeds and draws by the rules. Items in left
// come last, since a JUMP goes elsewhere, and the first pick is one of landing
// where the rules allow that.
func (e *Engine) pick(r Request, seeds []seed, left, landing []int32) []Pick {
	if r.Count <= 0 || e.live == 0 {
		return nil
	}
	l := e.listeners[r.Listener]
	t := e.tasteOf(l, r.Now.Unix())
	like := e.likenessTo(seeds)
	sc := &e.scratch
	sc.score = zeroed(sc.score, len(e.items))
	speech := e.speech(r.Context)
	sc.order = sc.order[:0]
	for i := range e.items {
		s := int32(i)
		en := &e.items[i]
		if !en.live || en.Speech != speech {
			continue
		}
		sc.order = append(sc.order, s)
		sc.score[s] = like[s] + float32(tasteWeight*e.liking(t, s)+e.popularity(s, r.Now.Unix())+noiseWeight*noise(r.Seed, s))
	}
	e.tune(l, r.Now.Unix())
	for _, s := range e.slotsOf(r.Context) {
		sc.score[s] += insideWeight
	}
	for _, s := range left {
		sc.score[s] -= 1
	}
	for _, s := range landing {
		sc.score[s] += 1
	}
	d := e.newDraw(l, r)
	picks := make([]Pick, 0, r.Count)
	for len(picks) < r.Count {
		s, ok := d.next()
		if !ok {
			break
		}
		for _, s := range landing {
			sc.score[s] -= 1
		}
		landing = nil
		why := e.reason(r, l, t, seeds, s)
		picks = append(picks, Pick{Item: e.items[s].ID, Why: why.String(), Reason: why, Score: float64(sc.score[s])})
	}
	return picks
}

// tune adds what the listener's own times say: not again so soon, and a
// favourite once more after long.
func (e *Engine) tune(l *listener, now int64) {
	if l == nil {
		return
	}
	score := e.scratch.score
	for i := range l.heard {
		h := &l.heard[i]
		if h.lastAt == 0 {
			continue
		}
		days := float64(now-h.lastAt) / day
		score[h.slot] -= float32(freshWeight * math.Exp(-max(0, days)/freshDays))
		if h.longed(now) {
			score[h.slot] += longingWeight
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

package jump

import "slices"

// mostFavourites bounds the tracks among which a listener's favourites are
// looked for.
const mostFavourites = 256

// tally sums the evidence on an artist or tag as that on a track.
type tally struct {
	pos, neg        float32 // as of at
	at              int64
	liked, disliked int32

	hour  int64 // whose balance is value, 0 for none
	value float64
}

func (t *tally) add(pos, neg float64, now int64) {
	d := decay(now - t.at)
	t.pos = float32(float64(t.pos)*d + pos)
	t.neg = float32(float64(t.neg)*d + neg)
	t.at = max(t.at, now)
	t.hour = 0
}

// tallies are tallies by artist or tag.
type tallies struct {
	places
	rows []tally // by place
}

func (t *tallies) begin() {
	t.places.begin()
	t.rows = t.rows[:0]
}

// get returns a tally, making it if there is none.
func (t *tallies) get(i int32) *tally {
	at := t.of(i)
	if int(at) == len(t.rows) {
		t.rows = append(t.rows, tally{})
	}
	return &t.rows[at]
}

// known returns a tally, nil if there is none.
func (t *tallies) known(i int32) *tally {
	if at := t.find(i); at >= 0 {
		return &t.rows[at]
	}
	return nil
}

func (t *tally) rate(r Rating) {
	t.hour = 0
	switch r {
	case Liked:
		t.liked++
	case Disliked:
		t.disliked++
	case Unrated:
	}
}

// balance is what the tally says in [-1, 1]. k is the same each time. It is kept
// for an hour, in which as good as nothing fades.
func (t *tally) balance(now int64, k float64) float64 {
	if h := now / tallyHour; h != t.hour {
		t.hour, t.value = h, t.balanceAt(h*tallyHour, k)
	}
	return t.value
}

// tallyHour is for how long a balance is kept, in seconds.
const tallyHour = 60 * 60

func (t *tally) balanceAt(now int64, k float64) float64 {
	d := decay(now - t.at)
	return balance(float64(t.pos)*d+likeStrength*float64(t.liked), float64(t.neg)*d+likeStrength*float64(t.disliked), k)
}

// balance shrinks a verdict by how little it rests on: (p-n)/(p+n+k) is the
// balance of the evidence times its confidence m/(m+k), m = p+n.
func balance(pos, neg, k float64) float64 { return (pos - neg) / (pos + neg + k) }

// strength returns the evidence of a heard item as of now, its rating included.
func (h *heard) strength(now int64) (pos, neg float64) {
	d := decay(now - h.at)
	pos, neg = float64(h.pos)*d, float64(h.neg)*d
	switch h.rating {
	case Liked:
		pos += likeStrength
	case Disliked:
		neg += likeStrength
	case Unrated:
	}
	return pos, neg
}

func (h *heard) balance(now int64) float64 {
	pos, neg := h.strength(now)
	return balance(pos, neg, shrinkItem)
}

// taste brings what a listener thinks of artists and tags up to date with the
// catalogue.
func (e *Engine) taste(l *listener) {
	if l == nil || l.edition == e.edition {
		return
	}
	l.edition = e.edition
	l.artists.begin()
	l.tags.begin()
	l.sets.begin()
	l.wishes.resolve(e)
	for i := range l.heard {
		h := &l.heard[i]
		e.eachTally(l, h.slot, func(t *tally) {
			t.add(float64(h.pos), float64(h.neg), h.at)
			t.rate(h.rating)
		})
	}
}

// eachTally visits what an item counts for, if the listener's tallies are up to
// date.
func (e *Engine) eachTally(l *listener, s int32, visit func(*tally)) {
	en := &e.items[s]
	if !en.live || en.speech || l.edition != e.edition {
		return
	}
	l.sets.begin()
	if en.artist >= 0 {
		visit(l.artists.get(en.artist))
	}
	if en.composer >= 0 {
		visit(l.artists.get(en.composer))
	}
	for _, g := range e.tagged.of(en) {
		visit(l.tags.get(g))
	}
}

// liking returns the predicted liking of an item in [-1, 1]. The listener, who
// may be nil, is up to date: see taste.
func (e *Engine) liking(l *listener, s int32, now int64) float64 {
	if l == nil {
		return 0
	}
	v := 0.0
	if n := len(l.members); n > 0 {
		for i, m := range l.members {
			v += l.raised[i] * e.liking(m, s, now) / float64(n)
		}
		return max(-1, min(1, v))
	}
	if h := l.known(s); h != nil {
		v = shareItem * h.balance(now)
	}
	en := &e.items[s]
	v += shareArtist * l.makersLiking(en, now)
	v += e.setTaste(l, en.tags, now).liking
	if w := l.wishes.liking(e, s); w > 0 {
		v = min(1, v+w)
	}
	return v
}

// makersLiking is the liking of who made an item: of its artist, or of the mean
// of composer and performer.
func (l *listener) makersLiking(en *entry, now int64) float64 {
	v := 0.0
	if en.artist >= 0 {
		v = l.artistLiking(en.artist, now)
	}
	if en.composer >= 0 {
		v = (v + l.artistLiking(en.composer, now)) / 2
	}
	return v
}

func (l *listener) artistLiking(artist int32, now int64) float64 {
	if t := l.artists.known(artist); t != nil {
		return t.balance(now, shrinkArtist)
	}
	return 0
}

func (l *listener) tagLiking(tag int32, now int64) float64 {
	if t := l.tags.known(tag); t != nil {
		return t.balance(now, shrinkTag)
	}
	return 0
}

// maybe notes that an item may be one of the favourites.
func (l *listener) maybe(s int32, now int64) {
	if slices.Contains(l.favourites, s) {
		return
	}
	if l.favourites = append(l.favourites, s); len(l.favourites) >= 2*mostFavourites {
		l.favourites = l.mostLiked(now, mostFavourites, func(h *heard) float64 { return h.balance(now) })
	}
}

// mostLiked returns the n favourites that weigh most.
func (l *listener) mostLiked(now int64, n int, weigh func(*heard) float64) []int32 {
	best := make([]scored, len(l.favourites))
	for i, s := range l.favourites {
		best[i] = scored{s, float32(weigh(l.known(s)))}
	}
	byScore(best)
	out := make([]int32, min(n, len(best)))
	for i := range out {
		out[i] = best[i].slot
	}
	return out
}

// favouriteSeeds appends what the listener likes most with that weight in sum;
// a seed other than 0 shuffles them.
func (e *Engine) favouriteSeeds(l *listener, now int64, n int, weight float64, shuffle uint64, seeds []seed) []seed {
	if l == nil {
		return seeds
	}
	if k := len(l.members); k > 0 {
		for _, m := range l.members {
			seeds = e.favouriteSeeds(m, now, (n+k-1)/k, weight/float64(k), shuffle, seeds)
		}
		return seeds
	}
	from := len(seeds)
	sum := 0.0
	weigh := func(h *heard) float64 {
		b := h.balance(now)
		if shuffle != 0 {
			b *= 0.5 + noise(shuffle, h.slot)
		}
		return b
	}
	for _, s := range l.mostLiked(now, n, weigh) {
		if b := weigh(l.known(s)); b > 0 && e.items[s].live && !e.items[s].speech {
			seeds = append(seeds, seed{s, b})
			sum += b
		}
	}
	for _, s := range l.wishes.pinned {
		if en := &e.items[s]; en.live && !en.speech {
			seeds = append(seeds, seed{s, pinnedSeed})
			sum += pinnedSeed
		}
	}
	for i := from; i < len(seeds); i++ {
		seeds[i].weight *= weight / sum
	}
	return seeds
}

// pinnedSeed is the weight of a pinned track among the favourites, whose most is
// 1.
const pinnedSeed = 0.5

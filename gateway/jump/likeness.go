package jump

import "math"

// What each kind of evidence counts, beside the share of a seed's lists in
// which an item stands. The weights were chosen on the validation part of the
// playlists and listeners of protocols B, C and F (docs/recommender.md), which
// have no tags: those of tags are a guess.
const (
	sessionShare = 0.5   // a session is chosen with less care than a playlist
	likeArtist   = 0.12  // the same artist
	likeAlbum    = 0.08  // the same album, unless it is a compilation
	likeTags     = 0.1   // times the cosine of the tags
	likeVectors  = 0.1   // times the cosine of the vectors
	likeTogether = 0.1   // times the root of the share of lists that hold both artists
	likePopular  = 0.03  // times the logarithm of its lists,
	likeRare     = 0.006 // less that of the artist's tracks,
	likeLarge    = 0.003 // and that of the album's: by these alone where nothing is known

	// The weight n of the lists of a seed says something with confidence
	// n/(n+confidence). The more it says, the less do names: all but
	// namesKept of them fades.
	confidence = 3
	namesKept  = 0.1
	usualKept  = 0.3 // and of what is popular this much stays
	pairShrink = 2   // n/(n+2) for the lists that two tracks share

	// The more seeds there are, the less may what is popular everywhere come
	// out on top: the share of lists is divided by popularity to the power of
	// specific*(k-1)/(k+specificAt) for k seeds.
	specific   = 0.5
	specificAt = 3

	mostPerSeed = 2000 // baskets looked at for one seed
	artistItems = 100  // of an artist whose baskets are looked at
	tagItems    = 2000 // with a tag; in a large library see bounds,
	tagLeast    = 4    // but at least so many with each
	mostTracks  = 40   // of an album that count as its size
	manyArtists = 4    // on one album make it a compilation
)

// seed is an item that the flow is to be like, or unlike when the weight is
// negative.
type seed struct {
	slot   int32
	weight float64
}

// likenessTo fills scratch.like: how like items are to the seeds, most of them in
// a large library. What it does not touch has nothing in common with them but,
// perhaps, a common tag.
func (e *Engine) likenessTo(seeds []seed, most *bounds) *likeness {
	like := &e.scratch.like
	like.begin()
	if len(seeds) == 0 {
		return like
	}
	seeds = merged(seeds)
	lists := min(mostPerSeed, max(most.perSeed, most.lists/len(seeds)))
	power := specificTo(seeds)
	known, all := 0.0, 0.0
	for _, s := range seeds {
		known += max(0, s.weight) * e.spreadLists(s, power, lists)
		all += max(0, s.weight)
	}
	like.known = known / max(all, 1e-9)
	for _, s := range seeds {
		e.spreadNames(s)
	}
	e.spreadNeighbours(seeds)
	e.spreadArtists(seeds, most)
	if e.live > wholeLibrary {
		e.scratch.best = like.keep(most.kept, e.scratch.best)
	}
	e.spreadTags(seeds, most.tagged)
	e.spreadSound(seeds, most.sounds)
	e.addPopular(float32((usualKept + 1 - like.known) / effective(seeds)))
	e.compareSeeds(seeds, float32(like.known), most.vectors)
	return like
}

// merged adds up the weights of seeds that come several times.
func merged(seeds []seed) []seed {
	out := seeds[:0]
next:
	for _, s := range seeds {
		for i := range out {
			if out[i].slot == s.slot {
				out[i].weight += s.weight
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

// effective is how many seeds of one weight would say as much.
func effective(seeds []seed) float64 {
	sum, squares := 0.0, 0.0
	for _, s := range seeds {
		if s.weight > 0 {
			sum += s.weight
			squares += s.weight * s.weight
		}
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / squares
}

// specificTo returns the power to which popularity divides.
func specificTo(seeds []seed) float64 {
	k := effective(seeds)
	return specific * (k - 1) / (k + specificAt)
}

// spreadLists adds what playlists and sessions say of one seed and returns
// with what confidence.
func (e *Engine) spreadLists(s seed, power float64, most int) float64 {
	known := 0.0
	for _, from := range []struct {
		b    *baskets
		w    float64
		code spoke
	}{{&e.inLists, 1, spokePlaylist}, {&e.inSessions, sessionShare, spokeSession}} {
		all := from.b.count(s.slot)
		if all == 0 {
			continue
		}
		mass := e.scratch.countBeside(from.b, s.slot, most)
		if mass <= 0 {
			continue
		}
		part := mass / from.b.mass[s.slot] // of its lists that were looked at
		sure := float64(mass) / (float64(mass) + confidence)
		known = max(known, sure)
		e.ease.begin(power)
		w := float32(s.weight * from.w * math.Sqrt(sure) * math.Pow(float64(mass), power-1))
		like := &e.scratch.like
		e.scratch.fetchMass(from.b)
		for _, i := range e.scratch.found {
			row, o := &like.rows[i], like.slots[i]
			n := min(row.count, mass)
			row.count = 0
			if o != s.slot {
				row.offer(w*n*n/(n+pairShrink)*e.ease.penalty(from.b.mass[o]*part), s.slot, from.code)
			}
		}
	}
	return known
}

// countBeside sums up in the rows of like, for every item, the weight of the baskets
// that it shares with the seed, among the newest n of them, notes the rows in
// found and returns the weight of those baskets.
func (sc *scratch) countBeside(b *baskets, seed int32, n int) float32 {
	of, mass := b.newest(seed, n)
	b.lists.fetch(of)
	found := sc.found[:0]
	for _, basket := range of {
		w := b.weight[basket]
		if w <= 0 {
			continue
		}
		for _, s := range b.lists.at(basket) {
			i := sc.like.row(s)
			row := &sc.like.rows[i]
			if row.count == 0 {
				found = append(found, i)
			}
			row.count += w
		}
	}
	sc.found = found
	return mass
}

// spreadNames adds what artist and album of one seed say.
func (e *Engine) spreadNames(s seed) {
	en := &e.items[s.slot]
	if !en.live {
		return
	}
	like := &e.scratch.like
	kept := s.weight * (1 - (1-namesKept)*like.known)
	if en.artist >= 0 {
		w := float32(likeArtist * kept)
		for o := range some(e.artists.all[en.artist].items, tagItems) {
			like.offer(o, w, s.slot, spokeArtist)
		}
	}
	if en.composer >= 0 {
		w := float32(likeArtist * kept)
		for o := range some(e.artists.all[en.composer].items, tagItems) {
			like.offer(o, w, s.slot, spokeArtist)
		}
	}
	if en.album >= 0 && !e.compilation(en.album) {
		w := float32(likeAlbum * kept)
		for _, o := range e.albums.all[en.album].items {
			like.offer(o, w, s.slot, spokeAlbum)
		}
	}
}

// spreadArtists adds artists that stand in lists with those of the seeds: few
// lists say much about artists where they say nothing yet about tracks.
func (e *Engine) spreadArtists(seeds []seed, bound *bounds) {
	sc := &e.scratch
	sc.artist.begin()
	sc.beside.begin()
	for _, s := range seeds {
		if en := &e.items[s.slot]; en.artist >= 0 && s.weight > 0 {
			sc.artist.add(en.artist, float32(s.weight))
		}
	}
	most := max(bound.byEach, bound.artists/max(1, len(sc.artist.slots)))
	round := int32(0)
	for i, a := range sc.artist.slots {
		round = e.besideArtist(a, sc.artist.v[i], most, round)
	}
	like := &sc.like
	sc.best = sc.beside.scored(sc.best[:0])
	for _, a := range highest(sc.best, bound.beside) {
		w := likeTogether * float32(1-like.known) * root(a.v)
		for o := range some(e.artists.all[a.slot].items, artistItems) {
			like.offer(o, w, a.slot, spokeBeside)
		}
	}
}

// besideArtist adds to scratch.beside the share of an artist's lists in which
// each artist stands. It numbers the lists from round and returns the last number.
func (e *Engine) besideArtist(a int32, weight float32, most int, round int32) int32 {
	sc := &e.scratch
	for _, b := range []*baskets{&e.inLists, &e.inSessions} {
		lists := sc.lists[:0]
		sc.seen.begin()
		total := float32(confidence) / 10
		items := e.artists.all[a].items
		each := max(4, most/max(1, min(len(items), artistItems)))
		for s := range some(items, artistItems) {
			of, _ := b.newest(s, each)
			for _, l := range of {
				if !sc.seen.has(l) && b.weight[l] > 0 {
					sc.seen.set(l, 0)
					lists = append(lists, l)
					total += b.weight[l]
				}
			}
			if len(lists) >= most {
				break
			}
		}
		sc.lists = lists
		b.lists.fetch(lists)
		for _, l := range lists {
			w := weight * b.weight[l] / total
			round++
			makers := sc.found[:0] // read side by side
			for _, s := range b.lists.at(l) {
				makers = append(makers, e.makers[s])
			}
			for _, o := range makers {
				if o >= 0 {
					sc.beside.addOnce(o, w, round)
				}
			}
			sc.found = makers
		}
	}
	return round
}

// addPopular adds what an item's own place in the library says, the more the
// less is known of the seeds.
func (e *Engine) addPopular(share float32) {
	like := &e.scratch.like
	e.fetchGroups(like.slots)
	for i, s := range like.slots {
		en := &e.items[s]
		v := likePopular * logHalves(e.halves(s))
		if a := en.artist; a >= 0 {
			v -= likeRare * logHalves(2*len(e.artists.all[a].items))
		}
		if a := en.album; a >= 0 {
			v += likeLarge * logHalves(2*min(mostTracks, len(e.albums.all[a].items)))
		}
		like.rows[i].v += share * v
	}
}

// halves is twice the popularity of an item: in how many lists it stands, and
// half of its sessions.
func (e *Engine) halves(s int32) int { return 2*e.inLists.count(s) + e.inSessions.count(s) }

// popularity is the logarithm of in how many lists and sessions an item stands.
func (e *Engine) popularity(s int32) float32 { return logHalves(e.halves(s)) }

// compareSeeds adds how alike the best of a pool are to the seeds by their vectors.
func (e *Engine) compareSeeds(seeds []seed, known float32, pool int) {
	if !e.vectors.ready() {
		return
	}
	c := e.vectors.centre()
	for _, s := range seeds {
		if s.weight > 0 {
			e.vectors.addUnit(c, s.slot, float32(s.weight))
		}
	}
	if !unit(c) {
		return
	}
	sc := &e.scratch
	sc.aim = aimed(sc.aim[:0], c)
	sc.best = sc.like.scored(sc.best[:0])
	for _, b := range highest(sc.best, pool) {
		sc.like.rows[sc.like.find(b.slot)].v += likeVectors * known * e.vectors.cosine(sc.aim, b.slot)
	}
}

// spreadTags adds the cosine of idf-weighted tags between the seeds' mean and
// the items that were touched, and touches those with a tag that few share.
func (e *Engine) spreadTags(seeds []seed, most int) {
	sc := &e.scratch
	q := &sc.query
	q.begin()
	for _, s := range seeds {
		en := &e.items[s.slot]
		norm := e.tagNorm(en)
		if !en.live || norm == 0 {
			continue
		}
		for _, t := range e.tagged.of(en) {
			q.add(t, float32(s.weight/norm)*e.idf(t))
		}
	}
	if len(q.slots) == 0 {
		return
	}
	like := &sc.like
	each := tagItems
	if e.live > wholeLibrary {
		each = max(tagLeast, most/len(q.slots))
	}
	for i, t := range q.slots {
		if q.v[i] > 0 {
			for s := range some(e.tags.all[t].items, each) {
				like.row(s)
			}
		}
	}
	sc.sets.begin()
	for i, s := range like.slots {
		set := e.items[s].tags
		if set < 0 {
			continue
		}
		at := sc.sets.of(set)
		if int(at) == len(sc.sets.v) {
			sc.sets.v = append(sc.sets.v, e.tagCosine(e.tagged.all.at(set)))
		}
		if v := sc.sets.v[at]; v != 0 {
			like.rows[i].offer(likeTags*v, -1, spokeTags)
		}
	}
}

// tagCosine is the cosine of a set of tags with the query.
func (e *Engine) tagCosine(tags []int32) float32 {
	q := &e.scratch.query
	sum, norm := float32(0), float32(0)
	for _, t := range tags {
		idf := e.idf(t)
		sum += q.get(t) * idf
		norm += idf * idf
	}
	if sum == 0 || norm == 0 {
		return 0
	}
	return sum / root(norm)
}

// idf weighs a tag: one that all share says nothing.
func (e *Engine) idf(t int32) float32 {
	g := &e.tags.all[t]
	if g.counted != len(g.items) || g.among != e.live {
		g.counted, g.among = len(g.items), e.live
		g.idf = float32(g.weight * math.Log(1+float64(e.live)/float64(max(1, len(g.items)))))
	}
	return g.idf
}

func (e *Engine) tagNorm(en *entry) float64 {
	sum := 0.0
	for _, t := range e.tagged.of(en) {
		w := float64(e.idf(t))
		sum += w * w
	}
	return math.Sqrt(sum)
}

// compilation tells whether an album has so many artists that it says nothing
// about their likeness.
func (e *Engine) compilation(album int32) bool {
	var seen [manyArtists]int32
	n := 0
next:
	for _, s := range e.albums.all[album].items {
		for _, a := range seen[:n] {
			if a == e.items[s].artist {
				continue next
			}
		}
		seen[n] = e.items[s].artist
		if n++; n == manyArtists {
			return true
		}
	}
	return false
}

package jump

import (
	"math"
)

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
	pairShrink = 2 // n/(n+2) for the lists that two tracks share

	// The more seeds there are, the less may what is popular everywhere come
	// out on top: the share of lists is divided by popularity to the power of
	// specific*(k-1)/(k+specificAt) for k seeds.
	specific   = 0.5
	specificAt = 3

	mostLists     = 4000 // baskets looked at for all seeds together,
	leastPerSeed  = 64   // but at least so many for each, and
	mostPerSeed   = 2000
	artistLists   = 200 // for the artist of a seed
	artistItems   = 100 // looked at for one artist
	artistsBeside = 60
	mostLike      = 4000 // in a large library, by lists and names
	tagItems      = 2000 // with a tag; in a large library with all tags together,
	tagLeast      = 50   // but at least so many with each
	vectorPool    = 500  // items that are compared by vector
	mostTracks    = 40   // of an album that count as its size
	manyArtists   = 4    // on one album make it a compilation
)

// seed is an item that the flow is to be like, or unlike when the weight is
// negative.
type seed struct {
	slot   int32
	weight float64
}

// cause is what spoke most for an item.
type cause struct {
	v    float32
	seed int32
	code Code
}

// likeness is how like some items are to the seeds, and why.
type likeness struct {
	sums
	why   []cause // by slot, where on
	known float64 // how much is known of the seeds, as a confidence
	sound heardAs
}

func (k *likeness) begin(n int) {
	k.sums.begin(n)
	if short := n - len(k.why); short > 0 {
		k.why = append(k.why, make([]cause, short)...)
	}
}

// keep forgets all but the n that are most alike.
func (k *likeness) keep(n int) {
	best := highest(k.touched, k.v, n)
	for _, s := range k.touched[len(best):] {
		k.on[s], k.v[s] = false, 0
	}
	k.touched = best
}

// offer adds to a slot's likeness for a reason.
func (k *likeness) offer(slot int32, w float32, from int32, code Code) {
	if !k.on[slot] {
		k.why[slot] = cause{}
	}
	k.add(slot, w)
	if w > k.why[slot].v {
		k.why[slot] = cause{w, from, code}
	}
}

// of returns how like an item is; what was not touched may sound alike.
func (k *likeness) of(e *Engine, s int32) float64 {
	if k.on[s] {
		return float64(k.v[s])
	}
	return float64(k.sound.of(e, s))
}

// likenessTo fills scratch.like: how like items are to the seeds. What it does
// not touch has nothing in common with them but, perhaps, a common tag.
func (e *Engine) likenessTo(seeds []seed) *likeness {
	like := &e.scratch.like
	like.begin(len(e.items))
	like.known = 0
	like.sound.centre = like.sound.centre[:0]
	if len(seeds) == 0 {
		return like
	}
	most := min(mostPerSeed, max(leastPerSeed, mostLists/len(seeds)))
	power := specificTo(seeds)
	known, all := 0.0, 0.0
	for _, s := range seeds {
		known += max(0, s.weight) * e.spreadLists(s, power, most)
		all += max(0, s.weight)
	}
	like.known = known / max(all, 1e-9)
	for _, s := range seeds {
		e.spreadNames(s)
	}
	e.spreadNeighbours(seeds)
	e.spreadArtists(seeds)
	if e.live > wholeLibrary {
		like.keep(mostLike)
	}
	e.spreadTags(seeds)
	e.spreadSound(seeds)
	e.addPopular(float32((1.2 - like.known) / effective(seeds)))
	e.compareSeeds(seeds, float32(like.known))
	return like
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
		code Code
	}{{&e.inLists, 1, ReasonPlaylist}, {&e.inSessions, sessionShare, ReasonSession}} {
		all := from.b.count(s.slot)
		if all == 0 {
			continue
		}
		count := &e.scratch.count
		count.begin(len(e.items))
		mass := from.b.beside(s.slot, most, count)
		if mass <= 0 {
			continue
		}
		part := mass / from.b.mass[s.slot] // of its lists that were looked at
		sure := float64(mass) / (float64(mass) + confidence)
		known = max(known, sure)
		w := s.weight * from.w * math.Sqrt(sure) * math.Pow(float64(mass), power-1)
		for _, o := range count.touched {
			if o == s.slot {
				continue
			}
			n := float64(min(count.v[o], mass))
			v := w * n * n / (n + pairShrink) * penalty(from.b.mass[o]*part, power)
			e.scratch.like.offer(o, float32(v), s.slot, from.code)
		}
	}
	return known
}

// penalty is mass to the power of -power.
func penalty(mass float32, power float64) float64 {
	if power == 0 {
		return 1
	}
	return math.Exp(-power * math.Log(float64(mass)))
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
		for _, o := range sampled(e.artists.all[en.artist].items, tagItems) {
			like.offer(o, w, s.slot, ReasonArtist)
		}
	}
	if en.composer >= 0 {
		w := float32(likeArtist * kept)
		for _, o := range sampled(e.artists.all[en.composer].items, tagItems) {
			like.offer(o, w, s.slot, ReasonArtist)
		}
	}
	if en.album >= 0 && !e.compilation(en.album) {
		w := float32(likeAlbum * kept)
		for _, o := range e.albums.all[en.album].items {
			like.offer(o, w, s.slot, ReasonAlbum)
		}
	}
}

// spreadArtists adds artists that stand in lists with those of the seeds: few
// lists say much about artists where they say nothing yet about tracks.
func (e *Engine) spreadArtists(seeds []seed) {
	sc := &e.scratch
	sc.artist.begin(len(e.artists.all))
	sc.beside.begin(len(e.artists.all))
	for _, s := range seeds {
		if en := &e.items[s.slot]; en.artist >= 0 && s.weight > 0 {
			sc.artist.add(en.artist, float32(s.weight))
		}
	}
	most := max(20, artistLists/max(1, len(sc.artist.touched)))
	for _, a := range sc.artist.touched {
		e.besideArtist(a, sc.artist.v[a], most)
	}
	like := &sc.like
	best := highest(sc.beside.touched, sc.beside.v, artistsBeside)
	for _, a := range best {
		w := likeTogether * float32(1-like.known) * root(sc.beside.v[a])
		for _, o := range sampled(e.artists.all[a].items, artistItems) {
			like.offer(o, w, a, besideArtist)
		}
	}
}

// besideArtist adds to scratch.beside the share of an artist's lists in which
// each artist stands.
func (e *Engine) besideArtist(a int32, weight float32, most int) {
	sc := &e.scratch
	for _, b := range []*baskets{&e.inLists, &e.inSessions} {
		lists := sc.lists[:0]
		sc.seen.begin(len(b.lists))
		total := float32(confidence) / 10
		items := sampled(e.artists.all[a].items, artistItems)
		each := max(1, most/max(1, len(items)))
		for _, s := range items {
			of, _ := b.newest(s, max(each, 4))
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
		sc.seen.begin(len(e.artists.all))
		for i, l := range lists {
			w := weight * b.weight[l] / total
			for _, s := range b.lists[l] {
				o := e.items[s].artist
				if o < 0 || sc.seen.get(o, -1) == int32(i) {
					continue
				}
				sc.seen.set(o, int32(i))
				sc.beside.add(o, w)
			}
		}
	}
}

// addPopular adds what an item's own place in the library says, the more the
// less is known of the seeds.
func (e *Engine) addPopular(share float32) {
	like := &e.scratch.like
	for _, s := range like.touched {
		v := likePopular * share * log1p(e.popularity(s))
		if a := e.items[s].artist; a >= 0 {
			v -= likeRare * share * log1p(float32(len(e.artists.all[a].items)))
		}
		if a := e.items[s].album; a >= 0 {
			v += likeLarge * share * log1p(float32(min(mostTracks, len(e.albums.all[a].items))))
		}
		like.v[s] += v
	}
}

// popularity is in how many lists and sessions an item stands.
func (e *Engine) popularity(s int32) float32 {
	return float32(e.inLists.count(s)) + sessionShare*float32(e.inSessions.count(s))
}

// compareSeeds adds how alike the best are to the seeds by their vectors.
func (e *Engine) compareSeeds(seeds []seed, known float32) {
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
	like := &e.scratch.like
	for _, s := range highest(like.touched, like.v, vectorPool) {
		like.v[s] += likeVectors * known * e.vectors.cosine(c, s)
	}
}

// spreadTags adds the cosine of idf-weighted tags between the seeds' mean and
// the items that were touched, and touches those with a tag that few share.
func (e *Engine) spreadTags(seeds []seed) {
	sc := &e.scratch
	q := &sc.query
	q.begin(len(e.tags.all))
	for _, s := range seeds {
		en := &e.items[s.slot]
		norm := e.tagNorm(en)
		if !en.live || norm == 0 {
			continue
		}
		for _, t := range en.tags {
			q.add(t, float32(s.weight/norm)*e.idf(t))
		}
	}
	if len(q.touched) == 0 {
		return
	}
	like := &sc.like
	each := tagItems
	if e.live > wholeLibrary {
		each = max(tagLeast, tagItems/len(q.touched))
	}
	for _, t := range q.touched {
		if q.v[t] > 0 {
			for _, s := range sampled(e.tags.all[t].items, each) {
				like.offer(s, 0, -1, ReasonTags)
			}
		}
	}
	for _, s := range like.touched {
		if v := e.tagCosine(s); v != 0 {
			like.offer(s, likeTags*v, -1, ReasonTags)
		}
	}
}

// tagCosine is the cosine of an item's tags with the query.
func (e *Engine) tagCosine(s int32) float32 {
	en := &e.items[s]
	q := &e.scratch.query
	sum, norm := float32(0), float32(0)
	for _, t := range en.tags {
		idf := e.idf(t)
		sum += q.v[t] * idf
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
	for _, t := range en.tags {
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

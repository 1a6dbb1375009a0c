package jump

import "math"

// What each kind of evidence counts beside a full cosine of playlists. Artist,
// album and popularity were weighed on the validation part of the playlists
// named in protocol_test.go, from 0 to 1,000 known; that data has no tags.
const (
	likeArtist = 0.12 // the same artist
	likeAlbum  = 0.08 // the same album, unless it is a compilation
	likeTags   = 0.1  // times the cosine of the tags
	likeHome   = 0.04 // times n/(n+20): n playlists and plays at home

	shrinkHome  = 20
	manyArtists = 4 // on one album make it a compilation
)

// seed is an item that the flow is to be like, or unlike when the weight is
// negative.
type seed struct {
	slot   int32
	weight float64
}

// likenessTo fills scratch.like: how like every item is to the seeds.
func (e *Engine) likenessTo(seeds []seed) []float32 {
	sc := &e.scratch
	sc.like = zeroed(sc.like, len(e.items))
	e.spreadTags(seeds)
	if cap(sc.count) < len(e.items) {
		sc.count = make([]uint16, len(e.items)+len(e.items)/4)
	}
	for _, s := range seeds {
		count := sc.count[:cap(sc.count)]
		sc.touched = e.inLists.spread(s.slot, s.weight, sc.like, count, sc.touched)
		sc.touched = e.inSessions.spread(s.slot, s.weight*sessionShare, sc.like, count, sc.touched)
		e.spreadNames(s)
	}
	return sc.like
}

// spreadNames adds what artist and album of one seed say.
func (e *Engine) spreadNames(s seed) {
	en := &e.items[s.slot]
	if !en.live {
		return
	}
	like := e.scratch.like
	if en.artist >= 0 {
		w := float32(likeArtist * s.weight)
		for _, o := range e.artists.all[en.artist].items {
			like[o] += w
		}
	}
	if en.album >= 0 && !e.compilation(en.album) {
		w := float32(likeAlbum * s.weight)
		for _, o := range e.albums.all[en.album].items {
			like[o] += w
		}
	}
}

// spreadTags adds the cosine of idf-weighted tags between the seeds' mean and
// every item.
func (e *Engine) spreadTags(seeds []seed) {
	sc := &e.scratch
	e.weighTags()
	sc.query = zeroed(sc.query, len(e.tags.all))
	for _, s := range seeds {
		en := &e.items[s.slot]
		norm := e.tagNorm(en)
		if !en.live || norm == 0 {
			continue
		}
		for _, t := range en.tags {
			sc.query[t] += float32(s.weight / norm * float64(sc.idf[t]))
		}
	}
	sc.tagged = zeroed(sc.tagged, len(e.items))
	for t, q := range sc.query {
		if q == 0 {
			continue
		}
		w := q * sc.idf[t]
		for _, s := range e.tags.all[t].items {
			sc.tagged[s] += w
		}
	}
	for s := range e.items {
		if dot := sc.tagged[s]; dot != 0 {
			sc.like[s] += float32(likeTags * float64(dot) / e.tagNorm(&e.items[s]))
		}
	}
}

// weighTags fills scratch.idf: a tag that all share says nothing.
func (e *Engine) weighTags() {
	sc := &e.scratch
	sc.idf = zeroed(sc.idf, len(e.tags.all))
	for t := range e.tags.all {
		g := &e.tags.all[t]
		if n := len(g.items); n > 0 {
			sc.idf[t] = float32(g.weight * math.Log(1+float64(e.live)/float64(n)))
		}
	}
}

func (e *Engine) tagNorm(en *entry) float64 {
	sum := 0.0
	for _, t := range en.tags {
		w := float64(e.scratch.idf[t])
		sum += w * w
	}
	return math.Sqrt(sum)
}

// popularity says how much a home has to do with an item at all.
func (e *Engine) popularity(s int32, now int64) float64 {
	h := &e.heat[s]
	n := float64(e.inLists.count(s)) + float64(h.plays)
	if h.plays > 0 {
		n += float64(h.plays) * (decay(now-h.at) - 1)
	}
	return likeHome * n / (n + shrinkHome)
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

package jump

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// reason finds what speaks most for a pick.
func (e *Engine) reason(c *scorer, r Request, s int32) Reason {
	h := c.l.known(s)
	if h != nil && h.lastAt > 0 && h.longed(c.now) {
		return Reason{Code: ReasonForgotten}
	}
	best, most := Reason{}, 0.0
	offer := func(v float64, code Code, args ...string) {
		if v > most {
			best, most = Reason{Code: code, Args: args}, v
		}
	}
	if e.scratch.within.holds(e, s) {
		offer(insideWeight, ReasonContext, e.Name(r.Context))
	}
	if i := c.like.find(s); i >= 0 {
		v, why := e.likeReason(c.like.rows[i].why, s)
		offer(v, why.Code, why.Args...)
	}
	if h != nil && h.rating == Liked {
		offer(tasteWeight*shareItem*h.balance(c.now), ReasonFavourite)
	}
	if of, v := e.likedOf(c.l, s, c.now); v > 0.1 {
		offer(tasteWeight*v, ReasonTaste, of.name)
	}
	if e.scratch.last.has(s) && len(r.Recent) > 0 {
		if last, ok := e.slots[r.Recent[len(r.Recent)-1]]; ok && last != s {
			offer(followWeight*float64(c.follow.get(s))/2, ReasonSession, e.title(last))
		}
	}
	if most == 0 {
		if h == nil || h.plays == 0 {
			return Reason{Code: ReasonNew}
		}
		return h.again(c.now)
	}
	return best
}

// again says of what was heard before, and speaks for itself alone, why it comes
// again.
func (h *heard) again(now int64) Reason {
	if now-h.lastAt < chartHeardIn {
		return Reason{Code: ReasonPlayed, Args: []string{strconv.Itoa(int(h.plays))}}
	}
	return Reason{Code: ReasonHome}
}

// namedBy are the names in a reason. Those of many reasons share a piece of memory.
func (e *Engine) namedBy(names ...string) []string {
	const piece = 256
	all := e.scratch.names
	if cap(all)-len(all) < len(names) {
		all = make([]string, 0, piece)
	}
	from := len(all)
	e.scratch.names = append(all, names...)
	return e.scratch.names[from:len(e.scratch.names):len(e.scratch.names)]
}

// likeReason says why an item is like the seeds.
func (e *Engine) likeReason(c cause, s int32) (float64, Reason) {
	v, en := float64(c.v), &e.items[s]
	switch c.from {
	case spokePlaylist:
		return v, Reason{Code: ReasonPlaylist, Args: e.namedBy(e.title(c.seed))}
	case spokeSession:
		return v, Reason{Code: ReasonSession, Args: e.namedBy(e.title(c.seed))}
	case spokeAlbum, spokeArtist:
		if en.album >= 0 && en.album == e.items[c.seed].album && e.labels[s].album != 0 && !e.compilation(en.album) {
			return v + likeAlbum, Reason{Code: ReasonAlbum, Args: e.namedBy(e.words.all[e.labels[s].album], e.title(c.seed))}
		}
		if en.artist >= 0 {
			return v, Reason{Code: ReasonArtist, Args: e.namedBy(e.artists.all[en.artist].name)}
		}
	case spokeBeside:
		if int(c.seed) < len(e.artists.all) {
			return v, Reason{Code: ReasonBeside, Args: e.namedBy(e.artists.all[c.seed].name)}
		}
	case spokeTags:
		if tags := e.sharedTags(s); tags != "" {
			return v, Reason{Code: ReasonTags, Args: e.namedBy(tags)}
		}
	case spokeSound:
		if c.seed < 0 {
			c.seed = e.scratch.like.sound.closest(e, s)
		}
		if c.seed >= 0 {
			return v, Reason{Code: ReasonSound, Args: e.namedBy(e.title(c.seed))}
		}
	case spokeNothing:
	}
	return 0, Reason{}
}

// likedOf returns the artist or tag of an item that the listener likes most,
// and what it adds to the liking: 0 for none.
func (e *Engine) likedOf(l *listener, s int32, now int64) (*group, float64) {
	if l == nil {
		return nil, 0
	}
	en := &e.items[s]
	var of *group
	most := 0.0
	if en.artist >= 0 {
		of, most = &e.artists.all[en.artist], shareArtist*l.artistLiking(en.artist, now)
	}
	if t := e.setTaste(l, en.tags, now); t.best >= 0 && t.most > most {
		of, most = &e.tags.all[t.best], t.most
	}
	return of, most
}

// sharedTags returns the two tags that tie an item most to the seeds.
func (e *Engine) sharedTags(s int32) string {
	q := &e.scratch.query
	var tags []int32
	for _, g := range e.tagged.of(&e.items[s]) {
		if q.get(g) > 0 && e.tags.all[g].kind != kindDecade {
			tags = append(tags, g)
		}
	}
	slices.SortFunc(tags, func(a, b int32) int {
		return cmp.Or(cmp.Compare(q.get(b)*e.idf(b), q.get(a)*e.idf(a)), cmp.Compare(a, b))
	})
	names := make([]string, 0, 2)
	for _, g := range tags[:min(2, len(tags))] {
		names = append(names, e.tags.all[g].name)
	}
	return strings.Join(names, ", ")
}

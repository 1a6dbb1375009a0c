package jump

import (
	"cmp"
	"slices"
	"strings"
)

// reason finds what speaks most for a pick.
func (e *Engine) reason(r Request, l *listener, t *taste, seeds []seed, s int32) Reason {
	h := l.known(s)
	if h != nil && h.lastAt > 0 && h.longed(r.Now.Unix()) {
		return Reason{Code: ReasonForgotten}
	}
	best, most := reasonParts{}, 0.0
	offer := func(v float64, c Code, first, second string) {
		if v > most {
			best, most = reasonParts{c, first, second}, v
		}
	}
	if slices.Contains(e.slotsOf(r.Context), s) {
		offer(insideWeight, ReasonContext, e.Name(r.Context), "")
	}
	en := &e.items[s]
	for _, sd := range seeds {
		o := &e.items[sd.slot]
		if sd.weight <= 0 || sd.slot == s || !o.live {
			continue
		}
		offer(sd.weight*e.inLists.pair(sd.slot, s), ReasonPlaylist, e.title(sd.slot), "")
		offer(sd.weight*sessionShare*e.inSessions.pair(sd.slot, s), ReasonSession, e.title(sd.slot), "")
		if en.album >= 0 && en.album == o.album && en.Album != "" && !e.compilation(en.album) {
			offer(sd.weight*(likeArtist+likeAlbum), ReasonAlbum, en.Album, e.title(sd.slot))
		}
		if en.artist >= 0 && en.artist == o.artist {
			offer(sd.weight*likeArtist, ReasonArtist, e.artists.all[en.artist].name, "")
		}
	}
	if h != nil && h.rating == Liked {
		offer(tasteWeight*shareItem*float64(t.item[s]), ReasonFavourite, "", "")
	}
	if name, v := e.likedOf(t, s); v > 0.1 {
		offer(tasteWeight*v, ReasonTaste, name, "")
	}
	if tags, v := e.sharedTags(s); tags != "" {
		offer(v, ReasonTags, tags, "")
	}
	if best.code == "" {
		if h == nil || h.plays == 0 {
			return Reason{Code: ReasonNew}
		}
		return Reason{Code: ReasonTaste, Args: []string{e.title(s)}}
	}
	return best.reason()
}

// reasonParts is a Reason before it is known to be the best.
type reasonParts struct {
	code          Code
	first, second string
}

func (p reasonParts) reason() Reason {
	r := Reason{Code: p.code}
	for _, a := range []string{p.first, p.second} {
		if a != "" {
			r.Args = append(r.Args, a)
		}
	}
	return r
}

// likedOf returns the artist or tag of an item that the listener likes most,
// and what it adds to the liking.
func (e *Engine) likedOf(t *taste, s int32) (string, float64) {
	en := &e.items[s]
	name, most := "", 0.0
	if en.artist >= 0 {
		name, most = e.artists.all[en.artist].name, shareArtist*float64(t.artist[en.artist])
	}
	for _, g := range en.tags {
		if v := shareTags * float64(t.tag[g]); v > most && e.tags.all[g].kind != kindDecade {
			name, most = e.tags.all[g].name, v
		}
	}
	return name, most
}

// sharedTags returns the two tags that tie an item most to the seeds, and how
// much they do.
func (e *Engine) sharedTags(s int32) (string, float64) {
	sc := &e.scratch
	en := &e.items[s]
	tags := make([]int32, 0, len(en.tags))
	sum := 0.0
	for _, g := range en.tags {
		if sc.query[g] > 0 && e.tags.all[g].kind != kindDecade {
			tags = append(tags, g)
			sum += float64(sc.query[g] * sc.idf[g])
		}
	}
	if len(tags) == 0 {
		return "", 0
	}
	slices.SortFunc(tags, func(a, b int32) int {
		return cmp.Or(cmp.Compare(sc.query[b]*sc.idf[b], sc.query[a]*sc.idf[a]), cmp.Compare(a, b))
	})
	names := make([]string, 0, 2)
	for _, g := range tags[:min(2, len(tags))] {
		names = append(names, e.tags.all[g].name)
	}
	return strings.Join(names, ", "), likeTags * sum / e.tagNorm(en)
}

package jump

// How Like orders what is not like the items at all, and what ties. Chosen on
// the validation part of protocol F.
const (
	strangePopular = 0.03   // times the logarithm of its lists,
	strangeArtist  = 0.02   // and that of its artist's tracks; always below
	strangeBelow   = 10     // what is like the items
	tieNoise       = 0.0005 // so that ties do not come in the order of the library
)

// Like ranks what goes with some items, best first, at most n; where fewer do,
// the most usual follow. The items themselves are left out.
func (e *Engine) Like(items []string, n int) []Ranked {
	slots := e.slotsEach(items)
	seeds := e.scratch.seeds[:0]
	for _, s := range slots {
		seeds = append(seeds, seed{s, 1 / float64(len(slots))})
	}
	e.scratch.seeds = seeds
	like := e.likenessTo(seeds, &forLists)
	own := &e.scratch.seen
	own.begin()
	for _, s := range slots {
		own.set(s, 0)
	}
	kept := e.scratch.best[:0]
	for i, s := range like.slots {
		if e.items[s].live && !own.has(s) {
			kept = append(kept, scored{s, like.rows[i].v + tieNoise*float32(noise(0, s))})
		}
	}
	if len(kept) < n {
		kept = e.usual(kept)
	}
	e.scratch.best = kept
	return e.ranked(kept, n)
}

// usual appends every other item of the library, by how usual it is.
func (e *Engine) usual(kept []scored) []scored {
	like := &e.scratch.like
	for i := range e.items {
		s, en := int32(i), &e.items[i]
		if !en.live || like.find(s) >= 0 || e.scratch.seen.has(s) {
			continue
		}
		v := strangePopular * e.popularity(s)
		if en.artist >= 0 {
			v += strangeArtist * logHalves(2*len(e.artists.all[en.artist].items))
		}
		kept = append(kept, scored{s, v - strangeBelow + tieNoise*float32(noise(0, s))})
	}
	return kept
}

package jump

import (
	"iter"
	"slices"
)

// Bounds on what a context may cost.
const (
	contextSeeds = 16
	someOfMood   = 400 // of its tracks stand for a mood
)

// slotsOf returns the items of a context, those that are gone included; nil
// for the taste and for a context that does not exist. Of a mood it is some.
func (e *Engine) slotsOf(c Context) []int32 {
	switch c.Kind {
	case KindPlaylist:
		if p, ok := e.playlists[c.ID]; ok {
			return e.inLists.lists.at(p)
		}
	case KindAlbum:
		if g, ok := e.albums.find(c.Kind, c.ID); ok {
			return g.items
		}
	case KindArtist:
		if g, ok := e.artists.find(c.Kind, c.ID); ok {
			return g.items
		}
	case KindTrack:
		if s, ok := e.slots[c.ID]; ok {
			return []int32{s}
		}
	case KindSpot:
		if i := slices.IndexFunc(e.spots, func(s spot) bool { return s.id == c.ID }); i >= 0 {
			return e.spots[i].slots
		}
	case KindSound:
		if m, ok := e.sounds.cells.find(c.ID); ok {
			return e.sounds.cells.some(m, someOfMood)
		}
	case KindTaste:
	default:
		if g, ok := e.tags.find(c.Kind, c.ID); ok {
			return g.items
		}
	}
	return nil
}

// Name returns what a context is called, empty if it does not exist.
func (e *Engine) Name(c Context) string {
	switch c.Kind {
	case KindTaste, "":
		return "Your taste"
	case KindPlaylist:
		if p, ok := e.playlists[c.ID]; ok {
			return e.lists[p].name
		}
	case KindSpot:
		if i := slices.IndexFunc(e.spots, func(s spot) bool { return s.id == c.ID }); i >= 0 {
			return e.spots[i].name
		}
	case KindSound:
		if m, ok := e.sounds.cells.find(c.ID); ok {
			return m.name
		}
	case KindAlbum:
		if g, ok := e.albums.find(c.Kind, c.ID); ok {
			return g.name
		}
	case KindArtist:
		if g, ok := e.artists.find(c.Kind, c.ID); ok {
			return g.name
		}
	case KindTrack:
		if s, ok := e.slots[c.ID]; ok {
			return e.title(s)
		}
	default:
		if g, ok := e.tags.find(c.Kind, c.ID); ok {
			return g.name
		}
	}
	return ""
}

// named fills in the name of a context.
func (e *Engine) named(c Context) Context {
	if c.Kind == "" {
		c.Kind = KindTaste
	}
	if n := e.Name(c); n != "" {
		c.Name = n
	}
	return c
}

// title returns what an item is called in a reason.
func (e *Engine) title(s int32) string {
	la := &e.labels[s]
	switch {
	case la.title != "":
		return la.title
	case la.artist != 0:
		return e.words.all[la.artist]
	}
	return la.id
}

// sampled returns at most n of the slots, spread evenly.
func sampled(slots []int32, n int) []int32 {
	if len(slots) <= n {
		return slots
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = slots[i*len(slots)/n]
	}
	return out
}

// some visits at most n of the slots, spread evenly.
func some(slots []int32, n int) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		n = min(n, len(slots))
		for i := range n {
			if !yield(slots[i*len(slots)/n]) {
				return
			}
		}
	}
}

// someBy is some, but another part for another seed.
func someBy(slots []int32, n int, seed uint64) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		from := 0
		if len(slots) > n {
			from = int(noise(seed, 0) * float64(len(slots)/n+1))
		}
		n = min(n, len(slots))
		for i := range n {
			if !yield(slots[(from+i*len(slots)/n)%len(slots)]) {
				return
			}
		}
	}
}

// someOf visits about n items of a context, another part for another seed.
func (e *Engine) someOf(c Context, n int, seed uint64) iter.Seq[int32] {
	if c.Kind == KindSound {
		if m, ok := e.sounds.cells.find(c.ID); ok {
			return e.sounds.cells.someBy(m, n, seed)
		}
	}
	return someBy(e.slotsOf(c), n, seed)
}

// seedsOf appends at most n seeds of a context with that weight in sum.
func (e *Engine) seedsOf(c Context, n int, weight float64, seeds []seed) []seed {
	slots := sampled(e.slotsOf(c), n)
	for _, s := range slots {
		seeds = append(seeds, seed{s, weight / float64(len(slots))})
	}
	return seeds
}

// speech tells whether a context consists of speech alone: only then does a
// flow from it hold speech, and nothing else.
func (e *Engine) speech(c Context) bool {
	n := 0
	for _, s := range e.slotsOf(c) {
		if en := &e.items[s]; en.live {
			if !en.speech {
				return false
			}
			n++
		}
	}
	return n > 0
}

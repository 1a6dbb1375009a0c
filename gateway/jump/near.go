package jump

import (
	"cmp"
	"math"
	"slices"
)

// Near is a context and how near it is.
type Near struct {
	Context
	Score float64
}

// spot is a context that was made, not chosen: see SetSpot.
type spot struct {
	id, name string
	slots    []int32
	vector   []float32
	artists  []scored // made with the vector
}

// closeArtists is what the cosine of the artists counts beside that of the vectors.
// Chosen on the validation part of protocol E.
const closeArtists = 0.06

// SetSpot makes a context of kind [KindSpot] that a JUMP may land in: tracks
// that were put together by sound, or for a season. It says nothing about
// likeness. Without items it is forgotten.
func (e *Engine) SetSpot(id, name string, items []string) {
	at := slices.IndexFunc(e.spots, func(s spot) bool { return s.id == id })
	if at < 0 {
		at = len(e.spots)
		e.spots = append(e.spots, spot{id: id})
	}
	if len(items) == 0 {
		e.spots = slices.Delete(e.spots, at, at+1)
		return
	}
	e.spots[at] = spot{id: id, name: name, slots: e.slotsEach(items)}
}

// Closest ranks playlists and spots by their likeness to some items, the best
// n first; pull, from 0 to 1, is how much of it is likeness to the start of
// the journey. It knows no rules: see [Engine.Jump].
func (e *Engine) Closest(items, start []string, pull float64, n int) []Near {
	here, from := e.slotsEach(items), e.slotsEach(start)
	to := e.towards(here, from, float32(pull))
	if to == nil {
		return nil
	}
	artists := e.towardsArtists(here, from, float32(pull))
	out := make([]Near, 0, len(e.lists)+len(e.spots))
	for i := range e.lists {
		if p := &e.lists[i]; !p.gone {
			score := dot(to, e.listVector(i)) + closeArtists*artists.along(e.artistsOf(e.inLists.lists.at(int32(i))))
			out = append(out, Near{Context{KindPlaylist, p.id, p.name}, float64(score)})
		}
	}
	out = append(out, e.spotsFrom(to, artists)...)
	slices.SortFunc(out, func(a, b Near) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(max(0, n), len(out))]
}

// ClosestSpots returns how near every spot is, in no order.
func (e *Engine) ClosestSpots(items, start []string, pull float64) []Near {
	here, from := e.slotsEach(items), e.slotsEach(start)
	return e.spotsFrom(e.towards(here, from, float32(pull)), e.towardsArtists(here, from, float32(pull)))
}

func (e *Engine) spotsFrom(to []float32, artists *sums) []Near {
	if to == nil {
		return nil
	}
	out := make([]Near, len(e.spots))
	for i := range e.spots {
		p := &e.spots[i]
		if len(p.vector) != len(to) {
			p.vector, p.artists = e.centreOf(p.slots), e.artistsOf(p.slots)
		}
		score := dot(to, p.vector) + closeArtists*artists.along(p.artists)
		out[i] = Near{Context{KindSpot, p.id, p.name}, float64(score)}
	}
	return out
}

// towards returns the direction of a JUMP; nil without vectors.
func (e *Engine) towards(here, start []int32, pull float32) []float32 {
	if !e.vectors.ready() {
		return nil
	}
	to := e.centreOf(here)
	if len(start) > 0 {
		for k, v := range e.centreOf(start) {
			to[k] = (1-pull)*to[k] + pull*v
		}
	}
	return to
}

// towardsArtists is towards by artists: how much of each.
func (e *Engine) towardsArtists(here, start []int32, pull float32) *sums {
	to := &e.scratch.artist
	if len(start) == 0 {
		pull = 0
	}
	of, from := e.artistsOf(here), e.artistsOf(start)
	to.begin()
	for _, a := range of {
		to.add(a.slot, (1-pull)*a.v)
	}
	for _, a := range from {
		to.add(a.slot, pull*a.v)
	}
	return to
}

// artistsOf returns the unit vector of the artists of some items, those of whom
// the library has little the weightier.
func (e *Engine) artistsOf(slots []int32) []scored {
	of := &e.scratch.beside
	of.begin()
	for s := range some(slots, 200) {
		if a := e.makers[s]; a >= 0 {
			of.add(a, 1)
		}
	}
	square := float32(0)
	for i, a := range of.slots {
		of.v[i] *= float32(math.Log(1 + float64(e.live)/float64(max(1, len(e.artists.all[a].items)))))
		square += of.v[i] * of.v[i]
	}
	out := of.scored(nil)
	for i := range out {
		out[i].v /= root(square)
	}
	return out
}

// along returns the inner product with a vector of few numbers.
func (s *sums) along(of []scored) float32 {
	sum := float32(0)
	for _, x := range of {
		sum += s.get(x.slot) * x.v
	}
	return sum
}

// listVector returns the vector of a playlist.
func (e *Engine) listVector(i int) []float32 {
	p := &e.lists[i]
	if len(p.vector) != e.vectors.rank {
		p.vector = e.centreOf(e.inLists.lists.at(int32(i)))
	}
	return p.vector
}

// centreOf returns the unit vector of some items, the rarer ones the weightier.
func (e *Engine) centreOf(slots []int32) []float32 {
	c := make([]float32, e.vectors.rank)
	all := log1p(float32(e.inLists.lists.len() + e.inSessions.lists.len()))
	for _, s := range sampled(slots, 200) {
		rare := max(0.1, all-log1p(float32(e.inLists.count(s)+e.inSessions.count(s))))
		e.vectors.addUnit(c, s, root(rare))
	}
	unit(c)
	return c
}

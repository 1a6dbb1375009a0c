package jump

import (
	"math"
	"slices"
)

// maxBasket bounds the lists that say something about likeness: one of
// everything does not.
const maxBasket = 1000

// usualBasket is the size of a basket of weight 1, in items; one of longBasket is
// no playlist any more but what somebody has. Chosen on the validation parts of
// protocols B and C.
const (
	usualBasket = 25
	longBasket  = 50
)

// baskets are items that stand together, in their order: playlists, or
// sessions. A short one says more about each pair in it than a long one: its
// weight is the inverse root of its size, and falls with the fourth root only where
// a listener's whole collection begins. Everything is kept up to date with
// each item that is put in.
type baskets struct {
	lists  rows      // basket -> items; a session holds what was heard again twice
	of     rows      // slot -> baskets, each once, oldest first
	weight []float32 // by basket
	mass   []float32 // by slot: the weights of its baskets
}

// open makes an empty basket.
func (b *baskets) open() int32 {
	b.lists.grow(b.lists.len() + 1)
	b.weight = append(b.weight, 0)
	return int32(b.lists.len() - 1)
}

// grow makes room for n slots.
func (b *baskets) grow(n int) {
	if short := n - b.of.len(); short > 0 {
		b.of.grow(n)
		b.mass = append(b.mass, make([]float32, short)...)
	}
}

// put appends an item to a basket.
func (b *baskets) put(basket, slot int32) {
	b.grow(int(slot) + 1)
	if !slices.Contains(b.lists.at(basket), slot) {
		b.of.push(slot, basket)
		b.mass[slot] += b.weight[basket]
	}
	b.lists.push(basket, slot)
	b.weigh(basket)
}

// weigh brings the weight of a basket up to date, and what rests on it.
func (b *baskets) weigh(basket int32) {
	list, w := b.lists.at(basket), float32(0)
	if n := len(list); n > 0 && n <= maxBasket {
		w = float32(math.Sqrt(usualBasket / float64(n)))
		if n > longBasket {
			w *= float32(math.Sqrt(math.Sqrt(float64(n) / longBasket)))
		}
	}
	change := w - b.weight[basket]
	b.weight[basket] = w
	for i, s := range list {
		if !slices.Contains(list[:min(i, maxSession)], s) { // only sessions repeat
			b.mass[s] += change
		}
	}
}

// set replaces what is in a basket; slots are each there once.
func (b *baskets) set(basket int32, slots []int32) {
	for _, s := range b.lists.at(basket) {
		if b.of.cut(s, basket) {
			b.mass[s] -= b.weight[basket]
		}
	}
	b.weight[basket] = 0
	b.lists.set(basket, slots)
	for _, s := range slots {
		b.grow(int(s) + 1)
		b.of.push(s, basket)
	}
	b.weigh(basket)
}

// count returns in how many baskets an item stands.
func (b *baskets) count(slot int32) int { return b.of.count(slot) }

// newest returns the last n baskets of an item and the weight of all of them.
func (b *baskets) newest(slot int32, n int) (of []int32, mass float32) {
	if int(slot) >= b.of.len() {
		return nil, 0
	}
	of = b.of.at(slot)
	if len(of) <= n {
		return of, b.mass[slot]
	}
	of = of[len(of)-n:]
	for _, basket := range of {
		mass += b.weight[basket]
	}
	return of, mass
}

// SetPlaylist makes items the whole content of a playlist; without items the
// playlist is forgotten. Ids that are not in the catalogue yet are kept.
func (e *Engine) SetPlaylist(id, name string, items []string) {
	p, ok := e.playlists[id]
	if !ok {
		if len(items) == 0 {
			return
		}
		p = e.inLists.open()
		e.playlists[id] = p
		e.lists = append(e.lists, list{id: id})
	}
	e.lists[p].name = name
	e.lists[p].gone = len(items) == 0
	if slots := e.slotsEach(items); !slices.Equal(slots, e.inLists.lists.at(p)) {
		e.inLists.set(p, slots)
		e.placed(p)
	}
}

// slotsEach returns the places of ids, each once.
func (e *Engine) slotsEach(ids []string) []int32 {
	slots := make([]int32, 0, len(ids))
	seen := &e.scratch.seen
	seen.begin()
	for _, id := range ids {
		if id == "" {
			continue
		}
		if s := e.slot(id); !seen.has(s) {
			seen.set(s, 0)
			slots = append(slots, s)
		}
	}
	return slots
}

// AddSession tells of a listening session from elsewhere, such as an imported
// history: what was heard in one go, in order. Sessions come in order of time.
// It teaches what goes with what and nobody's taste.
func (e *Engine) AddSession(items []string) {
	if len(items) < 2 {
		return
	}
	var at int32
	for i, id := range items {
		if i%maxSession == 0 {
			at = e.inSessions.open()
		}
		if id != "" {
			e.hear(at, e.slot(id))
		}
	}
}

// hear appends an item to a session.
func (e *Engine) hear(session, s int32) {
	e.inSessions.put(session, s)
	e.fashion(s)
}

package jump

import (
	"math"
	"slices"
)

// Bounds on what one seed may cost.
const (
	maxBasket    = 1000 // a list of everything says nothing about likeness
	maxPerSeed   = 2000 // baskets looked at for one seed, the newest first
	pairShrink   = 5    // n/(n+5): confidence in n shared baskets
	sessionShare = 0.5  // a session is chosen with less care than a playlist
)

// baskets are sets of items that stand together: playlists, or sessions.
type baskets struct {
	lists [][]int32 // basket -> items, each once
	of    [][]int32 // slot -> baskets, oldest first
}

// open makes an empty basket.
func (b *baskets) open() int32 {
	b.lists = append(b.lists, nil)
	return int32(len(b.lists) - 1)
}

// add puts an item into a basket once.
func (b *baskets) add(basket, slot int32) {
	if slices.Contains(b.lists[basket], slot) {
		return
	}
	b.put(basket, slot)
}

func (b *baskets) put(basket, slot int32) {
	b.lists[basket] = append(b.lists[basket], slot)
	for int(slot) >= len(b.of) {
		b.of = append(b.of, nil)
	}
	b.of[slot] = append(b.of[slot], basket)
}

// set replaces what is in a basket.
func (b *baskets) set(basket int32, slots []int32) {
	for _, s := range b.lists[basket] {
		if at := slices.Index(b.of[s], basket); at >= 0 {
			b.of[s] = slices.Delete(b.of[s], at, at+1)
		}
	}
	b.lists[basket] = nil
	seen := make(map[int32]bool, len(slots))
	for _, s := range slots {
		if !seen[s] {
			seen[s] = true
			b.put(basket, s)
		}
	}
}

// count returns in how many baskets an item stands.
func (b *baskets) count(slot int32) int {
	if int(slot) >= len(b.of) {
		return 0
	}
	return len(b.of[slot])
}

// spread adds weight * cos * n/(n+5) to every item that shares n baskets with
// the seed. count is scratch memory, all zero before and after.
func (b *baskets) spread(seed int32, weight float64, into []float32, count []uint16, touched []int32) []int32 {
	if b.count(seed) == 0 {
		return touched
	}
	touched = touched[:0]
	of := b.of[seed]
	for _, basket := range of[max(0, len(of)-maxPerSeed):] {
		if len(b.lists[basket]) > maxBasket {
			continue
		}
		for _, s := range b.lists[basket] {
			if count[s] == 0 {
				touched = append(touched, s)
			}
			count[s]++
		}
	}
	for _, s := range touched {
		n := float64(count[s])
		count[s] = 0
		if s != seed {
			cos := n / math.Sqrt(float64(len(of))*float64(len(b.of[s])))
			into[s] += float32(weight * cos * n / (n + pairShrink))
		}
	}
	return touched
}

// pair returns what spread adds for one pair, per weight.
func (b *baskets) pair(x, y int32) float64 {
	if b.count(x) == 0 || b.count(y) == 0 {
		return 0
	}
	n := 0.0
	for _, basket := range b.of[x] {
		if len(b.lists[basket]) <= maxBasket && slices.Contains(b.of[y], basket) {
			n++
		}
	}
	return n / math.Sqrt(float64(len(b.of[x]))*float64(len(b.of[y]))) * n / (n + pairShrink)
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
	slots := make([]int32, 0, len(items))
	for _, it := range items {
		slots = append(slots, e.slot(it))
	}
	e.inLists.set(p, slots)
}

package gateway

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// mostTold bounds the plays that are named one by one.
const mostTold = 10_000

// told is which of the plays that are kept an engine was told, each once. A play
// has its id from its beginning and is told at its end, and plays do not end in
// the order in which they began.
type told struct {
	Floor int64   // of those up to this id all
	Open  []int64 // but these, in order
	Above []int64 // and of the later ones these, in order
}

// playing is how a play ends that has not ended.
const playing = "playing"

// toldAll is what an engine was told to which all plays were told that had ended.
func toldAll(plays []store.Play) (t told) {
	for _, p := range plays {
		t.Floor = max(t.Floor, p.ID)
		if p.End == playing {
			t.Open = append(t.Open, p.ID)
		}
	}
	slices.Sort(t.Open) // imported plays began in another order
	return t
}

// since is the id behind which are all plays that were not told.
func (t *told) since() int64 {
	if len(t.Open) > 0 {
		return t.Open[0] - 1
	}
	return t.Floor
}

func (t *told) has(id int64) bool {
	list := t.Above
	if id <= t.Floor {
		list = t.Open
	}
	_, listed := slices.BinarySearch(list, id)
	return listed == (id > t.Floor)
}

// add notes that a play was told which was not told before.
func (t *told) add(id int64) {
	if id <= t.Floor {
		i, _ := slices.BinarySearch(t.Open, id)
		t.Open = slices.Delete(t.Open, i, i+1)
		return
	}
	i, _ := slices.BinarySearch(t.Above, id)
	if t.Above = slices.Insert(t.Above, i, id); len(t.Above) > mostTold {
		t.raise(len(t.Above) / 2)
	}
}

// raise has the floor take in the first n of those above it.
func (t *told) raise(n int) {
	for _, id := range t.Above[:n] {
		for t.Floor++; t.Floor < id; t.Floor++ {
			t.Open = append(t.Open, t.Floor)
		}
	}
	t.Above = slices.Clone(t.Above[n:])
}

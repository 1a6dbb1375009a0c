package zone

import (
	"cmp"
	"math"
	"slices"
)

// A node's home is its place in the order of a queue as it was picked, while the
// picks are in another: nodes sort by it. Homes are far apart, so that what comes
// in finds room between two of them.
const homeGap = 1 << 20

// arrangeTo takes an arrangement over. Coming from the picks' own order, that one
// is noted, to come back to.
func (q *queue) arrangeTo(to Arrangement) {
	if q.arranged == AsPicked && to != AsPicked {
		number(q.span(0, q.len()))
	}
	q.arranged = to
}

func number(nodes []*node) {
	for i, n := range nodes {
		n.home = int64(i) * homeGap
	}
}

func byHome(a, b *node) int { return cmp.Compare(a.home, b.home) }

// settle gives nodes that come in at an index their homes, where the queue is
// arranged: right behind the entry that they are put behind, or, where no pick
// follows, behind all the picks.
func (q *queue) settle(fresh []*node, at int) {
	if q.arranged == AsPicked || len(fresh) == 0 {
		return
	}
	low, high := q.room(at)
	if high-low <= int64(len(fresh)) {
		all := q.span(0, q.len())
		slices.SortStableFunc(all, byHome)
		number(all)
		low, high = q.room(at)
	}
	step := min((high-low)/int64(len(fresh)+1), homeGap)
	for i, n := range fresh {
		n.home = low + int64(i+1)*step
	}
}

// room is what lies between the home behind which something comes in at an index,
// and the next one.
func (q *queue) room(at int) (low, high int64) {
	low, high = -homeGap, math.MaxInt64/2
	if at >= q.flowStart() {
		for _, n := range q.span(0, min(at, q.len())) {
			low = max(low, n.home)
		}
	} else if before := q.at(at - 1); before != nil {
		low = before.home
	}
	for _, n := range q.span(0, q.len()) {
		if n.home > low {
			high = min(high, n.home)
		}
	}
	return low, high
}

// settleAsPicked gives the entries of one request, which came in arranged, their
// homes in the order in which they were picked.
func (q *queue) settleAsPicked(ids []EntryID) {
	if q.arranged == AsPicked {
		return
	}
	var homes []int64
	for _, id := range ids {
		homes = append(homes, q.find(id).home)
	}
	slices.Sort(homes)
	for i, id := range ids {
		q.find(id).home = homes[i]
	}
}

// homes copies what order needs, so that it can be worked out elsewhere.
func (q *queue) homes() []int64 {
	if q.arranged == AsPicked {
		return nil
	}
	out := make([]int64, 0, q.len())
	for _, n := range q.span(0, q.len()) {
		out = append(out, n.home)
	}
	return out
}

// order turns homes into the position of each entry as picked.
func order(homes []int64) []int {
	if homes == nil {
		return nil
	}
	byRank := make([]int, len(homes))
	for i := range byRank {
		byRank[i] = i
	}
	slices.SortStableFunc(byRank, func(a, b int) int { return cmp.Compare(homes[a], homes[b]) })
	positions := make([]int, len(homes))
	for rank, i := range byRank {
		positions[i] = rank
	}
	return positions
}

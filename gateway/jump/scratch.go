package jump

import (
	"cmp"
	"slices"
)

// scratch is memory that requests use again and again.
type scratch struct {
	like     likeness // to the seeds, by slot
	count    sums     // by slot, within one seed
	near     sums     // by slot, within one seed: by steps
	steps    sums     // by slot: what follows,
	last     sums     // what stands with the last track,
	together sums     // and with all of the last
	score    sums     // by slot: what the rules choose from
	query    sums     // by tag
	cell     sums     // by cell of sounds
	artist   sums     // by artist: of the seeds,
	beside   sums     // and beside those

	seen    marks // by slot, artist or list, for a moment
	within  marks // by slot: stands in the context
	lastPos marks // by slot: place in the timeline
	artPos  marks // by artist
	worth   marks // by slot: see press

	free   []int32 // by artist: free tracks
	oldest []int32 // by artist: place of its oldest track that is not free
	order  []int32
	recent []int32
	lists  []int32
	seeds  []seed
}

// byScore orders slots, the best first.
func byScore(slots []int32, score []float32) {
	slices.SortFunc(slots, func(a, b int32) int {
		return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b))
	})
}

// zeroed returns s with length n, all zero.
func zeroed(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

// filled returns s with length n, all v.
func filled(s []int32, n int, v int32) []int32 {
	if cap(s) < n {
		s = make([]int32, n, n+n/4)
	}
	s = s[:n]
	for i := range s {
		s[i] = v
	}
	return s
}

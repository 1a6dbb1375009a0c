package jump

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Lines are sorted as a stable sort by falling score sorts them.
func TestSortedLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var sc scratch
	for range 200 {
		sc.lines = sc.lines[:0]
		for i := range rng.IntN(60) {
			score := []float64{mixRefused, mixUnknown, 0, rng.Float64(), -rng.Float64()}[rng.IntN(5)]
			sc.lines = append(sc.lines, mixLine{at: int32(i), score: score})
		}
		want := slices.Clone(sc.lines)
		slices.SortStableFunc(want, func(a, b mixLine) int {
			switch {
			case a.score > b.score:
				return -1
			case a.score < b.score:
				return 1
			}
			return 0
		})
		if got := sc.sortedLines(); !slices.Equal(got, want) {
			t.Fatalf("sorted %v\ninto %v\nwant %v", sc.lines, got, want)
		}
	}
}

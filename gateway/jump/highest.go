package jump

import (
	"cmp"
	"slices"
)

// scored is a slot, or the number of anything else, and how well it does.
type scored struct {
	slot int32
	v    float32
}

// highest moves the n with the highest scores to the front, in no order, and
// returns them (quickselect).
func highest(of []scored, n int) []scored {
	lo, hi := 0, len(of)
	for hi-lo > 1 && n > lo && n < hi {
		pivot := of[(lo+hi)/2].v
		i, j := lo, hi-1
		for i <= j {
			for of[i].v > pivot {
				i++
			}
			for of[j].v < pivot {
				j--
			}
			if i <= j {
				of[i], of[j] = of[j], of[i]
				i++
				j--
			}
		}
		switch {
		case n <= j+1:
			hi = j + 1
		case n >= i:
			lo = i
		default:
			lo = hi // what lies between equals the pivot
		}
	}
	return of[:min(n, len(of))]
}

// byScore orders, the best first.
func byScore(of []scored) {
	slices.SortFunc(of, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.v, a.v), cmp.Compare(a.slot, b.slot))
	})
}

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

// top keeps the most that score highest of any number, in no order.
type top struct {
	most int
	of   []scored // the lowest one first, once it is full (a heap)
}

// takes tells whether what scores that much is among them so far.
func (t *top) takes(v float32) bool { return len(t.of) < t.most || v > t.of[0].v }

func (t *top) offer(slot int32, v float32) {
	switch {
	case len(t.of) < t.most:
		if t.of = append(t.of, scored{slot, v}); len(t.of) == t.most {
			for i := t.most/2 - 1; i >= 0; i-- {
				t.sink(i)
			}
		}
	case v > t.of[0].v:
		t.of[0] = scored{slot, v}
		t.sink(0)
	}
}

// sink puts what is at i below what scores lower.
func (t *top) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.of); child++ {
			if t.of[child].v < t.of[least].v {
				least = child
			}
		}
		if least == i {
			return
		}
		t.of[i], t.of[least] = t.of[least], t.of[i]
		i = least
	}
}

// slotsIn appends the slots.
func slotsIn(to []int32, of []scored) []int32 {
	for _, o := range of {
		to = append(to, o.slot)
	}
	return to
}

// byScore orders, the best first.
func byScore(of []scored) {
	slices.SortFunc(of, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.v, a.v), cmp.Compare(a.slot, b.slot))
	})
}

package jump

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Lists that share their memory are what lists with memory of their own would be,
// whatever is done to them in whichever order.
func TestRowsAreLists(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 7))
	var r rows
	var want [][]int32
	for step := range 20_000 {
		if len(want) == 0 || rng.IntN(50) == 0 {
			want = append(want, nil)
			r.grow(len(want))
		}
		i := rng.IntN(len(want))
		v := int32(rng.IntN(30))
		switch rng.IntN(8) {
		case 0:
			list := make([]int32, rng.IntN(20))
			for k := range list {
				list[k] = int32(rng.IntN(30))
			}
			r.set(int32(i), list)
			want[i] = list
		case 1, 2:
			at := slices.Index(want[i], v)
			if got := r.cut(int32(i), v); got != (at >= 0) {
				t.Fatalf("step %d: cutting %d out of %v: %v", step, v, want[i], got)
			}
			if at >= 0 {
				want[i] = slices.Delete(want[i], at, at+1)
			}
		default:
			r.push(int32(i), v)
			want[i] = append(want[i], v)
		}
		if step%97 == 0 {
			r.fetch([]int32{int32(i)})
		}
		if got := r.at(int32(i)); !slices.Equal(got, want[i]) || r.count(int32(i)) != len(want[i]) {
			t.Fatalf("step %d: list %d is %v, not %v", step, i, got, want[i])
		}
	}
	room, n := 0, 0
	for i := range want {
		if got := r.at(int32(i)); !slices.Equal(got, want[i]) {
			t.Fatalf("list %d is %v, not %v", i, got, want[i])
		}
		room += int(r.spans[i].room)
		n += len(want[i])
	}
	if room+r.gaps != len(r.data) {
		t.Errorf("%d of %d numbers are a list's or a gap", room+r.gaps, len(r.data))
	}
	if len(r.data) > 4*n+4*len(want) {
		t.Errorf("%d numbers take room for %d", n, len(r.data))
	}
	if r.count(int32(len(want))) != 0 {
		t.Error("a list that is not there has something in it")
	}
}

func TestTopKeepsTheHighest(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for n := range 60 {
		all := make([]scored, n)
		kept := top{most: 10}
		for i := range all {
			all[i] = scored{int32(i), float32(rng.IntN(40))}
			kept.offer(all[i].slot, all[i].v)
		}
		byScore(all)
		byScore(kept.of)
		if len(kept.of) != min(n, 10) {
			t.Fatalf("%d of %d are kept", len(kept.of), n)
		}
		for i, k := range kept.of {
			if k.v != all[i].v {
				t.Fatalf("of %d, place %d has %v, not %v", n, i, k.v, all[i].v)
			}
		}
	}
}

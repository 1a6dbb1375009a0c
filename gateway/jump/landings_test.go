package jump

import (
	"math/rand/v2"
	"testing"
)

// The heads of vectors are compared as the vectors' first numbers are.
func TestListHead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, rank := range []int{1, 5, headRank, 128} {
		a, b := make([]float32, rank), make([]float32, rank)
		for k := range rank {
			a[k], b[k] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		}
		unit(a)
		unit(b)
		x, y := headOf(a), headOf(b)
		got := float32(x.times(&y)) / (aimSteps * aimSteps)
		if want := dot(a[:min(rank, headRank)], b[:min(rank, headRank)]); abs(got-want) > 1e-3 {
			t.Errorf("of rank %d: %v, want %v", rank, got, want)
		}
	}
}

// Of more playlists than one JUMP compares, each is looked at for some seed.
func TestNearestLooksAtAllInTime(t *testing.T) {
	e := New(Config{})
	e.vectors.rank = 1
	e.lists = make([]list, mostHeads+100)
	for i := range e.lists {
		e.lists[i].vector = []float32{0.5}
	}
	for _, best := range []int{0, mostHeads, len(e.lists) - 1} {
		e.heads = nil
		e.lists[best].vector = []float32{1}
		found := false
		for seed := uint64(0); seed < 20 && !found; seed++ {
			for _, b := range e.nearest([]float32{1}, seed) {
				found = found || int(b.slot) == best
			}
		}
		if !found {
			t.Errorf("playlist %d is never found", best)
		}
		e.lists[best].vector = []float32{0.5}
	}
}

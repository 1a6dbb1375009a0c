package gateway

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Whatever the order in which plays end, each is told once, and what is read
// again holds all that were not.
func TestToldOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	var read []store.Play
	want := map[int64]bool{}
	for id := int64(1); id <= 50; id++ {
		p := store.Play{ID: id, End: "complete"}
		if r.IntN(5) == 0 {
			p.End = playing
		}
		want[id] = p.End != playing
		read = append(read, p)
	}
	r.Shuffle(len(read), func(i, j int) { read[i], read[j] = read[j], read[i] })
	of := toldAll(read)
	coming := make([]int64, 3*mostTold)
	for i := range coming {
		coming[i] = int64(i + 51)
	}
	for i := range coming { // plays of up to a hundred zones end as they like
		j := min(i+r.IntN(100), len(coming)-1)
		coming[i], coming[j] = coming[j], coming[i]
	}
	for _, id := range slices.Concat([]int64{13, 2}, coming[:len(coming)-40]) {
		if want[id] {
			continue
		}
		if of.has(id) {
			t.Fatalf("%d is thought told", id)
		}
		of.add(id)
		want[id] = true
	}
	for id := range int64(len(coming) + 60) {
		if id > 0 && of.has(id) != want[id] {
			t.Fatalf("%d: told is %v", id, of.has(id))
		}
		if id > 0 && !want[id] && id <= of.since() {
			t.Fatalf("%d is not read again", id)
		}
	}
	if n := len(of.Above) + len(of.Open); n > mostTold+100 {
		t.Errorf("%d plays of %d are named", n, len(slices.Collect(maps.Keys(want))))
	}
}

package jump

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// What is kept of sets of tags is what the tallies say, whatever is told meanwhile
// and however late it has become.
func TestSetTasteIsUpToDate(t *testing.T) {
	e := homeEngine(7, 300, 5, 200)
	rng := rand.New(rand.NewPCG(7, 7))
	now := evening
	for step := range 400 {
		id := fmt.Sprintf("t%05d", rng.IntN(300))
		switch rng.IntN(6) {
		case 0:
			e.AddPlay(Play{Listener: "l1", Item: id, End: Complete, At: now})
		case 1:
			e.AddPlay(Play{Listener: "l1", Item: id, Heard: 5 * time.Second, End: Skipped, At: now})
		case 2:
			e.SetRating("l1", id, []Rating{Liked, Disliked, Unrated}[rng.IntN(3)])
		case 3:
			e.TakeBack("l1", now.Add(-time.Hour))
		case 4:
			e.Upsert(Item{ID: id, Title: id, Artist: "Somebody", Genres: []string{fmt.Sprint("Genre ", step%7)}, Duration: time.Minute})
		case 5:
			now = now.Add(time.Duration(rng.IntN(90)) * time.Minute)
		}
		l := e.who("l1")
		for set := range int32(e.tagged.all.len()) {
			kept, said := e.setTaste(l, set, now.Unix()), e.tasteOfTags(l, e.tagged.all.at(set), now.Unix())
			if kept != said {
				t.Fatalf("step %d: of set %d is kept %+v, and said %+v", step, set, kept, said)
			}
		}
	}
}

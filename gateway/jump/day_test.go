package jump

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestADayOfListening keeps one zone going for 24 hours: the flow is asked for
// five tracks at a time, some are skipped, some liked, one disliked an hour,
// and now and then somebody presses JUMP.
func TestADayOfListening(t *testing.T) {
	for _, tracks := range []int{40, 62, 130, 1500} {
		rng := rand.New(rand.NewPCG(uint64(tracks), 9))
		e := New(Config{})
		items := randomLibrary(rng, tracks, tracks/4)
		e.SetCatalogue(items)
		r := Request{Listener: "home", Count: 5, Now: evening}
		var timeline, queue []string
		refused := map[string]bool{}
		jumps := 0
		for now := evening; now.Sub(evening) < 24*time.Hour; {
			if len(queue) == 0 {
				r.Recent, r.Now, r.Seed = timeline[max(0, len(timeline)-150):], now, rng.Uint64()
				for _, p := range e.Flow(r) {
					queue = append(queue, p.Item)
				}
				if len(queue) != r.Count {
					t.Fatalf("%d tracks: the flow gave %d of %d", tracks, len(queue), r.Count)
				}
			}
			id := queue[0]
			queue = queue[1:]
			if refused[id] {
				t.Fatalf("%d tracks: a disliked one played", tracks)
			}
			timeline = append(timeline, id)
			p := Play{Listener: "home", Item: id, Heard: 3 * time.Minute, End: Complete, At: now, Flowed: true}
			switch n := rng.IntN(40); {
			case n < 6:
				p.Heard, p.End = time.Duration(5+rng.IntN(60))*time.Second, Skipped
			case n == 6:
				e.SetRating("home", id, Liked)
			case n == 7 && len(refused) < tracks/10:
				e.SetRating("home", id, Disliked)
				refused[id] = true
				queue = nil
			case n == 8:
				p.Heard, p.End = time.Minute, Jumped
				jumps++
				r.Recent, r.Now, r.Seed = timeline, now.Add(p.Heard), rng.Uint64()
				to, picks := e.Jump(r)
				r.Context, queue = to, nil
				for _, pick := range picks {
					queue = append(queue, pick.Item)
				}
			}
			e.AddPlay(p)
			now = now.Add(p.Heard)
		}
		if jumps < 5 || len(timeline) < 480 {
			t.Errorf("%d tracks: %d played, %d JUMPs", tracks, len(timeline), jumps)
		}
		apart := e.apart(tracks - len(refused))
		repeats, crowded := brokenBy(e, timeline, apart)
		if repeats > 0 {
			t.Errorf("%d tracks: %d repeats within %d", tracks, repeats, apart)
		}
		if tracks > 100 && crowded > 0 {
			t.Errorf("%d tracks: an artist twice in five, %d times", tracks, crowded)
		}
	}
}

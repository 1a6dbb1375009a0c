package jump

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestJumpGoesElsewhere(t *testing.T) {
	e := homeEngine(4, 3000, 60, 2000)
	contexts := []Context{
		{Kind: KindPlaylist, ID: "p7"},
		{Kind: KindGenre, ID: "jazz"},
		{Kind: KindArtist, ID: "artist 12"},
		{Kind: KindAlbum, ID: "artist 12/album 1 of 12"},
		{Kind: KindTrack, ID: "t00012"},
		{},
	}
	for i, from := range contexts {
		t.Run(string(from.Kind)+" "+from.ID, func(t *testing.T) {
			r := Request{Listener: "l1", Context: from, Count: 10, Now: evening.Add(time.Duration(i) * 24 * time.Hour), Seed: uint64(i)}
			for _, p := range e.Flow(r) {
				r.Recent = append(r.Recent, p.Item)
			}
			likely := e.Likely(r, 2)
			to, picks := e.Jump(r)
			if to != likely[0].Context || picks[0].Item != likely[0].Picks[0].Item {
				t.Errorf("landed in %v, likely was %v", to, likely[0].Context)
			}
			if to.Name == "" || to.same(from) {
				t.Errorf("landed in %v from %v", to, from)
			}
			if len(picks) != r.Count {
				t.Fatalf("%d picks, want %d", len(picks), r.Count)
			}
			left := e.slotsOf(from)
			if len(left) < 1000 {
				inside := 0
				for _, p := range picks {
					if slices.Contains(left, e.slots[p.Item]) {
						inside++
					}
				}
				if inside*5 > len(picks) {
					t.Errorf("%d of %d picks stand in what was left", inside, len(picks))
				}
			}
			last := e.items[e.slots[r.Recent[len(r.Recent)-1]]].artist
			if e.items[e.slots[picks[0].Item]].artist == last {
				t.Error("the first track there is by the artist of the last one here")
			}
		})
	}
}

func TestTenJumpsWanderAlongAThread(t *testing.T) {
	e := homeEngine(4, 3000, 200, 0)
	near, far, apart := 0.0, 0.0, 0
	rng := rand.New(rand.NewPCG(1, 1))
	for start := range 20 {
		at := evening.Add(time.Duration(start) * 24 * time.Hour)
		from := Context{Kind: KindPlaylist, ID: fmt.Sprintf("p%d", start)}
		r := Request{Listener: fmt.Sprintf("w%d", start), Context: from, Count: 5, Seed: uint64(start)}
		seen := []Context{from}
		for range 10 {
			at = at.Add(5 * time.Minute)
			r.Now = at
			r.Seed++
			to, picks := e.Jump(r)
			if slices.ContainsFunc(seen, to.same) {
				apart++
			}
			seen = append(seen, to)
			r.Context = to
			for _, p := range picks {
				r.Recent = append(r.Recent, p.Item)
			}
		}
		like := e.likenessTo(e.seedsOf(from, 1, nil))
		for _, s := range e.slotsOf(r.Context) {
			near += float64(like[s]) / float64(len(e.slotsOf(r.Context))) / 20
		}
		for range 40 {
			far += float64(like[rng.IntN(len(like))]) / 40 / 20
		}
	}
	if apart > 0 {
		t.Errorf("%d JUMPs went back to where they came from", apart)
	}
	if near < 2*far {
		t.Errorf("after ten JUMPs the likeness to the start is %.4f; of random tracks %.4f", near, far)
	}
}

func TestSecondJumpSoonRefusesTheLanding(t *testing.T) {
	e := homeEngine(4, 3000, 60, 0)
	from := Context{Kind: KindPlaylist, ID: "p7"}
	r := Request{Listener: "ana", Context: from, Count: 5, Now: evening, Seed: 1}
	first, _ := e.Jump(r)
	r.Context, r.Now = first, r.Now.Add(10*time.Second)
	second, _ := e.Jump(r)
	l := e.listeners["ana"]
	if !l.trail.steps[0].refused {
		t.Error("the first landing was not refused")
	}
	if second.same(first) || second.same(from) {
		t.Errorf("went back to %v", second)
	}
	r.Context, r.Now = second, r.Now.Add(10*time.Minute)
	for i := range 5 {
		r.Seed++
		to, _ := e.Jump(r)
		if to.same(first) {
			t.Errorf("JUMP %d went to the refused %v", i, to)
		}
		r.Context, r.Now = to, r.Now.Add(10*time.Minute)
	}
}

func TestSkipSoonAfterAJumpRefusesTheLanding(t *testing.T) {
	e := homeEngine(4, 3000, 60, 0)
	r := Request{Listener: "ana", Context: Context{Kind: KindPlaylist, ID: "p7"}, Count: 5, Now: evening}
	_, picks := e.Jump(r)
	e.AddPlay(Play{Listener: "ana", Item: picks[0].Item, Heard: 3 * time.Second, End: Skipped, At: evening.Add(time.Second)})
	if !e.listeners["ana"].trail.steps[0].refused {
		t.Error("the landing was not refused")
	}
}

func TestJumpInPoorLibraries(t *testing.T) {
	for _, tracks := range []int{1, 2, 3, 40} {
		for _, bare := range []bool{false, true} {
			e := New(Config{})
			items := randomLibrary(rand.New(rand.NewPCG(1, 1)), tracks, 1)
			if bare {
				for i := range items {
					items[i] = Item{ID: items[i].ID}
				}
			}
			e.SetCatalogue(items)
			r := Request{Listener: "ana", Count: 4, Now: evening}
			for i := range 12 {
				to, picks := e.Jump(r)
				if to.Name == "" || len(picks) != r.Count {
					t.Fatalf("%d tracks, bare %v, JUMP %d: %v with %d picks", tracks, bare, i, to, len(picks))
				}
				r.Context, r.Now = to, r.Now.Add(time.Minute)
			}
		}
	}
}

func TestJumpLandsInWhatIsLiked(t *testing.T) {
	var items []Item
	for g, genre := range []string{"Rock", "Doom", "Folk"} {
		for i := range 30 {
			items = append(items, Item{ID: fmt.Sprint(genre, i), Artist: fmt.Sprint(genre, i%10), Genres: []string{genre, "Band"}, Year: 1990 + g})
		}
	}
	e := New(Config{})
	e.SetCatalogue(items)
	at := evening.AddDate(0, 0, -3)
	for i := range 20 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Doom", i), Heard: time.Second, Length: time.Minute, End: Skipped, At: at})
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Folk", i), End: Complete, At: at})
	}
	for seed := range uint64(5) {
		r := Request{Listener: "ana", Context: Context{Kind: KindGenre, ID: "rock"}, Count: 3, Now: evening.AddDate(0, 0, int(seed)), Seed: seed}
		if to, _ := e.Jump(r); to.ID != "folk" && e.items[e.slotsOf(to)[0]].Genres[0] != "Folk" {
			t.Errorf("landed in %v, not in Folk, which is liked", to)
		}
	}
}

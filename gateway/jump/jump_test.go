package jump

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
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

// genreCircle returns an engine whose playlists each hold tracks of one genre
// of eight and some of the next one, as if the genres stood in a circle.
func genreCircle() *Engine {
	const genres, perGenre = 8, 200
	rng := rand.New(rand.NewPCG(1, 1))
	var items []Item
	for i := range genres * perGenre {
		g := i / perGenre
		items = append(items, Item{
			ID: fmt.Sprint(i), Artist: fmt.Sprintf("artist %d of %d", i%25, g), Genres: []string{fmt.Sprint("genre ", g)},
		})
	}
	e := New(Config{})
	e.SetCatalogue(items)
	for p := range 160 {
		g := p % genres
		var ids []string
		for k := range 30 {
			in := g
			if k%3 == 0 {
				in = (g + 1) % genres
			}
			ids = append(ids, items[in*perGenre+rng.IntN(perGenre)].ID)
		}
		e.SetPlaylist(fmt.Sprint("p", p), fmt.Sprintf("List %d", p), ids)
	}
	return e
}

// around returns where on the circle a context stands: its tracks' mean.
func around(e *Engine, c Context) (x, y float64) {
	for _, s := range e.slotsOf(c) {
		g, _ := strconv.Atoi(strings.TrimPrefix(e.item(s).Genres[0], "genre "))
		x += math.Cos(2 * math.Pi * float64(g) / 8)
		y += math.Sin(2 * math.Pi * float64(g) / 8)
	}
	l := math.Hypot(x, y)
	return x / l, y / l
}

func TestTenJumpsWanderAlongAThread(t *testing.T) {
	e := genreCircle()
	step, whole := 0.0, 0.0
	const starts = 40
	for start := range starts {
		from := Context{Kind: KindPlaylist, ID: fmt.Sprint("p", start)}
		r := Request{Listener: fmt.Sprint("w", start), Context: from, Count: 5, Now: evening, Seed: uint64(start)}
		seen := []Context{from}
		for range 10 {
			r.Now = r.Now.Add(5 * time.Minute)
			r.Seed++
			to, picks := e.Jump(r)
			if slices.ContainsFunc(seen, to.same) {
				t.Errorf("from %v: went back to %v", from, to)
			}
			x0, y0 := around(e, r.Context)
			x1, y1 := around(e, to)
			step += (x0*x1 + y0*y1) / (10 * starts)
			seen = append(seen, to)
			r.Context = to
			for _, p := range picks {
				r.Recent = append(r.Recent, p.Item)
			}
		}
		x0, y0 := around(e, from)
		x1, y1 := around(e, r.Context)
		whole += (x0*x1 + y0*y1) / starts
	}
	// 1 is the same place, 0 is anywhere.
	if step < 0.6 || whole < 0.5 {
		t.Errorf("cosine of neighbours %.2f, of start and end %.2f", step, whole)
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
		if to, _ := e.Jump(r); to.ID != "folk" && e.item(e.slotsOf(to)[0]).Genres[0] != "Folk" {
			t.Errorf("landed in %v, not in Folk, which is liked", to)
		}
	}
}

// Where a listener was told that a JUMP would lead it leads, unless that is where
// they are.
func TestJumpLeadsWhereItWasShown(t *testing.T) {
	for _, tracks := range []int{3000, 2 * wholeLibrary} {
		testShown(t, homeEngine(4, tracks, 60, 2000))
	}
}

func testShown(t *testing.T, e *Engine) {
	r := Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p7"}, Count: 5, Now: evening, Seed: 3}
	landings := e.Likely(r, 100)
	r.Seed++ // some of them would not come up now
	for _, l := range landings {
		shown := r
		shown.Shown = l.Context
		if to := e.Likely(shown, 1)[0].Context; !to.same(l.Context) {
			t.Errorf("shown %v, it leads to %v", l.Context, to)
		}
		shown.Context = l.Context
		if to := e.Likely(shown, 1)[0].Context; to.same(l.Context) {
			t.Errorf("it leads to %v, where the listener is", to)
		}
	}
	r.Shown = Context{Kind: KindMood, ID: "gone"}
	if to := e.Likely(r, 1)[0].Context; to.same(r.Shown) {
		t.Error("it leads to a place that is not there any more")
	}
}

func TestLikelyLandingsAreDifferent(t *testing.T) {
	for _, tracks := range []int{500, 2 * wholeLibrary} {
		e := homeEngine(4, tracks, 60, 2000)
		for seed := range uint64(20) {
			met := map[Context]bool{}
			for _, l := range e.Likely(Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p7"}, Count: 1, Now: evening, Seed: seed}, 30) {
				if met[l.Context] {
					t.Fatalf("of %d tracks, seed %d: %v comes twice", tracks, seed, l.Context)
				}
				met[l.Context] = true
			}
		}
	}
}

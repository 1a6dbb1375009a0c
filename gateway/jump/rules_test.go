package jump

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// flowFor keeps a flow going as a zone does, some tracks at a time.
func flowFor(e *Engine, r Request, tracks, chunk int) []string {
	var timeline []string
	for len(timeline) < tracks {
		r.Recent = timeline[max(0, len(timeline)-150):]
		r.Count = chunk
		r.Seed++
		picks := e.Flow(r)
		if len(picks) != chunk {
			return nil
		}
		for _, p := range picks {
			timeline = append(timeline, p.Item)
		}
	}
	return timeline
}

// broken counts how often a timeline breaks each rule.
func broken(e *Engine, timeline []string) (repeats, artists int) {
	return brokenBy(e, timeline, e.apart(e.Len()))
}

func brokenBy(e *Engine, timeline []string, apart int) (repeats, artists int) {
	last := map[string]int{}
	lastArtist := map[string]int{}
	for i, id := range timeline {
		if at, ok := last[id]; ok && i-at <= apart {
			repeats++
		}
		last[id] = i
		a := artistKey(e.words.all[e.labels[e.slots[id]].artist])
		if at, ok := lastArtist[a]; ok && a != "" && i-at < 5 {
			artists++
		}
		lastArtist[a] = i
	}
	return repeats, artists
}

func TestFlowKeepsItsRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 120 {
		tracks := 1 + rng.IntN([]int{3, 30, 120, 300, 2000}[i%5])
		artists := 1 + rng.IntN(tracks)
		if i%4 == 0 {
			artists = 1
		}
		t.Run(fmt.Sprintf("%d tracks, %d artists", tracks, artists), func(t *testing.T) {
			e := New(Config{})
			e.SetCatalogue(randomLibrary(rng, tracks, artists))
			r := Request{Listener: "ana", Now: evening, Seed: uint64(i)}
			if i%2 == 0 {
				r.Context = Context{Kind: KindGenre, ID: "jazz"}
			}
			timeline := flowFor(e, r, 400, 1+rng.IntN(25))
			if timeline == nil {
				t.Fatal("the flow was shorter than asked")
			}
			repeats, crowded := broken(e, timeline)
			if repeats > 0 {
				t.Errorf("%d repeats within %d tracks", repeats, e.apart(tracks))
			}
			if crowded > 0 && roomy(e) {
				t.Errorf("an artist came twice in five %d times, though the library has enough", crowded)
			}
		})
	}
}

// A library that cannot keep 100 tracks apart keeps half of it apart, so that a
// JUMP still has somewhere to lead.
func TestJumpLeadsSomewhereInASmallLibrary(t *testing.T) {
	e := New(Config{})
	var items []Item
	for i := range 60 {
		items = append(items, Item{
			ID: fmt.Sprint("t", i), Artist: fmt.Sprint("artist ", i%12), Album: fmt.Sprint("album ", i%12),
			Moods: []string{fmt.Sprint("mood ", i%6)},
		})
	}
	e.SetCatalogue(items)
	if got := []int{e.apart(60), e.apart(100), e.apart(101), e.apart(1), e.apart(0)}; !slices.Equal(got, []int{30, 50, 100, 0, 0}) {
		t.Errorf("kept apart: %v", got)
	}
	timeline := flowFor(e, Request{Listener: "ana", Now: evening}, 120, 10)
	in := 0
	for i := range 10 {
		now := evening.Add(time.Duration(i) * 10 * time.Minute)
		to, picks := e.Jump(Request{Listener: "ana", Recent: timeline, Count: 5, Now: now, Seed: uint64(i)})
		for _, s := range e.slotsOf(to) {
			if e.labels[s].id == picks[0].Item {
				in++
			}
		}
		for _, p := range picks {
			timeline = append(timeline, p.Item)
		}
	}
	if in < 9 {
		t.Errorf("%d of 10 JUMPs began with a track of where they landed", in)
	}
}

// roomy tells whether a library has comfortably enough artists for the rule.
func roomy(e *Engine) bool {
	most := 0
	for _, g := range e.artists.all {
		most = max(most, len(g.items))
	}
	return most*6 <= e.Len()
}

func TestFlowNeverGivesWhatIsRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	e := New(Config{})
	items := randomLibrary(rng, 60, 20)
	for i := range 10 {
		items[i].Speech = true
	}
	e.SetCatalogue(items)
	for i := 10; i < 40; i++ {
		e.SetRating("ana", items[i].ID, Disliked)
	}
	for _, id := range flowFor(e, Request{Listener: "ana", Now: evening}, 300, 7) {
		en := e.items[e.slots[id]]
		if en.speech {
			t.Fatalf("speech in the flow: %s", id)
		}
		if e.listeners["ana"].disliked(e.slots[id]) {
			t.Fatalf("disliked in the flow: %s", id)
		}
	}
}

func TestFlowWithNothingToPlay(t *testing.T) {
	e := New(Config{})
	r := Request{Listener: "ana", Count: 5, Now: evening}
	if got := e.Flow(r); len(got) != 0 {
		t.Errorf("an empty library gave %d picks", len(got))
	}
	if c, got := e.Jump(r); c.Kind != KindTaste || len(got) != 0 {
		t.Errorf("an empty library: JUMP to %v with %d picks", c, len(got))
	}
	e.SetCatalogue([]Item{{ID: "one", Artist: "A"}})
	e.SetRating("ana", "one", Disliked)
	if got := e.Flow(r); len(got) != 0 {
		t.Errorf("a disliked track was played: %v", got)
	}
	e.SetRating("ana", "one", Unrated)
	if got := e.Flow(r); len(got) != 5 {
		t.Errorf("one track: %d picks, want 5", len(got))
	}
}

func TestSpeechFlowsFromSpeechAlone(t *testing.T) {
	e := New(Config{})
	e.SetCatalogue([]Item{
		{ID: "m1", Artist: "A", Album: "Songs"},
		{ID: "s1", Artist: "B", Album: "Show", Speech: true},
		{ID: "s2", Artist: "B", Album: "Show", Speech: true},
	})
	for _, p := range e.Flow(Request{Context: Context{Kind: KindAlbum, ID: "b/show"}, Count: 4, Now: evening}) {
		if p.Item == "m1" {
			t.Error("music in a flow of speech")
		}
	}
}

func TestFlowIsDeterministic(t *testing.T) {
	a, b := homeEngine(1, 500, 20, 300), homeEngine(1, 500, 20, 300)
	r := Request{Listener: "l1", Count: 20, Now: evening, Seed: 5}
	first, second := a.Flow(r), b.Flow(r)
	for i := range first {
		if first[i].Item != second[i].Item {
			t.Fatalf("pick %d: %s and %s", i, first[i].Item, second[i].Item)
		}
		if first[i].Reason.String() == "" {
			t.Errorf("pick %d has no reason", i)
		}
	}
}

// In a home of few artists the place that JUMP names has always been heard a
// little while ago: it leads there all the same.
func TestJumpLeadsWhereItSaysAmongFewArtists(t *testing.T) {
	e := New(Config{})
	var items []Item
	for i := range 40 {
		items = append(items, Item{ID: fmt.Sprint("t", i), Artist: fmt.Sprint("artist ", i%4), Album: fmt.Sprint("album ", i%8)})
	}
	e.SetCatalogue(items)
	timeline := flowFor(e, Request{Listener: "ana", Now: evening}, 60, 10)
	for i := range 60 {
		to, picks := e.Jump(Request{Listener: "ana", Recent: timeline, Count: 3, Now: evening.Add(time.Duration(i) * time.Minute), Seed: uint64(i)})
		if to.Kind != KindTaste && !slices.Contains(e.slotsOf(to), e.slots[picks[0].Item]) {
			t.Errorf("JUMP %d to %s begins with %s by %s", i, to.Name, picks[0].Item, items[e.slots[picks[0].Item]].Artist)
		}
		timeline = append(timeline, picks[0].Item)
	}
}

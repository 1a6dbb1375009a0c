package jump

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// twoCamps returns an engine with 60 tracks of jazz and 60 of techno.
func twoCamps() *Engine {
	var items []Item
	for _, genre := range []string{"Jazz", "Techno"} {
		for i := range 60 {
			items = append(items, Item{
				ID: fmt.Sprint(genre, i), Title: fmt.Sprint(genre, " ", i), Artist: fmt.Sprint(genre, " artist ", i%15),
				Genres: []string{genre}, Duration: 3 * time.Minute,
			})
		}
	}
	e := New(Config{})
	e.SetCatalogue(items)
	return e
}

func share(e *Engine, picks []Pick, genre string) float64 {
	n := 0.0
	for _, p := range picks {
		if e.item(e.slots[p.Item]).Genres[0] == genre {
			n++
		}
	}
	return n / float64(len(picks))
}

func TestOnePlayIsEnoughToBegin(t *testing.T) {
	e := twoCamps()
	e.AddPlay(Play{Listener: "ana", Item: "Jazz3", End: Complete, At: evening.Add(-time.Hour)})
	for seed := range uint64(10) {
		picks := e.Flow(Request{Listener: "ana", Count: 10, Now: evening, Seed: seed})
		if s := share(e, picks, "Jazz"); s < 0.8 {
			t.Errorf("seed %d: %.0f %% jazz after one play of jazz", seed, 100*s)
		}
	}
}

func TestListenersKeepTheirTastesApart(t *testing.T) {
	e := twoCamps()
	at := evening.AddDate(0, 0, -2)
	for i := range 20 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Jazz", i), End: Complete, At: at})
		e.AddPlay(Play{Listener: "bo", Item: fmt.Sprint("Techno", i), End: Complete, At: at})
		at = at.Add(3 * time.Minute)
	}
	for who, genre := range map[string]string{"ana": "Jazz", "bo": "Techno"} {
		if s := share(e, e.Chart(who, evening, 20), genre); s < 0.9 {
			t.Errorf("%s's chart is %.0f %% %s", who, 100*s, genre)
		}
		if s := share(e, e.Flow(Request{Listener: who, Count: 20, Now: evening}), genre); s < 0.8 {
			t.Errorf("%s's flow is %.0f %% %s", who, 100*s, genre)
		}
	}
}

func TestSkipsTurnTheFlowAway(t *testing.T) {
	e := twoCamps()
	var recent []string
	for i := range 8 {
		id := fmt.Sprint("Techno", i)
		recent = append(recent, id)
		e.AddPlay(Play{Listener: "ana", Item: id, Heard: 4 * time.Second, End: Skipped, At: evening.Add(time.Duration(i-10) * time.Minute)})
	}
	picks := e.Flow(Request{Listener: "ana", Recent: recent, Count: 10, Now: evening})
	if s := share(e, picks, "Techno"); s > 0.2 {
		t.Errorf("%.0f %% techno after eight skips of techno", 100*s)
	}
}

func TestVerdicts(t *testing.T) {
	length := 200 * time.Second
	tests := []struct {
		name     string
		play     Play
		pos, neg float64
	}{
		{"to its end", Play{End: Complete, Heard: length}, 1, 0},
		{"to its end, by itself", Play{End: Complete, Heard: length, Flowed: true}, 0.25, 0},
		{"skipped at once", Play{End: Skipped, Heard: 3 * time.Second}, 0, 1},
		{"skipped in the middle", Play{End: Skipped, Heard: length / 2}, 0, 0.4},
		{"skipped near its end", Play{End: Skipped, Heard: length * 9 / 10}, 0.5, 0},
		{"jumped away at once", Play{End: Jumped, Heard: time.Second}, 0, 0.3},
		{"jumped away late", Play{End: Jumped, Heard: length / 2}, 0, 0},
		{"stopped early", Play{End: Stopped, Heard: time.Second}, 0, 0},
		{"stopped late", Play{End: Stopped, Heard: length}, 1, 0},
		{"failed", Play{End: Failed}, 0, 0},
	}
	for _, tt := range tests {
		if pos, neg := verdict(tt.play, length); pos != tt.pos || neg != tt.neg {
			t.Errorf("%s: %v for, %v against; want %v, %v", tt.name, pos, neg, tt.pos, tt.neg)
		}
	}
}

func TestATrackCountsThreeTimesADay(t *testing.T) {
	e := twoCamps()
	for i := range 50 {
		e.AddPlay(Play{Listener: "ana", Item: "Jazz1", End: Complete, At: evening.Add(time.Duration(i) * time.Minute)})
	}
	if h := e.listeners["ana"].known(e.slots["Jazz1"]); h.pos > perDay {
		t.Errorf("50 plays on a day count %.1f", h.pos)
	}
}

func TestChart(t *testing.T) {
	e := twoCamps()
	for i := range 3 {
		e.AddPlay(Play{Listener: "ana", Item: "Jazz7", End: Complete, At: evening.AddDate(0, 0, i-5)})
	}
	e.SetRating("ana", "Jazz9", Liked)
	e.SetRating("ana", "Jazz8", Disliked)
	chart := e.Chart("ana", evening, 20)
	if len(chart) != 20 {
		t.Fatalf("%d lines, want 20", len(chart))
	}
	if chart[0].Item != "Jazz7" || chart[0].Reason.String() != "Because you played it 3 times lately." {
		t.Errorf("on top: %+v", chart[0])
	}
	if chart[1].Item != "Jazz9" || chart[1].Reason.Code != ReasonFavourite {
		t.Errorf("second: %+v", chart[1])
	}
	artists := map[string]int{}
	for _, p := range chart {
		if p.Item == "Jazz8" {
			t.Error("a disliked track is in the chart")
		}
		if p.Reason.String() == "" {
			t.Errorf("%s has no reason", p.Item)
		}
		a := e.words.all[e.labels[e.slots[p.Item]].artist]
		if artists[a]++; artists[a] > 5 {
			t.Errorf("%s holds more than a quarter", a)
		}
	}
	if n := len(e.Chart("nobody", evening, 500)); n != 120 {
		t.Errorf("a chart of everything has %d lines", n)
	}
}

func TestMix(t *testing.T) {
	e := twoCamps()
	e.AddPlay(Play{Listener: "ana", Item: "Jazz3", End: Complete, At: evening.Add(-time.Hour)})
	e.SetRating("ana", "Jazz5", Disliked)
	list := []string{"gone", "Jazz5", "Techno1", "Jazz18", "Techno1", "Jazz3"}
	var got []string
	for _, p := range e.Mix("ana", list, evening) {
		got = append(got, p.Item)
	}
	want := []string{"Jazz3", "Jazz18", "Techno1", "Techno1", "gone", "Jazz5"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if len(e.Mix("nobody", list, evening)) != len(list) {
		t.Error("a mix for somebody new lost tracks")
	}
}

func TestItemsThatComeAndGo(t *testing.T) {
	e := twoCamps()
	e.SetPlaylist("p", "Evening", []string{"Jazz1", "later", "Jazz2", "Jazz1"})
	e.AddPlay(Play{Listener: "ana", Item: "later", End: Complete, At: evening.Add(-time.Hour)})
	if got := e.inLists.lists.count(e.playlists["p"]); got != 3 {
		t.Errorf("%d different tracks in the playlist, want 3", got)
	}
	r := Request{Listener: "ana", Context: Context{Kind: KindPlaylist, ID: "p"}, Recent: []string{"never seen", "Jazz1"}, Count: 119, Now: evening}
	has := func() bool {
		return slices.ContainsFunc(e.Flow(r), func(p Pick) bool { return p.Item == "later" })
	}
	if has() {
		t.Error("a track that is not there was picked")
	}
	e.Upsert(Item{ID: "later", Artist: "Jazz artist 1", Genres: []string{"Jazz"}})
	if !has() {
		t.Error("a track that came was not picked")
	}
	e.Remove("later")
	e.Remove("later")
	if has() || e.Len() != 120 {
		t.Errorf("a track that went was picked; %d in the catalogue", e.Len())
	}
	e.SetPlaylist("p", "Evening", nil)
	if got := e.inLists.count(e.slots["Jazz1"]); got != 0 {
		t.Errorf("a forgotten playlist still counts: %d", got)
	}
	e.SetCatalogue(nil)
	if got := e.Flow(r); len(got) != 0 {
		t.Errorf("an empty catalogue gave %v", got)
	}
}

func TestMillionsOfPlaysAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	e := twoCamps()
	rng := rand.New(rand.NewPCG(1, 1))
	at := evening.AddDate(-5, 0, 0)
	for range 300_000 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Jazz", rng.IntN(60)), End: Complete, At: at})
		at = at.Add(8 * time.Minute)
	}
	if picks := e.Flow(Request{Listener: "ana", Count: 20, Now: at}); len(picks) != 20 {
		t.Errorf("%d picks", len(picks))
	}
}

func TestGuestsAreNotTheArtist(t *testing.T) {
	for name, want := range map[string]string{
		"Mira Lund feat. Oriel": "mira lund", "IU (feat. SUGA)": "iu", "Various Artists": "", "  Two  Spaces ": "two spaces",
		"Feat. of Strength": "feat. of strength", "아이유": "아이유",
	} {
		if got := artistKey(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

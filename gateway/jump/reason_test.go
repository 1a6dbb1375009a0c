package jump

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestReasonsAreSentences(t *testing.T) {
	args := map[Code][]string{
		ReasonContext: {"Evening"}, ReasonPlaylist: {"Fog Lamp"}, ReasonBeside: {"Mira Lund"}, ReasonSession: {"Fog Lamp"}, ReasonAlbum: {"Tides", "Fog Lamp"},
		ReasonArtist: {"Mira Lund"}, ReasonTags: {"Ambient, Calm"}, ReasonTaste: {"Jazz"}, ReasonPlayed: {"3"}, ReasonSound: {"Fog Lamp"},
		ReasonFavourite: nil, ReasonForgotten: nil, ReasonHome: nil, ReasonNew: nil,
	}
	if len(args) != len(english) {
		t.Errorf("%d codes, %d sentences", len(args), len(english))
	}
	for code, a := range args {
		s := Reason{Code: code, Args: a}.String()
		if s == "" || strings.Contains(s, "%") || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", code, s)
		}
		for _, x := range a {
			if !strings.Contains(s, x) {
				t.Errorf("%s: %q does not name %q", code, s, x)
			}
		}
	}
}

// What artists share is said of artists, not of a track.
func TestArtistsOfOneKindAreNamedAsArtists(t *testing.T) {
	e := New(Config{})
	e.SetCatalogue([]Item{{ID: "1", Title: "Fog Lamp", Artist: "Mira Lund"}})
	_, r := e.likeReason(cause{v: 1, seed: e.items[0].artist, from: spokeBeside}, 0)
	if s := r.String(); s != "By somebody who shares playlists with Mira Lund." {
		t.Error(s)
	}
}

// A reason that names the pick itself says nothing.
func TestNoReasonNamesItsOwnPick(t *testing.T) {
	var items []Item
	for i := range 6 {
		items = append(items, Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("Title %d", i)})
	}
	e := New(Config{})
	e.SetCatalogue(items)
	for i := range items { // each by itself, so that nothing ties them
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint(i), End: Complete, At: evening.Add(-time.Duration(2*(len(items)-i)) * 24 * time.Hour)})
	}
	for _, now := range []time.Time{evening, evening.Add(40 * 24 * time.Hour)} {
		for _, p := range append(e.Flow(Request{Listener: "ana", Count: 6, Now: now}), e.Mix("ana", []string{"0", "1", "2", "3"}, now)...) {
			if title := "Title " + p.Item; slices.Contains(p.Reason.Args, title) {
				t.Errorf("%s: %s", title, p.Reason.String())
			}
		}
	}
}

// Somebody of whom nothing is known gets other tracks each day, and not the
// library's first ones.
func TestAChartOfNothingIsDrawnByTheDay(t *testing.T) {
	var items []Item
	for i := range 400 {
		items = append(items, Item{ID: fmt.Sprint("id", i), Artist: fmt.Sprint("artist ", i%40)})
	}
	e := New(Config{})
	e.SetCatalogue(items)
	today, tomorrow := itemsOf(e.Chart("new", evening, 40)), itemsOf(e.Chart("new", evening.Add(24*time.Hour), 40))
	if again := itemsOf(e.Chart("new", evening.Add(time.Hour), 40)); !slices.Equal(today, again) {
		t.Errorf("another chart an hour later")
	}
	kept, first := 0, 0
	for _, id := range today {
		if slices.Contains(tomorrow, id) {
			kept++
		}
		if n, _ := strconv.Atoi(id[2:]); n < 40 {
			first++
		}
	}
	if kept > 20 || first > 20 {
		t.Errorf("%d of 40 are there tomorrow too, %d are the catalogue's first", kept, first)
	}
}

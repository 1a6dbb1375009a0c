package jump

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Whoever accepts everything for 30 days, four hours a day, hears most of the
// library: the flow does not go round in its own circle.
func TestThirtyDaysOfAcceptingEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 30))
	e := New(Config{})
	items := randomLibrary(rng, 1200, 120)
	for i := range 60 {
		items[i].Speech = true
	}
	e.SetCatalogue(items)
	heard := map[string]bool{}
	var recent []string
	for d := range 30 {
		now := evening.AddDate(0, 0, d)
		for range 80 / 5 {
			recent = recent[max(0, len(recent)-150):]
			for _, p := range e.Flow(Request{Listener: "ana", Recent: recent, Count: 5, Now: now, Seed: rng.Uint64()}) {
				e.AddPlay(Play{Listener: "ana", Item: p.Item, Heard: 3 * time.Minute, End: Complete, At: now, Flowed: true})
				heard[p.Item] = true
				recent = append(recent, p.Item)
				now = now.Add(3 * time.Minute)
			}
		}
	}
	if share := float64(len(heard)) / 1140; share < 0.6 {
		t.Errorf("%.0f %% of the library was heard, want 60", 100*share)
	}
}

// At least 80 % of where JUMPs land was not in the context that they left, and
// the second artist is another one than the first.
func TestJumpsLandElsewhere(t *testing.T) {
	e := homeEngine(4, 3000, 60, 2000)
	inside, all, same := 0, 0, 0
	for i := range 60 {
		from := Context{Kind: KindPlaylist, ID: fmt.Sprint("p", i)}
		r := Request{Listener: fmt.Sprint("w", i), Context: from, Count: 10, Now: evening, Seed: uint64(i)}
		for _, p := range e.Flow(r) {
			r.Recent = append(r.Recent, p.Item)
		}
		_, picks := e.Jump(r)
		for _, p := range picks {
			all++
			if slices.Contains(e.slotsOf(from), e.slots[p.Item]) {
				inside++
			}
		}
		if len(picks) > 1 && e.items[e.slots[picks[0].Item]].artist == e.items[e.slots[picks[1].Item]].artist {
			same++
		}
	}
	if inside*5 > all || same > 0 {
		t.Errorf("%d of %d picks stand in what was left; the second artist is the first one's %d times", inside, all, same)
	}
}

// Two files of one recording count as one for the rules, whatever their titles
// add, and another length is another recording.
func TestRulesActOnRecordings(t *testing.T) {
	e := New(Config{})
	add := func(id, title, artist string, length time.Duration) {
		e.Upsert(Item{ID: id, Title: title, Artist: artist, Album: "Album of " + id, Duration: length})
	}
	for i := range 200 {
		add(fmt.Sprint("a", i), fmt.Sprint("Song ", i), fmt.Sprint("Artist ", i%40), 200*time.Second)
		add(fmt.Sprint("b", i), fmt.Sprintf("SONG %d (2011 Remaster)", i), fmt.Sprintf("Artist %d feat. Guest", i%40), 201*time.Second)
		add(fmt.Sprint("live", i), fmt.Sprintf("Song %d (Live)", i), fmt.Sprint("Artist ", i%40), 290*time.Second)
	}
	recording := func(id string) int32 { return e.items[e.slots[id]].twin }
	if recording("a7") != recording("b7") || recording("a7") == recording("live7") || recording("a7") == recording("a8") {
		t.Fatal("recordings are not told apart")
	}
	last := map[int32]int{}
	for i, id := range flowFor(e, Request{Listener: "ana", Now: evening}, 600, 9) {
		if at, ok := last[recording(id)]; ok && i-at <= 100 {
			t.Fatalf("%s repeats a recording after %d tracks", id, i-at)
		}
		last[recording(id)] = i
	}
}

func TestTitlesOfOneRecording(t *testing.T) {
	for title, want := range map[string]string{
		"Harbour (Remastered 2009)": "harbour", "Harbour - 2009 Remaster": "harbour", "Harbour [feat. Oriel]": "harbour",
		"Harbour (Live)": "harbour (live)", "(Untitled)": "(untitled)", "Harbour (Deluxe) (Mono)": "harbour", "Part 1 - Night": "part 1 - night",
	} {
		if got := titleKey(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

// Nobody is called "Various Artists", and an album by four artists or more says
// nothing about their likeness.
func TestVariousArtistsAreNobody(t *testing.T) {
	e := New(Config{})
	for i := range 30 {
		e.Upsert(Item{ID: fmt.Sprint("v", i), Artist: "Various Artists", Album: fmt.Sprint("Album ", i)})
		e.Upsert(Item{ID: fmt.Sprint("c", i), Artist: fmt.Sprint("Artist ", i), Album: "Summer Hits", AlbumID: "hits"})
	}
	for _, id := range []string{"v3", "c3"} {
		e.likenessTo([]seed{{e.slots[id], 1}}, &forLists)
		for s := range e.items {
			if int32(s) != e.slots[id] && e.scratch.like.like(e, int32(s)) > 0 {
				t.Fatalf("%s is like %s", e.labels[s].id, id)
			}
		}
	}
}

// symphonies returns an engine of works in four movements by ten composers,
// among songs, and the work and part of each track.
func symphonies() *Engine {
	e := New(Config{})
	for w := range 40 {
		for part := range 4 {
			e.Upsert(Item{
				ID: fmt.Sprintf("w%d-%d", w, part), Composer: fmt.Sprint("Composer ", w%10), Artist: fmt.Sprint("Orchestra ", w%8),
				Album: fmt.Sprint("Symphonies ", w/2), Work: fmt.Sprint("Symphony ", w), Part: part + 1, Genres: []string{"Classical"},
			})
		}
	}
	for i := range 300 {
		e.Upsert(Item{ID: fmt.Sprint("s", i), Artist: fmt.Sprint("Artist ", i%60), Genres: []string{"Classical"}})
	}
	return e
}

// wholeWorks checks that every work in a timeline stands there whole and in
// order; only the last may be cut off.
func wholeWorks(t *testing.T, timeline []string) (works int) {
	t.Helper()
	for i := 0; i < len(timeline); i++ {
		var w, part int
		if n, _ := fmt.Sscanf(timeline[i], "w%d-%d", &w, &part); n != 2 {
			continue
		}
		works++
		for p := range 4 {
			if i+p < len(timeline) && timeline[i+p] != fmt.Sprintf("w%d-%d", w, p) {
				t.Fatalf("a work is not whole: %v", timeline[i:min(len(timeline), i+4)])
			}
		}
		i += 3
	}
	return works
}

func TestWorksAreUnits(t *testing.T) {
	e := symphonies()
	t.Run("flow", func(t *testing.T) {
		if n := wholeWorks(t, flowFor(e, Request{Listener: "ana", Now: evening}, 300, 7)); n < 5 {
			t.Errorf("%d works in 300 tracks", n)
		}
	})
	t.Run("JUMP", func(t *testing.T) {
		r := Request{Listener: "ana", Context: Context{Kind: KindGenre, ID: "classical"}, Count: 12, Now: evening}
		for range 10 {
			to, picks := e.Jump(r)
			wholeWorks(t, itemsOf(picks))
			r.Context, r.Now, r.Seed = to, r.Now.Add(10*time.Minute), r.Seed+1
		}
	})
	t.Run("mix", func(t *testing.T) {
		e.SetRating("ana", "w3-2", Liked)
		picks := itemsOf(e.Mix("ana", []string{"s1", "w3-3", "w5-0", "w3-0", "s2", "w3-2", "w3-1", "w5-1"}, evening))
		if !slices.Equal(picks[:4], []string{"w3-0", "w3-1", "w3-2", "w3-3"}) || len(picks) != 8 {
			t.Errorf("%v", picks)
		}
	})
	t.Run("skipped", func(t *testing.T) {
		e.AddPlay(Play{Listener: "bo", Item: "w7-1", Heard: time.Second, Length: time.Minute, End: Skipped, At: evening})
		picks := e.Flow(Request{Listener: "bo", Recent: []string{"w7-0", "w7-1"}, Count: 1, Now: evening})
		if picks[0].Item == "w7-2" {
			t.Error("a work goes on after its part was skipped")
		}
	})
	t.Run("nothing but one", func(t *testing.T) {
		one := New(Config{})
		for part := range 4 {
			one.Upsert(Item{ID: fmt.Sprintf("w0-%d", part), Album: "A", Work: "W", Part: part})
		}
		if got := flowFor(one, Request{Now: evening}, 20, 3); wholeWorks(t, got) != 6 {
			t.Errorf("%v", got)
		}
	})
}

// Composer and performer both count as the artist.
func TestComposersAreArtists(t *testing.T) {
	e := New(Config{})
	for i := range 200 {
		e.Upsert(Item{ID: fmt.Sprint("t", i), Composer: fmt.Sprint("Composer ", i%25), Artist: fmt.Sprint("Orchestra ", i%24)})
	}
	timeline := flowFor(e, Request{Listener: "ana", Now: evening}, 200, 8)
	for i, id := range timeline {
		for _, other := range timeline[max(0, i-4):i] {
			a, b := e.item(e.slots[id]), e.item(e.slots[other])
			if a.Composer == b.Composer || a.Artist == b.Artist {
				t.Fatalf("%s and %s within five", other, id)
			}
		}
	}
	e.SetRating("ana", "t3", Liked)
	e.taste(e.listeners["ana"])
	if e.liking(e.listeners["ana"], e.slots["t28"], evening.Unix()) <= 0 {
		t.Error("the composer of what is liked is not")
	}
}

// What a zone plays where nobody is named, and what a child plays, feeds their
// own taste and nobody else's.
func TestApartFeedsNobodyElse(t *testing.T) {
	answers := func(e *Engine) string {
		return fmt.Sprint(
			e.Chart("ana", evening, 30), e.Flow(Request{Listener: "ana", Count: 20, Now: evening}),
			e.Next(Session{Recent: []string{"Jazz1"}, Now: evening}, 20), e.Mix("ana", []string{"Techno1", "Jazz2", "Techno4"}, evening))
	}
	teach := func(e *Engine, who string) {
		for i := range 40 {
			e.AddPlay(Play{Listener: who, Item: fmt.Sprint("Techno", i%20), End: Complete, At: evening.Add(time.Duration(i-50) * time.Minute)})
		}
	}
	e := twoCamps()
	e.AddPlay(Play{Listener: "ana", Item: "Jazz3", End: Complete, At: evening.Add(-time.Hour)})
	before := answers(e)
	e.SetApart("kitchen", true)
	teach(e, "kitchen")
	if answers(e) != before {
		t.Error("what the kitchen plays changed what ana hears")
	}
	if s := share(e, e.Flow(Request{Listener: "kitchen", Count: 20, Now: evening}), "Techno"); s < 0.8 {
		t.Errorf("the kitchen learned nothing of its own: %.0f %%", 100*s)
	}
	if n := e.TakeBack("kitchen", evening.Add(-25*time.Hour)); n != 40 || answers(e) != before {
		t.Errorf("%d plays taken back of what is apart", n)
	}
	teach(e, "bo")
	if answers(e) == before {
		t.Error("what bo plays says nothing to the home")
	}
}

// "That was not me": what was heard in the last hour, three, or a day is as if
// it had never been.
func TestTakeBack(t *testing.T) {
	for _, hours := range []int{1, 3, 24} {
		t.Run(fmt.Sprint(hours, " hours"), func(t *testing.T) {
			a, b := twoCamps(), twoCamps()
			since := evening.Add(-time.Duration(hours) * time.Hour)
			rng, want := rand.New(rand.NewPCG(1, uint64(hours))), 0
			ends := []End{Complete, Skipped, Jumped, Stopped, Complete}
			for at := evening.Add(-40 * time.Hour); at.Before(evening); at = at.Add(5 * time.Minute) {
				genre := "Jazz"
				if !at.Before(since) {
					genre = "Techno"
				}
				p := Play{
					Listener: "ana", Item: fmt.Sprint(genre, rng.IntN(60)), End: ends[rng.IntN(len(ends))],
					Heard: time.Duration(rng.IntN(180)) * time.Second, At: at, Flowed: rng.IntN(3) == 0,
				}
				b.AddPlay(p)
				if at.Before(since) {
					a.AddPlay(p)
				} else {
					want++
				}
			}
			if n := b.TakeBack("ana", since); n != want {
				t.Errorf("%d plays taken back, want %d", n, want)
			}
			r := Request{Listener: "ana", Count: 30, Now: evening}
			x, y := a.Flow(r), b.Flow(r)
			if !slices.Equal(itemsOf(x), itemsOf(y)) {
				t.Errorf("the flow still knows:\n%v\n%v", itemsOf(x), itemsOf(y))
			}
			if !slices.Equal(itemsOf(a.Chart("ana", evening, 40)), itemsOf(b.Chart("ana", evening, 40))) {
				t.Error("the chart still knows")
			}
			q := Session{Listener: "ana", Recent: []string{"Jazz4"}, Now: evening}
			if !slices.Equal(rankedItems(a.Next(q, 60)), rankedItems(b.Next(q, 60))) {
				t.Error("what follows still knows")
			}
		})
	}
}

func TestPausedLearnsNothing(t *testing.T) {
	e := twoCamps()
	e.AddPlay(Play{Listener: "ana", Item: "Jazz3", End: Complete, At: evening.Add(-2 * time.Hour)})
	before := fmt.Sprint(e.Chart("ana", evening, 40), e.Flow(Request{Listener: "ana", Count: 20, Now: evening}))
	e.SetPaused("ana", true)
	for i := range 20 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Techno", i), End: Complete, At: evening.Add(time.Duration(i-30) * time.Minute)})
	}
	if fmt.Sprint(e.Chart("ana", evening, 40), e.Flow(Request{Listener: "ana", Count: 20, Now: evening})) != before {
		t.Error("guests were learned from")
	}
	e.SetPaused("ana", false)
	e.AddPlay(Play{Listener: "ana", Item: "Techno1", End: Complete, At: evening})
	if e.listeners["ana"].known(e.slots["Techno1"]) == nil {
		t.Error("nothing is learned any more")
	}
}

// Speech, rain and lullabies never seed, chart or continue music.
func TestSpeechSaysNothingAboutMusic(t *testing.T) {
	e := twoCamps()
	for i := range 20 {
		e.Upsert(Item{ID: fmt.Sprint("rain", i), Artist: "Rain", Genres: []string{"Jazz"}, Speech: true})
	}
	for i := range 60 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("rain", i%20), End: Complete, At: evening.Add(time.Duration(i-100) * time.Hour)})
	}
	e.SetRating("ana", "rain1", Liked)
	speech := func(id string) bool { return e.items[e.slots[id]].speech }
	for _, id := range itemsOf(e.Chart("ana", evening, 120)) {
		if speech(id) {
			t.Errorf("%s is in the chart", id)
		}
	}
	r := Request{Listener: "ana", Recent: []string{"Techno3", "rain4"}, Count: 40, Now: evening}
	for _, id := range itemsOf(e.Flow(r)) {
		if speech(id) {
			t.Errorf("%s is in the flow", id)
		}
	}
	for _, s := range e.favouriteSeeds(e.listeners["ana"], evening.Unix(), tasteSeeds, 1, 0, nil) {
		if e.items[s.slot].speech {
			t.Error("speech is a seed of music")
		}
	}
	for _, s := range e.seedsRecently(e.listeners["ana"], r, 1, nil) {
		if e.items[s.slot].speech {
			t.Error("speech that was just heard is a seed of music")
		}
	}
	if to, picks := e.Jump(r); slices.ContainsFunc(itemsOf(picks), speech) {
		t.Errorf("JUMP to %v led to speech", to)
	}
}

// Names are compared as they are read: in composed form, under any alias,
// without guests.
func TestNamesOfOneArtist(t *testing.T) {
	e := New(Config{})
	e.SetAliases([][]string{{"IU", "아이유"}, {"Ayumi Hamasaki", "浜崎あゆみ"}})
	for i, name := range []string{"IU", "아이유", "아이유 (feat. SUGA)", "아이유", "iu"} {
		e.Upsert(Item{ID: fmt.Sprint("iu", i), Artist: name})
	}
	for i, name := range []string{"浜崎あゆみ", "AYUMI HAMASAKI", "Ayumi Hamasaki ft. keiko"} {
		e.Upsert(Item{ID: fmt.Sprint("ayu", i), Artist: name})
	}
	for i, name := range []string{"ガクト", "ガクト"} { // full and half width
		e.Upsert(Item{ID: fmt.Sprint("g", i), Artist: name})
	}
	if n := len(e.artists.all); n != 3 {
		t.Errorf("%d artists, want 3", n)
	}
	e.SetAliases(nil)
	if a, b := e.items[e.slots["iu0"]].artist, e.items[e.slots["iu1"]].artist; a == b {
		t.Error("aliases that were taken back still hold")
	}
}

func TestWishes(t *testing.T) {
	e := twoCamps()
	for i := range 20 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Jazz", i), End: Complete, At: evening.Add(time.Duration(i-90) * time.Hour)})
	}
	artist := Context{Kind: KindArtist, ID: "jazz artist 3"}
	by := func(picks []Pick) (n int) {
		for _, p := range picks {
			if e.words.all[e.labels[e.slots[p.Item]].artist] == "Jazz artist 3" {
				n++
			}
		}
		return n
	}
	flow := func(seed uint64) []Pick {
		return e.Flow(Request{Listener: "ana", Count: 30, Now: evening, Seed: seed})
	}
	usual := by(flow(1)) + by(flow(2)) + by(flow(3))
	e.SetWish("ana", artist, Ban)
	if by(flow(1))+by(e.Chart("ana", evening, 120)) > 0 {
		t.Error("a banned artist comes")
	}
	if mixed := e.Mix("ana", []string{"Jazz3", "Techno1"}, evening); mixed[1].Item != "Jazz3" {
		t.Error("a banned artist does not stand last in a mix")
	}
	r := Request{Listener: "ana", Count: 5, Now: evening}
	for range 6 {
		to, picks := e.Jump(r)
		if to.same(artist) || by(picks) > 0 {
			t.Errorf("JUMP led to the banned artist: %v", to)
		}
		r.Context, r.Now = to, r.Now.Add(10*time.Minute)
	}
	if l := e.Leanings("ana", evening, 100); !slices.ContainsFunc(l, func(l Leaning) bool { return l.ID == artist.ID && l.Liking == -1 }) {
		t.Errorf("the ban is not to be seen: %v", l)
	}
	e.SetWish("ana", artist, Pin)
	if pinned := by(flow(1)) + by(flow(2)) + by(flow(3)); pinned <= usual {
		t.Errorf("a pinned artist comes %d times, %d before", pinned, usual)
	}
	e.SetWish("ana", artist, NoWish)
	if got := by(flow(1)) + by(flow(2)) + by(flow(3)); got != usual {
		t.Errorf("without a wish the artist comes %d times, %d before", got, usual)
	}
	e.SetWish("ana", Context{Kind: KindGenre, ID: "techno"}, More)
	if l := e.Leanings("ana", evening, 1); l[0].ID != "jazz" && l[0].ID != "techno" {
		t.Errorf("strongest: %v", l)
	}
	e.Forget("ana")
	if e.Leanings("ana", evening, 10) != nil {
		t.Error("something is left after a reset")
	}
}

// A zone with several listeners plays for all of them, and nothing that one of
// them refuses.
func TestBlends(t *testing.T) {
	e := twoCamps()
	for i := range 300 {
		e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Jazz", i%60), End: Complete, At: evening.Add(time.Duration(i-400) * time.Hour)})
	}
	for i := range 10 {
		e.AddPlay(Play{Listener: "bo", Item: fmt.Sprint("Techno", i), End: Complete, At: evening.Add(time.Duration(i-30) * time.Hour)})
	}
	e.SetRating("bo", "Jazz5", Disliked)
	e.SetWish("ana", Context{Kind: KindArtist, ID: "techno artist 2"}, Ban)
	both := Blend("bo", "ana")
	if both != Blend("ana", "bo", "ana") {
		t.Error("the order of a blend matters")
	}
	n := 0.0
	for seed := range uint64(6) {
		picks := e.Flow(Request{Listener: both, Count: 20, Now: evening, Seed: seed})
		n += share(e, picks, "Techno") / 6
		for _, p := range picks {
			if p.Item == "Jazz5" || e.words.all[e.labels[e.slots[p.Item]].artist] == "Techno artist 2" {
				t.Errorf("%s, which one of them refuses", p.Item)
			}
		}
	}
	if n < 0.15 || n > 0.85 {
		t.Errorf("%.0f %% of the flow is what bo likes", 100*n)
	}
	e.AddPlay(Play{Listener: "bo", Item: "Techno20", End: Complete, At: evening})
	if e.who(both).known(e.slots["Techno20"]) == nil {
		t.Error("a blend does not learn with its members")
	}
	r := Request{Listener: both, Count: 5, Now: evening}
	_, picks := e.Jump(r)
	e.AddPlay(Play{Listener: "ana", Item: picks[0].Item, Heard: time.Second, Length: time.Minute, End: Skipped, At: evening.Add(time.Second)})
	if !e.who(both).trail.steps[0].refused {
		t.Error("a skip by one of them does not refuse the landing")
	}
	if got := e.Flow(Request{Listener: Blend("nobody", "new"), Count: 3, Now: evening}); len(got) != 3 {
		t.Errorf("%d picks for people who are not known", len(got))
	}
}

// For 14 days more is tried on a new listener; then it settles.
func TestFirstFortnightTriesMore(t *testing.T) {
	spread := func(days int) int {
		e := twoCamps()
		first := evening.AddDate(0, 0, -days)
		for i := range 12 {
			e.AddPlay(Play{Listener: "ana", Item: fmt.Sprint("Jazz", i), End: Complete, At: first})
		}
		seen := map[string]bool{}
		for seed := range uint64(30) {
			for _, p := range e.Flow(Request{Listener: "ana", Count: 10, Now: evening, Seed: seed}) {
				seen[p.Item] = true
			}
		}
		return len(seen)
	}
	if early, late := spread(1), spread(20); early <= late {
		t.Errorf("%d tracks are tried in the first days, %d later", early, late)
	}
}

// Whoever skips everything is still answered, with no repeats.
func TestWhoSkipsEverything(t *testing.T) {
	e := twoCamps()
	var timeline []string
	for i := range 300 {
		now := evening.Add(time.Duration(i) * 20 * time.Second)
		picks := e.Flow(Request{Listener: "ana", Recent: timeline, Count: 1, Now: now, Seed: uint64(i)})
		if len(picks) != 1 {
			t.Fatalf("nothing after %d skips", i)
		}
		timeline = append(timeline, picks[0].Item)
		e.AddPlay(Play{Listener: "ana", Item: picks[0].Item, Heard: 2 * time.Second, Length: time.Minute, End: Skipped, At: now})
	}
	if repeats, _ := broken(e, timeline); repeats > 0 {
		t.Errorf("%d repeats", repeats)
	}
	if n := len(e.Chart("ana", evening, 20)); n != 20 {
		t.Errorf("a chart of %d", n)
	}
}

// Poor libraries are answered as well as they can be: three tracks, one artist,
// no tags, ids that vanish.
func TestPoorLibraries(t *testing.T) {
	oneArtist := make([]Item, 150)
	for i := range oneArtist {
		oneArtist[i] = Item{ID: fmt.Sprint(i), Artist: "One"}
	}
	noTags := make([]Item, 150)
	for i := range noTags {
		noTags[i] = Item{ID: fmt.Sprint(i)}
	}
	for name, items := range map[string][]Item{
		"three tracks": {{ID: "a", Artist: "A"}, {ID: "b", Artist: "B"}, {ID: "c"}}, "one artist": oneArtist, "no tags": noTags,
	} {
		t.Run(name, func(t *testing.T) {
			e := New(Config{})
			e.SetCatalogue(items)
			timeline := flowFor(e, Request{Listener: "ana", Now: evening}, 400, 3)
			if timeline == nil {
				t.Fatal("the flow was shorter than asked")
			}
			if repeats, _ := broken(e, timeline); repeats > 0 {
				t.Errorf("%d repeats", repeats)
			}
			if n := len(e.Chart("ana", evening, 10)); n != min(10, len(items)) {
				t.Errorf("a chart of %d", n)
			}
			for _, it := range items[1:] { // all but one vanish
				e.Remove(it.ID)
			}
			if got := flowFor(e, Request{Listener: "ana", Recent: timeline, Now: evening}, 5, 5); got == nil || got[0] != items[0].ID {
				t.Errorf("one track is left, and the flow is %v", got)
			}
			if got := e.Mix("ana", []string{"gone", items[0].ID}, evening); len(got) != 2 {
				t.Errorf("a mix of %d", len(got))
			}
		})
	}
}

// Of a playlist that outlives its tracks nothing is left to go by.
func TestPlaylistOfTracksThatAreGone(t *testing.T) {
	e := homeEngine(1, 300, 10, 500)
	e.SetCatalogue([]Item{{ID: "t00001", Artist: "Artist 1"}, {ID: "t00002", Artist: "Artist 2"}, {ID: "new"}})
	r := Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p3"}, Count: 5, Now: evening}
	if _, picks := e.Jump(r); len(picks) != 5 {
		t.Errorf("a JUMP brings %d tracks", len(picks))
	}
	if picks := e.Flow(r); len(picks) != 5 {
		t.Errorf("a flow brings %d tracks", len(picks))
	}
}

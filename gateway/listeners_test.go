package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// home is the part of a gateway that knows its listeners, over a real store.
type home struct {
	t        *testing.T
	store    *store.Store
	audience *audience
	journal  *journal
	listeners
	tracks []string
	at     time.Time
}

func newHome(t *testing.T, names ...string) *home {
	t.Helper()
	data := shelved(t, names...)
	s, err := store.Open(t.Context(), store.Config{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	a := newAudience(s)
	r := newRecommender(s, a, "", slog.New(slog.DiscardHandler))
	out := scrobble.New(scrobble.Config{Queue: scrobbleQueue{s}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	running.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	tracks, _, err := s.Tracks(ctx, store.TrackFilter{}, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t: t, store: s, audience: a, journal: newJournal(s, r, a, out, slog.New(slog.DiscardHandler)), at: time.Now().Add(-2 * time.Hour)}
	h.listeners = listeners{store: s, audience: a, recommender: r, zones: &zones{}, scrobble: out}
	for _, track := range tracks {
		h.tracks = append(h.tracks, track.ID)
	}
	return h
}

// play has a track heard to its end in a zone.
func (h *home) play(zoneID, track string) {
	h.t.Helper()
	h.begin(zoneID, track)()
}

// begin has a track play until end is called.
func (h *home) begin(zoneID, track string) (end func()) {
	h.t.Helper()
	p := zone.Play{Zone: zoneID, Track: track, By: zone.Picked, Started: h.at, Length: 3 * time.Minute, End: playing}
	h.at = h.at.Add(3 * time.Minute)
	if err := h.journal.AddPlay(h.t.Context(), p); err != nil {
		h.t.Fatal(err)
	}
	return func() {
		h.t.Helper()
		p.Heard, p.End = p.Length, "complete"
		if err := h.journal.AddPlay(h.t.Context(), p); err != nil {
			h.t.Fatal(err)
		}
	}
}

// played counts what a taste learned from.
func (h *home) played(taste string) int {
	h.t.Helper()
	known, err := h.Taste(h.t.Context(), taste)
	if err != nil {
		h.t.Fatal(err)
	}
	return known.Plays
}

// charted tells whether the taste's chart says that a track was played.
func (h *home) charted(taste, track string) bool {
	h.t.Helper()
	chart, err := h.recommender.Chart(h.t.Context(), []string{taste}, 10)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range chart {
		if p.Track == track {
			return strings.HasPrefix(string(p.Why.Code), "why.played")
		}
	}
	return false
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPlaysTeachWhoListens(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming", "Nils - Says")
	kitchen := must(h.store.CreateZone(ctx, "Kitchen"))
	mina, jun := must(h.Create(ctx, "Mina", false)), must(h.Create(ctx, "Jun", true))
	listening := func(learning bool, who ...string) {
		t.Helper()
		if err := h.SetAudience(ctx, store.Audience{Zone: kitchen.ID, Listeners: who, Learning: learning}); err != nil {
			t.Fatal(err)
		}
	}
	own := store.ZoneTaste(kitchen.ID)
	counts := func(want ...int) {
		t.Helper()
		got := []int{h.played(own), h.played(mina.ID), h.played(jun.ID)}
		if !slices.Equal(got, want) {
			t.Errorf("the zone, Mina and Jun heard %v, want %v", got, want)
		}
	}

	h.play(kitchen.ID, h.tracks[0]) // nobody is named: the zone learns
	counts(1, 0, 0)
	listening(true, mina.ID, jun.ID)
	h.play(kitchen.ID, h.tracks[1])
	counts(1, 1, 1)
	if !h.charted(mina.ID, h.tracks[1]) || h.charted(mina.ID, h.tracks[0]) {
		t.Error("Mina's chart is not hers")
	}
	mina.Learning = false // a guest is there
	if err := h.Update(ctx, mina); err != nil {
		t.Fatal(err)
	}
	h.play(kitchen.ID, h.tracks[2])
	counts(1, 1, 2)
	listening(false, mina.ID, jun.ID)
	h.play(kitchen.ID, h.tracks[2])
	counts(1, 1, 2)
	if plays := must(h.store.Plays(ctx, 0, 0)); len(plays) != 3 {
		t.Errorf("%d plays are kept, want 3: what teaches nobody is not kept", len(plays))
	}
}

func TestThatWasNotMe(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming")
	z := must(h.store.CreateZone(ctx, "Home"))
	mina := must(h.Create(ctx, "Mina", false))
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{mina.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[0])
	h.at = time.Now().Add(-10 * time.Minute)
	h.play(z.ID, h.tracks[1])
	if !h.charted(mina.ID, h.tracks[0]) || !h.charted(mina.ID, h.tracks[1]) {
		t.Fatal("what was played is not in the chart")
	}
	end := h.begin(z.ID, h.tracks[1])
	if n, err := h.TakeBack(ctx, mina.ID, time.Now().Add(-time.Hour)); err != nil || n != 2 {
		t.Fatalf("taken back: %d, %v", n, err)
	}
	end() // what played then was not her choice either
	if h.charted(mina.ID, h.tracks[1]) || !h.charted(mina.ID, h.tracks[0]) {
		t.Error("not what was asked was taken back")
	}
	if err := h.Forget(ctx, mina.ID); err != nil {
		t.Fatal(err)
	}
	if h.charted(mina.ID, h.tracks[0]) || h.played(mina.ID) != 0 {
		t.Error("a taste was not forgotten")
	}
}

func TestExportHasEverything(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming")
	z := must(h.store.CreateZone(ctx, "Home"))
	mina := must(h.Create(ctx, `Mina "M"`, false))
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{mina.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[0])
	h.play(z.ID, h.tracks[1])
	if err := h.store.SetRating(ctx, []string{mina.ID}, h.tracks[1], store.Liked); err != nil {
		t.Fatal(err)
	}
	if err := h.SetWish(ctx, store.Wish{Taste: mina.ID, Kind: "genre", ID: "jazz", Wish: "more", Name: "jazz"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := h.Export(ctx, mina.ID, &out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format, Name string
		Plays        []exportedPlay
		Ratings      []exportedRating
		Wishes       []struct{ Kind, ID, Name, Wish string }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if got.Format != exportFormat || got.Name != mina.Name || len(got.Plays) != 2 || got.Plays[0].Title == "" || got.Plays[0].HeardMs != 180_000 ||
		len(got.Ratings) != 1 || got.Ratings[0].Artist == "" || len(got.Wishes) != 1 || got.Wishes[0].Wish != "more" {
		t.Errorf("exported: %s", out.String())
	}
	// Nothing to tell is JSON as well.
	out.Reset()
	if err := h.Export(ctx, store.ZoneTaste(z.ID), &out); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("a zone's own: %s, %v", out.String(), err)
	}
}

func TestExportAndForgetFromTheCommandLine(t *testing.T) {
	ctx := t.Context()
	data := shelved(t, "IU - Blueming")
	history := written(t, "scrobbles.csv", "IU,Love poem,Blueming,01 May 2023 20:00\n")
	if err := withStore(ctx, data, func(s *store.Store) error {
		_, err := s.AddListener(ctx, "Mina", false)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if r, err := ImportHistory(ctx, data, Import{File: history, Listener: "mina"}); err != nil || r.Added != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	file := filepath.Join(t.TempDir(), "mina.json")
	if err := Export(ctx, data, "", file); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "Blueming") {
		t.Errorf("exported: %s, %v", text, err)
	}
	if err := Export(ctx, data, "Mina", file); err == nil {
		t.Error("an export overwrote a file")
	}
	if err := Forget(ctx, data, "Mina"); err != nil {
		t.Fatal(err)
	}
	err := withStore(ctx, data, func(s *store.Store) error {
		if plays, err := s.AllPlays(ctx); err != nil || len(plays) != 0 {
			t.Errorf("after forgetting: %v, %v", plays, err)
		}
		_, err := s.AddListener(ctx, "Jun", false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ImportHistory(ctx, data, Import{File: history}); err == nil || !strings.Contains(err.Error(), "Mina, Jun") {
		t.Errorf("whose it is was not asked: %v", err)
	}
	if _, err := ImportHistory(ctx, data, Import{File: history, Listener: "Eve"}); err == nil {
		t.Error("the history of somebody who does not live here")
	}
}

// Without a play, a rating, a list or a tag, what sounds alike goes together:
// also what was measured while the gateway runs.
func TestWhatSoundsAlikeGoesTogether(t *testing.T) {
	ctx := t.Context()
	names := []string{"A - Seed"}
	for i := range 12 {
		names = append(names, fmt.Sprintf("Artist %c - Track %d", 'B'+i, i))
	}
	h := newHome(t, names...)
	tracks, _, err := h.store.Tracks(ctx, store.TrackFilter{}, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	seed, alike, sounds := "", map[string]bool{}, map[string]sound.Features{}
	for i, track := range tracks {
		var f sound.Features
		for j := range f {
			f[j] = float32((i*7+j*3)%5) / 10 // a little different each
		}
		near := track.Title == "Seed" || i%4 == 0
		if track.Title == "Seed" {
			seed = track.ID
		} else if near {
			alike[track.ID] = true
		}
		for j := range f {
			if near {
				f[j] += 5
			} else if j%2 == i%2 {
				f[j] -= 5
			}
		}
		sounds[track.ID] = f
	}
	h.recommender.heard(ctx, sounds)
	next, err := h.recommender.Next(ctx, zone.FlowRequest{
		Zone: "z", Context: zone.ContextRef{Kind: "track", ID: seed}, Recent: []string{seed}, Count: len(alike), Now: h.at, Seed: 1,
	})
	if err != nil || len(next) != len(alike) {
		t.Fatalf("%d entries, %v", len(next), err)
	}
	for _, e := range next {
		if !alike[e.Track] || e.Why.Code != phrase.WhySound {
			t.Errorf("%s comes, because: %s", e.Track, e.Why)
		}
	}
}

// What a listener who asked for it hears waits on disk for the service; what
// others hear, what was skipped, and what guests hear does not.
func TestListensWaitForTheirService(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming")
	z := must(h.store.CreateZone(ctx, "Home"))
	mina, jun := must(h.Create(ctx, "Mina", false)), must(h.Create(ctx, "Jun", false))
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{mina.ID, jun.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[0]) // nobody asked yet
	if err := h.store.SetScrobbling(ctx, store.Scrobbling{Listener: mina.ID, URL: "http://127.0.0.1:9", Token: "hush"}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[0])
	skipped := zone.Play{Zone: z.ID, Track: h.tracks[1], Started: h.at, Heard: time.Minute, Length: 3 * time.Minute, End: "skipped"}
	if err := h.journal.AddPlay(ctx, skipped); err != nil {
		t.Fatal(err)
	}
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{mina.ID}, Learning: false}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[1])
	waiting := must(scrobbleQueue{h.store}.Waiting(ctx, mina.ID, 10))
	if len(waiting) != 1 || waiting[0].Listen.Artist == "" || waiting[0].Listen.Length != 3*time.Minute || waiting[0].Listen.Started.IsZero() {
		t.Errorf("waiting: %+v", waiting)
	}
	if s := must(h.Scrobbling(ctx, mina.ID)); !s.On || s.Waiting != 1 || s.URL != "http://127.0.0.1:9" {
		t.Errorf("scrobbling: %+v", s)
	}
	if s := must(h.Scrobbling(ctx, jun.ID)); s.On {
		t.Errorf("somebody who did not ask: %+v", s)
	}
	if err := h.StopScrobbling(ctx, mina.ID); err != nil {
		t.Fatal(err)
	}
	if left := must(scrobbleQueue{h.store}.Waiting(ctx, mina.ID, 10)); len(left) != 0 {
		t.Errorf("after stopping: %+v", left)
	}
}

// because says why a track stands in a taste's chart, and whether it does.
func (h *home) because(taste, track string) (phrase.Code, bool) {
	h.t.Helper()
	for _, p := range must(h.recommender.Chart(h.t.Context(), []string{taste}, 10)) {
		if p.Track == track {
			return p.Why.Code, true
		}
	}
	return "", false
}

func TestAChildFeedsNobodyElse(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming", "Nils - Says")
	z := must(h.store.CreateZone(ctx, "Home"))
	mina, jun := must(h.Create(ctx, "Mina", false)), must(h.Create(ctx, "Jun", true))
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{jun.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	h.play(z.ID, h.tracks[0])
	if why, _ := h.because(jun.ID, h.tracks[0]); !strings.HasPrefix(string(why), "why.played") {
		t.Errorf("the child's own chart: %s", why)
	}
	if why, _ := h.because(mina.ID, h.tracks[0]); why != phrase.WhyNew {
		t.Errorf("what a child heard, for another: %s", why)
	}
	jun.Child = false // grown up: what was heard counts at home after all
	if err := h.Update(ctx, jun); err != nil {
		t.Fatal(err)
	}
	h.recommender.reload(ctx)
	if why, _ := h.because(mina.ID, h.tracks[0]); why != phrase.WhyHome {
		t.Errorf("what somebody at home heard, for another: %s", why)
	}
}

func TestWishesAreHeeded(t *testing.T) {
	ctx := t.Context()
	h := newHome(t, "Air - Run", "IU - Blueming", "Nils - Says")
	z := must(h.store.CreateZone(ctx, "Home"))
	mina, jun := must(h.Create(ctx, "Mina", false)), must(h.Create(ctx, "Jun", false))
	if err := h.SetAudience(ctx, store.Audience{Zone: z.ID, Listeners: []string{mina.ID, jun.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	banned := must(h.store.Track(ctx, h.tracks[1]))
	ban := store.Wish{Taste: jun.ID, Kind: "artist", ID: banned.ArtistID, Name: banned.Artist, Wish: "ban"}
	plays := func() (mine, ours bool) {
		t.Helper()
		_, mine = h.because(mina.ID, banned.ID)
		next := must(h.recommender.Next(ctx, zone.FlowRequest{Zone: z.ID, Count: 3, Now: h.at, Seed: 1}))
		return mine, slices.ContainsFunc(next, func(e zone.Entry) bool { return e.Track == banned.ID })
	}
	if mine, ours := plays(); !mine || !ours {
		t.Fatalf("before anybody wished: %t, %t", mine, ours)
	}
	if err := h.SetWish(ctx, ban); err != nil {
		t.Fatal(err)
	}
	if mine, ours := plays(); !mine || ours {
		t.Errorf("Jun wants none of it: Mina alone %t, both %t", mine, ours)
	}
	h.recommender.reload(ctx) // as after a restart
	if _, ours := plays(); ours {
		t.Error("a wish did not outlive a restart")
	}
	if taste := must(h.Taste(ctx, jun.ID)); len(taste.Wishes) != 1 || len(taste.Leanings) == 0 || taste.Leanings[len(taste.Leanings)-1].Liking != -1 {
		t.Errorf("shown: %+v", taste)
	}
	ban.Wish = ""
	if err := h.SetWish(ctx, ban); err != nil {
		t.Fatal(err)
	}
	if _, ours := plays(); !ours {
		t.Error("taken back, it does not come again")
	}
}

func TestWhatIsNoMusic(t *testing.T) {
	for genre, want := range map[string]bool{
		"Podcast": true, "audiobook": true, "Rock; SPOKEN WORD": true, "자장가": true, "Hörspiel": true, "Lullaby": true,
		"Rock": false, "": false, "Speechcore": false, "Rainwave": false,
	} {
		if got := spoken(tags(genre)); got != want {
			t.Errorf("%q: %t", genre, got)
		}
	}
}

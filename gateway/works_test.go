package gateway

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

func TestWorksByTitle(t *testing.T) {
	for title, want := range map[string]string{
		"Symphony No. 5 in C minor, Op. 67: II. Andante con moto": "Symphony No. 5 in C minor, Op. 67",
		"Piano Trio - IV. Final":                                  "Piano Trio",
		"Gymnopédie: No. 1. Lent et douloureux":                   "Gymnopédie",
		"Sonata No. 14":                                           "", "Bolero": "", "Part IV. The End": "",
	} {
		got := ""
		if m := movement.FindStringSubmatch(title); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%s is of %q, want %q", title, got, want)
		}
	}
}

// scanned puts tracks in a home's store as a scan does, and has the recommender
// told.
func (h *home) scanned(tracks ...store.Track) {
	h.t.Helper()
	var batch store.ScanBatch
	for i, t := range tracks {
		t.Path, t.Root, t.Duration, t.Codec = fmt.Sprintf("/music/%s %d %s.flac", t.Album, i, t.Title), "/music", 3*time.Minute, "flac"
		t.ArtistID, t.AlbumID = store.ArtistID(t.Artist), store.AlbumID(t.Album, "", "/music")
		batch.Tracks = append(batch.Tracks, store.ScannedTrack{Print: []byte(t.Path), Track: t})
	}
	if err := h.store.SaveScan(h.t.Context(), batch); err != nil {
		h.t.Fatal(err)
	}
	h.recommender.refresh(h.t.Context())
}

// titled are the titles of what a flow brings next.
func (h *home) titled(q zone.FlowRequest) []string {
	h.t.Helper()
	var titles []string
	for _, e := range must(h.recommender.Next(h.t.Context(), q)) {
		titles = append(titles, must(h.store.Track(h.t.Context(), e.Track)).Title)
	}
	return titles
}

// Movements, and tracks that run into each other, come together and in order, as
// their tags say.
func TestPartsOfWorksComeTogether(t *testing.T) {
	h := newHome(t)
	var tracks []store.Track
	for i, name := range []string{"I. Modéré", "II. Pantoum", "III. Passacaille", "IV. Final"} {
		tracks = append(tracks, store.Track{Title: "Trio: " + name, Artist: "Beaux Arts Trio", Composer: "Ravel", Album: "Trios", Genre: "Classical", Number: i + 1})
	}
	for i, name := range []string{"Scarlet Begonias >", "Fire on the Mountain", "Estimated Prophet"} {
		tracks = append(tracks, store.Track{Title: name, Artist: "Grateful Dead", Album: "Barton Hall", Genre: "Rock", Number: i + 1})
	}
	for i := range 40 {
		tracks = append(tracks, store.Track{Title: fmt.Sprint("Song ", i), Artist: fmt.Sprint("Band ", i), Album: fmt.Sprint("Album ", i), Genre: []string{"Rock", "Classical"}[i%2], Number: 1})
	}
	h.scanned(tracks...)
	trio := []string{"Trio: I. Modéré", "Trio: II. Pantoum", "Trio: III. Passacaille", "Trio: IV. Final"}
	live := []string{"Scarlet Begonias >", "Fire on the Mountain"}
	for seed := range uint64(5) {
		titles := h.titled(zone.FlowRequest{Zone: "z", Count: 47, Now: h.at, Seed: seed})
		for _, unit := range [][]string{trio, live} {
			at := slices.Index(titles, unit[0])
			if at < 0 || !slices.Equal(titles[at:min(len(titles), at+len(unit))], unit) {
				t.Errorf("seed %d: %q is not one unit in %q", seed, unit, titles)
			}
		}
	}
}

// In classical music the composer counts as the artist does; elsewhere who wrote a
// song does not.
func TestComposersAreArtistsOfClassicalWorks(t *testing.T) {
	g := newGrouping()
	for genre, want := range map[string]string{"Classical": "Ravel", "클래식": "Ravel", "Pop": ""} {
		it := jump.Item{Genres: []string{genre}}
		if g.take(&it, &store.Track{Title: "Bolero", Composer: "Ravel"}, 0); it.Composer != want {
			t.Errorf("%s: composer %q, want %q", genre, it.Composer, want)
		}
	}
}

// Names that MusicBrainz, or a name for sorting, says are one artist's are one
// artist's: they do not come two in a row, and who bans one bans all.
func TestArtistsByTheirOtherNames(t *testing.T) {
	const mbid = "b9545342-1e6d-4dae-84ac-013374ad8d7c"
	h := newHome(t)
	tracks := []store.Track{
		{Title: "Blueming", Artist: "IU", ArtistMBID: mbid},
		{Title: "밤편지", Artist: "아이유", ArtistMBID: mbid},
		{Title: "Evolution", Artist: "浜崎あゆみ", ArtistSort: "Ayumi Hamasaki"},
		{Title: "Dearest", Artist: "Ayumi Hamasaki"},
		{Title: "Help", Artist: "The Beatles", ArtistSort: "Beatles"},
		{Title: "Cover", Artist: "Beatles"},
	}
	for i := range 12 {
		tracks = append(tracks, store.Track{Title: fmt.Sprint("Song ", i), Artist: fmt.Sprint("Band ", i)})
	}
	h.scanned(tracks...)
	one := must(ask(t.Context(), h.recommender, func(e *jump.Engine) [3]bool {
		same := func(a, b string) bool {
			x := e.Name(jump.Context{Kind: jump.KindArtist, ID: store.ArtistID(a)})
			return x != "" && x == e.Name(jump.Context{Kind: jump.KindArtist, ID: store.ArtistID(b)})
		}
		return [3]bool{same("IU", "아이유"), same("浜崎あゆみ", "Ayumi Hamasaki"), same("The Beatles", "Beatles")}
	}))
	if one != [3]bool{true, true, false} {
		t.Errorf("one artist each: %v", one)
	}
	mina := must(h.Create(t.Context(), "Mina", false))
	if err := h.SetWish(t.Context(), store.Wish{Taste: mina.ID, Kind: "artist", ID: store.ArtistID("IU"), Wish: "ban"}); err != nil {
		t.Fatal(err)
	}
	z := must(h.store.CreateZone(t.Context(), "Home"))
	if err := h.SetAudience(t.Context(), store.Audience{Zone: z.ID, Listeners: []string{mina.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	for _, title := range h.titled(zone.FlowRequest{Zone: z.ID, Count: 16, Now: h.at}) {
		if title == "밤편지" || title == "Blueming" {
			t.Errorf("%s comes though its artist is banned", title)
		}
	}
}

package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// heard keeps a play of a track that teaches the tastes.
func heard(t *testing.T, s *Store, track string, at time.Time, tastes ...string) {
	t.Helper()
	must(s.AddPlay(t.Context(), Play{Zone: "z", Track: track, By: "picked", Started: at, Length: time.Minute, End: "complete", Tastes: tastes}))
}

// taught lists the tracks whose plays taught a taste.
func taught(t *testing.T, s *Store, taste string) (tracks []string) {
	t.Helper()
	check(t, s.PlaysOf(t.Context(), taste, func(p Play, _ Track) error {
		tracks = append(tracks, p.Track)
		return nil
	}))
	return tracks
}

func TestWhoClaimsAGatewayListensThere(t *testing.T) {
	ctx := t.Context()
	s := opened(t, t.TempDir())
	z := must(s.CreateZone(ctx, "Home"))
	at := time.UnixMicro(1e15)
	heard(t, s, "import", at, ImportedTaste)
	heard(t, s, "party", at.Add(time.Hour), ZoneTaste(z.ID))
	check(t, s.SetRating(ctx, []string{ImportedTaste}, "import", Liked))
	check(t, s.Claim(ctx, "Mina", "x"))
	all := must(s.Listeners(ctx))
	if len(all) != 1 || all[0].Name != "Mina" || all[0].Account != "Mina" || !all[0].Learning {
		t.Fatalf("listeners: %+v", all)
	}
	mina := all[0].ID
	if got := taught(t, s, mina); !slices.Equal(got, []string{"import"}) {
		t.Errorf("plays of who claimed it: %v", got)
	}
	if got := taught(t, s, ZoneTaste(z.ID)); !slices.Equal(got, []string{"party"}) {
		t.Errorf("plays of the zone: %v", got)
	}
	if got := must(s.Ratings(ctx, []string{mina}, []string{"import"})); got["import"] != Liked {
		t.Errorf("ratings: %v", got)
	}
	if got := must(s.Audiences(ctx)); len(got) != 1 || !got[0].Learning || !slices.Equal(got[0].Listeners, []string{mina}) {
		t.Errorf("who listens: %+v", got)
	}
}

// Nothing of who was deleted is left in the file, free pages included.
func TestWhoIsDeletedIsNotInTheFileAnyMore(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s := must(Open(ctx, Config{Dir: dir}))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	mina := must(s.AddListener(ctx, "Mina Unmistakable", false))
	for i := range 200 {
		heard(t, s, "t", time.UnixMicro(1e15).Add(time.Duration(i)*time.Hour), mina.ID)
	}
	check(t, s.DeleteListener(ctx, mina.ID))
	cancel()
	check(t, <-ended)
	check(t, s.Close())
	kept := must(os.ReadFile(filepath.Join(dir, File)))
	for _, what := range []string{mina.Name, mina.ID} {
		if n := bytes.Count(kept, []byte(what)); n != 0 {
			t.Errorf("%q is in the file %d times", what, n)
		}
	}
}

func TestListenersComeAndGo(t *testing.T) {
	ctx := t.Context()
	s := opened(t, t.TempDir())
	z := must(s.CreateZone(ctx, "Home"))
	mina, jun := must(s.AddListener(ctx, "Mina", false)), must(s.AddListener(ctx, "Jun", true))
	if _, err := s.AddListener(ctx, "mina", false); !errors.Is(err, ErrExists) {
		t.Errorf("a name twice: %v", err)
	}
	jun.Name, jun.Learning = "Juno", false
	check(t, s.UpdateListener(ctx, jun))
	if got := must(s.Listener(ctx, jun.ID)); got.Name != "Juno" || got.Learning || !got.Child {
		t.Errorf("changed: %+v", got)
	}
	check(t, s.SetAudience(ctx, Audience{Zone: z.ID, Listeners: []string{jun.ID, mina.ID, jun.ID}, Learning: true}))
	if got := must(s.Audiences(ctx)); !slices.Equal(got[0].Listeners, []string{mina.ID, jun.ID}) {
		t.Errorf("who listens: %+v", got)
	}
	if err := s.SetAudience(ctx, Audience{Zone: z.ID, Listeners: []string{"nobody"}}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a listener who is not there: %v", err)
	}
	at := time.UnixMicro(1e15)
	heard(t, s, "both", at, mina.ID, jun.ID)
	heard(t, s, "hers", at, jun.ID)
	check(t, s.SetWish(ctx, Wish{Taste: jun.ID, Kind: "artist", ID: "a", Wish: "ban", Name: "A"}))
	check(t, s.DeleteListener(ctx, jun.ID))
	if got := must(s.Plays(ctx, 0, 0)); len(got) != 1 || !slices.Equal(got[0].Tastes, []string{mina.ID}) {
		t.Errorf("plays of one who is gone: %+v", got)
	}
	if got := must(s.AllWishes(ctx)); len(got) != 0 {
		t.Errorf("wishes of one who is gone: %+v", got)
	}
	if got := must(s.Audiences(ctx)); !got[0].Learning || !slices.Equal(got[0].Listeners, []string{mina.ID}) {
		t.Errorf("who listens: %+v", got)
	}
	if err := s.DeleteListener(ctx, jun.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("gone twice: %v", err)
	}
}

func TestPlaysAreTakenBack(t *testing.T) {
	s := opened(t, t.TempDir())
	at := time.UnixMicro(1e15)
	heard(t, s, "early", at, "mina", "jun")
	heard(t, s, "hers", at.Add(time.Hour), "mina")
	heard(t, s, "both", at.Add(time.Hour), "jun", "mina")
	heard(t, s, "his", at.Add(time.Hour), "jun", "minas")
	if n := must(s.TakeBack(t.Context(), "mina", at.Add(time.Minute))); n != 2 {
		t.Errorf("taken back: %d", n)
	}
	for taste, want := range map[string][]string{"mina": {"early"}, "jun": {"early", "both", "his"}, "minas": {"his"}} {
		if got := taught(t, s, taste); !slices.Equal(got, want) {
			t.Errorf("plays of %s: %v, want %v", taste, got, want)
		}
	}
	if got := must(s.Plays(t.Context(), 0, 0)); len(got) != 3 {
		t.Errorf("a play that teaches nobody stays: %+v", got)
	}
}

func TestWishesReplaceEachOther(t *testing.T) {
	ctx := t.Context()
	s := opened(t, t.TempDir())
	w := Wish{Taste: "mina", Kind: "artist", ID: "a", Wish: "ban", Name: "Ann"}
	check(t, s.SetWish(ctx, w))
	w.Wish = "more"
	check(t, s.SetWish(ctx, w))
	if got := must(s.WishesOf(ctx, "mina")); len(got) != 1 || got[0].Wish != "more" || got[0].Name != "Ann" {
		t.Errorf("wishes: %+v", got)
	}
	w.Wish = ""
	check(t, s.SetWish(ctx, w))
	if got := must(s.WishesOf(ctx, "mina")); len(got) != 0 {
		t.Errorf("taken back: %+v", got)
	}
}

// What a home without listeners knew becomes the knowledge of who claimed it.
func TestAHomeFromBeforeListeners(t *testing.T) {
	for _, claimed := range []bool{true, false} {
		dir := t.TempDir()
		s := must(open(t.Context(), Config{Dir: dir}, migrations()[:3]))
		for _, sql := range []string{
			"INSERT INTO zones (id, name, created) VALUES ('z', 'Home', 1)",
			"INSERT INTO ratings VALUES ('t', 1, 5)",
			"INSERT INTO plays (zone, track, by, context, started, heard, length, end) VALUES ('z', 't', 'picked', '', 1, 1, 1, 'complete')",
		} {
			must(s.w.ExecContext(t.Context(), sql))
		}
		if claimed {
			must(s.w.ExecContext(t.Context(), "INSERT INTO accounts VALUES ('Mina', 'x', 1)"))
		}
		check(t, s.Close())
		s = opened(t, dir)
		taste := ZoneTaste("z")
		if all := must(s.Listeners(t.Context())); claimed {
			taste = all[0].ID
			if got := must(s.Audiences(t.Context())); !slices.Equal(got[0].Listeners, []string{taste}) {
				t.Errorf("who listens: %+v", got)
			}
		}
		if got := taught(t, s, taste); !slices.Equal(got, []string{"t"}) {
			t.Errorf("claimed %v: plays %v", claimed, got)
		}
		if got := must(s.RatingsOf(t.Context(), taste)); len(got) != 1 {
			t.Errorf("claimed %v: ratings %v", claimed, got)
		}
	}
}

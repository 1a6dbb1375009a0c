package gateway

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

func TestNeighboursAreImported(t *testing.T) {
	const run, says = "b9545342-1e6d-4dae-84ac-013374ad8d7c", "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"
	data := t.TempDir()
	err := withStore(t.Context(), data, func(s *store.Store) error {
		var batch store.ScanBatch
		for title, recording := range map[string]string{"Run": run, "Says": says, "Other": "", "More": ""} {
			batch.Tracks = append(batch.Tracks, store.ScannedTrack{Print: []byte(title), Track: store.Track{
				ID: "t-" + title, Path: "/music/" + title + ".flac", Root: "/music", Artist: title, ArtistID: store.ArtistID(title), Title: title, Codec: "flac", RecordingID: recording,
			}})
		}
		return s.SaveScan(t.Context(), batch)
	})
	if err != nil {
		t.Fatal(err)
	}
	list := jump.NeighboursHeader + "\n# recordings, and tracks of this library\n" +
		strings.ToUpper(run) + "\t" + says + "\t0.9\nt-Other\tt-More\t0.5\nt-Other\tt-Gone\t0.5\n"
	want := NeighboursReport{Pairs: 3, Kept: 2, Tracks: 2, NotFound: 1}

	dry, err := ImportHistory(t.Context(), data, Import{File: written(t, "near.txt", list), Dry: true})
	if err != nil || dry.Neighbours == nil || *dry.Neighbours != want {
		t.Fatalf("a dry run: %+v, %v", dry.Neighbours, err)
	}
	if _, err := os.Stat(filepath.Join(data, neighboursFile)); err == nil {
		t.Error("a dry run keeps them")
	}
	_, err = ImportHistory(t.Context(), data, Import{File: written(t, "near.txt", list+"t-Run\tt-Says\t2\n")})
	if !errors.Is(err, jump.ErrNeighbours) || !strings.Contains(err.Error(), "near.txt") || !strings.Contains(err.Error(), "line 6") {
		t.Errorf("a list with a mistake: %v", err)
	}
	report, err := ImportHistory(t.Context(), data, Import{File: written(t, "near.txt", list)})
	if err != nil || report.Format != "neighbours" || *report.Neighbours != want {
		t.Fatalf("%+v, %v", report, err)
	}

	s, err := store.Open(t.Context(), store.Config{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t: t, store: s, audience: newAudience(s)}
	var log lines
	end := h.started(data, &log)
	like := must(ask(t.Context(), h.recommender, func(e *jump.Engine) []jump.Ranked { return e.Like([]string{"t-Run"}, 1) }))
	if len(like) != 1 || like[0].Item != "t-Says" {
		t.Errorf("most like Run is %v", like)
	}
	end()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if said := log.taken(); said != "" {
		t.Errorf("the log says %s", said)
	}
}

// Neighbours and playlists are read again where the catalogue, or a playlist, is
// not as it was.
func TestRefreshReadsWhatChanged(t *testing.T) {
	h := newHome(t, "Air - Run", "IU - Blueming", "Nils - Says")
	data := t.TempDir()
	path := filepath.Join(data, neighboursFile)
	if err := os.WriteFile(path, []byte(jump.NeighboursHeader+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log lines
	end := h.started(data, &log)
	defer end()
	lists := func() []string {
		return must(ask(t.Context(), h.recommender, func(e *jump.Engine) []string { return e.Playlists() }))
	}
	if got := lists(); len(got) != 0 {
		t.Fatalf("there are playlists: %v", got)
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil { // whoever reads it says so
		t.Fatal(err)
	}
	if n := h.recommender.refresh(t.Context()); n != 3 {
		t.Errorf("there are %d tracks", n)
	}
	lists() // it was done
	if said := log.taken(); said != "" {
		t.Errorf("nothing changed, and the neighbours were read: %s", said)
	}
	p := must(h.store.CreatePlaylist(t.Context(), "Evening", h.tracks))
	h.recommender.refresh(t.Context())
	if got := lists(); len(got) != 1 || got[0] != p.ID {
		t.Errorf("a playlist that was made is not known: %v", got)
	}
	h.scanned(store.Track{ID: "t-new", Title: "New", Artist: "Air", Album: "Moon"})
	lists()
	if said := log.taken(); !strings.Contains(said, "neighbours") {
		t.Errorf("the catalogue changed, and the neighbours were not read: %q", said)
	}
}

// However many playlists there are, all are known.
func TestAllPlaylistsAreRead(t *testing.T) {
	h := newHome(t, "Air - Run", "IU - Blueming")
	const many = 1003 // more than the store lists at once
	for i := range many {
		must(h.store.CreatePlaylist(t.Context(), fmt.Sprint("List ", i), h.tracks))
	}
	var log lines
	end := h.started(t.TempDir(), &log)
	defer end()
	got := must(ask(t.Context(), h.recommender, func(e *jump.Engine) int { return len(e.Playlists()) }))
	if got != many {
		t.Errorf("%d of %d playlists are known", got, many)
	}
}

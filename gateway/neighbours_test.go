package gateway

import (
	"errors"
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

package gateway

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// shelved makes a data folder whose library has tracks, "ARTIST - TITLE".
func shelved(t *testing.T, names ...string) string {
	t.Helper()
	data := t.TempDir()
	err := withStore(t.Context(), data, func(s *store.Store) error {
		var batch store.ScanBatch
		for _, name := range names {
			artist, title, _ := strings.Cut(name, " - ")
			batch.Tracks = append(batch.Tracks, store.ScannedTrack{Print: []byte(name), Track: store.Track{
				Path: "/music/" + name + ".flac", Root: "/music", Artist: artist, ArtistID: store.ArtistID(artist), Title: title, Duration: 3 * time.Minute, Codec: "flac",
			}})
		}
		return s.SaveScan(t.Context(), batch)
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func written(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestHistoryIsImportedOnce(t *testing.T) {
	data := shelved(t, "Air - Run", "IU - Blueming")
	file := written(t, "history.json", `[
		{"ts":"2023-05-01T20:03:20Z","ms_played":200000,"master_metadata_track_name":"Blueming","master_metadata_album_artist_name":"IU","reason_end":"trackdone"},
		{"ts":"2023-05-01T20:03:40Z","ms_played":9000,"master_metadata_track_name":"Run","master_metadata_album_artist_name":"Air","reason_end":"fwdbtn"},
		{"ts":"2023-05-01T20:08:40Z","ms_played":200000,"master_metadata_track_name":"Unknown","master_metadata_album_artist_name":"Nobody","reason_end":"trackdone"}]`)
	dry, err := ImportHistory(t.Context(), data, Import{File: file, Dry: true})
	if err != nil || dry.ByNames != 2 || dry.Added != 0 {
		t.Fatalf("a dry run: %+v, %v", dry, err)
	}
	first, err := ImportHistory(t.Context(), data, Import{File: file})
	if err != nil || first.Format != "Spotify" || first.Listens != 3 || first.ByNames != 2 || first.NotFound != 1 || first.Added != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	if len(first.Missing) != 1 || first.Missing[0].Title != "Unknown" {
		t.Errorf("missing: %+v", first.Missing)
	}
	again, err := ImportHistory(t.Context(), data, Import{File: file})
	if err != nil || again.Added != 0 {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	// Scrobbles of the same evening, a little off, are the same plays.
	scrobbles := written(t, "scrobbles.csv", "IU,Love poem,Blueming,01 May 2023 20:00\nIU,Love poem,Blueming,01 May 2023 22:00\n")
	more, err := ImportHistory(t.Context(), data, Import{File: scrobbles})
	if err != nil || more.ByNames != 2 || more.Added != 1 {
		t.Errorf("scrobbles: %+v, %v", more, err)
	}
	var ends []string
	err = withStore(t.Context(), data, func(s *store.Store) error {
		plays, err := s.AllPlays(t.Context())
		for _, p := range plays {
			ends = append(ends, p.End+" "+p.Heard.String())
		}
		return err
	})
	if got := strings.Join(ends, ", "); err != nil || got != "complete 3m20s, skipped 9s, complete 3m0s" {
		t.Errorf("kept: %s, %v", got, err)
	}
}

func TestPlaylistIsImported(t *testing.T) {
	data := shelved(t, "Air - Run", "IU - Blueming")
	file := written(t, "Sunday.m3u", "#EXTM3U\n#EXTINF:180,Air - Run\nelsewhere.mp3\nC:\\Music\\IU - Blueming.flac\nhttp://radio.example/\n")
	r, err := ImportHistory(t.Context(), data, Import{File: file})
	if err != nil || r.Playlist != "Sunday" || r.Added != 2 || r.ByNames != 1 || r.ByPath != 1 || r.NotFound != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	err = withStore(t.Context(), data, func(s *store.Store) error {
		lists, _, err := s.Playlists(t.Context(), store.Page{})
		if len(lists) != 1 || lists[0].Name != "Sunday" || lists[0].Tracks != 2 {
			t.Errorf("playlists: %+v", lists)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A playlist of which nothing is here is told from a history without news.
func TestAPlaylistOfWhichNothingIsHere(t *testing.T) {
	data := shelved(t, "Air - Run")
	r, err := ImportHistory(t.Context(), data, Import{File: written(t, "Monday.m3u", "elsewhere.mp3\nfurther.mp3\n")})
	if err != nil || !r.IsPlaylist() || r.Playlist != "" || r.Added != 0 || r.NotFound != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	data := shelved(t)
	for name, c := range map[string]struct{ file, want string }{
		"not there": {filepath.Join(data, "none.json"), "there is no file"},
		"a folder":  {data, "is a folder"},
		"a photo":   {written(t, "photo.jpg", "\xFF\xD8\xFF"), "unknown format"},
		"empty":     {written(t, "empty.json", ""), "the file is empty"},
	} {
		if _, err := ImportHistory(context.Background(), data, Import{File: c.file}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

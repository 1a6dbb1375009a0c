package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if childMain() {
		return
	}
	goleak.VerifyTestMain(m)
}

// opened returns a running store in a folder of its own.
func opened(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	running(t, s)
	return s
}

// running runs the store's writer until the test ends.
func running(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scanned returns a track as a scan would give it.
func scanned(path, title, artist, album string) ScannedTrack {
	return ScannedTrack{
		Track: Track{
			Path: path, Root: "/music", Size: 1000, ModTime: time.Unix(1, 0), Title: title, Artist: artist,
			ArtistID: ArtistID(artist), Album: album, AlbumID: AlbumID(album, artist, filepath.Dir(path)),
			AlbumArtist: artist, Duration: time.Minute, Codec: "flac",
		},
		AlbumArtistID: ArtistID(artist),
		Print:         []byte(path),
	}
}

func TestScannedTracksAreListed(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	var batch ScanBatch
	for i := range 30 {
		tr := scanned(fmt.Sprintf("/music/%02d.flac", i), fmt.Sprintf("Song %02d", i), fmt.Sprintf("Artist %d", i%3), fmt.Sprintf("Album %d", i%5))
		tr.Number = i
		tr.Year = 2000 + i%5
		batch.Tracks = append(batch.Tracks, tr)
	}
	check(t, s.SaveScan(ctx, batch))

	list, total, err := s.Tracks(ctx, TrackFilter{}, Page{Offset: 10, Limit: 5})
	check(t, err)
	if total != 30 || len(list) != 5 || list[0].Title != "Song 10" {
		t.Errorf("tracks: %d of %d, first %q", len(list), total, list[0].Title)
	}
	list, total, err = s.Tracks(ctx, TrackFilter{Artist: ArtistID("artist 1")}, Page{})
	check(t, err)
	if total != 10 || len(list) != 10 {
		t.Errorf("tracks of an artist: %d of %d", len(list), total)
	}
	albums, total, err := s.Albums(ctx, ArtistID("Artist 2"), Page{})
	check(t, err)
	if total != 5 || albums[0].Tracks != 2 || albums[0].Duration != 2*time.Minute || albums[0].Year != 2000 {
		t.Errorf("albums: %d, first %+v", total, albums[0])
	}
	artists, total, err := s.Artists(ctx, Page{})
	check(t, err)
	if total != 3 || artists[1].Name != "Artist 1" || artists[1].Tracks != 10 || artists[1].Albums != 5 {
		t.Errorf("artists: %d, %+v", total, artists)
	}
	ids := []string{list[3].ID, "nothing", list[1].ID}
	byID := must(s.TracksByID(ctx, ids))
	if len(byID) != 2 || byID[0].ID != ids[0] || byID[1].ID != ids[2] {
		t.Errorf("tracks by id: %v", byID)
	}
	if _, err := s.Track(ctx, "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a track that is not there: %v", err)
	}
}

func TestMissingTracksLeaveTheirLists(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	check(t, s.SaveScan(ctx, ScanBatch{Tracks: []ScannedTrack{
		scanned("/music/a.flac", "One", "Ann", "First"), scanned("/music/b.flac", "Two", "Bob", "Second"),
	}}))
	rows := map[string]FileRef{}
	check(t, s.EachFile(ctx, "/music", func(path string, r FileRef) { rows[path] = r }))
	one := must(s.Search(ctx, "one", 0)).Tracks[0]
	n := rows["/music/a.flac"].N

	check(t, s.SaveScan(ctx, ScanBatch{Missing: []int64{n}}))
	if got := must(s.Counts(ctx)); got != (Counts{Tracks: 1, Albums: 1, Artists: 1, Missing: 1}) {
		t.Errorf("counts: %+v", got)
	}
	if found := must(s.Search(ctx, "one", 0)); len(found.Tracks) != 0 {
		t.Errorf("found: %+v", found.Tracks)
	}
	if got := must(s.Track(ctx, one.ID)); !got.Missing {
		t.Error("the track is not marked missing")
	}
	check(t, s.SaveScan(ctx, ScanBatch{Tracks: []ScannedTrack{scanned("/music/a.flac", "One", "Ann", "First")}}))
	if got := must(s.Search(ctx, "one", 0)).Tracks; len(got) != 1 || got[0].ID != one.ID {
		t.Errorf("found again: %+v", got)
	}
}

func TestCompilationIsOneAlbum(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	var b ScanBatch
	for i, artist := range []string{"Ann", "Bob", "Cy"} {
		tr := scanned(fmt.Sprintf("/music/hits/%d.flac", i), "T", artist, "Hits")
		tr.AlbumArtist, tr.AlbumArtistID, tr.AlbumID = "", "", AlbumID("Hits", "", "/music/hits")
		b.Tracks = append(b.Tracks, tr)
	}
	check(t, s.SaveScan(ctx, b))
	albums, total, err := s.Albums(ctx, "", Page{})
	check(t, err)
	if total != 1 || albums[0].Artist != VariousArtists || albums[0].Tracks != 3 {
		t.Errorf("albums: %+v", albums)
	}
}

func TestPlaylists(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	p := must(s.CreatePlaylist(ctx, "봄날 저녁", []string{"a", "b", "a"}))
	check(t, s.SetPlaylistTracks(ctx, p.ID, []string{"c", "a"}))
	check(t, s.RenamePlaylist(ctx, p.ID, "Evening"))
	if got := must(s.PlaylistTracks(ctx, p.ID)); fmt.Sprint(got) != "[c a]" {
		t.Errorf("tracks: %v", got)
	}
	if got := must(s.Search(ctx, "eve", 0)).Playlists; len(got) != 1 || got[0].Tracks != 2 {
		t.Errorf("found: %+v", got)
	}
	if got := must(s.Search(ctx, "봄", 0)).Playlists; len(got) != 0 {
		t.Errorf("found by its old name: %+v", got)
	}
	check(t, s.DeletePlaylist(ctx, p.ID))
	if err := s.DeletePlaylist(ctx, p.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleting again: %v", err)
	}
	if _, err := s.PlaylistTracks(ctx, p.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("tracks of a deleted playlist: %v", err)
	}
	if s.PlaylistRevision() != 4 {
		t.Errorf("revision %d", s.PlaylistRevision())
	}
}

func TestRatingsAndPlays(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	check(t, s.SaveScan(ctx, ScanBatch{Tracks: []ScannedTrack{scanned("/music/a", "One", "Ann", "X"), scanned("/music/b", "Two", "Ann", "X")}}))
	all, _, err := s.Tracks(ctx, TrackFilter{}, Page{})
	check(t, err)
	a, b := all[0].ID, all[1].ID
	check(t, s.SetRating(ctx, []string{"mina"}, a, Liked))
	check(t, s.SetRating(ctx, []string{"mina", "jun"}, b, Disliked))
	check(t, s.SetRating(ctx, []string{"mina"}, "gone", Liked))
	if got := must(s.Ratings(ctx, []string{"mina"}, []string{a, b, "none"})); len(got) != 2 || got[a] != Liked || got[b] != Disliked {
		t.Errorf("ratings: %v", got)
	}
	check(t, s.SetRating(ctx, []string{"jun"}, a, Disliked))
	if got := must(s.Ratings(ctx, []string{"mina", "jun"}, []string{a, b})); len(got) != 1 || got[b] != Disliked {
		t.Errorf("ratings of two: %v", got)
	}
	check(t, s.ForgetTaste(ctx, "jun"))
	check(t, s.SetRating(ctx, []string{"mina"}, b, Unrated))
	if got := must(s.AllRatings(ctx)); len(got) != 2 {
		t.Errorf("ratings: %v", got)
	}

	started := time.UnixMicro(1e15)
	want := Play{Zone: "z", Track: a, By: "picked", Tastes: []string{"mina"}, Context: "album:x", Started: started, Length: time.Minute, End: "playing"}
	first := must(s.AddPlay(ctx, want))
	second := must(s.AddPlay(ctx, want))
	if tastes, err := s.EndPlay(ctx, first, time.Second, "skipped"); err != nil || !reflect.DeepEqual(tastes, want.Tastes) {
		t.Errorf("the play taught %v: %v", tastes, err)
	}
	want.ID, want.Heard, want.End = first, time.Second, "skipped"
	if got := must(s.Plays(ctx, 0, 0)); len(got) != 2 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("plays: %+v, want %+v", got, want)
	}
	if got := must(s.Plays(ctx, first, 1)); len(got) != 1 || got[0].ID != second {
		t.Errorf("plays since: %+v", got)
	}
	check(t, s.StopPlays(ctx))
	if got := must(s.Plays(ctx, 0, 0)); got[0].End != "skipped" || got[1].End != "stopped" {
		t.Errorf("after a restart the plays ended %s and %s", got[0].End, got[1].End)
	}
	must(s.TakeBack(ctx, "mina", started))
	if _, err := s.EndPlay(ctx, second, time.Second, "complete"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the end of a play that was taken back: %v", err)
	}
}

func TestDevicesZonesSettings(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	d := s.NewDevice("dev1")
	d.Name, d.Approved, d.Delay, d.FirstSeen = "Küche", true, -20*time.Millisecond, time.UnixMicro(5)
	check(t, s.SaveDevice(ctx, d))
	d.Volume = 12
	check(t, s.SaveDevice(ctx, d))
	if got := must(s.Device(ctx, "dev1")); got != d {
		t.Errorf("device: %+v, want %+v", got, d)
	}
	a, b := must(s.CreateZone(ctx, "Kitchen")), must(s.CreateZone(ctx, "Hall"))
	check(t, s.RenameZone(ctx, b.ID, "Bath"))
	check(t, s.SetCrossfade(ctx, b.ID, 6*time.Second))
	zones := must(s.Zones(ctx))
	if len(zones) != 2 || zones[0].Name != "Kitchen" || zones[1].Name != "Bath" || zones[0].Crossfade != 0 || zones[1].Crossfade != 6*time.Second {
		t.Errorf("zones: %+v", zones)
	}
	if err := s.RenameZone(ctx, "nothing", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a name for no zone: %v", err)
	}
	check(t, s.DeleteZone(ctx, a.ID))
	if _, err := s.LoadQueue(ctx, a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("queue of a deleted zone: %v", err)
	}
	check(t, s.SetSetting(ctx, "name", "Home"))
	check(t, s.SetSetting(ctx, "name", "House"))
	if got := must(s.Setting(ctx, "name")); got != "House" {
		t.Errorf("setting: %q", got)
	}
	if _, err := s.Setting(ctx, "none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no setting: %v", err)
	}
}

func TestAccounts(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1000, 0)
	s, err := Open(ctx, Config{Dir: t.TempDir(), Now: func() time.Time { return now }})
	check(t, err)
	running(t, s)
	check(t, s.Claim(ctx, "ann", "$argon2id$1"))
	if err := s.Claim(ctx, "eve", "$argon2id$2"); !errors.Is(err, ErrExists) {
		t.Errorf("claiming again: %v", err)
	}
	if err := s.AddAccount(ctx, "ann", "x"); !errors.Is(err, ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	check(t, s.AddSession(ctx, "secret", "ann", now.Add(time.Hour)))
	if err := s.AddSession(ctx, "other", "nobody", now); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session of nobody: %v", err)
	}
	if who, until, err := s.Session(ctx, "secret"); err != nil || who != "ann" || !until.Equal(now.Add(time.Hour)) {
		t.Errorf("session: %q %v %v", who, until, err)
	}
	now = now.Add(2 * time.Hour)
	if _, _, err := s.Session(ctx, "secret"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session that is over: %v", err)
	}
	check(t, s.AddSession(ctx, "s2", "ann", now.Add(time.Hour)))
	check(t, s.SetPassword(ctx, "ann", "$argon2id$3"))
	if _, _, err := s.Session(ctx, "s2"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session from before the new password: %v", err)
	}
	k := must(s.AddToken(ctx, "tok", "script", "ann"))
	if got := must(s.Token(ctx, "tok")); got.ID != k.ID || got.Name != "script" {
		t.Errorf("token: %+v", got)
	}
	check(t, s.DeleteToken(ctx, k.ID))
	if _, err := s.Token(ctx, "tok"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a token that was taken back: %v", err)
	}
}

func TestWritesEndWithRun(t *testing.T) {
	s, err := Open(context.Background(), Config{Dir: t.TempDir()})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.SetSetting(canceled, "a", "b"); !errors.Is(err, context.Canceled) {
		t.Errorf("a write before Run: %v", err)
	}
	check(t, s.Run(canceled))
	if err := s.SetSetting(context.Background(), "a", "b"); !errors.Is(err, ErrClosed) {
		t.Errorf("a write after Run: %v", err)
	}
}

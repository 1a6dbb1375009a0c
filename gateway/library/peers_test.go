//go:build peers

package library

import (
	"context"
	"image/color"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// What ffmpeg writes is read as it was meant, in every format.
func TestTagsThatFFmpegWrites(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal("install ffmpeg: ", err)
	}
	root, other := t.TempDir(), t.TempDir()
	cover := put(t, other, "cover.png", picture(300, color.RGBA{9, 200, 9, 255}, true))
	formats := []struct {
		file    string
		args    []string
		cover   bool
		inside  bool // decoded without ffmpeg
		lacking string
	}{
		{file: "a.flac", cover: true, inside: true},
		{file: "b.mp3", args: []string{"-id3v2_version", "3"}, cover: true, inside: true},
		{file: "c.mp3", args: []string{"-id3v2_version", "4", "-write_id3v1", "1"}, cover: true, inside: true},
		{file: "d.m4a", args: []string{"-c:a", "aac"}, cover: true, lacking: "gain mood"},
		{file: "e.m4a", args: []string{"-c:a", "alac"}, lacking: "gain mood"},
		{file: "f.opus", args: []string{"-c:a", "libopus"}, inside: true},
		{file: "g.ogg", args: []string{"-c:a", "libvorbis"}},
		{file: "h.oga", args: []string{"-c:a", "flac"}, lacking: ""},
		{file: "i.wav", inside: true, lacking: "gain mood albumartist disc totals"},
		{file: "j.aiff", args: []string{"-write_id3v2", "1"}},
		{file: "k.wma"},
	}
	for _, f := range formats {
		args := []string{"-v", "error", "-f", "lavfi", "-i", "sine=f=440:d=1:r=48000"}
		if f.cover {
			args = append(args, "-i", cover, "-map", "0", "-map", "1", "-disposition:v", "attached_pic", "-c:v", "png")
		}
		for _, m := range []string{
			"title=봄날 " + f.file, "artist=Björk", "album=夜に", "album_artist=Various Böys", "genre=Trip-Hop", "date=1997",
			"track=3/12", "disc=1/2", "MOOD=Calm", "REPLAYGAIN_TRACK_GAIN=-6.50 dB", "REPLAYGAIN_TRACK_PEAK=0.9",
		} {
			args = append(args, "-metadata", m)
		}
		out := filepath.Join(root, f.file)
		if msg, err := exec.Command(ffmpeg, append(append(args, f.args...), "-ac", "2", out)...).CombinedOutput(); err != nil {
			t.Fatalf("ffmpeg %v: %v\n%s", args, err, msg)
		}
	}
	found, err := audio.NewFFmpeg("")
	check(t, err)
	f := fixtureIn(t, t.TempDir(), AudioProber{FFmpeg: found}, root)
	tracks := f.again()
	if r := f.Report(); len(r) != 0 {
		t.Errorf("report: %v", r)
	}
	bare := fixtureIn(t, t.TempDir(), AudioProber{}, root)
	without := bare.again()
	for _, format := range formats {
		title := "봄날 " + format.file
		got, ok := tracks[title]
		if !ok {
			t.Errorf("%s was not found", format.file)
			continue
		}
		checkTrack(t, format.file, format.lacking, got)
		if format.cover {
			if _, _, err := f.Cover(context.Background(), got.Cover, 300); err != nil {
				t.Errorf("%s: %v", format.file, err)
			}
		}
		if got.Waiting != "" {
			t.Errorf("%s waits with ffmpeg there: %q", format.file, got.Waiting)
		}
		if bare, ok := without[title]; !ok || format.inside && bare.Waiting != "" {
			t.Errorf("%s without ffmpeg: %v, %q", format.file, ok, bare.Waiting)
		}
	}
	// Once ffmpeg is there, what waited for it is looked at again.
	if bare.Progress().Waiting > 0 {
		bare.prober = AudioProber{FFmpeg: found}
		bare.again()
		if n := bare.Progress().Waiting; n != 0 {
			t.Errorf("%d still wait for ffmpeg", n)
		}
	}
}

func checkTrack(t *testing.T, file, lacking string, got store.Track) {
	t.Helper()
	want := store.Track{
		Artist: "Björk", Album: "夜に", AlbumArtist: "Various Böys", Genre: "Trip-Hop", Year: 1997, Mood: "Calm", GainDB: -6.5, Peak: 0.9,
		Disc: 1, Discs: 2, Number: 3, Numbers: 12, Rate: 48000, Channels: 2,
	}
	lacks := func(what string) bool { return slices.Contains(strings.Fields(lacking), what) }
	if lacks("gain") {
		want.GainDB, want.Peak = got.GainDB, got.Peak
	}
	if lacks("mood") {
		want.Mood = got.Mood
	}
	if lacks("albumartist") {
		want.AlbumArtist = got.AlbumArtist
	}
	if lacks("disc") {
		want.Disc, want.Discs = got.Disc, got.Discs
	}
	if lacks("totals") {
		want.Numbers = got.Numbers
	}
	have := store.Track{
		Artist: got.Artist, Album: got.Album, AlbumArtist: got.AlbumArtist, Genre: got.Genre, Year: got.Year, Mood: got.Mood, GainDB: got.GainDB,
		Peak: got.Peak, Disc: got.Disc, Discs: got.Discs, Number: got.Number, Numbers: got.Numbers, Rate: got.Rate, Channels: got.Channels,
	}
	if have != want {
		t.Errorf("%s:\ngot  %+v\nwant %+v", file, have, want)
	}
	if math.Abs(got.Duration.Seconds()-1) > 0.1 {
		t.Errorf("%s lasts %v", file, got.Duration.Round(time.Millisecond))
	}
}

package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image/jpeg"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"
	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short returns albums with two pieces of one bar, so that tests that write
// files are quick.
func short(albums ...int) []album {
	all := catalogue()
	out := make([]album, 0, len(albums))
	for _, i := range albums {
		a := all[i]
		a.pieces = append([]piece{}, a.pieces...)
		for k := range a.pieces {
			a.pieces[k].bars = 1
		}
		a.pieces = a.pieces[:2]
		out = append(out, a)
	}
	return out
}

func TestCatalogue(t *testing.T) {
	pieces, artists, moods := 0, map[string]bool{}, map[string]bool{}
	paths := map[string]bool{}
	albums := catalogue()
	for i, a := range albums {
		artists[a.artist], moods[a.mood] = true, true
		for k, p := range a.pieces {
			pieces++
			beats := a.beats[p.variant%len(a.beats)]
			seconds := float64(p.bars) * beats * 60 / p.tempo
			if !a.joined || k%2 == 1 {
				seconds += 3
			}
			if seconds < 20 || seconds > 30 {
				t.Errorf("%s / %s lasts %.1f s", a.title, p.title, seconds)
			}
			if a.joined && k%2 == 1 && (p.tempo != a.pieces[k-1].tempo || p.key != a.pieces[k-1].key || p.variant != a.pieces[k-1].variant) {
				t.Errorf("%s / %s does not go on where the piece before it ends", a.title, p.title)
			}
			path := albums[i].path("", k)
			if paths[path] {
				t.Errorf("two pieces in %s", path)
			}
			paths[path] = true
		}
		if a.joined && len(a.pieces)%2 == 1 {
			t.Errorf("%s: a piece has nobody to be joined with", a.title)
		}
	}
	if pieces < 60 || len(albums) < 10 || len(artists) < 8 || len(moods) < 6 {
		t.Errorf("%d pieces, %d albums, %d artists, %d moods", pieces, len(albums), len(artists), len(moods))
	}
}

func TestComposeWritesTaggedFiles(t *testing.T) {
	dir := t.TempDir()
	albums := short(0, 2, 10)
	var last Progress
	if err := compose(context.Background(), Config{Dir: dir, Progress: func(p Progress) { last = p }}, albums); err != nil {
		t.Fatal(err)
	}
	if last.Done != 6 || last.Total != 6 {
		t.Errorf("progress ended at %+v", last)
	}
	for i := range albums {
		a := &albums[i]
		for k, p := range a.pieces {
			tags, pic := tagsOf(t, a.path(dir, k))
			want := map[string]string{
				"TITLE": p.title, "ARTIST": a.artist, "ALBUM": a.title, "ALBUMARTIST": a.artist, "GENRE": a.genre, "MOOD": a.mood,
				"DATE": strconv.Itoa(a.year), "TRACKNUMBER": strconv.Itoa(k + 1), "TRACKTOTAL": "2", "DISCNUMBER": "1",
			}
			for name, v := range want {
				if tags[name] != v {
					t.Errorf("%s: %s is %q, want %q", p.title, name, tags[name], v)
				}
			}
			if pic == nil || pic.MIME != "image/jpeg" || pic.Type != 3 {
				t.Fatalf("%s: no cover", p.title)
			}
			if img, err := jpeg.DecodeConfig(bytes.NewReader(pic.Data)); err != nil || img.Width != int(pic.Width) {
				t.Errorf("%s: cover: %v, %d wide", p.title, err, img.Width)
			}
			gain := tags["REPLAYGAIN_TRACK_GAIN"]
			if v, err := strconv.ParseFloat(strings.TrimSuffix(gain, " dB"), 64); err != nil || math.Abs(v) > 4 {
				t.Errorf("%s: gain %q", p.title, gain)
			}
		}
	}
}

// tagsOf reads a file with a decoder that is not ours.
func tagsOf(t *testing.T, path string) (map[string]string, *meta.Picture) {
	t.Helper()
	stream, err := flac.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	tags := map[string]string{}
	var pic *meta.Picture
	for _, b := range stream.Blocks {
		switch body := b.Body.(type) {
		case *meta.VorbisComment:
			for _, tag := range body.Tags {
				tags[tag[0]] = tag[1]
			}
		case *meta.Picture:
			pic = body
		}
	}
	return tags, pic
}

func TestComposeKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	albums := short(1, 2)
	ctx, cancel := context.WithCancel(context.Background())
	err := compose(ctx, Config{Dir: dir, Workers: 1, Progress: func(p Progress) {
		if p.Done == 2 {
			cancel()
		}
	}}, albums)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled Compose returned %v", err)
	}
	before := files(t, dir)
	if len(before) == 0 || len(before) == 4 {
		t.Fatalf("%d files after the interruption", len(before))
	}
	if err := compose(context.Background(), Config{Dir: dir}, albums); err != nil {
		t.Fatal(err)
	}
	after := files(t, dir)
	if len(after) != 4 {
		t.Errorf("%d files, want 4: %v", len(after), after)
	}
	for path, when := range before {
		if after[path] != when {
			t.Errorf("%s was written again", path)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, stampName), []byte("0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := compose(context.Background(), Config{Dir: dir}, albums); err != nil {
		t.Fatal(err)
	}
	for path, when := range files(t, dir) {
		if after[path] == when {
			t.Errorf("%s of another version was kept", path)
		}
	}
}

// files returns the music files with their times; anything else fails.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == stampName {
			return err
		}
		if filepath.Ext(path) != ".flac" {
			t.Errorf("left behind: %s", path)
		}
		info, err := d.Info()
		if err == nil {
			out[path] = info.ModTime().UnixNano()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestComposeSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := compose(context.Background(), Config{Dir: file}, short(1)); err == nil {
		t.Error("a file in the place of the folder is no error")
	}
}

func TestRenderingIsDeterministic(t *testing.T) {
	sum := func() [32]byte {
		albums := short(1)
		parts, _ := job{album: &albums[0], index: 1, count: 1}.render(t.Context())
		h := sha256.New()
		for _, s := range pcm16(parts[0].L, 1) {
			h.Write([]byte{byte(s), byte(s >> 8)})
		}
		return [32]byte(h.Sum(nil))
	}
	if first, second := sum(), sum(); first != second {
		t.Error("the same piece came out differently")
	}
}

func TestJoinedPiecesGoOn(t *testing.T) {
	albums := short(10)
	j := job{album: &albums[0], index: 10, count: 2}
	parts, loudness := j.render(t.Context())
	if len(parts) != 2 || loudness[0] != loudness[1] {
		t.Fatalf("%d parts, loudness %v", len(parts), loudness)
	}
	a, b := parts[0].L, parts[1].L
	loud := float32(0)
	for _, s := range a[len(a)-4410:] {
		loud = max(loud, s, -s)
	}
	if loud < 0.02 {
		t.Error("the first of two joined pieces fades out")
	}
	if step := math.Abs(float64(b[0] - a[len(a)-1])); step > 0.1 {
		t.Errorf("a step of %.3f where they join", step)
	}
}

func TestPiecesAreCleanAndApart(t *testing.T) {
	heard := map[string]features{}
	albums := catalogue()
	const seconds = 6 // enough to tell
	for i := range albums {
		a := &albums[i]
		a.pieces = append([]piece{}, a.pieces[:1]...)
		if _, ok := heard[a.mood]; ok {
			continue
		}
		p := &a.pieces[0]
		p.bars = int(math.Ceil(seconds * p.tempo / 60 / a.beats[0]))
		parts, _ := job{album: a, index: i, count: 1}.render(t.Context())
		f := measure(parts[0])
		if peak := parts[0].Peak(); peak > math.Pow(10, -1.0/20) {
			t.Errorf("%s: peak %.3f", a.title, peak)
		}
		if l := parts[0].Loudness(); math.Abs(l-a.loudness) > 1 {
			t.Errorf("%s: %.1f LUFS, want %.1f", a.title, l, a.loudness)
		}
		if math.Abs(f.offset) > 1e-4 {
			t.Errorf("%s: offset %g", a.title, f.offset)
		}
		if f.step > 0.6 {
			t.Errorf("%s: a step of %.2f clicks", a.title, f.step)
		}
		if end := parts[0].Cut(parts[0].Frames()-441, parts[0].Frames()).Peak(); end > 0.01 {
			t.Errorf("%s ends at %.3f", a.title, end)
		}
		f.tempo = a.pieces[0].tempo
		heard[a.mood] = f
	}
	for m, f := range heard {
		for o, g := range heard {
			if m < o && apart(f, g) < 1 {
				t.Errorf("%s and %s sound alike: %+v and %+v", m, o, f, g)
			}
		}
	}
}

// apart says how far two pieces are from each other; 1 is plain to hear.
func apart(f, g features) float64 {
	d := math.Abs(math.Log2(f.centroid/g.centroid)) + math.Abs(math.Log2(f.tempo/g.tempo)) + math.Abs(f.onsets-g.onsets)/2 + math.Abs(f.crest-g.crest)/4
	for i := range f.octaves {
		d += math.Abs(f.octaves[i]-g.octaves[i]) / 24
	}
	return d
}

func TestCoversAreDrawn(t *testing.T) {
	for i, a := range catalogue() {
		first, err := cover(a.art, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if again, _ := cover(a.art, 0); string(first) != string(again) {
				t.Errorf("%s: drawn differently", a.title)
			}
		}
		if len(first) < 8000 || len(first) > 150000 {
			t.Errorf("%s: a cover of %d bytes", a.title, len(first))
		}
	}
}

func TestSilenceStaysSilent(t *testing.T) {
	for _, s := range pcm16(synth.NewBus(0.1).L, 1) {
		if s != 0 {
			t.Fatal("dither in silence")
		}
	}
}

// A gateway that ends waits for the composer: a piece's file is not finished then.
func TestPieceIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	err := writeFile(ctx, filepath.Join(dir, "piece.flac"), flacFile{left: make([]int32, 44100), right: make([]int32, 44100)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it said %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

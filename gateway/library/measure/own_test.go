//go:build bench

package measure

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
)

// ownMusic names a folder of real recordings, one folder in it for each album,
// style or artist.
const ownMusic = "JUMPGATE_MUSIC"

// recording is one file: its two excerpts apart.
type recording struct {
	folder string
	halves [2]sound.Features
}

// TestExcerptsFindEachOther asks of every recording whether its second excerpt
// is the likest to its first among the second excerpts of all, and how many of
// the ten likest recordings come from the same folder.
func TestExcerptsFindEachOther(t *testing.T) {
	dir := os.Getenv(ownMusic)
	if dir == "" {
		t.Skipf("no music to listen to: name a folder of recordings in %s", ownMusic)
	}
	ffmpeg, err := audio.NewFFmpeg("")
	if err != nil {
		t.Log("without ffmpeg: ", err)
	}
	begin := time.Now()
	recordings := hearFolder(t, dir, ffmpeg)
	took := time.Since(begin)
	scale(recordings)
	var first, ten, reciprocal, same, byChance float64
	for i, r := range recordings {
		rank := 1
		own := distance(r.halves[0], r.halves[1])
		for j, o := range recordings {
			if j != i && distance(r.halves[0], o.halves[1]) <= own {
				rank++
			}
		}
		if rank == 1 {
			first++
		}
		if rank <= 10 {
			ten++
		}
		reciprocal += 1 / float64(rank)
		s, c := neighbours(recordings, i)
		same += s
		byChance += c
	}
	n := float64(len(recordings))
	t.Logf("%d recordings in %s (%s each)", len(recordings), took.Round(time.Second), (took / time.Duration(len(recordings))).Round(time.Millisecond))
	t.Logf("the other excerpt is the likest: %.3f, among ten: %.3f, mean reciprocal rank %.3f (by chance %.3f)", first/n, ten/n, reciprocal/n, 1/n)
	t.Logf("of the ten likest in the same folder: %.3f (by chance %.3f)", same/n, byChance/n)
}

func hearFolder(t *testing.T, dir string, ffmpeg *audio.FFmpeg) []recording {
	var out []recording
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		r, err := hearHalves(name, ffmpeg)
		if errors.Is(err, audio.ErrCorrupt) || errors.Is(err, sound.ErrSilent) || errors.Is(err, errShort) {
			return nil // no music, or none that has two excerpts
		}
		if err != nil {
			t.Logf("%s: %v", name, err)
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		r.folder, _, _ = strings.Cut(filepath.ToSlash(rel), "/")
		out = append(out, r)
		return err
	})
	if err != nil || len(out) < 2 {
		t.Fatalf("%d recordings in %s: %v", len(out), dir, err)
	}
	return out
}

var errShort = errors.New("too short to have two excerpts")

func hearHalves(name string, ffmpeg *audio.FFmpeg) (r recording, err error) {
	f, err := os.Open(name)
	if err != nil {
		return r, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	d, err := audio.Open(context.Background(), audio.Source{R: f, Size: info.Size(), Name: name}, audio.OpenOptions{FFmpeg: ffmpeg})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	length := int64(excerpt * d.Info().Rate)
	starts := excerpts(d.Info().Frames, length)
	if len(starts) < 2 || d.Info().Frames < 2*length {
		return r, errShort
	}
	for i, from := range starts {
		a, err := sound.New(d.Info().Rate, d.Info().Channels)
		if err != nil {
			return r, err
		}
		if err := d.SeekFrame(from); err != nil {
			return r, err
		}
		if err := listen(context.Background(), a, d, d.Info().Channels, length); err != nil {
			return r, err
		}
		if r.halves[i], err = a.Features(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// scale gives every number a mean of 0 and a spread of 1 over all excerpts.
func scale(recordings []recording) {
	for k := range sound.Size {
		var sum, squares, n float64
		for _, r := range recordings {
			for _, h := range r.halves {
				sum += float64(h[k])
				squares += float64(h[k]) * float64(h[k])
				n++
			}
		}
		mean := sum / n
		spread := math.Sqrt(max(squares/n-mean*mean, 1e-12))
		for i := range recordings {
			for h := range recordings[i].halves {
				v := &recordings[i].halves[h][k]
				*v = float32((float64(*v) - mean) / spread)
			}
		}
	}
}

func distance(a, b sound.Features) float64 {
	sum := 0.0
	for k := range a {
		d := float64(a[k] - b[k])
		sum += d * d
	}
	return sum
}

// neighbours returns the share of the ten likest first excerpts of others that
// come from the same folder, and what chance would give.
func neighbours(recordings []recording, i int) (same, byChance float64) {
	type other struct {
		distance float64
		same     bool
	}
	var others []other
	for j, o := range recordings {
		if j != i {
			s := o.folder == recordings[i].folder
			others = append(others, other{distance(recordings[i].halves[0], o.halves[0]), s})
			if s {
				byChance++
			}
		}
	}
	slices.SortFunc(others, func(a, b other) int { return cmp.Compare(a.distance, b.distance) })
	n := min(10, len(others))
	for _, o := range others[:n] {
		if o.same {
			same++
		}
	}
	return same / float64(n), byChance / float64(len(others))
}

package demo

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/jumpgate-audio/jumpgate/gateway/background"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/moods"
	"github.com/jumpgate-audio/jumpgate/gateway/demo/synth"
)

const (
	ceiling = 0.84 // of full scale, -1.5 dBFS: room for what lies between samples
	// replayGain is measured against -18 LUFS, as players expect.
	reference = -18.0
	fadeOut   = 1.6 // seconds
	// niceness is how far a worker steps back behind the gateway's own work.
	niceness = 5
)

// work is what the workers share.
type work struct {
	dir    string
	covers *covers
	report *report
}

// run does jobs until there are none. The first one is made at full speed, for
// somebody waits for it.
func (w *work) run(ctx context.Context, queue <-chan job) error {
	var end func() // of stepping back
	for j := range queue {
		if err := w.do(ctx, j); err != nil {
			return fmt.Errorf("compose %q: %w", j.album.pieces[j.first].title, err)
		}
		if end == nil {
			end = background.Lower(niceness)
			defer end()
		}
	}
	return nil
}

// do renders a job and writes its files. It does not take long to end with ctx:
// whoever ends the gateway waits for it, perhaps on a busy machine.
func (w *work) do(ctx context.Context, j job) error {
	parts, loudness := j.render(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	jpeg, err := w.covers.of(j.index, j.album)
	if err != nil {
		return err
	}
	for k, part := range parts {
		f := flacFile{
			left: pcm16(part.L, j.seed()), right: pcm16(part.R, j.seed()+1),
			comments: j.album.comments(j.first+k, loudness[k], part.Peak()), cover: jpeg, coverSize: coverSize,
		}
		path := j.album.path(w.dir, j.first+k)
		if err := writeFile(ctx, path, f); err != nil {
			return err
		}
		w.report.finished(path)
	}
	return nil
}

// seed makes each piece its own.
func (j job) seed() uint64 { return uint64(j.index)*1009 + uint64(j.first)*31 + 7 }

// render composes and masters a job and cuts it into its tracks. The loudness
// of joined tracks is that of the whole, so that no gain changes where one
// goes over into the next. There are none once ctx has ended.
func (j job) render(ctx context.Context) (parts []*synth.Bus, loudness []float64) {
	p := j.album.pieces[j.first]
	beats := j.album.beats[p.variant%len(j.album.beats)]
	bars := 0
	var cuts []int
	for _, q := range j.album.pieces[j.first : j.first+j.count] {
		cuts = append(cuts, int(float64(bars)*beats*60/p.tempo*synth.Rate))
		bars += q.bars
	}
	bus := j.album.compose(moods.Piece{
		Seed: j.seed(), Key: p.key, Tempo: p.tempo, Bars: bars, Variant: p.variant,
		Stopped: func() bool { return ctx.Err() != nil },
	})
	if ctx.Err() != nil {
		return nil, nil
	}
	bus.FadeIn(0.004)
	bus.FadeOut(fadeOut)
	bus.Master(j.album.loudness, ceiling)
	l := bus.Loudness()
	for k, from := range cuts {
		to := bus.Frames()
		if k+1 < len(cuts) {
			to = cuts[k+1]
		}
		parts = append(parts, bus.Cut(from, to))
		loudness = append(loudness, l)
	}
	return parts, loudness
}

// comments returns the tags of a piece.
func (a *album) comments(k int, loudness, peak float64) []string {
	p := a.pieces[k]
	return []string{
		"TITLE=" + p.title,
		"ARTIST=" + a.artist,
		"ALBUM=" + a.title,
		"ALBUMARTIST=" + a.artist,
		fmt.Sprintf("TRACKNUMBER=%d", k+1),
		fmt.Sprintf("TRACKTOTAL=%d", len(a.pieces)),
		"DISCNUMBER=1",
		"DISCTOTAL=1",
		fmt.Sprintf("DATE=%d", a.year),
		"GENRE=" + a.genre,
		"MOOD=" + a.mood,
		fmt.Sprintf("BPM=%.0f", p.tempo),
		"COMMENT=Composed by Jumpgate",
		fmt.Sprintf("REPLAYGAIN_TRACK_GAIN=%+.2f dB", reference-loudness),
		fmt.Sprintf("REPLAYGAIN_TRACK_PEAK=%.6f", peak),
		fmt.Sprintf("REPLAYGAIN_ALBUM_GAIN=%+.2f dB", reference-a.loudness),
		fmt.Sprintf("REPLAYGAIN_ALBUM_PEAK=%.6f", ceiling),
	}
}

// pcm16 rounds to 16 bits with triangular dither, but leaves silence silent.
func pcm16(v []float32, seed uint64) []int32 {
	noise := synth.NewNoise(seed)
	out := make([]int32, len(v))
	for i, s := range v {
		if s == 0 {
			continue
		}
		d := 0.5 * (noise.Next() + noise.Next())
		out[i] = int32(min(32767, max(-32768, math.Round(float64(s)*32767+d))))
	}
	return out
}

// writeFile writes a file under another name and then gives it its own.
func writeFile(ctx context.Context, path string, f flacFile) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the album's folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".composing-*")
	if err != nil {
		return fmt.Errorf("start a piece's file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	buf := bufio.NewWriterSize(whileWanted{ctx, tmp}, 1<<16)
	if err := f.writeTo(buf); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := tmp.Chmod(0o640); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("name a finished piece: %w", err)
	}
	return nil
}

// whileWanted is a file that is written until ctx ends.
type whileWanted struct {
	ctx  context.Context
	file *os.File
}

func (w whileWanted) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.file.Write(b)
}

// covers draws each album's cover once.
type covers struct {
	mu    sync.Mutex
	drawn map[int][]byte
}

func newCovers() *covers { return &covers{drawn: map[int][]byte{}} }

func (c *covers) of(index int, a *album) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if jpeg, ok := c.drawn[index]; ok {
		return jpeg, nil
	}
	jpeg, err := cover(a.art, uint64(index)+41)
	if err != nil {
		return nil, err
	}
	c.drawn[index] = jpeg
	return jpeg, nil
}

// report tells progress, one call at a time.
type report struct {
	mu   sync.Mutex
	tell func(Progress)
	now  Progress
}

func newReport(tell func(Progress), done, total int) *report {
	if tell == nil {
		tell = func(Progress) {}
	}
	r := &report{tell: tell, now: Progress{Done: done, Total: total}}
	tell(r.now)
	return r
}

func (r *report) finished(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.Done++
	r.now.Path = path
	r.tell(r.now)
}

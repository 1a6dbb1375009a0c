package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// version changes when the music does; folders of another version are made
// anew.
const version = "1"

// stampName is the file that says which version a folder holds.
const stampName = ".jumpgate-demo"

// Config says where and how to compose.
type Config struct {
	Dir string // the library's folder, made if it is not there
	// Workers is how many pieces are made at once; 0 means one for each CPU
	// but at most two. Each takes about 70 MB while it works, and they yield
	// to whatever else wants the CPU where the system can tell.
	Workers int
	Log     *slog.Logger // nil discards
	// Progress is told after every finished file, from any goroutine but from
	// one at a time; nil is allowed. It must not block for long.
	Progress func(Progress)
}

// Progress is how far the library is.
type Progress struct {
	Done, Total int    // tracks
	Path        string // the file that was finished last; empty at the start
}

// Compose writes what is missing of the demo library and returns when all of
// it is there. Files that an earlier call finished are kept. A file appears
// under its name only when it is complete. When ctx ends, Compose leaves the
// pieces at hand and returns its error; a later call goes on.
func Compose(ctx context.Context, cfg Config) error {
	return compose(ctx, cfg, catalogue())
}

func compose(ctx context.Context, cfg Config, albums []album) error {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Workers <= 0 {
		cfg.Workers = min(2, runtime.NumCPU())
	}
	if err := prepare(cfg.Dir, albums); err != nil {
		return err
	}
	jobs, missing := plan(cfg.Dir, albums)
	if missing == 0 {
		return nil
	}
	total := 0
	for _, a := range albums {
		total += len(a.pieces)
	}
	w := &work{dir: cfg.Dir, covers: newCovers(), report: newReport(cfg.Progress, total-missing, total)}
	queue := make(chan job)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(queue)
		for _, j := range jobs {
			select {
			case queue <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range cfg.Workers {
		g.Go(func() error {
			return w.run(ctx, queue)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	cfg.Log.Debug("demo library is complete", "tracks", total, "dir", cfg.Dir)
	return nil
}

// job is pieces that are rendered together: one, or two that are joined.
type job struct {
	album *album
	index int // of the album in the catalogue
	first int // piece
	count int
}

// plan lists what is missing. The first are quickly made; the albums take
// turns, so that a library that is still growing holds some of everything.
func plan(dir string, albums []album) (jobs []job, missing int) {
	var rounds [][]job
	for i := range albums {
		a := &albums[i]
		size := 1
		if a.joined {
			size = 2
		}
		for first := 0; first < len(a.pieces); first += size {
			j := job{album: a, index: i, first: first, count: min(size, len(a.pieces)-first)}
			n := j.missing(dir)
			if n == 0 {
				continue
			}
			missing += n
			round := first / size
			for len(rounds) <= round {
				rounds = append(rounds, nil)
			}
			rounds[round] = append(rounds[round], j)
		}
	}
	for r, round := range rounds {
		if r == 0 {
			round = quickFirst(round)
		}
		jobs = append(jobs, round...)
	}
	return jobs, missing
}

// quickFirst moves single pieces in front of joined ones.
func quickFirst(round []job) []job {
	var single, joined []job
	for _, j := range round {
		if j.count == 1 {
			single = append(single, j)
		} else {
			joined = append(joined, j)
		}
	}
	return append(single, joined...)
}

// missing counts the files of a job that are not there.
func (j job) missing(dir string) int {
	n := 0
	for k := range j.count {
		if _, err := os.Stat(j.album.path(dir, j.first+k)); err != nil {
			n++
		}
	}
	return n
}

// prepare makes the folder, and clears away what another version wrote.
func prepare(dir string, albums []album) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the demo folder: %w", err)
	}
	stamp := filepath.Join(dir, stampName)
	if have, err := os.ReadFile(stamp); err == nil && strings.TrimSpace(string(have)) == version {
		return nil
	}
	for i := range albums {
		for k := range albums[i].pieces {
			if err := os.Remove(albums[i].path(dir, k)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("clear an old demo piece: %w", err)
			}
		}
	}
	if err := os.WriteFile(stamp, []byte(version+"\n"), 0o600); err != nil {
		return fmt.Errorf("stamp the demo folder: %w", err)
	}
	return nil
}

// path returns where a piece goes: Artist/Album/NN Title.flac.
func (a *album) path(dir string, k int) string {
	name := fmt.Sprintf("%02d %s.flac", k+1, a.pieces[k].title)
	return filepath.Join(dir, fileName(a.artist), fileName(a.title), fileName(name))
}

// fileName replaces what file systems refuse.
func fileName(s string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, s), " .")
}

package library

import (
	"context"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// comparison is what a music folder holds against what is known of it. While
// the folder is walked it belongs to the walking goroutine.
type comparison struct {
	l    *Library
	dir  string
	root *os.Root
	// known are the tracks of the folder that were not met yet, by the hash of
	// their path: a million of them take 100 MB otherwise.
	known map[uint64]store.FileRef
	seed  maphash.Seed
	met   int      // files met
	seen  uint64   // the same, as Library.look has it
	blind []string // folders that could not be read
}

// compare reads what is known of a folder.
func (s *scan) compare(ctx context.Context, dir string, r *os.Root) (*comparison, error) {
	c := &comparison{l: s.l, dir: dir, root: r, known: map[uint64]store.FileRef{}, seed: maphash.MakeSeed()}
	err := s.l.store.EachFile(ctx, dir, func(path string, ref store.FileRef) { c.known[c.hash(path)] = ref })
	return c, err
}

func (c *comparison) hash(path string) uint64 { return maphash.String(c.seed, path) }

// gone returns the rows that were not met and could have been.
func (c *comparison) gone(ctx context.Context) ([]int64, error) {
	var out []int64
	err := c.l.store.EachFile(ctx, c.dir, func(path string, ref store.FileRef) {
		left, ok := c.known[c.hash(path)]
		if !ok || left.N != ref.N || ref.Missing {
			return
		}
		for _, dir := range c.blind {
			if strings.HasPrefix(path, dir+string(filepath.Separator)) {
				return
			}
		}
		out = append(out, ref.N)
	})
	return out, err
}

// collect walks the folder, reads what is new or changed beside it, and takes
// the results, until all is done or the store fails.
func (s *scan) collect(ctx context.Context, c *comparison) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs, results := make(chan job, readers), make(chan result, 4*readers)
	g, work := errgroup.WithContext(work)
	g.Go(func() error {
		defer close(jobs)
		return c.walk(work, jobs, results)
	})
	for range readers {
		g.Go(func() error {
			for j := range jobs {
				if err := send(work, results, s.l.readFile(j)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	walked := make(chan error, 1)
	go func() {
		defer close(results)
		walked <- g.Wait()
	}()
	var failed error
	for r := range results {
		if failed != nil {
			continue
		}
		if failed = s.take(ctx, r); failed != nil {
			cancel() // and what is under way is drained
		}
	}
	if err := <-walked; failed == nil {
		failed = err
	}
	if failed != nil {
		return failed
	}
	return s.flush(ctx)
}

// walk sends what must be read to jobs, and everything else to results.
func (c *comparison) walk(ctx context.Context, jobs chan<- job, results chan<- result) error {
	w := walker{root: c.root}
	var failed error
	w.problem = func(rel string, reason phrase.Phrase, whole bool) {
		r := result{job: job{root: c.root, rel: rel}, problem: reason, walked: true}
		if whole {
			c.blind = append(c.blind, r.job.path())
		}
		if err := send(ctx, results, r); err != nil {
			failed = err
		}
	}
	w.file = func(rel string, f *folder, e fs.DirEntry) error {
		if failed != nil {
			return failed
		}
		info, err := e.Info()
		if err != nil {
			return nil // gone since the folder was read
		}
		c.met++
		j := job{root: c.root, rel: rel, size: info.Size(), mtime: info.ModTime().UnixNano(), folder: f}
		c.seen += c.l.trace(j.path(), j.size, j.mtime, f.art)
		key := c.hash(j.path())
		ref, ok := c.known[key]
		delete(c.known, key)
		if ok && !ref.Missing && !ref.Waiting && ref.Size == j.size && ref.ModTime == j.mtime && ref.Art == f.art {
			return send(ctx, results, result{job: j, same: true})
		}
		j.n = ref.N
		return send(ctx, jobs, j)
	}
	if err := w.walk(ctx, ".", nil, 0); err != nil {
		return err
	}
	return failed
}

func send[T any](ctx context.Context, c chan<- T, v T) error {
	select {
	case c <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package library

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

const (
	// readers is how many files are read at the same time.
	readers = 2
	// batchSize is how many tracks are written in one transaction: others who
	// write, like a queue, wait for it.
	batchSize = 100
	// batchTime is how long the first of them waits for it at most.
	batchTime = time.Second
	// publishEvery is how often progress is told.
	publishEvery = 200 * time.Millisecond
	// worthALine is how many files have to have changed for a scan to be
	// logged at the level of info; one of longScan is in any case.
	worthALine = 10
	longScan   = 5 * time.Second
	// maxReport bounds the scan report.
	maxReport = 10_000
)

// scan is one scan. It belongs to the goroutine of Run; what walks and reads
// beside it sends it results.
type scan struct {
	l     *Library
	roots map[string]*os.Root // those that can be reached
	held  map[string]int      // tracks in each root before this scan, missing ones left out
	fresh bool                // the library was empty: nothing can have moved
	moved map[int64]bool      // rows that were found at another path
	seen  uint64              // what was met, as Library.look has it
	read  int                 // files that were new or had changed
	gone  int                 // tracks whose file is no longer there

	p         Progress
	published time.Time
	lastDone  int
	batch     store.ScanBatch
	since     time.Time // of the first in batch
}

// scan looks through all music folders once. It returns what it met, and whether
// it came to its end.
func (l *Library) scan(ctx context.Context) (seen uint64, whole bool) {
	s := &scan{l: l, roots: map[string]*os.Root{}, moved: map[int64]bool{}}
	l.setReport(nil)
	s.p = Progress{Running: true, Started: l.now(), Revision: l.revision.Load()}
	s.publish()
	err := s.run(ctx)
	for _, r := range s.roots {
		_ = r.Close()
	}
	if err != nil && ctx.Err() == nil {
		reason := phrase.New(phrase.ScanStopped, err)
		if errors.Is(err, store.ErrFull) {
			reason = phrase.New(phrase.ScanDiskFull)
		}
		s.problem("", reason)
	}
	if n, err := l.store.Counts(context.WithoutCancel(ctx)); err == nil {
		s.p.Waiting = n.Waiting
	}
	s.p.Running, s.p.Finished, s.p.ETA = false, l.now(), 0
	s.publish()
	took := s.p.Finished.Sub(s.p.Started)
	level := slog.LevelDebug
	if s.read+s.gone >= worthALine || took > longScan {
		level = slog.LevelInfo
	}
	l.log.Log(ctx, level, "scanned the music folders", "files", s.p.Done, "read", s.read, "gone", s.gone,
		"took", took.Round(time.Millisecond), "problems", s.p.Problems, "waiting", s.p.Waiting)
	return s.seen, err == nil
}

func (s *scan) run(ctx context.Context) error {
	var err error
	if s.held, err = s.l.store.Roots(ctx); err != nil {
		return err
	}
	s.fresh = len(s.held) == 0
	for _, dir := range s.l.roots {
		r, err := os.OpenRoot(dir)
		if err != nil {
			s.unreachable(dir, inner(err))
			continue
		}
		s.roots[dir] = r
	}
	if err := s.count(ctx); err != nil {
		return err
	}
	for _, dir := range s.l.roots {
		if r := s.roots[dir]; r != nil {
			if err := s.root(ctx, dir, r); err != nil {
				return err
			}
		}
	}
	return s.dropUnconfigured(ctx)
}

// errReplaced: what was found in a folder is not what is there now.
var errReplaced = errors.New("library: another folder took its place")

func (s *scan) unreachable(dir string, why phrase.Phrase) {
	reason := phrase.New(phrase.ScanUnreachable, why)
	if n := s.held[dir]; n > 0 {
		reason = phrase.New(phrase.ScanUnreachableHas, why, n)
	}
	s.problem(dir, reason)
}

// count finds how much there is to do, by names alone.
func (s *scan) count(ctx context.Context) error {
	w := walker{
		file:    func(string, *folder, fs.DirEntry) error { s.p.Total++; s.tell(); return nil },
		problem: func(string, phrase.Phrase, bool) {},
	}
	for _, dir := range s.l.roots {
		if w.root = s.roots[dir]; w.root == nil {
			continue
		}
		if err := w.walk(ctx, ".", nil, 0); err != nil {
			return err
		}
	}
	s.publish()
	return nil
}

// root scans one music folder.
func (s *scan) root(ctx context.Context, dir string, r *os.Root) error {
	c, err := s.compare(ctx, dir, r)
	if err != nil {
		return err
	}
	if err := s.collect(ctx, c); err != nil {
		return err
	}
	s.seen += c.seen
	return s.markGone(ctx, dir, r, c)
}

// markGone marks what was known and not met: unless it is the folder itself
// that is gone.
func (s *scan) markGone(ctx context.Context, dir string, r *os.Root, c *comparison) error {
	if len(c.known) == 0 {
		return nil
	}
	was, err := r.Stat(".")
	if err == nil {
		var now fs.FileInfo
		if now, err = os.Stat(dir); err == nil && !os.SameFile(was, now) {
			err = errReplaced
		}
	}
	if err != nil {
		s.unreachable(dir, inner(err))
		return nil
	}
	if c.met == 0 && s.held[dir] > 0 {
		s.unreachable(dir, phrase.New(phrase.FolderEmpty))
		return nil
	}
	gone, err := c.gone(ctx)
	if err != nil {
		return err
	}
	for _, n := range gone {
		if s.moved[n] {
			continue
		}
		s.batch.Missing = append(s.batch.Missing, n)
		s.gone++
		if len(s.batch.Missing) >= batchSize {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
	}
	return s.flush(ctx)
}

// dropUnconfigured marks the tracks of folders that are no music folders any
// more.
func (s *scan) dropUnconfigured(ctx context.Context) error {
	for dir, n := range s.held {
		if n == 0 || slices.Contains(s.l.roots, dir) {
			continue
		}
		err := s.l.store.EachFile(ctx, dir, func(_ string, ref store.FileRef) {
			if !ref.Missing {
				s.batch.Missing = append(s.batch.Missing, ref.N)
			}
		})
		if err != nil {
			return err
		}
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// take takes one result of walking or reading.
func (s *scan) take(ctx context.Context, r result) error {
	if !r.problem.IsZero() {
		s.problem(r.job.path(), r.problem)
	}
	if r.walked {
		return nil
	}
	s.p.Done++
	s.tell()
	switch {
	case r.same:
		return nil
	case !r.ok && r.job.n != 0:
		s.gone++
		s.batch.Missing = append(s.batch.Missing, r.job.n)
	case !r.ok:
		return nil
	default:
		if err := s.claimMoved(ctx, &r.track); err != nil {
			return err
		}
		s.read++
		s.batch.Tracks = append(s.batch.Tracks, r.track)
	}
	now := s.l.now()
	if s.since.IsZero() {
		s.since = now
	}
	if len(s.batch.Tracks)+len(s.batch.Missing) >= batchSize || now.Sub(s.since) >= batchTime {
		return s.flush(ctx)
	}
	return nil
}

// claimMoved gives a new path the row of a file with the same sound that is no
// longer where it was.
func (s *scan) claimMoved(ctx context.Context, t *store.ScannedTrack) error {
	if t.N != 0 || s.fresh {
		return nil
	}
	same, err := s.l.store.ByPrint(ctx, t.Print)
	if err != nil {
		return err
	}
	for _, ref := range same {
		if ref.Path != t.Path && !s.moved[ref.N] && s.isGone(ref) {
			s.moved[ref.N] = true
			t.N = ref.N
			return nil
		}
	}
	return nil
}

func (s *scan) isGone(ref store.PrintRef) bool {
	if !slices.Contains(s.l.roots, ref.Root) {
		return true
	}
	r := s.roots[ref.Root]
	if r == nil {
		return false // nobody knows
	}
	rel, err := filepath.Rel(ref.Root, ref.Path)
	if err != nil {
		return false
	}
	_, err = r.Lstat(rel)
	return errors.Is(err, fs.ErrNotExist)
}

func (s *scan) flush(ctx context.Context) error {
	s.since = time.Time{}
	if len(s.batch.Tracks)+len(s.batch.Missing) == 0 {
		return nil
	}
	if err := s.l.store.SaveScan(ctx, s.batch); err != nil {
		return err
	}
	for i := range s.batch.Tracks {
		if s.batch.Tracks[i].Waiting != "" {
			s.p.Waiting++
		}
	}
	s.batch.Tracks, s.batch.Missing = s.batch.Tracks[:0], s.batch.Missing[:0]
	s.p.Revision = s.l.revision.Add(1)
	s.publish()
	return nil
}

func (s *scan) problem(path string, reason phrase.Phrase) {
	s.p.Problems++
	s.l.addProblem(Problem{path, reason})
	s.l.log.Debug("scan problem", "path", path, "reason", reason)
}

// tell publishes progress if the last time is a while ago.
func (s *scan) tell() {
	if s.l.now().Sub(s.published) >= publishEvery {
		s.publish()
	}
}

func (s *scan) publish() {
	now := s.l.now()
	if passed := now.Sub(s.published).Seconds(); !s.published.IsZero() && passed > 0 && s.p.Done > s.lastDone {
		lately := float64(s.p.Done-s.lastDone) / passed
		if s.p.Rate == 0 {
			s.p.Rate = lately
		}
		s.p.Rate += (lately - s.p.Rate) * min(1, passed/2)
		s.p.ETA = time.Duration(float64(max(s.p.Total-s.p.Done, 0)) / s.p.Rate * float64(time.Second)).Round(time.Second)
	}
	s.published, s.lastDone = now, s.p.Done
	s.l.progress.set(s.p)
}

func (l *Library) setReport(r []Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report = r
}

func (l *Library) addProblem(p Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.report) < maxReport {
		l.report = append(l.report, p)
	}
}

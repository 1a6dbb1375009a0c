package library

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Errors that callers test for.
var (
	// ErrUnreachable: the music folder is not there, or not configured.
	ErrUnreachable = errors.New("library: the music folder cannot be reached")
	// ErrGone: the folder is there, the file is not.
	ErrGone = errors.New("library: the file is gone")
	// ErrNoCover: there is no such artwork, or it is no image that can be shown.
	ErrNoCover = errors.New("library: no such cover")
)

// Config says where the music is.
type Config struct {
	Store *store.Store
	Roots []string // music folders; those within another one are left out
	// Look is how often they are looked through for changes; 0 is UsualLook, a
	// negative one only when Rescan asks.
	Look time.Duration
	Data string // the data folder: scaled covers go to covers/ in it
	// Prober tells what a file sounds like: AudioProber in the gateway.
	Prober Prober
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	// CoverQuota bounds the scaled covers on disk, in bytes; 0 is 256 MiB.
	CoverQuota int64
}

// Library is the music of the house. Its methods may be called from any
// goroutine.
type Library struct {
	store  *store.Store
	roots  []string
	every  time.Duration // they are looked through
	prober Prober
	log    *slog.Logger
	now    func() time.Time
	covers *covers
	seed   maphash.Seed // of what was seen in the music folders

	again    chan struct{} // holds one request to scan
	progress latest
	revision atomic.Uint64

	mu     sync.Mutex
	report []Problem
}

// New returns a library; nothing is read before Run.
func New(c Config) (*Library, error) {
	if c.Store == nil || c.Prober == nil {
		return nil, errors.New("library: Config wants a Store and a Prober")
	}
	l := &Library{
		store: c.Store, every: pace(c.Look), prober: c.Prober, log: c.Log, now: c.Now,
		again: make(chan struct{}, 1), seed: maphash.MakeSeed(),
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	var err error
	if l.roots, err = cleanRoots(c.Roots); err != nil {
		return nil, err
	}
	l.covers = newCovers(c, l)
	return l, nil
}

// cleanRoots makes the folders absolute and drops those that lie in another.
func cleanRoots(roots []string) ([]string, error) {
	var all []string
	for _, r := range roots {
		abs, err := filepath.Abs(r)
		if err != nil {
			return nil, fmt.Errorf("music folder %s: %w", r, err)
		}
		all = append(all, abs)
	}
	slices.Sort(all)
	var out []string
	for _, r := range all {
		inside := slices.ContainsFunc(out, func(o string) bool {
			return r == o || strings.HasPrefix(r, strings.TrimSuffix(o, "/")+"/")
		})
		if !inside {
			out = append(out, r)
		}
	}
	return out, nil
}

// Roots returns the music folders.
func (l *Library) Roots() []string { return slices.Clone(l.roots) }

// Run scans at once, then whenever it is asked to and when something in the music
// folders has changed, until ctx ends.
func (l *Library) Run(ctx context.Context) error {
	w := watcher{l: l}
	next := time.NewTimer(w.scan(ctx))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.again:
			next.Reset(w.scan(ctx))
		case <-next.C:
			next.Reset(w.look(ctx))
		}
	}
}

// Rescan asks for a scan. One that is asked for while one runs follows it.
func (l *Library) Rescan() {
	select {
	case l.again <- struct{}{}:
	default: // one is asked for already
	}
}

// Open opens the file of a track; the caller closes it. Errors: the store's
// ErrNotFound, ErrUnreachable, ErrGone, or one from opening.
func (l *Library) Open(ctx context.Context, id string) (*os.File, store.Track, error) {
	t, err := l.store.Track(ctx, id)
	if err != nil {
		return nil, store.Track{}, err
	}
	f, err := l.openTrack(t)
	if err != nil {
		return nil, t, fmt.Errorf("open track %s: %w", id, err)
	}
	return f, t, nil
}

func (l *Library) openTrack(t store.Track) (*os.File, error) {
	if !slices.Contains(l.roots, t.Root) {
		return nil, fmt.Errorf("%w: %s is not configured", ErrUnreachable, t.Root)
	}
	root, err := os.OpenRoot(t.Root)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrUnreachable, err)
	}
	defer func() { _ = root.Close() }()
	rel, err := filepath.Rel(t.Root, t.Path)
	if err != nil {
		return nil, err
	}
	f, err := openRegular(root, rel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (%w)", ErrGone, err)
	}
	return f, err
}

// openRegular opens a file within a root, and nothing that blocks.
func openRegular(root *os.Root, rel string) (*os.File, error) {
	f, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: not a regular file", rel)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

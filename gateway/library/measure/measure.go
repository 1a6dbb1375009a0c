package measure

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/background"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

const (
	// batchSize and batchTime bound what a crash makes to be measured again.
	batchSize = 32
	batchTime = 10 * time.Second
	// listed is how many tracks are asked for at a time.
	listed = 256
	// retryAfter is when the store is asked again after it failed.
	retryAfter = time.Minute
	// lowest is how far the work steps back: as far as can be.
	lowest = 19
	// mostThreads is how many tracks are listened to at a time, if there are as
	// many processors.
	mostThreads = 2
)

// Config says what there is to listen to.
type Config struct {
	Store *store.Store
	// Open opens a track's file; library.Library.Open in the gateway.
	Open   func(ctx context.Context, id string) (*os.File, store.Track, error)
	FFmpeg *audio.FFmpeg // nil if there is none
	// Heard is told of each batch once it is kept; nil tells nobody. It is
	// called on Run's goroutine.
	Heard func(context.Context, map[string]sound.Features)
	// Left is told how many tracks there still are to listen to, after each
	// change; nil tells nobody. It is called on Run's goroutine.
	Left func(int)
	Log  *slog.Logger // nil discards
}

// Measurer listens to the library.
type Measurer struct {
	cfg  Config
	wake chan struct{} // holds one request to look again
}

// New returns a Measurer; it does nothing before Run.
func New(c Config) *Measurer {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Heard == nil {
		c.Heard = func(context.Context, map[string]sound.Features) {}
	}
	if c.Left == nil {
		c.Left = func(int) {}
	}
	return &Measurer{cfg: c, wake: make(chan struct{}, 1)}
}

// Wake says that the library may have changed. It may be called from any
// goroutine and does not block.
func (m *Measurer) Wake() {
	select {
	case m.wake <- struct{}{}:
	default: // it looks again anyway
	}
}

// worthTelling is how long a pass takes that the log hears of: a scan that finds
// one new file after another causes many short ones.
const worthTelling = 10 * time.Second

// Run listens to what has not been measured, after the first Wake and after
// each other one, until ctx ends.
func (m *Measurer) Run(ctx context.Context) error {
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.wake:
		case <-again:
		}
		again = nil
		if err := m.pass(ctx); err != nil && ctx.Err() == nil {
			m.cfg.Log.Warn("what tracks sound like cannot be measured now", "error", err, "again", retryAfter)
			again = time.After(retryAfter)
		}
	}
}

// batch is what was measured and is not kept yet.
type batch struct {
	sounds []store.MeasuredSound
	heard  map[string]sound.Features
	since  time.Time
}

// pass listens to every track that was not measured. What cannot be reached is
// left for the next pass.
func (m *Measurer) pass(ctx context.Context) error {
	left, err := m.cfg.Store.UnmeasuredCount(ctx, sound.Version)
	if err != nil {
		return err
	}
	m.cfg.Left(left)
	if left == 0 {
		return nil
	}
	begin, count := time.Now(), 0
	out := map[string]bool{} // of reach
	for {
		tracks, err := m.cfg.Store.Unmeasured(ctx, sound.Version, listed+len(out))
		if err != nil {
			return err
		}
		n, err := m.listenTo(ctx, tracks, out)
		if err != nil {
			return err
		}
		if count += n; n == 0 {
			break
		}
	}
	if took := time.Since(begin); count > 0 && took >= worthTelling {
		m.cfg.Log.Info("measured what tracks sound like", "tracks", count, "out of reach", len(out), "took", took.Round(time.Second))
	}
	return nil
}

// result is what came of listening to a track.
type result struct {
	of       store.Unmeasured
	features sound.Features
	err      error
}

// listenTo measures tracks, and returns how many are kept now.
func (m *Measurer) listenTo(ctx context.Context, tracks []store.Unmeasured, out map[string]bool) (kept int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	results, ended := m.listenBeside(ctx, slices.DeleteFunc(tracks, func(t store.Unmeasured) bool { return out[t.ID] }))
	defer ended()
	defer cancel()
	b := batch{heard: map[string]sound.Features{}, since: time.Now()}
	for r := range results {
		switch {
		case ctx.Err() != nil:
			return kept, ctx.Err()
		case errors.Is(r.err, library.ErrUnreachable), errors.Is(r.err, library.ErrGone), errors.Is(r.err, os.ErrPermission):
			out[r.of.ID] = true
			continue
		case r.err != nil:
			// It is not tried again: the same file would fail again.
			m.cfg.Log.Debug("a track cannot be measured", "path", r.of.Path, "error", r.err)
			b.sounds = append(b.sounds, store.MeasuredSound{Track: r.of.ID, Print: r.of.Print, Version: sound.Version})
		default:
			b.sounds = append(b.sounds, store.MeasuredSound{Track: r.of.ID, Print: r.of.Print, Version: sound.Version, Features: r.features.Append(nil)})
			b.heard[r.of.ID] = r.features
		}
		if len(b.sounds) >= batchSize || time.Since(b.since) >= batchTime {
			n, err := m.keep(ctx, &b)
			if err != nil {
				return kept, err
			}
			kept += n
		}
	}
	n, err := m.keep(ctx, &b)
	return kept + n, err
}

// listenBeside listens to tracks on threads that give way to everything else. The
// results end with the tracks or with ctx; ended waits for the threads.
func (m *Measurer) listenBeside(ctx context.Context, tracks []store.Unmeasured) (results <-chan result, ended func()) {
	todo, done := make(chan store.Unmeasured, len(tracks)), make(chan result)
	for _, t := range tracks {
		todo <- t
	}
	close(todo)
	var threads sync.WaitGroup
	for range min(mostThreads, runtime.NumCPU()) {
		threads.Go(func() {
			defer background.Lower(lowest)()
			for t := range todo {
				features, err := m.hear(ctx, t)
				select {
				case done <- result{t, features, err}:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		threads.Wait()
		close(done)
	}()
	return done, threads.Wait
}

func (m *Measurer) keep(ctx context.Context, b *batch) (int, error) {
	n := len(b.sounds)
	if n == 0 {
		return 0, nil
	}
	if err := m.cfg.Store.SaveSounds(ctx, b.sounds); err != nil {
		return 0, err
	}
	m.cfg.Heard(ctx, b.heard)
	*b = batch{heard: map[string]sound.Features{}, since: time.Now()}
	left, err := m.cfg.Store.UnmeasuredCount(ctx, sound.Version)
	if err == nil {
		m.cfg.Left(left)
	}
	return n, err
}

func (m *Measurer) hear(ctx context.Context, t store.Unmeasured) (sound.Features, error) {
	f, _, err := m.cfg.Open(ctx, t.ID)
	if err != nil {
		return sound.Features{}, err
	}
	defer func() { _ = f.Close() }()
	return Hear(ctx, f, t.Size, t.Path, m.cfg.FFmpeg)
}

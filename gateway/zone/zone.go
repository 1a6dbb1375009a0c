package zone

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// Config is what a Zone is made of. Clock, Tracks and Journal are needed; the
// rest may be left out.
type Config struct {
	ID, Name string
	// Crossfade is what SetCrossfade would set.
	Crossfade time.Duration
	Clock     audio.Clock
	Tracks    Tracks
	Journal   Journal
	Flow      Flow   // nil: nothing follows the picks
	Origin    Origin // nil: no device leads
	// Mix tells that the timeline leads even where a lone device could,
	// because gain or gapless joins are wanted.
	Mix bool

	// NewEncoder is audio.NewEncoder if nil.
	NewEncoder func(audio.Format) (audio.Encoder, error)

	// Detached is told when the zone itself lets a member go, and why. It is
	// called on the zone's goroutine and must not block or call the zone.
	Detached func(member string, reason error)

	// Explain says for people why something did not work; phrase.Cause if nil.
	// It is called on the zone's goroutine and must not block.
	Explain func(error) phrase.Phrase

	Rand *rand.Rand   // names entries and shuffles; nil seeds one. Only the zone may use it.
	Log  *slog.Logger // nil discards
}

// Zone is one queue, one transport and the devices that play it. All methods
// may be called from any goroutine while Run is running; they return ErrClosed
// after it ended. A command returns once it was carried out and, where it
// changes the queue, once that is on disk.
type Zone struct {
	cfg   Config
	log   *slog.Logger
	rand  *rand.Rand
	inbox chan func() // from commands and workers
	ended chan struct{}
	wg    sync.WaitGroup
	ctx   context.Context // of Run

	// What follows belongs to Run's goroutine.
	queue     *queue
	edits     editLine
	journal   *journaler
	line      *timeline
	play      transport
	flow      flowing
	members   []*Member
	lead      *lead
	drops     []dropped
	watchers  map[chan State]bool
	problem   problem
	shown     *Track // the last track that was published
	unlogged  []Play // plays that the journal could not take yet
	unfit     string // a member that was tried as leader and failed
	mixing    bool   // what plays has to be mixed: the timeline leads
	name      string
	click     bool // plays clicks, see SetClick
	crossfade time.Duration
	dirty     bool // State changed since it was published
}

type dropped struct {
	id  string
	err error
}

// New makes a zone; Run starts it.
func New(cfg Config) (*Zone, error) {
	if cfg.ID == "" || cfg.Tracks == nil || cfg.Journal == nil || cfg.Clock == (audio.Clock{}) {
		return nil, errors.New("zone: Config needs ID, Clock, Tracks and Journal")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if cfg.NewEncoder == nil {
		cfg.NewEncoder = audio.NewEncoder
	}
	if cfg.Explain == nil {
		cfg.Explain = phrase.Cause
	}
	z := &Zone{
		cfg: cfg, log: cfg.Log, rand: cfg.Rand, name: cfg.Name, crossfade: min(max(cfg.Crossfade, 0), MaxCrossfade),
		inbox:    make(chan func(), 64),
		ended:    make(chan struct{}),
		queue:    newQueue(),
		journal:  newJournaler(cfg.Journal, cfg.ID, cfg.Log),
		watchers: make(map[chan State]bool),
		dirty:    true,
	}
	if z.rand == nil {
		var seed [16]byte
		if _, err := crand.Read(seed[:]); err != nil {
			return nil, fmt.Errorf("seed zone %s: %w", cfg.ID, err)
		}
		//nolint:gosec // it names entries and shuffles: no secrets
		z.rand = rand.New(rand.NewPCG(binary.NativeEndian.Uint64(seed[:8]), binary.NativeEndian.Uint64(seed[8:])))
	}
	z.line = newTimeline(z)
	z.play.state = Stopped
	z.flow.scouts.seed = z.rand.Uint64()
	return z, nil
}

// Run plays until ctx ends, and returns once everything it started has ended
// and the journal has the last position. It is called once.
func (z *Zone) Run(ctx context.Context) error {
	defer close(z.ended)
	work, cancel := context.WithCancel(ctx)
	z.ctx = work
	defer z.wg.Wait()
	defer cancel()
	saved, err := z.cfg.Journal.Load(ctx, z.cfg.ID)
	if err != nil {
		err = fmt.Errorf("load the queue of zone %s: %w", z.cfg.ID, err)
		z.log.Error("zone does not start", "err", err)
		return err
	}
	z.restore(saved)
	z.spawn(func() { z.journal.run(work, z.post) })
	z.loop(work)
	z.shutDown(ctx, cancel)
	return nil
}

// spawn runs a worker that Run waits for.
func (z *Zone) spawn(f func()) {
	z.wg.Add(1)
	go func() {
		defer z.wg.Done()
		f()
	}()
}

// post has f run on the zone's goroutine. Workers call it; it gives up when the
// zone ends.
func (z *Zone) post(f func()) {
	select {
	case z.inbox <- f:
	case <-z.ctx.Done():
	}
}

func (z *Zone) now() audio.Time { return z.cfg.Clock.Now() }

// loop is the zone's goroutine.
func (z *Zone) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var blocks chan block
		if z.line.wants(z.now()) {
			blocks = z.line.feed.out
		}
		select {
		case <-ctx.Done():
			return
		case f := <-z.inbox:
			f()
		case b, ok := <-blocks:
			z.block(b, ok)
		case <-timer.C:
		}
		z.work()
		timer.Reset(z.sleep())
	}
}

// work does whatever is due now.
func (z *Zone) work() {
	z.fill()
	z.line.write(z.now())
	z.advance()
	z.tend()
	z.dropMembers()
	if z.dirty {
		z.dirty = false
		z.publish()
	}
}

// sleep is how long nothing is due.
func (z *Zone) sleep() time.Duration {
	now := z.now()
	at := now.Add(time.Minute)
	for _, t := range []audio.Time{z.line.wakes(), z.wakes()} {
		if t != 0 {
			at = min(at, t)
		}
	}
	return max(0, at.Sub(now))
}

// shutDown leaves the members silent and the journal complete.
func (z *Zone) shutDown(ctx context.Context, cancel context.CancelFunc) {
	offset := z.offset()
	wanted := z.play.state == Playing
	last := z.endPlayOp("stopped")
	z.line.halt()
	z.stopLeading()
	cancel()
	z.wg.Wait()
	flush, done := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer done()
	last = append(last, journalOp{position: &savedPosition{index: z.queue.index(), offset: offset, playing: wanted}})
	z.journal.drain(flush, last...)
	for w := range z.watchers {
		close(w)
	}
	for tap := range z.line.taps {
		z.line.untap(tap)
	}
}

// do runs a command on the zone's goroutine and waits for its answer. f gets
// reply, which it calls once, at once or later.
func (z *Zone) do(ctx context.Context, f func(reply func(error))) error {
	answer := make(chan error, 1)
	select {
	case z.inbox <- func() { f(func(err error) { answer <- err }) }:
	case <-ctx.Done():
		return ctx.Err()
	case <-z.ended:
		return ErrClosed
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-z.ended:
		select {
		case err := <-answer:
			return err
		default:
			return ErrClosed
		}
	}
}

package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Why a Chromecast leaves its zone by itself. That somebody else took it is
// zone.ErrTaken, that its connection stayed away zone.ErrGone.
var (
	ErrStopped = errors.New("somebody stopped it on the device")
	ErrRefused = errors.New("it does not play the zone's stream")
)

// castGrace is how long a device may be out of reach and still belongs to its
// zone: it goes on with its own queue meanwhile.
const castGrace = 20 * time.Second

// CastConfig is what a Cast is made of.
type CastConfig struct {
	Sender *cast.Sender // run by whoever made it
	// Statuses are the Sender's, or those of them that its owner passes on.
	Statuses <-chan cast.Status
	Clock    audio.Clock
	// StartDelay is how long the device takes from a load to its first sound, as
	// it was measured before; 0 if that is not known. Started is told what is
	// measured; it does not block, and may be nil.
	StartDelay time.Duration
	Started    func(time.Duration)
	// Delay of what hangs behind the device, set by ear: the stream is to be
	// played so much earlier, or later where it is negative.
	Delay time.Duration
	// StreamURL is where the device fetches a run of the endless stream; the
	// gateway routes it to Cast.ServeRun.
	StreamURL func(run string) (string, error)
	// Item says what the device fetches for an item of its zone; CastItem if nil.
	// Where it fails the item is handed on as it is.
	Item func(ctx context.Context, i zone.Item) (cast.Item, error)
	// Refused is told that the device could not play an item, sure that the
	// format is why if that is so. It returns true where Item now gives another
	// form of it, which is tried before the zone hears of it. Nil: there is none.
	Refused func(ctx context.Context, i zone.Item, sure bool) bool
	// Loaded is told the URL that the device has taken and should fetch now;
	// nil if nobody wants to know. It does not block.
	Loaded func(url string)
	Log    *slog.Logger
}

// Cast is a Chromecast as a member. Alone in a zone it is a zone.Leader and
// plays originals from a queue of its own; beside others it is a zone.Output
// and plays the zone's endless stream. Run carries out what the zone asks; the
// other methods may be called from any goroutine while it runs.
type Cast struct {
	cfg       CastConfig
	positions chan zone.Position
	turn      chan struct{} // held while the device is told something
	wake      chan struct{} // for the stream's goroutine

	mu      sync.Mutex
	closed  bool
	loaded  bool         // the device has taken something from this member
	last    zone.EntryID // what it played last as a leader
	shut    bool         // the application was closed since
	failed  zone.EntryID // what it said last that it cannot play
	held    []zone.Item  // what its queue has, the past too
	watch   castWatch
	failure playFailure
	moved   bool // what it holds has to be fetched from elsewhere
	stream  castStream
	align   castAlign
}

// NewCast returns a member for a device that a Sender controls.
func NewCast(cfg CastConfig) *Cast {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Item == nil {
		cfg.Item = func(_ context.Context, i zone.Item) (cast.Item, error) { return CastItem(i), nil }
	}
	if cfg.Refused == nil {
		cfg.Refused = func(context.Context, zone.Item, bool) bool { return false }
	}
	if cfg.Started == nil {
		cfg.Started = func(time.Duration) {}
	}
	if cfg.Loaded == nil {
		cfg.Loaded = func(string) {}
	}
	kept := cfg.StartDelay
	if kept > 0 {
		kept = max(kept+cfg.Delay, time.Millisecond)
	}
	return &Cast{
		cfg: cfg, positions: make(chan zone.Position, 8), turn: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		align: newCastAlign(kept),
	}
}

// Run follows the device until ctx ends or the device stays out of reach, and
// closes Positions.
func (c *Cast) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var streaming sync.WaitGroup
	streaming.Go(func() { c.keepStream(ctx) })
	defer c.end()
	defer streaming.Wait()
	defer cancel()
	lost := time.NewTimer(castGrace)
	defer lost.Stop()
	if c.cfg.Sender.Status().Connected {
		lost.Stop()
	}
	reached := true
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lost.C:
			return zone.ErrGone
		case status := <-c.cfg.Statuses:
			switch {
			case status.Connected:
				lost.Stop()
				c.mu.Lock()
				// What was passed on may be older than what was told since.
				c.follow(c.cfg.Sender.Status(), !reached)
				c.mu.Unlock()
			case reached:
				lost.Reset(castGrace)
			}
			reached = status.Connected
		}
	}
}

// end closes Positions and the stream.
func (c *Cast) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	close(c.positions)
	c.stream.end()
	c.stream.fail(zone.ErrGone)
}

// report hands a position to the zone; where nobody reads, the oldest is
// dropped. The caller holds mu.
func (c *Cast) report(p zone.Position) {
	if c.closed {
		return
	}
	for {
		select {
		case c.positions <- p:
			return
		default:
		}
		select {
		case <-c.positions:
		default:
		}
	}
}

func transport(s cast.PlayerState) zone.Transport {
	switch s {
	case cast.Playing, cast.Buffering:
		return zone.Playing
	case cast.Paused:
		return zone.Paused
	case cast.Idle:
		return zone.Stopped
	default:
		return zone.Stopped
	}
}

// inTurn runs do when nothing else is being told to the device. What a zone
// asks of its leader and what it writes to its output may overlap when the one
// becomes the other.
func (c *Cast) inTurn(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Load implements zone.Leader. An item that the device refuses is reported as a
// Position.
func (c *Cast) Load(ctx context.Context, items []zone.Item, at zone.Position) error {
	return c.inTurn(ctx, func() error {
		c.mu.Lock()
		c.stream.end()
		c.mu.Unlock()
		return c.load(ctx, items, at.Offset)
	})
}

// load has the device play items. Where it refuses the first, that is tried in
// another form if there is one, and reported as a Position otherwise.
func (c *Cast) load(ctx context.Context, items []zone.Item, offset time.Duration) error {
	sent := c.items(ctx, items)
	err := c.cfg.Sender.Load(ctx, sent, offset)
	var refused *cast.RequestError
	if errors.As(err, &refused) && refused.Type == "LOAD_FAILED" {
		if c.cfg.Refused(ctx, items[0], refused.Code == unsupported) {
			sent = c.items(ctx, items)
			err = c.cfg.Sender.Load(ctx, sent, offset)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.As(err, &refused) && refused.Type == "LOAD_FAILED" {
		c.report(zone.Position{Entry: items[0].Entry, State: zone.Stopped, At: c.cfg.Clock.Now(), Err: err})
		return nil
	}
	if err != nil {
		return err
	}
	c.loaded, c.last, c.shut, c.failed, c.held, c.moved = true, items[0].Entry, false, "", items, false
	c.failure, c.watch.failures, c.watch.stalled = playFailure{}, 0, false
	c.cfg.Loaded(sent[0].URL)
	// What it said before Load returned did not count yet.
	c.follow(c.cfg.Sender.Status(), false)
	return nil
}

// ErrFetchOrFormat is all that a device says that did not play an item.
var ErrFetchOrFormat = errors.New("the device could not play this: it may not be able to fetch it, or not know the format")

// Reload has the device fetch what it plays, and what follows that, from where
// Item and StreamURL say now. What plays goes on at its position; what is paused
// does when it is played again.
func (c *Cast) Reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := &c.stream; s.run != nil {
		s.id++ // not a try: it did not fail
		s.load, s.shown = true, false
	} else {
		c.moved = c.loaded
	}
	c.wakeStream()
}

// reload carries out Reload on a device that leads. The caller has the turn.
func (c *Cast) reload(ctx context.Context) error {
	c.mu.Lock()
	at := heldAt(c.held, c.last)
	moved, items := c.moved && c.stream.run == nil && at >= 0, c.held[max(at, 0):]
	c.mu.Unlock()
	status := c.cfg.Sender.Status()
	if !moved || status.Foreign || status.Item != string(items[0].Entry) || transport(status.State) != zone.Playing {
		return nil
	}
	position := status.Position
	if status.State == cast.Playing {
		position += time.Since(status.At)
	}
	return c.load(ctx, items, position)
}

func heldAt(items []zone.Item, entry zone.EntryID) int {
	return slices.IndexFunc(items, func(i zone.Item) bool { return i.Entry == entry })
}

// Edit implements zone.Leader.
func (c *Cast) Edit(ctx context.Context, e zone.Edit) error {
	return c.inTurn(ctx, func() error {
		if err := c.cfg.Sender.Follow(ctx, string(e.Keep), c.items(ctx, e.Items), e.Cut); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held = append(c.held[:heldAt(c.held, e.Keep)+1:heldAt(c.held, e.Keep)+1], e.Items...)
		return nil
	})
}

// Transport implements zone.Leader. A device that has begun to play the zone's
// stream is not stopped any more: the stream takes the place of what it led.
func (c *Cast) Transport(ctx context.Context, to zone.Transport) error {
	return c.inTurn(ctx, func() error {
		switch to {
		case zone.Playing:
			return c.play(ctx)
		case zone.Paused:
			return c.cfg.Sender.Pause(ctx)
		case zone.Stopped:
			c.mu.Lock()
			streams := c.stream.run != nil
			c.mu.Unlock()
			if streams {
				return nil
			}
			return c.cfg.Sender.Stop(ctx)
		default:
			return fmt.Errorf("no such transport: %q", to)
		}
	})
}

// play goes on with what is paused. What has moved meanwhile is loaded anew.
func (c *Cast) play(ctx context.Context) error {
	c.mu.Lock()
	at := heldAt(c.held, c.last)
	moved, items := c.moved && at >= 0, c.held[max(at, 0):]
	c.mu.Unlock()
	status := c.cfg.Sender.Status()
	if moved && !status.Foreign {
		return c.load(ctx, items, status.Position)
	}
	err := c.cfg.Sender.Play(ctx)
	if err == nil || errors.Is(err, cast.ErrOffline) || errors.Is(err, cast.ErrTaken) || ctx.Err() != nil || at < 0 {
		return err
	}
	// The application was closed while it was asked: a long pause does that.
	return c.load(ctx, items, status.Position)
}

// Seek implements zone.Leader.
func (c *Cast) Seek(ctx context.Context, offset time.Duration) error {
	return c.inTurn(ctx, func() error { return c.cfg.Sender.Seek(ctx, offset) })
}

// Positions implements zone.Leader.
func (c *Cast) Positions() <-chan zone.Position { return c.positions }

// items says what the device fetches.
func (c *Cast) items(ctx context.Context, items []zone.Item) []cast.Item {
	out := make([]cast.Item, len(items))
	for i, item := range items {
		var err error
		if out[i], err = c.cfg.Item(ctx, item); err != nil {
			c.cfg.Log.Warn("an item is handed to a Chromecast as it is", "entry", item.Entry, "error", err)
			out[i] = CastItem(item)
		}
	}
	return out
}

// CastItem is an item of a zone as a Cast device is told it: the original file.
func CastItem(i zone.Item) cast.Item {
	return cast.Item{
		ID: string(i.Entry), URL: i.URL, ContentType: i.MIME, Duration: i.Track.Duration,
		Title: i.Track.Title, Artist: i.Track.Artist, Album: i.Track.Album,
	}
}

var (
	_ zone.Leader = (*Cast)(nil)
	_ zone.Output = (*Cast)(nil)
)

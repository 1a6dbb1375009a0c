package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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
	// StreamURL is where the device fetches a run of the endless stream; the
	// gateway routes it to Cast.ServeRun.
	StreamURL func(run string) (string, error)
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

	mu     sync.Mutex
	closed bool
	loaded bool         // the device has taken something from this member
	last   zone.EntryID // what it played last as a leader
	failed zone.EntryID // what it said last that it cannot play
	stream castStream
}

// NewCast returns a member for a device that a Sender controls.
func NewCast(cfg CastConfig) *Cast {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Loaded == nil {
		cfg.Loaded = func(string) {}
	}
	return &Cast{
		cfg: cfg, positions: make(chan zone.Position, 8), turn: make(chan struct{}, 1), wake: make(chan struct{}, 1),
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

// follow takes a report; back tells that the device was out of reach before it.
// The caller holds mu.
func (c *Cast) follow(status cast.Status, back bool) {
	if !c.loaded && (c.stream.run == nil || !back) {
		return // of what was there before
	}
	if status.Foreign {
		c.stream.fail(zone.ErrTaken)
		c.report(zone.Position{Released: true, At: c.cfg.Clock.Now()})
		return
	}
	if c.stream.run != nil {
		if c.stream.follow(status, back) {
			c.wakeStream()
		}
		return
	}
	p := zone.Position{
		Entry: zone.EntryID(status.Item), State: transport(status.State), Offset: status.Position,
		At: c.cfg.Clock.Now().Add(-time.Since(status.At)),
	}
	switch {
	case strings.HasPrefix(status.Item, streamItem):
		return // it is on its way to something else
	case status.Item == "" && c.last == "":
		return
	case status.Item == "": // the application was closed
		p = zone.Position{Entry: c.last, State: zone.Stopped, At: c.cfg.Clock.Now()}
		c.last = ""
	case status.IdleReason == "ERROR":
		if c.failed == p.Entry {
			return
		}
		c.failed = p.Entry
		p.Err = errors.New("the device could not play this: it may not be able to fetch it, or not know the format")
	default:
		c.last, c.failed = p.Entry, ""
	}
	c.report(p)
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
		err := c.cfg.Sender.Load(ctx, castItems(items), at.Offset)
		c.mu.Lock()
		defer c.mu.Unlock()
		var refused *cast.RequestError
		if errors.As(err, &refused) && refused.Type == "LOAD_FAILED" {
			c.report(zone.Position{Entry: items[0].Entry, State: zone.Stopped, At: c.cfg.Clock.Now(), Err: err})
			return nil
		}
		if err != nil {
			return err
		}
		c.loaded, c.last = true, items[0].Entry
		c.cfg.Loaded(items[0].URL)
		// What it said before Load returned did not count yet.
		c.follow(c.cfg.Sender.Status(), false)
		return nil
	})
}

// Edit implements zone.Leader.
func (c *Cast) Edit(ctx context.Context, e zone.Edit) error {
	return c.inTurn(ctx, func() error {
		return c.cfg.Sender.Follow(ctx, string(e.Keep), castItems(e.Items), e.Cut)
	})
}

// Transport implements zone.Leader. A device that has begun to play the zone's
// stream is not stopped any more: the stream takes the place of what it led.
func (c *Cast) Transport(ctx context.Context, to zone.Transport) error {
	return c.inTurn(ctx, func() error {
		switch to {
		case zone.Playing:
			return c.cfg.Sender.Play(ctx)
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

// Seek implements zone.Leader.
func (c *Cast) Seek(ctx context.Context, offset time.Duration) error {
	return c.inTurn(ctx, func() error { return c.cfg.Sender.Seek(ctx, offset) })
}

// Positions implements zone.Leader.
func (c *Cast) Positions() <-chan zone.Position { return c.positions }

func castItems(items []zone.Item) []cast.Item {
	out := make([]cast.Item, len(items))
	for i, item := range items {
		out[i] = cast.Item{
			ID: string(item.Entry), URL: item.URL, ContentType: item.MIME, Duration: item.Track.Duration,
			Title: item.Track.Title, Artist: item.Track.Artist, Album: item.Track.Album,
		}
	}
	return out
}

var (
	_ zone.Leader = (*Cast)(nil)
	_ zone.Output = (*Cast)(nil)
)

package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// ErrTaken is what a Chromecast's output returns once somebody else plays on
// the device.
var ErrTaken = errors.New("somebody else plays on this device now")

// castStreamFormat is what every Cast device plays, groups included.
var castStreamFormat = audio.Format{Codec: audio.FLAC, Rate: 48000, Channels: 2, Bits: 16}

// streamItem begins the id of the item that is a zone's endless stream.
const streamItem = "stream:"

// CastConfig is what a Cast is made of.
type CastConfig struct {
	Sender *cast.Sender // connected by whoever made it
	Clock  audio.Clock
	// StreamURL is where the device fetches a run of the endless stream; the
	// gateway routes it to Cast.ServeRun.
	StreamURL func(run string) (string, error)
	Log       *slog.Logger
}

// Cast is a Chromecast as a member. Alone in a zone it is a zone.Leader and
// plays originals from a queue of its own; beside others it is a zone.Output
// and plays the zone's endless stream. Run carries out what the zone asks; the
// other methods may be called from any goroutine while it runs.
type Cast struct {
	cfg       CastConfig
	positions chan zone.Position
	loads     chan string // runs to load, latest wins

	mu    sync.Mutex
	run   *endless
	runID int
	taken bool
}

// NewCast returns a member for a device that a Sender controls.
func NewCast(cfg CastConfig) *Cast {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Cast{cfg: cfg, positions: make(chan zone.Position, 1), loads: make(chan string, 1)}
}

// Run follows the device until ctx ends, and closes Positions.
func (c *Cast) Run(ctx context.Context) error {
	defer close(c.positions)
	defer c.endRun()
	for {
		select {
		case <-ctx.Done():
			return nil
		case status := <-c.cfg.Sender.Statuses():
			c.follow(status)
		case run := <-c.loads:
			if err := c.loadStream(ctx, run); err != nil && ctx.Err() == nil {
				c.cfg.Log.Warn("the device did not take the stream", "error", err)
			}
		}
	}
}

// follow turns what the device reports into a Position.
func (c *Cast) follow(status cast.Status) {
	if !status.Connected {
		return
	}
	c.mu.Lock()
	c.taken = status.Foreign
	c.mu.Unlock()
	if strings.HasPrefix(status.Item, streamItem) {
		return
	}
	if status.Item == "" && !status.Foreign {
		return
	}
	p := zone.Position{
		Entry: zone.EntryID(status.Item), State: transport(status.State), Offset: status.Position,
		At: c.cfg.Clock.Now().Add(-time.Since(status.At)), Released: status.Foreign,
	}
	if status.IdleReason == "ERROR" {
		p.Err = errors.New("the device could not play this: it may not be able to fetch it, or not know the format")
	}
	latest(c.positions, p)
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

// latest puts v into a channel of one, in place of what nobody has read.
func latest[T any](ch chan T, v T) {
	for {
		select {
		case ch <- v:
			return
		default:
		}
		select {
		case <-ch:
		default:
		}
	}
}

// Load implements zone.Leader.
func (c *Cast) Load(ctx context.Context, items []zone.Item, at zone.Position) error {
	return c.cfg.Sender.Load(ctx, castItems(items), at.Offset)
}

// Edit implements zone.Leader.
func (c *Cast) Edit(ctx context.Context, e zone.Edit) error {
	return c.cfg.Sender.Follow(ctx, string(e.Keep), castItems(e.Items), e.Cut)
}

// Transport implements zone.Leader.
func (c *Cast) Transport(ctx context.Context, to zone.Transport) error {
	switch to {
	case zone.Playing:
		return c.cfg.Sender.Play(ctx)
	case zone.Paused:
		return c.cfg.Sender.Pause(ctx)
	case zone.Stopped:
		return c.cfg.Sender.Stop(ctx)
	default:
		return fmt.Errorf("no such transport: %q", to)
	}
}

// Seek implements zone.Leader.
func (c *Cast) Seek(ctx context.Context, offset time.Duration) error {
	return c.cfg.Sender.Seek(ctx, offset)
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

// Caps implements zone.Output.
func (c *Cast) Caps() zone.Caps {
	return zone.Caps{Formats: []audio.Format{castStreamFormat}, Lead: 500 * time.Millisecond, Buffer: 2 * time.Second, Pulled: true}
}

// Write implements zone.Output: a packet of a new audio.Stream begins a new run,
// which the device is told to load.
func (c *Cast) Write(p audio.Packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return ErrTaken
	}
	if c.run == nil || c.run.stream != p.Stream {
		if c.run != nil {
			c.run.end()
		}
		c.runID++
		c.run = newEndless(p.Stream)
		latest(c.loads, strconv.Itoa(c.runID))
	}
	c.run.write(p)
	return nil
}

// Clear implements zone.Output. The device keeps what it has fetched until the
// next run is loaded.
func (c *Cast) Clear(audio.Time) error { return nil }

func (c *Cast) endRun() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		c.run.end()
	}
}

func (c *Cast) loadStream(ctx context.Context, run string) error {
	url, err := c.cfg.StreamURL(run)
	if err != nil {
		return err
	}
	return c.cfg.Sender.Load(ctx, []cast.Item{{ID: streamItem + run, URL: url, ContentType: "audio/flac", Live: true, Title: "Jumpgate"}}, 0)
}

// ServeRun serves a run of the endless stream to the device.
func (c *Cast) ServeRun(run string, w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	current := c.run
	if run != strconv.Itoa(c.runID) {
		current = nil
	}
	c.mu.Unlock()
	if current == nil {
		http.NotFound(w, r)
		return
	}
	current.ServeHTTP(w, r)
}

var (
	_ zone.Leader = (*Cast)(nil)
	_ zone.Output = (*Cast)(nil)
)

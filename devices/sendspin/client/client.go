package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Config is what a Client needs.
type Config struct {
	ID   string // client_id in the cleartext dialect, the same across restarts
	Name string
	// Identity is our key, the same across restarts; nil speaks the cleartext
	// dialect only. Its id is our client_id in the current dialect.
	Identity *noise.Identity
	Suite    noise.Suite // empty is ChaChaPoly
	// Cleartext tries the cleartext dialect where a server does not answer in the
	// current one. It does nothing without Identity.
	Cleartext bool
	// Unpaired plays for servers that are not paired.
	Unpaired bool
	Pairing  PairingConfig
	Device   wire.DeviceInfo
	// Formats in the order of preference; empty makes a client without the
	// player role.
	Formats []wire.Format
	// Control asks for the controller role and our own, Text for metadata.
	Control, Text bool
	// Visualizer asks to be shown the sound, in the current dialect; Visual is
	// called with each message and must not block. nil: not.
	Visualizer *wire.Visualizer
	Visual     func(wire.Visual)
	// Announcements takes clips that are to be played over everything, in the
	// current dialect. Announced is called where one begins and, with nil, where
	// no more follows of it, AnnouncementData with its pieces; neither may block.
	Announcements    *wire.AnnouncementSupport
	Announced        func(*wire.AnnouncementStream)
	AnnouncementData func([]byte)
	// Input is the format of what comes in at our input, "flac" or "pcm", in the
	// current dialect; InputWanted is called when a server wants it, or does not any
	// more, and must not block. nil: there is no input.
	Input       *wire.PlayerStream
	InputWanted func(bool)
	// BufferCapacity in bytes of coded audio; 0 is 1 MiB.
	BufferCapacity int
	// Now reads the client's monotonic clock in µs. nil counts from New.
	Now func() int64
	// Volume at the start, 0-100 as loudness, and Muted.
	Volume int
	Muted  bool
	// RequiredLead is reported beside the volume, for servers that look at it.
	RequiredLead time.Duration
	// LastServer is the id of the server that played last, from an earlier
	// run; Remember, if set, is told of a new one and must not block.
	LastServer string
	Remember   func(serverID string)
	// NetDial opens Run's connections; nil takes the system's network.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)
	Log     *slog.Logger // nil discards
}

// Status is a snapshot.
type Status struct {
	Connected  bool
	Server     wire.ServerHello // while connected
	Group      wire.GroupUpdate // merged
	Metadata   wire.Metadata    // merged; in the current dialect with a Timestamp that may be to come
	Controller wire.Controller
	Jumpgate   wire.Jumpgate
	// Dialect of the connection, and whether it is a paired one.
	Dialect wire.Dialect
	Paired  bool
	Volume  int
	Muted   bool
}

// Client is one Sendspin client. Its methods may be called from any goroutine;
// chunks are meant for one taker.
type Client struct {
	cfg    Config
	log    *slog.Logger
	filter filter
	buf    *buffer

	// turn is held while a message is handled and while another session takes
	// over, so that nothing of the old server comes after. It is taken before mu.
	turn sync.Mutex

	mu       sync.Mutex
	status   Status
	state    wire.Operation
	current  *session
	lastPlay string
	plain    map[string]bool // peers that do not know the current dialect, by address
	proven   map[string]bool // those that do
	closed   bool
	wg       sync.WaitGroup
}

// New returns a client; it does nothing before Run or a request to Handler.
func New(cfg Config) (*Client, error) {
	if cfg.ID == "" && cfg.Identity != nil {
		cfg.ID = cfg.Identity.ID()
	}
	if cfg.ID == "" {
		return nil, errors.New("sendspin client: Config.ID is empty")
	}
	if cfg.Pairing.Gate == nil {
		cfg.Pairing.Gate = &pair.Gate{}
	}
	if cfg.Suite == "" {
		cfg.Suite = noise.ChaChaPoly
	}
	if cfg.Name == "" {
		cfg.Name = cfg.ID
	}
	if cfg.BufferCapacity <= 0 {
		cfg.BufferCapacity = 1 << 20
	}
	if cfg.Now == nil {
		start := time.Now()
		cfg.Now = func() int64 { return time.Since(start).Microseconds() }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, log: cfg.Log, buf: newBuffer(cfg.BufferCapacity), lastPlay: cfg.LastServer, plain: map[string]bool{}, proven: map[string]bool{}}
	c.status.Volume, c.status.Muted = cfg.Volume, cfg.Muted
	c.state = wire.Synchronized
	return c, nil
}

// Run keeps a connection to the server at url ("ws://host:8927/sendspin")
// until ctx ends, then says goodbye.
func (c *Client) Run(ctx context.Context, url string) error {
	const from, to = 250 * time.Millisecond, 10 * time.Second
	wait := from
	for {
		began := time.Now()
		err := c.connect(ctx, url)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > to {
			wait = from
		}
		// A server that is off is tried for as long as it is off: told of once.
		level := slog.LevelDebug
		if wait == from {
			level = slog.LevelInfo
		}
		c.log.Log(ctx, level, "no connection to the server", "url", url, "again_in", wait, "why", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
		wait = min(2*wait, to)
	}
}

func (c *Client) connect(ctx context.Context, url string) error {
	d := websocket.Dialer{HandshakeTimeout: 5 * time.Second, ReadBufferSize: 16 << 10, NetDialContext: c.cfg.NetDial}
	conn, res, err := d.DialContext(ctx, url, nil)
	if res != nil && res.Body != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return fmt.Errorf("dial %s: %w", url, err)
	}
	return c.serve(ctx, conn, true)
}

// Handler takes servers that connect to us; mount it at the path that mDNS
// announces. Connections end with ctx.
func (c *Client) Handler(ctx context.Context) http.Handler {
	up := websocket.Upgrader{HandshakeTimeout: 5 * time.Second, ReadBufferSize: 16 << 10}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.enter() {
			http.Error(w, "closing", http.StatusServiceUnavailable)
			return
		}
		defer c.wg.Done()
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has answered
		}
		err = c.serve(ctx, conn, false)
		c.log.Debug("server connection ended", "from", r.RemoteAddr, "why", err)
	})
}

func (c *Client) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.wg.Add(1)
	return true
}

// Wait refuses new servers and waits for the connections of Handler, whose
// context must have ended.
func (c *Client) Wait() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.wg.Wait()
}

// Status returns what is known now.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Wake is signalled when a chunk came, the buffer was cleared, or the Status
// changed. One goroutine may wait on it.
func (c *Client) Wake() <-chan struct{} { return c.buf.wake }

// Take returns the oldest chunk, in the order they came.
func (c *Client) Take() (Chunk, bool) { return c.buf.take() }

// Epoch counts the times that the buffer was cleared: by stream/clear,
// stream/end, and by the end of a connection. Whoever took chunks of an
// earlier epoch and has not played them yet drops them.
func (c *Client) Epoch() uint64 {
	c.buf.mu.Lock()
	defer c.buf.mu.Unlock()
	return c.buf.epoch
}

// Stream returns the running stream, nil if there is none.
func (c *Client) Stream() *Stream {
	c.buf.mu.Lock()
	defer c.buf.mu.Unlock()
	return c.buf.stream
}

// Dropped counts chunks beyond the buffer's capacity.
func (c *Client) Dropped() uint64 {
	c.buf.mu.Lock()
	defer c.buf.mu.Unlock()
	return c.buf.dropped
}

// Synced tells whether the server's clock is known.
func (c *Client) Synced() bool { return c.filter.synced() }

// Local converts a time of the server's clock to the client's, both µs.
func (c *Client) Local(server int64) int64 { return c.filter.toLocal(server) }

// Server converts a time of the client's clock to the server's, both µs.
func (c *Client) Server(local int64) int64 { return c.filter.toServer(local) }

// Sync is the clock filter's own standard error in µs, and the server clock's
// rate against ours in parts per million.
func (c *Client) Sync() (sigma, ppm float64) { return c.filter.spread() }

// SetVolume sets our own volume and reports it.
func (c *Client) SetVolume(volume int) {
	c.set(func(s *Status) { s.Volume = min(max(volume, 0), 100) }, true)
}

// SetMuted mutes us and reports it.
func (c *Client) SetMuted(muted bool) { c.set(func(s *Status) { s.Muted = muted }, true) }

func (c *Client) set(change func(*Status), tell bool) {
	c.mu.Lock()
	change(&c.status)
	s := c.current
	c.mu.Unlock()
	c.buf.notify()
	if tell && s != nil {
		s.report()
	}
}

// SetOperation reports wire.InError while playing out of step and
// wire.Synchronized when it is in step again.
func (c *Client) SetOperation(op wire.Operation) {
	c.mu.Lock()
	changed := c.state != op
	c.state = op
	s := c.current
	c.mu.Unlock()
	if changed && s != nil {
		s.report()
	}
}

// Command sends a controller command; volume and mute go with the commands of
// those names. It does nothing while there is no connection.
func (c *Client) Command(k wire.ControllerCommand) error {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	return s.send(wire.TypeClientCommand, wire.ClientCommand{Controller: &k})
}

// Press is a button of our own role: "jump", "like" or "dislike". It does nothing
// while there is no connection.
func (c *Client) Press(command string) error {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	return s.send(wire.TypeClientCommand, wire.ClientCommand{Jumpgate: &wire.JumpgateCommand{Command: command}})
}

package sendspin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Errors that callers test for.
var (
	// ErrBehind: the player cannot take this chunk; its time has passed or its
	// queue is full. Clear it and go on at the present.
	ErrBehind = errors.New("sendspin: player is behind")
	// ErrGone: the connection has ended.
	ErrGone = errors.New("sendspin: player is gone")
	// ErrNoRole: the client did not ask for the role that this needs.
	ErrNoRole = errors.New("sendspin: client has no such role")
	// ErrNoStream: audio before Start or after End.
	ErrNoStream = errors.New("sendspin: no stream is started")
	// ErrUnavailable: the player has not said yet what it needs, or something
	// else has its output. StateChanged tells when State.Available changes.
	ErrUnavailable = errors.New("sendspin: player is not available")
	// ErrClosed: the server does not run.
	ErrClosed = errors.New("sendspin: server is not running")
)

// Path is where the specification recommends the WebSocket, for either side.
const Path = "/sendspin"

// Config is what a Server needs.
type Config struct {
	ID   string // the server's id in the cleartext dialect, the same across restarts
	Name string // as people see it
	// Identity is the server's key, the same across restarts; nil speaks the
	// cleartext dialect only. Its id is the server's in the current dialect.
	Identity *noise.Identity
	// Keys keeps the pairing records; nil pairs with nobody.
	Keys Keyring
	// Languages that people here read, best first (BCP 47).
	Languages []string
	// Now reads the server's monotonic clock in µs; every timestamp of this
	// package is of this clock. nil counts from New.
	Now func() int64
	// Access tells what a client that is not paired may do; asked at each
	// connection, from any goroutine. nil is Held for everybody, until
	// Player.SetAccess.
	Access func(clientID string) Access
	// RefuseCleartext takes no players of the cleartext dialect; see
	// Server.SetCleartext.
	RefuseCleartext bool
	// CheckOrigin decides on requests that carry an Origin header, which only
	// browsers send. nil takes those of the same host.
	CheckOrigin func(*http.Request) bool
	// MaxPlayers is how many connections there may be; 0 is 256.
	MaxPlayers int
	// QueueBytes bounds the audio that waits for each player's socket; 0 is
	// 5 MiB. It is never more than the player's own buffer_capacity beyond a
	// quarter of a megabyte.
	QueueBytes int
	Timing     Timing
	Log        *slog.Logger // nil discards
}

// Timing holds the time-outs; zero fields take the defaults.
type Timing struct {
	Hello       time.Duration // for the client's hello; 5 s
	Idle        time.Duration // without any frame from the client; 30 s
	Ping        time.Duration // between our pings; 10 s
	Write       time.Duration // for one frame to leave; 10 s
	BackoffFrom time.Duration // first wait before dialling again; 500 ms
	BackoffTo   time.Duration // longest one; 30 s
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&t.Hello, 5*time.Second)
	set(&t.Idle, 30*time.Second)
	set(&t.Ping, 10*time.Second)
	set(&t.Write, 10*time.Second)
	set(&t.BackoffFrom, 500*time.Millisecond)
	set(&t.BackoffTo, 30*time.Second)
	return t
}

// Server is a Sendspin server. Its methods may be called from any goroutine.
type Server struct {
	cfg      Config
	log      *slog.Logger
	upgrader websocket.Upgrader
	buffers  sync.Pool // write buffers, held only while a frame is written
	roster   *roster
	events   chan Event

	refuseCleartext atomic.Bool
	watch           func(sent bool, m transport.Message) // of tests: every message in clear
}

// New returns a Server. It takes nobody until Run.
func New(cfg Config) (*Server, error) {
	if cfg.ID == "" {
		return nil, errors.New("sendspin: Config.ID is empty")
	}
	if cfg.Name == "" {
		cfg.Name = cfg.ID
	}
	if cfg.Now == nil {
		start := time.Now()
		cfg.Now = func() int64 { return time.Since(start).Microseconds() }
	}
	if cfg.MaxPlayers <= 0 {
		cfg.MaxPlayers = 256
	}
	if cfg.QueueBytes <= 0 {
		cfg.QueueBytes = 5 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Timing = cfg.Timing.withDefaults()
	s := &Server{cfg: cfg, log: cfg.Log, roster: newRoster(cfg.MaxPlayers), events: make(chan Event)}
	s.refuseCleartext.Store(cfg.RefuseCleartext)
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: cfg.Timing.Hello, ReadBufferSize: 1024, WriteBufferSize: writeBuffer,
		WriteBufferPool: &s.buffers, CheckOrigin: cfg.CheckOrigin,
	}
	return s, nil
}

// Run serves until ctx ends; then every connection is closed and the Events
// channel too. It may be called once.
func (s *Server) Run(ctx context.Context) error {
	if err := s.roster.open(ctx); err != nil {
		return err
	}
	s.roster.deliver(ctx, s.events)
	s.roster.wait()
	close(s.events)
	return nil
}

// Events tells what happens, in order. One goroutine should read it all the
// time; see Event for what is dropped when it does not. It is closed when Run
// ends.
func (s *Server) Events() <-chan Event { return s.events }

// Players returns those that are connected, in no order.
func (s *Server) Players() []*Player { return s.roster.all() }

// Player returns the connected client with the given id, or nil.
func (s *Server) Player(id string) *Player { return s.roster.get(id) }

// Handler takes clients that connect to us; mount it at Path. Who comes before Run
// waits for it.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.roster.ready:
		case <-r.Context().Done():
			return
		}
		ctx, done, err := s.roster.enter()
		if err != nil {
			http.Error(w, "not taking players now", http.StatusServiceUnavailable)
			return
		}
		defer done()
		conn, err := s.upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has answered
		}
		err = s.serve(ctx, conn, wire.Discovery)
		s.log.Debug("player connection ended", "from", r.RemoteAddr, "why", err)
	})
}

// SetCleartext says whether players of the cleartext dialect are taken from now
// on. Those that are connected are cut when they are not.
func (s *Server) SetCleartext(taken bool) {
	s.refuseCleartext.Store(!taken)
	if taken {
		return
	}
	for _, p := range s.roster.all() {
		if p.dialect == wire.Cleartext {
			p.end(ErrCleartext)
		}
	}
}

// Now reads the clock that every timestamp is of, in µs.
func (s *Server) Now() int64 { return s.cfg.Now() }

// ID is the server's id in the current dialect; empty if it does not speak it.
func (s *Server) ID() string {
	if s.cfg.Identity == nil {
		return ""
	}
	return s.cfg.Identity.ID()
}

// serve runs one connection until it ends and says why. It closes conn.
func (s *Server) serve(ctx context.Context, ws *websocket.Conn, reason wire.Reason) error {
	conn := transport.New(ws, s.cfg.Timing.Write)
	conn.Watch = s.watch
	stop := context.AfterFunc(ctx, func() { _ = ws.NetConn().Close() })
	g, err := s.greet(conn)
	stop()
	if err != nil {
		closeWith(ws, err, s.cfg.Timing.Write)
		return err
	}
	p := newPlayer(s, conn, g, reason == wire.Playback)
	if g.dialect == wire.Cleartext {
		first, err := wire.Encode(wire.TypeServerHello, wire.ServerHello{
			ID: s.cfg.ID, Name: s.cfg.Name, Version: wire.Version, Active: p.active, Reason: reason,
		})
		if err == nil {
			err = conn.WriteJSON(first)
		}
		if err != nil {
			_ = conn.Close()
			return fmt.Errorf("answer the hello of %s: %w", g.hello.ID, err)
		}
	}
	// Before anybody knows of the player: whoever hears of it may key the
	// connection anew at once, and the first activation has to go out before that.
	if err := p.begin(); err != nil {
		_ = conn.Close()
		return fmt.Errorf("begin with %s: %w", g.hello.ID, err)
	}
	s.roster.join(p)
	if p.dialect == wire.Cleartext && s.refuseCleartext.Load() { // SetCleartext did not see it
		p.end(ErrCleartext)
	}
	defer context.AfterFunc(ctx, func() { p.end(ErrClosed) })()
	err = p.run()
	s.roster.leave(p, err)
	if p.pairingOnly() && p.farewell() == "" {
		err = fmt.Errorf("%w: %w", errPairingLost, err)
	}
	return err
}

// closeWith sends a close frame that says why, and closes.
func closeWith(conn *websocket.Conn, err error, wait time.Duration) {
	code, text := websocket.CloseNormalClosure, ""
	switch {
	case errors.Is(err, wire.ErrMalformed):
		code, text = websocket.ClosePolicyViolation, err.Error()
	case errors.Is(err, noise.ErrNoise), errors.Is(err, pair.ErrProtocol):
		_ = conn.Close() // silently: connection.md, "Failure Handling"
		return
	case errors.Is(err, errReplaced), errors.Is(err, ErrCleartext):
		code, text = websocket.ClosePolicyViolation, err.Error()
	case errors.Is(err, ErrClosed):
		code = websocket.CloseGoingAway
	}
	if len(text) > 120 { // a close frame carries at most 125 bytes
		text = text[:120]
	}
	deadline := time.Now().Add(min(wait, time.Second))
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), deadline)
	_ = conn.Close()
}

package sendspin

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// State is what a player reports of itself.
type State struct {
	Operation wire.Operation
	Volume    int // 0-100 as loudness; -1 until the player has said
	Muted     bool
	// What sendspin-js 3.x and later firmware add; zero if the player does not.
	OutputDelay   time.Duration // that the player takes off every timestamp
	RequiredLead  time.Duration // it needs before the first chunk's time
	MinimumBuffer time.Duration // it wants to hold while playing
	Approved      bool
}

// Player is one connection of one client, from its hello to its end. No method
// blocks; all may be called from any goroutine, and return ErrGone once the
// connection has ended.
type Player struct {
	server  *Server
	conn    *websocket.Conn
	log     *slog.Logger
	dialect wire.Dialect
	hello   wire.ClientHello
	active  []wire.Role
	out     *outbox

	approved atomic.Bool
	done     chan struct{}

	mu         sync.Mutex
	why        error // set when done is closed
	goodbye    wire.Goodbye
	state      State
	settable   []string // commands that the state listed beside the hello's
	streaming  bool
	controller *wire.Controller
	pictures   []wire.ArtworkPicture // as the client was told, by channel
}

// maxCapacity is how much of a client's buffer we use, whatever it claims: what
// is in it is remembered here, chunk by chunk.
const maxCapacity = 64 << 20

func newPlayer(s *Server, conn *websocket.Conn, h wire.ClientHello) *Player {
	ours := []wire.Role{wire.PlayerV1, wire.ControllerV1, wire.MetadataV1, wire.ArtworkV1}
	capacity, limit := 0, s.cfg.QueueBytes
	if h.Player != nil {
		capacity = min(h.Player.BufferCapacity, maxCapacity)
		limit = min(limit, capacity+256<<10)
	}
	return &Player{
		server: s, conn: conn, hello: h, active: wire.Activate(h.Roles, ours),
		log:   s.log.With("player", h.ID),
		out:   newOutbox(capacity, limit),
		done:  make(chan struct{}),
		state: State{Volume: -1},
	}
}

// ID is the client_id, the same across connections.
func (p *Player) ID() string { return p.hello.ID }

// Hello is what the client said of itself. Its slices are not to be changed.
func (p *Player) Hello() wire.ClientHello { return p.hello }

// Addr is the client's network address.
func (p *Player) Addr() string { return p.conn.RemoteAddr().String() }

// Has tells whether a role is active.
func (p *Player) Has(r wire.Role) bool { return slices.Contains(p.active, r) }

// Done is closed when the connection has ended.
func (p *Player) Done() <-chan struct{} { return p.done }

// State is what the player last reported.
func (p *Player) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := p.state
	st.Approved = p.approved.Load()
	return st
}

// Stats counts what became of the chunks.
type Stats struct {
	Sent uint64 // chunks written to the socket
	Late uint64 // dropped here, because their time came while they waited
	// Waiting is how many bytes of audio wait for the socket or for room in
	// the player's buffer, Ahead how many the player has not played yet.
	Waiting, Ahead int
}

// Stats returns the counters.
func (p *Player) Stats() Stats {
	o := p.out
	o.mu.Lock()
	defer o.mu.Unlock()
	return Stats{Sent: o.chunks, Late: o.late, Waiting: o.waiting, Ahead: o.inSent}
}

// Close ends the connection.
func (p *Player) Close() { p.end(ErrGone) }

// end may be called by anybody; the first reason counts. It gives a write that
// hangs a moment to finish.
func (p *Player) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == nil {
		p.why = cmp.Or(why, ErrGone)
		close(p.done)
		_ = p.conn.NetConn().SetDeadline(time.Now().Add(300 * time.Millisecond))
	}
}

func (p *Player) farewell() wire.Goodbye {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.goodbye
}

// run reads and writes until either fails or somebody ends the player.
func (p *Player) run() error {
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.end(p.readLoop())
	}()
	p.end(p.writeLoop())
	p.mu.Lock()
	why := p.why
	p.mu.Unlock()
	closeWith(p.conn, why, p.server.cfg.Timing.Write)
	<-read
	return why
}

// writeLoop is the only writer of data frames.
func (p *Player) writeLoop() error {
	t := p.server.cfg.Timing
	ping := time.NewTicker(t.Ping)
	defer ping.Stop()
	room := time.NewTimer(time.Hour)
	defer room.Stop()
	var scratch []byte
	for {
		now := p.server.cfg.Now()
		f, ok, again := p.out.take(now)
		if ok {
			var err error
			if scratch, err = p.write(f, scratch[:0]); err != nil {
				return err
			}
			select {
			case <-p.done:
				return nil
			default:
				continue
			}
		}
		wait := time.Hour
		if again > 0 {
			wait = time.Duration(again-now) * time.Microsecond
		}
		room.Reset(wait)
		select {
		case <-p.out.wake:
		case <-room.C:
		case <-ping.C:
			if err := p.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(t.Write)); err != nil {
				return fmt.Errorf("ping: %w", err)
			}
		case <-p.done:
			return nil
		}
	}
}

// write sends one frame and returns scratch for the next one. A chunk goes out
// as a single WebSocket frame, copied once.
func (p *Player) write(f frame, scratch []byte) ([]byte, error) {
	kind, body := websocket.TextMessage, f.text
	switch {
	case f.clock != nil:
		// Stamped here, as late as we can.
		text, err := wire.Encode(wire.TypeServerTime, wire.ServerTime{
			ClientTransmitted: f.clock.sent, Received: f.clock.received, Transmitted: p.server.cfg.Now(),
		})
		if err != nil {
			return scratch, err
		}
		body = text
	case f.text == nil:
		kind = websocket.BinaryMessage
		scratch = append(wire.AppendHeader(scratch, f.kind, f.at), f.data...)
		body = scratch
	}
	_ = p.conn.SetWriteDeadline(time.Now().Add(p.server.cfg.Timing.Write))
	if err := p.conn.WriteMessage(kind, body); err != nil {
		return scratch, fmt.Errorf("write to %s: %w", p.ID(), err)
	}
	return scratch, nil
}

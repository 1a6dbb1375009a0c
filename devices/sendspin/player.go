package sendspin

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// State is what a player reports of itself.
type State struct {
	Operation wire.Operation
	Volume    int // 0-100 as loudness; -1 until the player has said
	Muted     bool
	// Available tells whether the player takes a stream now: it has said what it
	// needs, and nothing else has taken its output.
	Available bool
	// What sendspin-js 3.x and later firmware add; zero if the player does not.
	OutputDelay   time.Duration // that the player takes off every timestamp
	RequiredLead  time.Duration // it needs before the first chunk's time
	MinimumBuffer time.Duration // it wants to hold while playing
	// Format is what a player of the current dialect prefers now, nil for the
	// order of its hello.
	Format *wire.Format
	// Input: the client has an input that may be asked for; Signal is "present",
	// "absent" or empty, as the input feels it.
	Input  bool
	Signal string
	// Announcing: the client plays an announcement, as far as it says so.
	Announcing bool
	Access     Access
}

// Player is one connection of one client, from its hello to its end. No method
// blocks, but that pairing writes its record; all may be called from any
// goroutine, and return ErrGone once the connection has ended.
type Player struct {
	server  *Server
	conn    *transport.Conn
	log     *slog.Logger
	hello   wire.ClientHello
	dialect wire.Dialect
	out     *outbox
	done    chan struct{}

	mu      sync.Mutex
	why     error       // set when done is closed
	cut     *time.Timer // closes the connection then, whatever hangs in it
	goodbye wire.Goodbye
	state   State
	said    bool // the player object of the state has come, since the role is active
	access  Access
	active  []wire.Role
	playing bool

	settable  []string // commands that the state listed beside the hello's
	streaming bool

	// What is shown, as it was last set.
	metadata   *wire.Metadata
	controller *wire.Controller
	color      *wire.Color
	jumpgate   *wire.Jumpgate
	wanted     []wire.ArtworkChannel
	pictures   pictures
	visualWish *wire.Visualizer
	visual     visual
	input      input
	announcing announcing

	// Of the current dialect.
	session      *noise.Session
	record       bool // there is a pairing record
	lost         bool // and the client has not got its key
	activities   []wire.Activity
	mustActivate bool
	express      []urgent
	attempt      *pair.Server
	pairings     uint32 // activations for pairing since the handshake
	deadline     *time.Timer
	rekeying     *noise.Initiator
	then         func() error // when the new keys are in place
	limit        *time.Timer
}

// maxCapacity is how much of a client's buffer we use, whatever it claims: what
// is in it is remembered here, chunk by chunk.
const maxCapacity = 64 << 20

func newPlayer(s *Server, conn *transport.Conn, g greeting, playing bool) *Player {
	capacity, limit := 0, s.cfg.QueueBytes
	if h := g.hello; h.Player != nil {
		capacity = min(h.Player.BufferCapacity, maxCapacity)
		limit = min(limit, capacity+256<<10)
	}
	p := &Player{
		server: s, conn: conn, hello: g.hello, dialect: g.dialect, session: g.session, record: g.record,
		log:   s.log.With("player", g.hello.ID),
		out:   newOutbox(capacity, limit),
		done:  make(chan struct{}),
		state: State{Volume: -1}, mustActivate: true, playing: playing,
		input: input{chunks: make(chan InputChunk, maxInput)}, announcing: announcing{lead: defaultAnnouncementLead},
	}
	if s.cfg.Access != nil {
		p.access = s.cfg.Access(g.hello.ID)
	}
	if g.dialect == wire.Cleartext {
		p.active = p.admitted()
		if g.hello.Artwork != nil {
			p.wanted = g.hello.Artwork.Channels
		}
	} else {
		p.lost = g.record && g.session.Mismatch
	}
	return p
}

// ID is the client_id, the same across connections.
func (p *Player) ID() string { return p.hello.ID }

// Hello is what the client said of itself. Its slices are not to be changed.
func (p *Player) Hello() wire.ClientHello { return p.hello }

// Addr is the client's network address.
func (p *Player) Addr() string { return p.conn.RemoteAddr().String() }

// Has tells whether a role is active.
func (p *Player) Has(r wire.Role) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.has(r)
}

// has wants mu held.
func (p *Player) has(r wire.Role) bool { return slices.Contains(p.active, r) }

// Done is closed when the connection has ended.
func (p *Player) Done() <-chan struct{} { return p.done }

// State is what the player last reported.
func (p *Player) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stateNow()
}

// stateNow wants mu held.
func (p *Player) stateNow() State {
	st := p.state
	st.Access = p.access
	if p.full() {
		st.Access = Full
	}
	st.Available = p.available() == nil
	return st
}

// available tells why a stream cannot be started. It wants mu held.
func (p *Player) available() error {
	switch {
	case p.why != nil:
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	case !p.has(wire.PlayerV1):
		return ErrNoRole
	case p.state.Operation == wire.ExternalSource, p.dialect == wire.Current && (!p.said || p.state.Operation == ""):
		return ErrUnavailable
	default:
		return nil
	}
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

// lastWords is how long the end of a connection may take: for a write that hangs,
// and for a goodbye that is on its way.
const lastWords = 300 * time.Millisecond

// end may be called by anybody; the first reason counts. It gives a write that
// hangs a moment to finish.
func (p *Player) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endNow(why)
}

func (p *Player) endNow(why error) {
	if p.why == nil {
		p.why = cmp.Or(why, ErrGone)
		close(p.done)
		p.cut = time.AfterFunc(lastWords, func() { _ = p.conn.NetConn().Close() })
		for _, t := range []*time.Timer{p.deadline, p.limit} {
			if t != nil {
				t.Stop()
			}
		}
		p.attempt, p.rekeying = nil, nil
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
	err := p.writeLoop()
	if err != nil { // a client that has closed may have said goodbye before
		wait := time.NewTimer(lastWords)
		select {
		case <-read:
		case <-p.done:
		case <-wait.C:
		}
		wait.Stop()
	}
	p.end(err)
	p.mu.Lock()
	why := p.why
	p.cut.Stop()
	p.mu.Unlock()
	closeWith(p.conn.Conn, why, p.server.cfg.Timing.Write)
	<-read
	return why
}

// begin queues what the connection is for, in the current dialect.
func (p *Player) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dialect == wire.Cleartext {
		return nil
	}
	if err := p.activate(urgent{}); err != nil {
		return err
	}
	// Alone and silent, until SetGroup says otherwise.
	return p.controlNow("group", wire.TypeGroupUpdate, wire.GroupUpdate{State: "stopped", ID: p.hello.ID, Name: p.hello.Name})
}

// writeLoop is the only writer of data frames.
func (p *Player) writeLoop() error {
	t := p.server.cfg.Timing
	ping := time.NewTicker(t.Ping)
	defer ping.Stop()
	room := time.NewTimer(time.Hour)
	defer room.Stop()
	w := writer{p: p}
	for {
		again, err := w.next()
		if err != nil {
			return err
		}
		if again == 0 {
			select {
			case <-p.done:
				return nil
			default:
				continue
			}
		}
		room.Reset(again)
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

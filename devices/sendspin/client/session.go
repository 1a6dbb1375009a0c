package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

var (
	errSuperseded = errors.New("sendspin client: another server took over")
	errClogged    = errors.New("sendspin client: server does not read")
)

const (
	idleTimeout  = 30 * time.Second
	drainTimeout = 200 * time.Millisecond // for a goodbye to leave and the server to close
	writeTimeout = 5 * time.Second
)

// session is one connection to one server.
type session struct {
	c       *Client
	conn    *transport.Conn
	dialect wire.Dialect
	hello   wire.ServerHello
	ours    bool // we opened it
	out     chan outgoing
	freed   chan struct{} // the server has activated under new keys
	done    chan struct{}
	once    sync.Once
	why     error       // read after done
	cut     *time.Timer // closes the connection then; read after done

	// What server/state said so far, by field; the reader's own.
	metadata, controller map[string]json.RawMessage

	// Of the current dialect; the reader's own but where it says otherwise.
	keys      *noise.Session
	record    bool // a pairing record backs the connection
	pairings  uint32
	held      atomic.Bool // between a handshake's message and the activation
	roles     atomic.Pointer[[]wire.Role]
	activity  atomic.Pointer[wire.Activation]
	announced atomic.Bool // our state was reported
	inputOpen atomic.Bool // the server has our input's stream

	abortMethod bool // the pairing method of an activation is not ours
	pairing     atomic.Bool
	wg          sync.WaitGroup // what waits on the gate
	attemptMu   sync.Mutex
	attempt     *pair.Client
	waitGate    context.CancelFunc // ends what waits on the attempt
}

// outgoing is what waits for the writer.
type outgoing struct {
	text   []byte
	binary []byte        // instead of a text
	sealer *noise.Sealer // change to these keys afterwards, and hold everything else
}

// serve runs one connection until it ends; it closes conn.
func (c *Client) serve(ctx context.Context, ws *websocket.Conn, ours bool) error {
	s := &session{
		c: c, conn: transport.New(ws, writeTimeout), ours: ours, out: make(chan outgoing, 64), done: make(chan struct{}),
		freed:    make(chan struct{}, 1),
		metadata: map[string]json.RawMessage{}, controller: map[string]json.RawMessage{},
	}
	defer ws.Close()
	stop := context.AfterFunc(ctx, func() { _ = ws.NetConn().Close() })
	err := s.greet()
	stop()
	if err != nil {
		return err
	}
	if !c.adopt(s) {
		s.refuse()
		return errSuperseded
	}
	defer c.release(s)
	defer context.AfterFunc(ctx, func() { s.end(ctx.Err()) })()
	c.played(s)
	s.report()
	s.beginPairing(ctx)

	var wg sync.WaitGroup
	wg.Go(func() { s.end(s.writeLoop()) })
	s.end(s.readLoop(ctx))
	s.stopPairing()
	if s.inputOpen.Swap(false) {
		c.cfg.InputWanted(false)
	}
	wg.Wait()
	s.wg.Wait()
	s.cut.Stop()
	return s.why
}

func (s *session) end(why error) {
	s.once.Do(func() {
		s.why = why
		defer close(s.done)
		s.cut = time.AfterFunc(drainTimeout, func() { _ = s.conn.NetConn().Close() })
	})
}

// greet brings the connection to where messages flow, in the dialect that is to
// be tried.
func (s *session) greet() error {
	s.conn.SetReadLimit(wire.MaxBinary)
	_ = s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if s.c.tryCurrent(s) {
		return s.greetNow()
	}
	cfg := s.c.cfg
	h := s.c.introduce(wire.Cleartext)
	if err := s.writeMessage(wire.TypeClientHello, h); err != nil {
		return err
	}
	for {
		m, err := s.receive()
		if err != nil {
			return fmt.Errorf("wait for server/hello: %w", err)
		}
		if m.Type == wire.TypeServerHello {
			if err := m.Decode(&s.hello); err != nil {
				return err
			}
			if cfg.Identity != nil && isKey(s.hello.ID) {
				return fmt.Errorf("%w: a key for a server_id", wire.ErrMalformed)
			}
			return nil
		}
	}
}

// receive reads the next JSON message.
func (s *session) receive() (wire.Message, error) {
	for {
		in, ok, err := s.conn.Read(wire.MaxBinary)
		if err != nil {
			return wire.Message{}, err
		}
		if ok && in.JSON {
			return wire.Parse(in.Data)
		}
	}
}

// introduce is our hello.
func (c *Client) introduce(d wire.Dialect) wire.ClientHello {
	cfg := c.cfg
	h := wire.ClientHello{ID: cfg.ID, Name: cfg.Name, Device: &cfg.Device, Version: wire.Version, Roles: []wire.Role{}}
	if len(cfg.Formats) > 0 {
		h.Roles = append(h.Roles, wire.PlayerV1)
		h.Player = &wire.PlayerSupport{
			Formats: cfg.Formats, BufferCapacity: cfg.BufferCapacity, Commands: playerCommands,
		}
	}
	if cfg.Control {
		h.Roles = append(h.Roles, wire.ControllerV1, wire.JumpgateV1)
	}
	if cfg.Text {
		h.Roles = append(h.Roles, wire.MetadataV1)
	}
	if d == wire.Current && cfg.Visualizer != nil {
		h.Roles = append(h.Roles, wire.VisualizerV1)
		h.Visualizer = &wire.VisualizerSupport{BufferCapacity: visualCapacity}
	}
	if d == wire.Current && cfg.hasInput() {
		h.Roles = append(h.Roles, wire.SourceV1)
		h.Source = &wire.SourceSupport{}
	}
	if d == wire.Current && cfg.announces() {
		h.Roles = append(h.Roles, wire.AnnouncementV1)
		h.Announcement = cfg.Announcements
	}
	if d == wire.Current {
		h.Pairing, h.Unpaired.Enabled = cfg.Pairing.methods(), cfg.Unpaired
	}
	return h
}

// visualCapacity is for a second of everything, in bytes.
const visualCapacity = 64 << 10

// playerCommands are what a server may ask of our player.
var playerCommands = []string{"volume", "mute"}

// adopt makes s the connection, by the specification's rule for several
// servers, and tells whether it did. The one that has to go is told so.
func (c *Client) adopt(s *session) bool {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.current
	if old != nil && !s.ours && !prefer(s, old, c.lastPlay) {
		return false
	}
	c.current = s
	c.status.Connected, c.status.Server = true, s.hello
	c.status.Dialect, c.status.Paired = s.dialect, s.record
	c.status.Group, c.status.Metadata = wire.GroupUpdate{}, wire.Metadata{}
	if old != nil {
		old.end(errSuperseded)
	}
	c.filter.forget()
	c.buf.clear(true)
	return true
}

func (c *Client) release(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != s {
		return
	}
	c.current = nil
	c.status.Connected = false
	c.buf.clear(true)
}

// writeLoop writes what is queued and asks for the server's clock: ten times in
// the first 200 ms, twenty times a second for two minutes, then ten times a second.
func (s *session) writeLoop() error {
	const quick, brisk, settled = 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond
	const quickly, briskly = 10, 10 + int(2*time.Minute/brisk)
	tick := time.NewTicker(quick)
	defer tick.Stop()
	asked := 0
	for {
		select {
		case o := <-s.out:
			if err := s.write(o); err != nil {
				return fmt.Errorf("write to the server: %w", err)
			}
			if o.sealer == nil {
				continue
			}
			s.conn.SealWith(o.sealer)
			select { // nothing goes out before the server has activated
			case <-s.freed:
			case <-s.done:
			}
		case <-tick.C:
			if s.held.Load() {
				continue
			}
			switch asked++; asked {
			case quickly:
				tick.Reset(brisk)
			case briskly:
				tick.Reset(settled)
			}
			if err := s.writeMessage(wire.TypeClientTime, wire.ClientTime{Transmitted: s.c.cfg.Now()}); err != nil {
				return err
			}
		case <-s.done:
			if errors.Is(s.why, errSuperseded) && s.dialect == wire.Current && s.rank() == rankPairing {
				return s.writeMessage(wire.TypePairAbort, wire.PairAbort{Reason: wire.AbortConcurrent})
			}
			s.goodbye(farewell(s.why))
			return nil
		}
	}
}

// leaving ends a connection with a reason of ours.
type leaving wire.Goodbye

// Error says the reason.
func (l leaving) Error() string { return "sendspin client: leaves the server: " + string(l) }

// farewell is what a server is told when a connection ends for a reason of ours.
func farewell(why error) wire.Goodbye {
	var l leaving
	switch {
	case errors.As(why, &l):
		return wire.Goodbye(l)
	case errors.Is(why, errSuperseded):
		return wire.AnotherServer
	default:
		return wire.Shutdown
	}
}

// writeMessage is the writer's, or whoever's before there is one.
func (s *session) writeMessage(t wire.Type, payload any) error {
	text, err := wire.EncodeIn(s.dialect, t, payload)
	if err != nil {
		return err
	}
	if err := s.conn.WriteJSON(text); err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	return nil
}

func (s *session) goodbye(reason wire.Goodbye) {
	if s.dialect == wire.Cleartext && reason != wire.AnotherServer {
		reason = wire.Shutdown
	}
	if errors.Is(s.why, noise.ErrNoise) || errors.Is(s.why, pair.ErrProtocol) {
		return // without a word
	}
	_ = s.writeMessage(wire.TypeClientGoodbye, wire.ClientGoodbye{Reason: reason})
	_ = s.conn.WriteControl(websocket.CloseMessage,
		websocket.FormatCloseMessage(websocket.CloseNormalClosure, string(reason)), time.Now().Add(time.Second))
}

// send queues a message; it never blocks.
func (s *session) send(t wire.Type, payload any) error {
	return s.queue(t, payload, nil)
}

func (s *session) queue(t wire.Type, payload any, next *noise.Sealer) error {
	text, err := wire.EncodeIn(s.dialect, t, payload)
	if err != nil {
		return err
	}
	select {
	case s.out <- outgoing{text: text, sealer: next}:
		return nil
	default:
		s.end(errClogged)
		return errClogged
	}
}

// report sends our state, whole. In the current dialect it waits until the
// server has made us its player and its clock is known.
func (s *session) report() {
	s.c.mu.Lock()
	volume, muted, op := s.c.status.Volume, s.c.status.Muted, s.c.state
	s.c.mu.Unlock()
	st := wire.ClientState{State: op}
	plays := s.active(wire.PlayerV1)
	if s.dialect == wire.Current && (len(*s.roles.Load()) == 0 || plays && !s.c.filter.synced()) {
		return
	}
	if plays {
		st.Player = &wire.PlayerStateDelta{Volume: &volume, Muted: &muted}
		if s.dialect == wire.Current {
			st.Player.Commands = playerCommands
		}
		if ms := int(s.c.cfg.RequiredLead.Milliseconds()); ms > 0 {
			st.Player.RequiredLead = &ms
		}
	}
	if s.active(wire.VisualizerV1) {
		st.Visualizer = s.c.cfg.Visualizer
	}
	if s.active(wire.SourceV1) {
		st.Source = &wire.SourceState{}
	}
	if s.active(wire.AnnouncementV1) {
		st.Announcement = &wire.AnnouncementState{}
	}
	s.announced.Store(true)
	if err := s.send(wire.TypeClientState, st); err != nil {
		s.c.log.Debug("state not reported", "why", err)
	}
}

// active tells whether a role is on. A server of the cleartext dialect turns on
// what it was asked for.
func (s *session) active(r wire.Role) bool {
	if s.dialect == wire.Cleartext {
		return slices.Contains(s.c.introduce(wire.Cleartext).Roles, r)
	}
	return slices.Contains(*s.roles.Load(), r)
}

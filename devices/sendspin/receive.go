package sendspin

import (
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// writeBuffer takes a chunk of 150 ms of CD audio in one frame; a dialled
// connection, where gorilla/websocket masks, would split larger ones.
const writeBuffer = 32 << 10

// readLoop handles what the client says until the connection ends.
func (p *Player) readLoop() error {
	idle := p.server.cfg.Timing.Idle
	extend := func() { _ = p.conn.SetReadDeadline(time.Now().Add(idle)) }
	extend()
	p.conn.SetPongHandler(func(string) error { extend(); return nil })
	for {
		kind, data, err := p.conn.ReadMessage()
		received := p.server.cfg.Now()
		if err != nil {
			return fmt.Errorf("read from %s: %w", p.ID(), err)
		}
		extend()
		if kind != websocket.TextMessage {
			continue // the roles that we activate send none
		}
		m, err := wire.Parse(data)
		if err != nil {
			return err
		}
		if err := p.handle(m, received); err != nil {
			return err
		}
	}
}

// handle returns an error where the connection has to end.
func (p *Player) handle(m wire.Message, received int64) error {
	switch m.Type {
	case wire.TypeClientTime:
		var t wire.ClientTime
		if err := m.Decode(&t); err != nil {
			return err
		}
		p.out.putTime(clockRequest{sent: t.Transmitted, received: received})
	case wire.TypeClientState:
		s, err := wire.ParseClientState(p.dialect, m)
		if err != nil {
			return err
		}
		p.merge(s)
	case wire.TypeClientCommand:
		c, err := wire.ParseClientCommand(m)
		if err != nil {
			return err
		}
		p.press(c)
	case wire.TypeRequestFormat:
		var r wire.RequestFormat
		if err := m.Decode(&r); err != nil {
			return err
		}
		if r.Player != nil && p.Has(wire.PlayerV1) {
			p.server.roster.tell(Event{Kind: FormatWanted, Player: p, Format: *r.Player})
		}
	case wire.TypeClientGoodbye:
		var g wire.ClientGoodbye
		if err := m.Decode(&g); err != nil {
			return err
		}
		p.mu.Lock()
		p.goodbye = g.Reason
		p.mu.Unlock()
		return &GoodbyeError{Reason: g.Reason}
	default:
		p.log.Debug("message of unknown type", "type", m.Type)
	}
	return nil
}

// GoodbyeError is how a connection ended that the client ended with
// client/goodbye.
type GoodbyeError struct{ Reason wire.Goodbye }

// Error says the reason.
func (e *GoodbyeError) Error() string {
	return fmt.Sprintf("sendspin: client said goodbye: %s", e.Reason)
}

func (p *Player) merge(s wire.ClientState) {
	p.mu.Lock()
	st := &p.state
	if s.State != "" {
		st.Operation = s.State
	}
	if d := s.Player; d != nil && p.Has(wire.PlayerV1) {
		if d.Volume != nil {
			st.Volume = *d.Volume
		}
		if d.Muted != nil {
			st.Muted = *d.Muted
		}
		setMillis(&st.OutputDelay, d.OutputDelay)
		setMillis(&st.RequiredLead, d.RequiredLead)
		setMillis(&st.MinimumBuffer, d.MinimumBuffer)
		if d.Commands != nil {
			p.settable = d.Commands
		}
	}
	p.mu.Unlock()
	p.server.roster.tell(Event{Kind: StateChanged, Player: p, State: p.State()})
}

// press passes a controller's command on, if the client may control and the
// command is among those that we offered it.
func (p *Player) press(c wire.ClientCommand) {
	if c.Controller == nil || !p.Has(wire.ControllerV1) {
		return
	}
	kind := Commanded
	if !p.approved.Load() {
		kind = Refused
	} else if !p.offered(c.Controller.Command) {
		return
	}
	p.server.roster.tell(Event{Kind: kind, Player: p, Command: *c.Controller})
}

func setMillis(to *time.Duration, ms *int) {
	if ms != nil {
		*to = time.Duration(*ms) * time.Millisecond
	}
}

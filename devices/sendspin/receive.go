package sendspin

import (
	"fmt"
	"slices"
	"time"

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
		in, ok, err := p.conn.Read(maxReceived)
		received := p.server.cfg.Now()
		if err != nil {
			return fmt.Errorf("read from %s: %w", p.ID(), err)
		}
		extend()
		switch {
		case !ok:
		case in.JSON:
			m, err := wire.Parse(in.Data)
			if err != nil {
				return err
			}
			if err := p.handle(m, received); err != nil {
				return err
			}
		case p.dialect == wire.Current && in.Data[0] == wire.InputChunk:
			if err := p.captured(in.Data); err != nil {
				return err
			}
		}
	}
}

// maxReceived bounds a message from a client: 150 ms of 24 bit stereo at 192 kHz
// is 173 kB.
const maxReceived = 256 << 10

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
		return p.formatRequested(m)
	case wire.TypeClientLeave:
		p.server.roster.tell(Event{Kind: Left, Player: p})
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
		return p.handleNow(m)
	}
	return nil
}

// handleNow handles what the current dialect alone has.
func (p *Player) handleNow(m wire.Message) error {
	switch {
	case p.dialect != wire.Current:
		p.log.Debug("message of unknown type", "type", m.Type)
	case m.Type == wire.TypeHandshake:
		return p.rekeyed(m)
	case m.Type.IsPairing():
		return p.pairing(m)
	case m.Type == wire.TypeInputStart:
		return p.inputStarted(m)
	case m.Type == wire.TypeInputEnd:
		p.inputEnded()
	default:
		p.log.Debug("message of unknown type", "type", m.Type)
	}
	return nil
}

// formatRequested takes the cleartext dialect's wish for another format.
func (p *Player) formatRequested(m wire.Message) error {
	if p.dialect != wire.Cleartext {
		return nil
	}
	var r wire.RequestFormat
	if err := m.Decode(&r); err != nil {
		return err
	}
	if r.Player != nil && p.Has(wire.PlayerV1) {
		p.server.roster.tell(Event{Kind: FormatWanted, Player: p, Format: *r.Player})
	}
	if a := r.Artwork; a != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.has(wire.ArtworkV1) && a.Channel >= 0 && a.Channel < len(p.wanted) {
			wanted := slices.Clone(p.wanted)
			a.Apply(&wanted[a.Channel])
			p.want(wanted)
		}
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

// merge takes a client/state. Objects of roles that are not active are ignored.
func (p *Player) merge(s wire.ClientState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := &p.state
	if s.State != "" {
		st.Operation = s.State
	}
	if d := s.Player; d != nil && p.has(wire.PlayerV1) {
		p.said = true
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
		if d.Whole {
			st.Format = d.Format
		}
	}
	if s.Source != nil && p.has(wire.SourceV1) {
		st.Input, st.Signal = true, s.Source.Signal
	}
	if s.Artwork != nil && p.has(wire.ArtworkV1) {
		p.want(s.Artwork.Channels)
	}
	if s.Visualizer != nil && p.has(wire.VisualizerV1) {
		p.visualWish = s.Visualizer
		p.server.roster.tell(Event{Kind: VisualizerWanted, Player: p})
	}
	if a := s.Announcement; a != nil && p.has(wire.AnnouncementV1) {
		p.announcing.said, p.announcing.lead = true, defaultAnnouncementLead
		setMillis(&p.announcing.lead, a.RequiredLead)
		st.Announcing = a.State == "playing"
	}
	if st.Operation == wire.ExternalSource {
		p.unavailable()
	}
	p.server.roster.tell(Event{Kind: StateChanged, Player: p, State: p.stateNow()})
}

// unavailable ends every stream: something else has the client's output.
func (p *Player) unavailable() {
	p.endInput() // an implicit stop
	if p.dialect != wire.Current {
		return
	}
	var ended []string
	if p.streaming {
		p.out.drop()
		p.streaming = false
		ended = append(ended, "player")
	}
	if p.pictures.stop(p) {
		ended = append(ended, "artwork")
	}
	if p.visual.stop() {
		ended = append(ended, "visualizer")
	}
	if p.announcing.clip != nil {
		p.announcing.clip = nil
		ended = append(ended, "announcement")
	}
	if ended != nil {
		_ = p.say(wire.TypeStreamEnd, wire.Roles{Roles: ended}, urgent{})
	}
}

// press passes a button on, if the client may control and the command is among
// those that we offered it.
func (p *Player) press(c wire.ClientCommand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := Event{Kind: Commanded, Player: p}
	if !p.full() {
		e.Kind = Refused
	}
	if k := c.Controller; k != nil && p.has(wire.ControllerV1) &&
		(e.Kind == Refused || p.offers(*k)) {
		e.Command = *k
		p.server.roster.tell(e)
	}
	if j := c.Jumpgate; j != nil && p.has(wire.JumpgateV1) &&
		(e.Kind == Refused || p.jumpgate != nil && slices.Contains(p.jumpgate.Commands, j.Command)) {
		e.Command, e.Jumpgate = wire.ControllerCommand{}, j.Command
		p.server.roster.tell(e)
	}
}

// offers tells whether a controller's command is one of those that we offered,
// and a seek within what can be sought. It wants mu held.
func (p *Player) offers(k wire.ControllerCommand) bool {
	c := p.controller
	if c == nil || !slices.Contains(c.Commands, k.Command) {
		return false
	}
	return k.Command != "seek" || *k.Position >= 0 && *k.Position <= c.SeekMax
}

func setMillis(to *time.Duration, ms *int) {
	if ms != nil {
		*to = time.Duration(*ms) * time.Millisecond
	}
}

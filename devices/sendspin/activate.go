package sendspin

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// urgent is what goes out before everything else: activations, pairing, and the
// messages of a re-handshake.
type urgent struct {
	text   []byte
	binary []byte        // instead of a text
	sealer *noise.Sealer // change to these keys first
	hold   bool          // after it nothing but urgent ones goes out
	free   bool          // after it everything goes out again
}

// say queues an urgent message. It wants mu held.
func (p *Player) say(t wire.Type, payload any, mark urgent) error {
	text, err := wire.EncodeIn(p.dialect, t, payload)
	if err != nil {
		return err
	}
	mark.text = text
	p.express = append(p.express, mark)
	p.out.notify()
	return nil
}

// nextUrgent is the writer's.
func (p *Player) nextUrgent() (urgent, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.express) == 0 {
		return urgent{}, false
	}
	u := p.express[0]
	p.express = slices.Delete(p.express, 0, 1)
	return u, true
}

// activate tells the client what the connection is for, if that has changed. The
// roles follow from who the client is (admitted), the activities from whether
// something plays. It wants mu held and does nothing in the cleartext dialect.
func (p *Player) activate(mark urgent) error {
	if p.dialect == wire.Cleartext || p.rekeying != nil {
		return nil // a re-handshake ends with an activation
	}
	next := wire.Activation{Activities: []wire.Activity{}}
	roles := p.admitted()
	switch {
	case p.attempt != nil:
		roles = []wire.Role{}
		next.Activities = []wire.Activity{wire.PairingActivity}
		next.Pairing = &wire.ActivePairing{Method: p.attempt.Method(), Format: p.attempt.Format()}
	case p.playing && len(roles) > 0:
		next.Activities = []wire.Activity{wire.PlaybackActivity}
	}
	if !p.mustActivate && next.Pairing == nil && slices.Equal(roles, p.active) && slices.Equal(next.Activities, p.activities) {
		return nil
	}
	before := p.active
	p.endRemoved(roles)
	p.active, p.activities, p.mustActivate = roles, next.Activities, false
	next.Roles = &roles
	if err := p.say(wire.TypeServerActivate, next, mark); err != nil {
		return err
	}
	return p.showAdded(before)
}

// endRemoved ends the streams of roles that go, and forgets what their client
// has said of them.
func (p *Player) endRemoved(roles []wire.Role) {
	gone := func(r wire.Role) bool { return slices.Contains(p.active, r) && !slices.Contains(roles, r) }
	var ended []string
	if gone(wire.PlayerV1) {
		p.out.drop()
		if p.streaming {
			ended = append(ended, wire.PlayerV1.Family())
		}
		p.streaming, p.said = false, false
	}
	if gone(wire.ArtworkV1) {
		if p.pictures.stop(p) {
			ended = append(ended, wire.ArtworkV1.Family())
		}
		p.wanted = nil
	}
	if gone(wire.VisualizerV1) {
		if p.visual.stop() {
			ended = append(ended, wire.VisualizerV1.Family())
		}
		p.visualWish = nil
	}
	if gone(wire.SourceV1) {
		p.endInput()
		p.state.Input, p.state.Signal = false, ""
	}
	if gone(wire.AnnouncementV1) {
		if p.announcing.clip != nil {
			ended = append(ended, wire.AnnouncementV1.Family())
		}
		p.announcing = announcing{lead: defaultAnnouncementLead}
	}
	if len(ended) > 0 {
		_ = p.say(wire.TypeStreamEnd, wire.Roles{Roles: ended}, urgent{})
	}
}

// showAdded sends the state of roles that came, which the specification asks
// for: what was last set, or that there is nothing.
func (p *Player) showAdded(before []wire.Role) error {
	var st wire.ServerState
	added := func(r wire.Role) bool { return p.has(r) && !slices.Contains(before, r) }
	now := p.server.cfg.Now()
	if added(wire.MetadataV1) {
		if st.Metadata = p.metadata; st.Metadata == nil {
			st.Metadata = &wire.Metadata{Timestamp: now}
		}
	}
	if added(wire.ControllerV1) {
		if st.Controller = p.controller; st.Controller == nil {
			st.Controller = &wire.Controller{Volume: 100}
		}
	}
	if added(wire.ColorV1) {
		if st.Color = p.color; st.Color == nil {
			st.Color = &wire.Color{Timestamp: now}
		}
	}
	if added(wire.JumpgateV1) {
		if st.Jumpgate = p.jumpgate; st.Jumpgate == nil {
			st.Jumpgate = &wire.Jumpgate{Commands: []string{}, Rating: "none"}
		}
	}
	if st == (wire.ServerState{}) {
		return nil
	}
	return p.say(wire.TypeServerState, st, urgent{})
}

// SetAccess says what a client that is not paired may do.
func (p *Player) SetAccess(a Access) error {
	p.mu.Lock()
	if p.access == a {
		p.mu.Unlock()
		return nil
	}
	p.access = a
	err := p.activate(urgent{})
	if err == nil && p.dialect == wire.Cleartext {
		err = p.offer()
	}
	st := p.stateNow()
	p.mu.Unlock()
	p.server.roster.tell(Event{Kind: StateChanged, Player: p, State: st})
	return err
}

// play notes whether something plays on the client, which is what it goes by
// when another server wants it.
func (p *Player) play(playing bool) error {
	p.playing = playing
	return p.activate(urgent{})
}

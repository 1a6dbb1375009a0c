package sendspin

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Access is what a client that is not paired may do. One that is paired may do
// everything.
type Access int

// The kinds of access.
const (
	// Held: nobody has put the client to use. In the current dialect no role is
	// active; the cleartext one cannot hold back roles, so that it is as with
	// Listens.
	Held Access = iota
	// Listens: the client gets sound, text, pictures and lights, since somebody
	// plays on it. Its buttons and its inputs do nothing.
	Listens
	// Full: somebody has approved the client: its buttons and inputs work.
	Full
)

// ours are the roles that this package has in a dialect.
func ours(d wire.Dialect) []wire.Role {
	roles := []wire.Role{wire.PlayerV1, wire.ControllerV1, wire.MetadataV1, wire.ArtworkV1, wire.JumpgateV1}
	if d == wire.Current {
		roles = append(roles, wire.ColorV1, wire.VisualizerV1, wire.SourceV1, wire.AnnouncementV1)
	}
	return roles
}

// trusted are the roles that need Full.
var trusted = []wire.Role{wire.ControllerV1, wire.SourceV1, wire.JumpgateV1}

// Security is how well a connection is protected.
type Security struct {
	Dialect wire.Dialect
	// Paired: both sides have proven themselves by a long-term key.
	Paired bool
	// Lost: there is a pairing record, but the client has not got its key any
	// more. Nothing is played on it until it is paired anew.
	Lost bool
	// Refuses: the client plays for nobody without pairing.
	Refuses bool
	// Methods are what the client offers for pairing.
	Methods wire.PairMethods
}

// Security says how well the connection is protected.
func (p *Player) Security() Security {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.security()
}

// security wants mu held, as everything below.
func (p *Player) security() Security {
	if p.dialect == wire.Cleartext {
		return Security{Dialect: p.dialect}
	}
	paired := p.session.Key.Category == noise.LongTerm
	return Security{
		Dialect: p.dialect, Paired: paired, Lost: p.lost, Refuses: !paired && !p.hello.Unpaired.Enabled,
		Methods: p.hello.Pairing,
	}
}

// full tells whether buttons and inputs work.
func (p *Player) full() bool {
	return p.access == Full || p.dialect == wire.Current && p.session.Key.Category == noise.LongTerm
}

// admitted are the roles that the client may have now.
func (p *Player) admitted() []wire.Role {
	sec := p.security()
	roles := wire.Activate(p.hello.Roles, ours(p.dialect))
	if p.dialect == wire.Cleartext {
		return roles
	}
	if !sec.Paired && (p.record || sec.Refuses || p.access == Held) {
		return []wire.Role{}
	}
	if !p.full() {
		roles = slices.DeleteFunc(roles, func(r wire.Role) bool { return slices.Contains(trusted, r) })
	}
	return roles
}

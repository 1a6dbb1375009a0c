package sendspin

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Errors of pairing that callers test for; ErrCode is about what a person typed.
var (
	// ErrNoPairing: the client cannot pair in this way, or not at all.
	ErrNoPairing = errors.New("sendspin: the client does not pair like that")
	ErrCode      = pair.ErrCode
)

// How long the server waits for the client, beyond what the client itself waits:
// then the client's own word comes first.
const (
	beginTimeout   = time.Minute     // for its first message
	gestureTimeout = 6 * time.Minute // for somebody at the device
	attemptTimeout = 3 * time.Minute // for the rest
	rekeyTimeout   = 30 * time.Second
)

// Pairing is where a pairing stands.
type Pairing struct {
	Stage  PairingStage
	Method wire.PairMethod
	Format wire.CodeFormat // of a dynamic code
	// Round is 1 with the first CodeWanted, more after a code that was wrong.
	Round uint32
	// Message is the device's own sentence with DeviceWaits, at most 200
	// characters: it is shown as text, as said by the device.
	Message string
	// Reason is why a pairing has failed.
	Reason wire.AbortReason
}

// PairingStage is a step of a pairing.
type PairingStage int

// The stages.
const (
	// PairingBegun: the client was asked; nothing is to be done yet.
	PairingBegun PairingStage = iota + 1
	// DeviceWaits: somebody has to do something at the device.
	DeviceWaits
	// CodeWanted: EnterCode is to be called with the device's code.
	CodeWanted
	// Paired: the record is kept, the connection is being keyed anew.
	Paired
	// PairingFailed: nothing is kept. Reason may be empty: it took too long.
	PairingFailed
)

// Pair begins a pairing by a code. What becomes of it is told by events of kind
// PairingChanged. A pairing that is under way ends.
func (p *Player) Pair(method wire.PairMethod, format wire.CodeFormat) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	offered := p.hello.Pairing
	switch {
	case p.dialect != wire.Current || p.server.cfg.Keys == nil:
		return ErrNoPairing
	case method == wire.PairStatic && offered.Static != nil && format == "":
	case method == wire.PairDynamic && offered.Dynamic != nil && slices.Contains(offered.Dynamic.Formats, format):
	default:
		return ErrNoPairing
	}
	return p.beginPairing(method, format, noise.SentinelKey())
}

// PairWithToken begins a pairing by the token that came with the device. An
// error that wraps ErrCode says that it is another device's.
func (p *Player) PairWithToken(token pair.Token) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dialect != wire.Current || p.server.cfg.Keys == nil || p.hello.Pairing.PSK == nil {
		return ErrNoPairing
	}
	if token.Client.ID() != p.hello.ID {
		return &pair.CodeError{Fault: pair.OtherDevice}
	}
	return p.beginPairing(wire.PairPSK, "", noise.Key{PSK: token.PSK, Category: noise.Pairing})
}

// beginPairing keys the connection as the method asks for, then admits an
// attempt.
func (p *Player) beginPairing(method wire.PairMethod, format wire.CodeFormat, key noise.Key) error {
	if p.why != nil {
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	}
	if p.rekeying != nil {
		return fmt.Errorf("%w: the connection is being keyed, try again", ErrNoPairing)
	}
	if p.attempt != nil {
		p.stopPairing(wire.AbortCancelled)
	}
	admit := func() error {
		p.pairings++
		p.attempt = pair.NewServer(pair.Attempt{
			Method: method, Format: format, Suite: p.session.Terms.Suite, Hash: p.session.Hash, Index: p.pairings,
		})
		p.limitPairing(beginTimeout)
		p.tellPairing(Pairing{Stage: PairingBegun, Method: method, Format: format})
		return p.activate(urgent{free: true})
	}
	if p.session.Key == key {
		return admit()
	}
	// Nothing may go out between the handshake's messages: streams end before.
	p.endRemoved([]wire.Role{})
	p.active = []wire.Role{}
	return p.rekey(key, admit)
}

// EnterCode takes the code that a person read from the device, or the text of
// its QR code. An error that wraps ErrCode says what is wrong with it, and
// another one may be entered.
func (p *Player) EnterCode(text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attempt == nil {
		return &pair.CodeError{Fault: pair.NotWanted}
	}
	list, err := p.attempt.Enter(text)
	if err != nil {
		return err
	}
	return p.sayAll(list)
}

// CancelPairing ends a pairing that is under way.
func (p *Player) CancelPairing() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attempt == nil {
		return nil
	}
	attempt := p.attempt
	p.stopPairing(wire.AbortCancelled)
	p.tellPairing(Pairing{Stage: PairingFailed, Method: attempt.Method(), Format: attempt.Format(), Reason: wire.AbortCancelled})
	return p.restore()
}

// Unpair drops the pairing on both sides. The client says goodbye.
func (p *Player) Unpair() error {
	if p.server.cfg.Keys != nil {
		if err := p.server.cfg.Keys.Remove(p.ID()); err != nil {
			return fmt.Errorf("drop the pairing with %s: %w", p.ID(), err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.record, p.lost = false, false
	if p.dialect != wire.Current {
		return nil
	}
	if p.rekeying != nil {
		p.endNow(ErrGone) // under which key it is, is not known now
		return nil
	}
	if p.session.Key.Category == noise.LongTerm {
		return p.say(wire.TypeServerUnpair, wire.Empty{}, urgent{})
	}
	return p.activate(urgent{})
}

// pairingOnly tells whether the connection was for pairing when it ended.
func (p *Player) pairingOnly() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.activities, wire.PairingActivity)
}

// What follows wants mu held.

func (p *Player) sayAll(list []pair.Message) error {
	for _, m := range list {
		if err := p.say(m.Type, m.Payload, urgent{}); err != nil {
			return err
		}
	}
	return nil
}

func (p *Player) tellPairing(s Pairing) {
	p.server.roster.tell(Event{Kind: PairingChanged, Player: p, Pairing: s})
}

// stopPairing forgets the attempt and tells the client why.
func (p *Player) stopPairing(reason wire.AbortReason) {
	_ = p.say(wire.TypePairAbort, wire.PairAbort{Reason: reason}, urgent{})
	p.attempt = nil
	p.limitPairing(0)
}

// limitPairing ends the attempt after a while; 0 calls that off.
func (p *Player) limitPairing(d time.Duration) {
	if p.deadline != nil {
		p.deadline.Stop()
		p.deadline = nil
	}
	if d == 0 {
		return
	}
	attempt := p.attempt
	p.deadline = time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.attempt == nil || p.attempt != attempt {
			return
		}
		p.attempt = nil // the activation that follows says so
		p.tellPairing(Pairing{Stage: PairingFailed, Method: attempt.Method(), Format: attempt.Format()})
		_ = p.restore()
	})
}

// restore goes back to what the connection was for before a pairing that has
// failed: to the key of an earlier one, if there is one.
func (p *Player) restore() error {
	if !p.record || p.lost || p.session.Key.Category == noise.LongTerm {
		return p.activate(urgent{})
	}
	psk, found, err := p.server.cfg.Keys.Key(p.ID())
	if err != nil || !found {
		return fmt.Errorf("pairing record of %s: %w", p.ID(), cmp.Or(err, ErrNoPairing))
	}
	return p.rekey(noise.Key{PSK: psk, Category: noise.LongTerm}, func() error { return p.activate(urgent{free: true}) })
}

// pairing takes a pairing message; it is called by the reader.
func (p *Player) pairing(m wire.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.attempt
	if a == nil {
		return nil // left over from an attempt that has ended
	}
	step, err := a.Receive(m)
	if err != nil {
		p.attempt = nil
		p.limitPairing(0)
		p.tellPairing(Pairing{Stage: PairingFailed, Method: a.Method(), Format: a.Format()})
		return err
	}
	if err := p.sayAll(step.Send); err != nil {
		return err
	}
	state := Pairing{Method: a.Method(), Format: a.Format(), Round: step.Round, Message: step.Message, Reason: step.Aborted}
	switch {
	case step.Pending:
		p.limitPairing(gestureTimeout)
		state.Stage = DeviceWaits
	case step.Round > 0:
		if step.Round == 1 {
			p.limitPairing(attemptTimeout)
		}
		state.Stage = CodeWanted
	case step.PSK != nil:
		return p.keep(*step.PSK, state)
	case step.Aborted != "":
		p.attempt = nil
		p.limitPairing(0)
		state.Stage = PairingFailed
		p.tellPairing(state)
		return p.restore()
	default:
		return nil
	}
	p.tellPairing(state)
	return nil
}

// keep makes a record of a pairing and moves the connection to its key.
func (p *Player) keep(key noise.PSK, state Pairing) error {
	p.attempt = nil
	p.limitPairing(0)
	if err := p.server.cfg.Keys.Save(p.ID(), key); err != nil {
		state.Stage = PairingFailed
		p.tellPairing(state)
		p.log.Error("a pairing could not be kept", "error", err)
		return p.restore() // in place of the acknowledgement: the client keeps nothing
	}
	p.record, p.lost, p.access = true, false, Held // approval ends with a pairing
	if err := p.say(wire.TypeServerPairFinalize, wire.Empty{}, urgent{}); err != nil {
		return err
	}
	return p.rekey(noise.Key{PSK: key, Category: noise.LongTerm}, func() error {
		state.Stage = Paired
		p.tellPairing(state)
		p.server.roster.tell(Event{Kind: StateChanged, Player: p, State: p.stateNow()})
		return p.activate(urgent{free: true})
	})
}

// rekey runs the handshake again within the connection; then is called under the
// new keys and has to activate (connection.md, "Re-handshake").
func (p *Player) rekey(key noise.Key, then func() error) error {
	initiator, first, err := noise.Initiate(p.session.Again(), key, false)
	if err != nil {
		return err
	}
	p.rekeying, p.then = initiator, then
	err = p.say(wire.TypeHandshake, noise.Handshake(first), urgent{hold: true})
	if err != nil {
		return err
	}
	p.limit = time.AfterFunc(rekeyTimeout, func() {
		p.mu.Lock()
		late := p.rekeying == initiator
		p.mu.Unlock()
		if late {
			p.end(fmt.Errorf("%w: no answer to a handshake", noise.ErrNoise))
		}
	})
	return nil
}

// rekeyed takes the client's answer; it is called by the reader.
func (p *Player) rekeyed(m wire.Message) error {
	var data noise.HandshakeData
	if err := m.Decode(&data); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rekeying == nil {
		return fmt.Errorf("%w: a handshake that nobody began", noise.ErrNoise)
	}
	p.limit.Stop()
	second, err := data.Bytes()
	if err != nil {
		return err
	}
	session, err := p.rekeying.Finish(second)
	if err != nil {
		return err
	}
	then := p.then
	p.rekeying, p.then = nil, nil
	p.session, p.pairings, p.mustActivate = session, 0, true
	p.conn.OpenWith(session.Opener)
	p.express = append(p.express, urgent{sealer: session.Sealer})
	return then()
}

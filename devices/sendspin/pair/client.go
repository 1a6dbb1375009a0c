package pair

import (
	"crypto/hmac"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// ClientStep is what a message led to.
type ClientStep struct {
	Send []Message
	// Show is the code to be shown or spoken now: digits, or the text of a QR
	// code. Empty: nothing new.
	Show string
	// PSK is set when the pairing has succeeded; the client keeps it with the
	// server's id.
	PSK *noise.PSK
	// Aborted says why the attempt has ended without success.
	Aborted wire.AbortReason
}

type clientState int

const (
	notBegun clientState = iota
	wantRound
	wantServerAuth
	wantServerConfirm
	wantAck
	clientEnded
)

// Client is the client's half of one attempt.
type Client struct {
	a          Attempt
	gate       *Gate
	staticCode string
	state      clientState
	round      uint32
	nonceB     []byte
	code       []byte // the password
	show       string
	pake       *cpace
	psk        noise.PSK
}

// NewClient begins an attempt that a server/activate has admitted. staticCode is
// the device's, for PairStatic.
func NewClient(a Attempt, gate *Gate, staticCode string) *Client {
	return &Client{a: a, gate: gate, staticCode: staticCode}
}

// Begin starts the attempt, or says that it is held back: then it is to be
// called again when the gate opens. message is for the operator.
func (c *Client) Begin(message string) (ClientStep, error) {
	if c.state != notBegun {
		return ClientStep{}, nil
	}
	if !c.gate.admits(c.a.Method) {
		return ClientStep{Send: []Message{{wire.TypePairPending, wire.PairPending{Index: c.a.Index, Message: message}}}}, nil
	}
	psk, err := c.a.draw()
	if err != nil {
		return ClientStep{}, err
	}
	c.psk = noise.PSK(psk)
	init := wire.ClientPairInit{Index: c.a.Index}
	switch c.a.Method {
	case wire.PairPSK:
		c.state = wantAck
		return ClientStep{Send: []Message{
			{wire.TypeClientPairInit, init},
			{wire.TypeClientPairFinalize, wire.ClientPairFinalize{PSK: psk}},
		}}, nil
	case wire.PairStatic:
		c.state, c.round, c.code = wantServerAuth, 1, []byte(c.staticCode)
	default:
		if c.nonceB, err = c.a.draw(); err != nil {
			return ClientStep{}, err
		}
		commit := commitment(c.nonceB)
		init.Commit = commit[:]
		c.state = wantRound
	}
	return ClientStep{Send: []Message{{wire.TypeClientPairInit, init}}}, nil
}

// Receive takes a pairing message. Errors wrap ErrProtocol.
func (c *Client) Receive(m wire.Message) (ClientStep, error) {
	if c.state == clientEnded {
		return ClientStep{}, nil // left over
	}
	switch m.Type {
	case wire.TypePairAbort:
		var abort wire.PairAbort
		if err := decode(m, &abort); err != nil {
			return ClientStep{}, err
		}
		c.state = clientEnded
		return ClientStep{Aborted: abort.Reason}, nil
	case wire.TypeServerPairInit:
		return c.begin(m)
	case wire.TypeServerPairAuth:
		return c.auth(m)
	case wire.TypeServerPairConfirm:
		return c.confirm(m)
	case wire.TypeServerPairFinalize:
		if c.state != wantAck {
			return ClientStep{}, outOfOrder(m.Type)
		}
		c.state = clientEnded
		c.gate.paired()
		return ClientStep{PSK: &c.psk}, nil
	default:
		return ClientStep{}, fmt.Errorf("%w: %s from a server", ErrProtocol, m.Type)
	}
}

// begin is a round: the code is derived in the first one and shown in each.
func (c *Client) begin(m wire.Message) (ClientStep, error) {
	var p wire.ServerPairInit
	if c.state != wantRound {
		return ClientStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ClientStep{}, err
	}
	c.round++
	if first := c.round == 1; first != (len(p.Nonce) == 32) || !first && p.Nonce != nil {
		return ClientStep{}, fmt.Errorf("%w: nonce_A of %d bytes in round %d", ErrProtocol, len(p.Nonce), c.round)
	}
	if c.round == 1 {
		c.code = secretCode(c.a.Format, c.a.Hash, p.Nonce, c.nonceB)
		c.show = string(c.code)
		if c.a.Format == wire.QRCode {
			c.show = codeToken(c.code)
		}
	}
	c.state = wantServerAuth
	c.gate.round()
	return ClientStep{Show: c.show}, nil
}

func (c *Client) auth(m wire.Message) (ClientStep, error) {
	var p wire.ServerPairAuth
	if c.state != wantServerAuth {
		return ClientStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ClientStep{}, err
	}
	pake, err := newCPace(c.code, nil, sessionID(c.a.Hash, c.a.Index, c.round), c.a.Random)
	if err != nil {
		return ClientStep{}, err
	}
	if err := pake.derive(p.Share, p.Share, adServer, pake.share[:], adClient); err != nil {
		return ClientStep{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	pake.peer = p.Share
	c.pake, c.state = pake, wantServerConfirm
	return ClientStep{Send: []Message{{wire.TypeClientPairAuth, wire.ClientPairAuth{Share: pake.share[:]}}}}, nil
}

func (c *Client) confirm(m wire.Message) (ClientStep, error) {
	var p wire.ServerPairConfirm
	if c.state != wantServerConfirm {
		return ClientStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ClientStep{}, err
	}
	if len(p.Tag) != TagLen {
		return ClientStep{}, fmt.Errorf("%w: server_kc of %d bytes", ErrProtocol, len(p.Tag))
	}
	if !hmac.Equal(p.Tag, c.pake.tag(c.pake.peer, adServer)) {
		return c.wrong(), nil
	}
	c.gate.verified()
	confirm := wire.ClientPairConfirm{Tag: c.pake.tag(c.pake.share[:], adClient)}
	var err error
	if c.a.Method == wire.PairDynamic {
		if confirm.Nonce, err = wrap(c.a.Suite, wrapNonce, c.pake, c.nonceB); err != nil {
			return ClientStep{}, err
		}
	}
	sealed, err := wrap(c.a.Suite, wrapPSK, c.pake, c.psk[:])
	if err != nil {
		return ClientStep{}, err
	}
	c.state = wantAck
	return ClientStep{Send: []Message{
		{wire.TypeClientPairConfirm, confirm},
		{wire.TypeClientPairFinalize, wire.ClientPairFinalize{Wrapped: sealed}},
	}}, nil
}

// wrong answers a code that was not ours.
func (c *Client) wrong() ClientStep {
	if c.a.Method == wire.PairDynamic && c.gate.another() {
		c.state = wantRound
		return ClientStep{Send: []Message{{wire.TypePairRetry, wire.Empty{}}}}
	}
	if c.a.Method == wire.PairStatic {
		c.gate.failed()
	}
	return c.Abort(wire.AbortMismatch)
}

// Abort ends the attempt for a reason of the client's own.
func (c *Client) Abort(reason wire.AbortReason) ClientStep {
	if c.state == clientEnded {
		return ClientStep{}
	}
	c.state = clientEnded
	return ClientStep{
		Send:    []Message{{wire.TypePairAbort, wire.PairAbort{Reason: reason}}},
		Aborted: reason,
	}
}

// Running tells whether an attempt is in progress: from the client's first
// message on, until it has ended.
func (c *Client) Running() bool { return c.state > notBegun && c.state < clientEnded }

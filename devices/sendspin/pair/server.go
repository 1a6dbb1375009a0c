package pair

import (
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// ErrProtocol tells that the peer did what no peer does. The connection is closed without
// a word and nothing is kept (pairing.md, "Protocol Errors").
var ErrProtocol = errors.New("sendspin: pairing protocol broken")

// Message is a message to be sent.
type Message struct {
	Type    wire.Type
	Payload any
}

// Attempt is what both sides know of one attempt.
type Attempt struct {
	Method wire.PairMethod
	Format wire.CodeFormat // with PairDynamic
	Suite  noise.Suite
	Hash   [32]byte // of the session's handshake
	// Index counts the pairing activations since that handshake, this one too.
	Index  uint32
	Random io.Reader // nil is crypto/rand
}

func (a Attempt) draw() ([]byte, error) {
	random := a.Random
	if random == nil {
		random = rand.Reader
	}
	b := make([]byte, 32)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	return b, nil
}

// ServerStep is what a message led to.
type ServerStep struct {
	Send []Message
	// Pending: the client waits for somebody at the device; Message is its own
	// sentence, from a peer that is not proven.
	Pending bool
	Message string
	// Round is set when a code is wanted from the operator: 1, then 2 and so on
	// after a code that was wrong.
	Round uint32
	// PSK is set when the pairing has succeeded. The server keeps it, then sends
	// server/pair-finalize.
	PSK *noise.PSK
	// Aborted says why the attempt has ended without success.
	Aborted wire.AbortReason
}

type serverState int

const (
	wantInit serverState = iota
	wantCode
	wantAuth
	wantConfirm
	wantFinalize
	serverEnded
)

// Server is the server's half of one attempt.
type Server struct {
	a      Attempt
	state  serverState
	round  uint32
	nonceA []byte
	commit []byte
	code   []byte
	pake   *cpace
}

// NewServer begins an attempt, whose server/activate has been sent.
func NewServer(a Attempt) *Server { return &Server{a: a} }

// Method is how the attempt pairs, Format how the code is shown.
func (s *Server) Method() wire.PairMethod { return s.a.Method }

// Format is how a dynamic code is shown.
func (s *Server) Format() wire.CodeFormat { return s.a.Format }

// Started tells whether the client has begun, so that an abort has a meaning
// for it.
func (s *Server) Started() bool { return s.state > wantInit }

// Receive takes a pairing message. Errors wrap ErrProtocol.
func (s *Server) Receive(m wire.Message) (ServerStep, error) {
	switch m.Type {
	case wire.TypePairAbort:
		var abort wire.PairAbort
		if err := decode(m, &abort); err != nil {
			return ServerStep{}, err
		}
		s.state = serverEnded
		return ServerStep{Aborted: abort.Reason}, nil
	case wire.TypePairPending:
		return s.pending(m)
	case wire.TypeClientPairInit:
		return s.init(m)
	case wire.TypeClientPairAuth:
		return s.auth(m)
	case wire.TypePairRetry:
		return s.retry()
	case wire.TypeClientPairConfirm:
		return s.confirm(m)
	case wire.TypeClientPairFinalize:
		return s.finalize(m)
	default:
		return ServerStep{}, fmt.Errorf("%w: %s from a client", ErrProtocol, m.Type)
	}
}

func decode(m wire.Message, v any) error {
	if err := wire.DecodePairing(m, v); err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return nil
}

func outOfOrder(m wire.Type) error { return fmt.Errorf("%w: %s out of order", ErrProtocol, m) }

// stale tells whether a message is left over from an attempt before.
func (s *Server) stale(index uint32) (bool, error) {
	if index > s.a.Index {
		return false, fmt.Errorf("%w: pairing_index %d, not %d", ErrProtocol, index, s.a.Index)
	}
	return index < s.a.Index, nil
}

func (s *Server) pending(m wire.Message) (ServerStep, error) {
	var p wire.PairPending
	if err := decode(m, &p); err != nil {
		return ServerStep{}, err
	}
	if stale, err := s.stale(p.Index); stale || err != nil {
		return ServerStep{}, err
	}
	if s.state != wantInit || s.a.Method == wire.PairPSK {
		return ServerStep{}, outOfOrder(m.Type)
	}
	return ServerStep{Pending: true, Message: sentence(p.Message)}, nil
}

// sentence cuts what an unproven peer wants to be shown.
func sentence(text string) string {
	const maxSentence = 200
	if !utf8.ValidString(text) {
		return ""
	}
	if r := []rune(text); len(r) > maxSentence {
		return string(r[:maxSentence])
	}
	return text
}

func (s *Server) init(m wire.Message) (ServerStep, error) {
	var p wire.ClientPairInit
	if err := decode(m, &p); err != nil {
		return ServerStep{}, err
	}
	if stale, err := s.stale(p.Index); stale || err != nil {
		return ServerStep{}, err
	}
	if s.state != wantInit {
		return ServerStep{}, outOfOrder(m.Type)
	}
	s.round = 1
	switch s.a.Method {
	case wire.PairPSK:
		s.state = wantFinalize
		return ServerStep{}, nil
	case wire.PairStatic:
		s.state = wantCode
		return ServerStep{Round: 1}, nil
	case wire.PairDynamic:
	}
	if len(p.Commit) != 32 {
		return ServerStep{}, fmt.Errorf("%w: commit_B of %d bytes", ErrProtocol, len(p.Commit))
	}
	nonce, err := s.a.draw()
	if err != nil {
		return ServerStep{}, err
	}
	s.state, s.commit, s.nonceA = wantCode, p.Commit, nonce
	return ServerStep{Send: []Message{{wire.TypeServerPairInit, wire.ServerPairInit{Nonce: nonce}}}, Round: 1}, nil
}

// Enter takes what the operator typed or scanned. An error wraps ErrCode and
// changes nothing; outside a round that waits for a code it does nothing.
func (s *Server) Enter(text string) ([]Message, error) {
	if s.state != wantCode {
		return nil, &CodeError{Fault: NotWanted}
	}
	code, err := entered(s.a.Method, s.a.Format, text)
	if err != nil {
		return nil, err
	}
	pake, err := newCPace(code, nil, sessionID(s.a.Hash, s.a.Index, s.round), s.a.Random)
	if err != nil {
		return nil, err
	}
	s.state, s.code, s.pake = wantAuth, code, pake
	return []Message{{wire.TypeServerPairAuth, wire.ServerPairAuth{Share: pake.share[:]}}}, nil
}

func (s *Server) auth(m wire.Message) (ServerStep, error) {
	var p wire.ClientPairAuth
	if s.state != wantAuth {
		return ServerStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ServerStep{}, err
	}
	if err := s.pake.derive(p.Share, s.pake.share[:], adServer, p.Share, adClient); err != nil {
		return ServerStep{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	s.state = wantConfirm
	s.pake.peer = p.Share
	tag := s.pake.tag(s.pake.share[:], adServer)
	return ServerStep{Send: []Message{{wire.TypeServerPairConfirm, wire.ServerPairConfirm{Tag: tag}}}}, nil
}

// retry is the client's word that the code was wrong.
func (s *Server) retry() (ServerStep, error) {
	if s.state != wantConfirm || s.a.Method != wire.PairDynamic {
		return ServerStep{}, outOfOrder(wire.TypePairRetry)
	}
	s.round++
	s.state = wantCode
	return ServerStep{Send: []Message{{wire.TypeServerPairInit, wire.ServerPairInit{}}}, Round: s.round}, nil
}

func (s *Server) confirm(m wire.Message) (ServerStep, error) {
	var p wire.ClientPairConfirm
	if s.state != wantConfirm {
		return ServerStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ServerStep{}, err
	}
	if len(p.Tag) != TagLen {
		return ServerStep{}, fmt.Errorf("%w: client_kc of %d bytes", ErrProtocol, len(p.Tag))
	}
	if !hmac.Equal(p.Tag, s.pake.tag(s.pake.peer, adClient)) {
		s.state = serverEnded
		return ServerStep{
			Send:    []Message{{wire.TypePairAbort, wire.PairAbort{Reason: wire.AbortMismatch}}},
			Aborted: wire.AbortMismatch,
		}, nil
	}
	if s.a.Method == wire.PairDynamic {
		nonceB, err := unwrap(s.a.Suite, wrapNonce, s.pake, p.Nonce)
		if err != nil {
			return ServerStep{}, err
		}
		if commit := commitment(nonceB[:]); !hmac.Equal(commit[:], s.commit) {
			return ServerStep{}, fmt.Errorf("%w: nonce_B is not what was committed to", ErrProtocol)
		}
		if !hmac.Equal(s.code, secretCode(s.a.Format, s.a.Hash, s.nonceA, nonceB[:])) {
			return ServerStep{}, fmt.Errorf("%w: the code does not belong to this connection", ErrProtocol)
		}
	}
	s.state = wantFinalize
	return ServerStep{}, nil
}

func (s *Server) finalize(m wire.Message) (ServerStep, error) {
	var p wire.ClientPairFinalize
	if s.state != wantFinalize {
		return ServerStep{}, outOfOrder(m.Type)
	}
	if err := decode(m, &p); err != nil {
		return ServerStep{}, err
	}
	var psk noise.PSK
	switch {
	case s.a.Method == wire.PairPSK && len(p.PSK) == noise.KeyLen && p.Wrapped == nil:
		psk = noise.PSK(p.PSK)
	case s.a.Method != wire.PairPSK && p.PSK == nil:
		value, err := unwrap(s.a.Suite, wrapPSK, s.pake, p.Wrapped)
		if err != nil {
			return ServerStep{}, err
		}
		psk = value
	default:
		return ServerStep{}, fmt.Errorf("%w: client/pair-finalize with the wrong key", ErrProtocol)
	}
	s.state = serverEnded
	return ServerStep{PSK: &psk}, nil
}

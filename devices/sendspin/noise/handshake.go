package noise

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	flynn "github.com/flynn/noise"
)

// Terms are what both sides know before a handshake.
type Terms struct {
	Suite  Suite
	Local  Identity
	Remote PublicKey
	// Prologue is the bytes of client/init followed by those of server/init as
	// they were on the wire; for a re-handshake, the Hash of the session before.
	Prologue []byte
	Random   io.Reader // for the ephemeral key; nil is crypto/rand
}

// Prologue joins the two init messages.
func Prologue(clientInit, serverInit []byte) []byte {
	return slices.Concat(clientInit, serverInit)
}

func (t Terms) state(initiator bool, psk []byte) (*flynn.HandshakeState, error) {
	hs, err := flynn.NewHandshakeState(flynn.Config{
		CipherSuite: t.Suite.primitives(), Random: t.Random, Pattern: flynn.HandshakeKK,
		Initiator: initiator, Prologue: t.Prologue,
		PresharedKey: psk, PresharedKeyPlacement: 2,
		StaticKeypair: flynn.DHKey{Private: t.Local.Private[:], Public: t.Local.Public[:]},
		PeerStatic:    t.Remote[:],
	})
	if err != nil {
		return nil, fmt.Errorf("begin a handshake: %w", err)
	}
	return hs, nil
}

// offer is the payload of the first handshake message.
type offer struct {
	ID       string   `json:"psk_id"`
	Category Category `json:"psk_category"`
}

// Initiator is the server's half of one handshake.
type Initiator struct {
	terms    Terms
	key      Key
	fallback bool
	state    *flynn.HandshakeState
}

// Initiate begins a handshake that refers to key and returns the first message.
// With fallback set, a client that has not got the key may answer under the
// Sentinel: so it is in a connection's first handshake, and only there.
func Initiate(t Terms, key Key, fallback bool) (*Initiator, []byte, error) {
	state, err := t.state(true, key.PSK[:])
	if err != nil {
		return nil, nil, err
	}
	payload, err := json.Marshal(offer{ID: key.PSK.ID(), Category: key.Category})
	if err != nil {
		return nil, nil, fmt.Errorf("first handshake message: %w", err)
	}
	message, _, _, err := state.WriteMessage(nil, payload)
	if err != nil {
		return nil, nil, fmt.Errorf("first handshake message: %w", err)
	}
	return &Initiator{terms: t, key: key, fallback: fallback, state: state}, message, nil
}

// Finish takes the client's answer. The session's Mismatch tells that the
// client answered under the Sentinel instead of the key: that is proven, and
// still no reason to drop the key (connection.md, "Sentinel Fallback").
func (i *Initiator) Finish(message []byte) (*Session, error) {
	payload, send, receive, err := i.state.ReadMessage(nil, message)
	key := i.key
	mismatch := false
	if err != nil && i.fallback && key.Category != Unpaired {
		// The failed read has rolled its state back.
		if err := i.state.SetPresharedKey(Sentinel[:]); err != nil {
			return nil, fmt.Errorf("sentinel: %w", err)
		}
		payload, send, receive, err = i.state.ReadMessage(nil, message)
		key, mismatch = SentinelKey(), true
	}
	if err != nil {
		return nil, fmt.Errorf("%w: second handshake message: %w", ErrNoise, err)
	}
	// The specification writes {}; what a later one may add is ignored.
	if !json.Valid(payload) || payload[0] != '{' {
		return nil, fmt.Errorf("%w: payload of the second handshake message", ErrNoise)
	}
	return newSession(i.terms, key, mismatch, i.state.ChannelBinding(), send, receive), nil
}

// Lookup finds the client's key of the given psk_id and category that may be
// used with the server at the other end. An error ends the handshake; found is
// false where there is no such key at all.
type Lookup func(pskID string, category Category) (key PSK, found bool, err error)

// Respond is the client's half: it takes the first message and returns the
// second one, with the session. With fallback set, as in a connection's first
// handshake, a key that is not found is replaced by the Sentinel, and the
// session says Mismatch.
func Respond(t Terms, message []byte, find Lookup, fallback bool) (*Session, []byte, error) {
	state, err := t.state(false, nil)
	if err != nil {
		return nil, nil, err
	}
	payload, _, _, err := state.ReadMessage(nil, message)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: first handshake message: %w", ErrNoise, err)
	}
	var o offer
	if err := json.Unmarshal(payload, &o); err != nil || len(o.ID) != IDLen || !o.Category.valid() {
		return nil, nil, fmt.Errorf("%w: payload of the first handshake message", ErrNoise)
	}
	key, mismatch, err := choose(o, find, fallback)
	if err != nil {
		return nil, nil, err
	}
	if err := state.SetPresharedKey(key.PSK[:]); err != nil {
		return nil, nil, fmt.Errorf("pre-shared key: %w", err)
	}
	// flynn/noise gives the initiator's direction first.
	answer, receive, send, err := state.WriteMessage(nil, []byte("{}"))
	if err != nil {
		return nil, nil, fmt.Errorf("second handshake message: %w", err)
	}
	return newSession(t, key, mismatch, state.ChannelBinding(), send, receive), answer, nil
}

func choose(o offer, find Lookup, fallback bool) (key Key, mismatch bool, err error) {
	if o.Category == Unpaired {
		if o.ID == Sentinel.ID() {
			return SentinelKey(), false, nil
		}
	} else {
		psk, found, err := find(o.ID, o.Category)
		if err != nil {
			return Key{}, false, fmt.Errorf("%w: %w", ErrNoise, err)
		}
		if found {
			return Key{PSK: psk, Category: o.Category}, false, nil
		}
	}
	if !fallback {
		return Key{}, false, fmt.Errorf("%w: the server refers to a key that is not here", ErrNoise)
	}
	return SentinelKey(), true, nil
}

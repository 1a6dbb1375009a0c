package noise

import (
	"fmt"
	"slices"

	flynn "github.com/flynn/noise"
)

// Session is what a handshake has agreed on.
type Session struct {
	Terms Terms // Prologue is dropped
	Key   Key   // what the session is keyed with
	// Mismatch: the server referred to a key that the client has not got.
	Mismatch bool
	// Hash is the handshake hash h: the prologue of a re-handshake, and what
	// pairing binds to.
	Hash [32]byte

	Sealer *Sealer
	Opener *Opener
}

func newSession(t Terms, key Key, mismatch bool, hash []byte, send, receive *flynn.CipherState) *Session {
	t.Prologue = nil
	return &Session{
		Terms: t, Key: key, Mismatch: mismatch, Hash: [32]byte(hash),
		Sealer: &Sealer{state: send}, Opener: &Opener{state: receive},
	}
}

// Again are the terms of a re-handshake.
func (s *Session) Again() Terms {
	t := s.Terms
	t.Prologue = slices.Clone(s.Hash[:])
	return t
}

// Lengths that the Noise specification sets (section 3 and 5.1).
const (
	// MaxTransport is the longest transport message, in bytes.
	MaxTransport = 65535
	tagLen       = 16
	// MaxPlain is the longest message, its type byte included, that goes in one
	// transport message.
	MaxPlain = MaxTransport - tagLen
)

// The types of binary messages that belong to the transport.
const (
	KindJSON     byte = 0
	kindFragment byte = 1
)

const (
	flagLast  byte = 1 << 0
	flagFirst byte = 1 << 1
)

// Sealer encrypts what one side sends, in order.
type Sealer struct {
	state *flynn.CipherState
	plain []byte // reused for fragments
	out   []byte // reused
}

// Seal encrypts a message, whose first byte is its type, and hands each
// transport message to emit; what emit gets is good until it returns. A message
// that does not fit into one is sent in fragments: nobody may seal another in
// between.
func (s *Sealer) Seal(message []byte, emit func(sealed []byte) error) error {
	if len(message) <= MaxPlain {
		return s.one(message, emit)
	}
	kind, rest := message[0], message[1:]
	first := true
	for {
		s.plain = append(s.plain[:0], kindFragment, 0)
		if first {
			s.plain[1] = flagFirst
			s.plain = append(s.plain, kind)
		}
		n := min(len(rest), MaxPlain-len(s.plain))
		s.plain = append(s.plain, rest[:n]...)
		rest, first = rest[n:], false
		if len(rest) == 0 {
			s.plain[1] |= flagLast
		}
		if err := s.one(s.plain, emit); err != nil || len(rest) == 0 {
			return err
		}
	}
}

func (s *Sealer) one(plain []byte, emit func([]byte) error) error {
	sealed, err := s.state.Encrypt(s.out[:0], nil, plain)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	s.out = sealed
	return emit(sealed)
}

// Opener decrypts what the other side sends, in order.
type Opener struct {
	state   *flynn.CipherState
	partial []byte // of a fragmented message, from its type byte on
	within  bool   // a fragmented message is in flight
}

// Open decrypts a transport message. The message, from its type byte on, is nil
// while its last fragment has not come. One longer than limit bytes, and every
// sequence that the specification calls malformed, is an error that ends the
// connection. What is returned is the caller's.
func (o *Opener) Open(sealed []byte, limit int) ([]byte, error) {
	plain, err := o.state.Decrypt(nil, nil, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoise, err)
	}
	if len(plain) == 0 {
		return nil, fmt.Errorf("%w: a message without a type", ErrNoise)
	}
	if plain[0] != kindFragment {
		if o.within {
			return nil, fmt.Errorf("%w: a message within the fragments of another", ErrNoise)
		}
		if len(plain) > limit {
			return nil, fmt.Errorf("%w: message of %d bytes", ErrNoise, len(plain))
		}
		return plain, nil
	}
	return o.fragment(plain, limit)
}

func (o *Opener) fragment(plain []byte, limit int) ([]byte, error) {
	if len(plain) < 2 || plain[1]&^(flagFirst|flagLast) != 0 {
		return nil, fmt.Errorf("%w: fragment's flags", ErrNoise)
	}
	flags, data := plain[1], plain[2:]
	first := flags&flagFirst != 0
	switch {
	case first == o.within:
		return nil, fmt.Errorf("%w: a fragment out of order", ErrNoise)
	case first && (len(data) == 0 || data[0] == kindFragment):
		return nil, fmt.Errorf("%w: type of a fragmented message", ErrNoise)
	case len(o.partial)+len(data) > limit:
		return nil, fmt.Errorf("%w: fragments of more than %d bytes", ErrNoise, limit)
	}
	o.partial = append(o.partial, data...)
	o.within = flags&flagLast == 0
	if o.within {
		return nil, nil
	}
	message := o.partial
	o.partial = nil
	return message, nil
}

// Within tells whether a fragmented message is in flight.
func (o *Opener) Within() bool { return o.within }

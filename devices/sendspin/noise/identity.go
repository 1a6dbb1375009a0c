package noise

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// KeyLen is the length in bytes of a static key and of a pre-shared key.
const KeyLen = 32

// IDLen is the length of a client_id or server_id, in characters.
const IDLen = 43

// PublicKey is a Curve25519 public key; ID is how it stands on the wire.
type PublicKey [KeyLen]byte

// ID is the client_id or server_id: base64url without padding, 43 characters.
func (k PublicKey) ID() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// ParseID reads a client_id or server_id. Only the canonical spelling is taken,
// so that one key has one id.
func ParseID(id string) (PublicKey, error) {
	var k PublicKey
	if err := decode(k[:], id); err != nil {
		return PublicKey{}, fmt.Errorf("%w: id: %w", ErrInit, err)
	}
	return k, nil
}

// Identity is a static key pair. It is made once a device and kept secret.
type Identity struct {
	Private [KeyLen]byte
	Public  PublicKey
}

// NewIdentity draws a key pair; nil reads crypto/rand.
func NewIdentity(random io.Reader) (Identity, error) {
	if random == nil {
		random = rand.Reader
	}
	var private [KeyLen]byte
	if _, err := io.ReadFull(random, private[:]); err != nil {
		return Identity{}, fmt.Errorf("draw a static key: %w", err)
	}
	return IdentityOf(private)
}

// IdentityOf completes a private key that was kept.
func IdentityOf(private [KeyLen]byte) (Identity, error) {
	key, err := ecdh.X25519().NewPrivateKey(private[:])
	if err != nil {
		return Identity{}, fmt.Errorf("static key: %w", err)
	}
	return Identity{Private: private, Public: PublicKey(key.PublicKey().Bytes())}, nil
}

// ID is the client_id or server_id.
func (i Identity) ID() string { return i.Public.ID() }

// String hides the private key.
func (i Identity) String() string { return "identity " + i.ID() }

// GoString hides it from %#v.
func (i Identity) GoString() string { return i.String() }

// encode is base64url without padding, as every binary field of the handshake
// and of pairing is written.
func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// decode fills dst and refuses another length and a spelling that encode would
// not give.
func decode(dst []byte, text string) error {
	if len(text) != base64.RawURLEncoding.EncodedLen(len(dst)) {
		return fmt.Errorf("%d characters of base64url, not %d", len(text), base64.RawURLEncoding.EncodedLen(len(dst)))
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return errors.New("not base64url")
	}
	copy(dst, data)
	return nil
}

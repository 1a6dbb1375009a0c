package noise

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// PSK is a pre-shared key that is mixed into the handshake's second message.
type PSK [KeyLen]byte

// Sentinel is the published key that stands where there is no other. It proves
// nothing. (connection.md, "Pre-Shared Key")
var Sentinel = PSK(sha256.Sum256([]byte("sendspin-sentinel-psk-v1")))

// NewPSK draws a key.
func NewPSK() (PSK, error) {
	var k PSK
	if _, err := rand.Read(k[:]); err != nil {
		return PSK{}, fmt.Errorf("draw a key: %w", err)
	}
	return k, nil
}

// ParsePSK reads a key from its 43 characters of base64url.
func ParsePSK(text string) (PSK, error) {
	var k PSK
	if err := decode(k[:], text); err != nil {
		return PSK{}, fmt.Errorf("%w: key: %w", ErrNoise, err)
	}
	return k, nil
}

// Text is the key as 43 characters of base64url. It is a secret.
func (k PSK) Text() string { return encode(k[:]) }

// ID is the psk_id: which key this is, without saying it.
func (k PSK) ID() string {
	h := sha256.New()
	h.Write([]byte("sendspin-psk-id-v1"))
	h.Write(k[:])
	return encode(h.Sum(nil))
}

// String hides the key.
func (k PSK) String() string { return "psk " + k.ID()[:8] }

// GoString hides it from %#v.
func (k PSK) GoString() string { return k.String() }

// Category is what a server uses a key as.
type Category string

// The categories, as they stand on the wire.
const (
	LongTerm Category = "lt" // made by a pairing
	Pairing  Category = "pr" // from a pairing token
	Unpaired Category = "sn" // the Sentinel
)

func (c Category) valid() bool { return c == LongTerm || c == Pairing || c == Unpaired }

// Key is a key with what it is used as.
type Key struct {
	PSK      PSK
	Category Category
}

// SentinelKey is the Sentinel as what it is.
func SentinelKey() Key { return Key{PSK: Sentinel, Category: Unpaired} }

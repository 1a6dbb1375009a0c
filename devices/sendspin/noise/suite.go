package noise

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	flynn "github.com/flynn/noise"
	"golang.org/x/crypto/chacha20poly1305"
)

// Suite is a Noise cipher suite, as client/init names it.
type Suite string

// The two suites. A server speaks both, a client picks one.
const (
	ChaChaPoly Suite = "25519_ChaChaPoly_SHA256"
	AESGCM     Suite = "25519_AESGCM_SHA256"
)

// Valid tells whether the suite is one of the two.
func (s Suite) Valid() bool { return s == ChaChaPoly || s == AESGCM }

func (s Suite) primitives() flynn.CipherSuite {
	c := flynn.CipherChaChaPoly
	if s == AESGCM {
		c = flynn.CipherAESGCM
	}
	return flynn.NewCipherSuite(flynn.DH25519, c, flynn.HashSHA256)
}

// AEAD is the suite's cipher under a key of the caller's, for what pairing
// seals (pairing.md, "Wrapping").
func (s Suite) AEAD(key [KeyLen]byte) (cipher.AEAD, error) {
	if s != AESGCM {
		return chacha20poly1305.New(key[:])
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("wrapping key: %w", err)
	}
	return cipher.NewGCM(block)
}

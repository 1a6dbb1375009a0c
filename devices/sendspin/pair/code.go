package pair

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Lengths of the codes that people type.
const (
	DynamicDigits = 6
	StaticDigits  = 8
)

// The associated data of the two sides.
var (
	adServer = []byte("server")
	adClient = []byte("client")
)

func commitment(nonce []byte) [32]byte {
	return sha256.Sum256(append([]byte("sendspin-pair-commit-v1"), nonce...))
}

// secretCode is the password of a dynamic attempt: six digits as text, or 24
// bytes.
func secretCode(format wire.CodeFormat, hash [32]byte, nonceA, nonceB []byte) []byte {
	h := sha256.New()
	h.Write([]byte("sendspin-pairing-code-derive-v1"))
	h.Write(hash[:])
	h.Write(nonceA)
	h.Write(nonceB)
	digest := h.Sum(nil)
	if format == wire.QRCode {
		return digest[:CodeLen]
	}
	n := new(big.Int).SetBytes(digest)
	return fmt.Appendf(nil, "%0*d", DynamicDigits, n.Mod(n, big.NewInt(1_000_000)))
}

// entered makes the password of what a person gave.
func entered(method wire.PairMethod, format wire.CodeFormat, text string) ([]byte, error) {
	if method == wire.PairDynamic && format == wire.QRCode {
		return parseCodeToken(text)
	}
	want := StaticDigits
	if method == wire.PairDynamic {
		want = DynamicDigits
	}
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, text)
	if len(digits) != want || strings.Trim(digits, "0123456789") != "" {
		return nil, &CodeError{Fault: WrongDigits, Digits: want}
	}
	return []byte(digits), nil
}

// sessionID is CPace's sid (pairing.md, "PAKE").
func sessionID(hash [32]byte, index, round uint32) []byte {
	sid := append([]byte("sendspin-pair-pake-v1"), hash[:]...)
	sid = binary.BigEndian.AppendUint32(sid, index)
	return binary.BigEndian.AppendUint32(sid, round)
}

// What is sealed under the result of CPace.
const (
	wrapPSK   = "sendspin-pair-psk-wrap-v1"
	wrapNonce = "sendspin-pair-nonce-wrap-v1"
)

func wrappingKey(label string, c *cpace) [32]byte {
	h := sha256.New()
	h.Write([]byte(label))
	h.Write(c.sid)
	h.Write(c.isk[:])
	return [32]byte(h.Sum(nil))
}

// wrap seals 32 bytes. The nonce may be all zero: a key seals one value.
func wrap(suite noise.Suite, label string, c *cpace, value []byte) ([]byte, error) {
	aead, err := suite.AEAD(wrappingKey(label, c))
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, make([]byte, aead.NonceSize()), value, nil), nil
}

func unwrap(suite noise.Suite, label string, c *cpace, sealed []byte) ([32]byte, error) {
	aead, err := suite.AEAD(wrappingKey(label, c))
	if err != nil {
		return [32]byte{}, err
	}
	value, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, nil)
	if err != nil || len(value) != 32 {
		return [32]byte{}, fmt.Errorf("%w: a sealed value does not open", ErrProtocol)
	}
	return [32]byte(value), nil
}

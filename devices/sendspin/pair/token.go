package pair

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// ErrCode is wrapped by every error about what a person has typed or scanned;
// its text says what to do.
var ErrCode = errors.New("pairing code")

// Token is a pairing key with the client that it belongs to, as printed on a
// device: "SP:0…" (pairing.md, "Pairing Token").
type Token struct {
	Client noise.PublicKey
	PSK    noise.PSK
}

// Versions of tokens.
const (
	tokenPSK  = '0'
	tokenCode = '1'
	tokenMark = "SP:"
)

// CodeLen is the length in bytes of a code that is shown as a QR code.
const CodeLen = 24

// String is the token as a QR code carries it. It holds a secret.
func (t Token) String() string {
	return tokenText(tokenPSK, append(t.Client[:], t.PSK[:]...))
}

// ParseToken reads what a person typed, pasted or scanned.
func ParseToken(text string) (Token, error) {
	payload, err := tokenPayload(text, tokenPSK, 2*noise.KeyLen)
	if err != nil {
		return Token{}, err
	}
	return Token{Client: noise.PublicKey(payload[:noise.KeyLen]), PSK: noise.PSK(payload[noise.KeyLen : 2*noise.KeyLen])}, nil
}

// codeToken is a dynamic code as the client's QR code carries it.
func codeToken(code []byte) string { return tokenText(tokenCode, code) }

func parseCodeToken(text string) ([]byte, error) {
	payload, err := tokenPayload(text, tokenCode, CodeLen)
	if err != nil {
		return nil, err
	}
	return payload[:CodeLen], nil
}

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

func tokenText(version byte, payload []byte) string {
	body := strings.ReplaceAll(base32NoPad.EncodeToString(payload), "2", "9")
	return tokenMark + string(version) + body
}

func tokenPayload(text string, version byte, size int) ([]byte, error) {
	const maxToken = 1024
	text = strings.TrimSpace(text)
	for i := range len(text) {
		if text[i] > 0x7e { // upper-casing makes ASCII of some other letters
			return nil, fmt.Errorf("%w: this is no pairing token: it has a letter that none has", ErrCode)
		}
	}
	text = strings.TrimPrefix(strings.ToUpper(text), tokenMark)
	switch {
	case text == "" || len(text) > maxToken:
		return nil, fmt.Errorf("%w: this is no pairing token: one begins with SP: and is about 100 characters long", ErrCode)
	case text[0] != version:
		return nil, fmt.Errorf("%w: this token is of kind %c, and %c is wanted here", ErrCode, text[0], version)
	}
	payload, err := base32NoPad.DecodeString(strings.ReplaceAll(text[1:], "9", "2"))
	if err != nil || len(payload) < size {
		return nil, fmt.Errorf("%w: a part of the token is missing or mistyped", ErrCode)
	}
	return payload, nil
}

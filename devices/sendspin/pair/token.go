package pair

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// ErrCode is wrapped by every CodeError.
var ErrCode = errors.New("pairing code")

// CodeFault is what is wrong with what a person has typed or scanned.
type CodeFault int

// The faults.
const (
	// WrongDigits: it is not Digits digits.
	WrongDigits CodeFault = iota + 1
	// WrongToken: it is no token of the kind that is wanted, or not whole.
	WrongToken
	// OtherDevice: the token is another device's.
	OtherDevice
	// NotWanted: no code is waited for.
	NotWanted
)

// CodeError says what is wrong with what a person has typed or scanned.
type CodeError struct {
	Fault  CodeFault
	Digits int // with WrongDigits
}

// Error says it in a sentence.
func (e *CodeError) Error() string {
	switch e.Fault {
	case WrongDigits:
		return fmt.Sprintf("the code has %d digits", e.Digits)
	case OtherDevice:
		return "this token belongs to another device"
	case NotWanted:
		return "the device does not wait for a code now"
	case WrongToken:
	}
	return "this is no pairing token of this kind, or a part of it is missing: one begins with SP:"
}

// Unwrap lets errors.Is find ErrCode.
func (e *CodeError) Unwrap() error { return ErrCode }

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
			return nil, &CodeError{Fault: WrongToken}
		}
	}
	text = strings.TrimPrefix(strings.ToUpper(text), tokenMark)
	if text == "" || len(text) > maxToken || text[0] != version {
		return nil, &CodeError{Fault: WrongToken}
	}
	payload, err := base32NoPad.DecodeString(strings.ReplaceAll(text[1:], "9", "2"))
	if err != nil || len(payload) < size {
		return nil, &CodeError{Fault: WrongToken}
	}
	return payload, nil
}

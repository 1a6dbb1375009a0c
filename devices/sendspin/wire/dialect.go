package wire

import (
	"bytes"
	"fmt"
)

// Dialect is which of the protocol's two forms a peer speaks. It is known from
// the client's first message: client/hello or client/init.
type Dialect int

// The dialects.
const (
	// Cleartext is the specification as of January 2026, and what devices in
	// the field added to it since: plain JSON and binary messages.
	Cleartext Dialect = iota
	// Current is the newest specification, where everything is encrypted.
	Current
)

// String names the dialect as people see it.
func (d Dialect) String() string {
	if d == Current {
		return "current"
	}
	return "cleartext"
}

// versed is a payload that the dialects write differently.
type versed interface{ in(d Dialect) any }

// EncodeIn builds a JSON message in a dialect. Payloads that are the same in
// both are written as they are.
func EncodeIn(d Dialect, t Type, payload any) ([]byte, error) {
	if v, ok := payload.(versed); ok {
		payload = v.in(d)
	}
	return Encode(t, payload)
}

// required decodes a payload that must be an object: JSON's null would pass for
// an empty one.
func (m Message) required(v any) error {
	if !bytes.HasPrefix(bytes.TrimSpace(m.Payload), []byte("{")) {
		return fmt.Errorf("%w: %s without a payload", ErrMalformed, m.Type)
	}
	return m.Decode(v)
}

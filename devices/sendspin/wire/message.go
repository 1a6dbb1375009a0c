package wire

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Limits on what a peer may send. They are generous against every client in
// the field and keep what one peer costs below a megabyte.
const (
	// MaxText is the largest JSON message, in bytes.
	MaxText = 64 << 10
	// MaxBinary is the largest binary message, its header included, in bytes.
	MaxBinary = 1 << 20
	maxName   = 256 // bytes of an id or of a name
	maxList   = 64  // elements of a list in a hello
)

// ErrMalformed is wrapped by every error that a parser of this package
// returns: the peer broke the protocol.
var ErrMalformed = errors.New("sendspin: malformed message")

// Type is a message's "type" field.
type Type string

// The messages. Those that one dialect alone has say so.
const (
	TypeClientHello   Type = "client/hello"
	TypeClientTime    Type = "client/time"
	TypeClientState   Type = "client/state"
	TypeClientCommand Type = "client/command"
	TypeClientGoodbye Type = "client/goodbye"
	TypeRequestFormat Type = "stream/request-format" // cleartext
	TypeServerHello   Type = "server/hello"
	TypeServerTime    Type = "server/time"
	TypeServerState   Type = "server/state"
	TypeServerCommand Type = "server/command"
	TypeStreamStart   Type = "stream/start"
	TypeStreamClear   Type = "stream/clear"
	TypeStreamEnd     Type = "stream/end"
	TypeGroupUpdate   Type = "group/update"

	// Of the current dialect.
	TypeHandshake      Type = "noise/handshake"
	TypeServerActivate Type = "server/activate"
	TypeServerUnpair   Type = "server/unpair"
	TypeClientLeave    Type = "client/leave"
	TypeInputStart     Type = "client-stream/start"
	TypeInputEnd       Type = "client-stream/end"
)

// Message is a JSON message whose payload is not looked at yet.
type Message struct {
	Type    Type            `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// Parse splits a text message into its type and payload. A type that nobody
// knows is no error: later revisions of the specification add some.
func Parse(data []byte) (Message, error) {
	if len(data) > MaxText {
		return Message{}, fmt.Errorf("%w: %d bytes of text", ErrMalformed, len(data))
	}
	var m Message
	if err := json.Unmarshal(data, &m); err != nil {
		return Message{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if m.Type == "" {
		return Message{}, fmt.Errorf("%w: no type", ErrMalformed)
	}
	return m, nil
}

// Decode reads the payload into v, a pointer to the message's struct.
func (m Message) Decode(v any) error {
	if len(m.Payload) == 0 {
		return fmt.Errorf("%w: %s without a payload", ErrMalformed, m.Type)
	}
	if err := json.Unmarshal(m.Payload, v); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrMalformed, m.Type, err)
	}
	return nil
}

// Encode builds a text message.
func Encode(t Type, payload any) ([]byte, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	return json.Marshal(Message{Type: t, Payload: body})
}

package noise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Errors that callers test for.
var (
	// ErrInit: an init message is not of the defined shape.
	ErrInit = errors.New("sendspin: malformed init message")
	// ErrNoise: a handshake or transport message cannot be trusted. The
	// connection is closed without a word (connection.md, "Failure Handling").
	ErrNoise = errors.New("sendspin: encryption failed")
)

// Version is the only version of the core message format.
const Version = 1

// maxInit bounds an init message and a handshake message, in bytes; both stay
// below 400.
const maxInit = 4096

// The cleartext messages of the handshake.
const (
	TypeClientInit  = "client/init"
	TypeServerInit  = "server/init"
	TypeHandshake   = "noise/handshake"
	TypeServerError = "server/error"
)

// Refusal is a server/error's reason.
type Refusal string

// The reasons of server/error.
const (
	UnsupportedVersion Refusal = "unsupported_version"
	UnsupportedSuite   Refusal = "unsupported_suite"
	Malformed          Refusal = "malformed"
)

// InitError is why a client/init is not accepted.
type InitError struct {
	Reason Refusal
	Detail string
}

// Error says the reason.
func (e *InitError) Error() string {
	return fmt.Sprintf("sendspin: client/init refused: %s: %s", e.Reason, e.Detail)
}

// Unwrap lets errors.Is find ErrInit.
func (e *InitError) Unwrap() error { return ErrInit }

// ClientInit is the client's first message.
type ClientInit struct {
	ID      string `json:"client_id"`
	Version int    `json:"version"`
	Suite   Suite  `json:"suite"`
}

// ServerInit answers it.
type ServerInit struct {
	ID      string `json:"server_id"`
	Version int    `json:"version"`
}

type envelope struct {
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// message builds a cleartext message. The bytes that are sent are the bytes
// that are hashed.
func message(kind string, payload any) ([]byte, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return json.Marshal(envelope{Type: kind, Payload: body})
}

// EncodeClientInit builds a client/init.
func EncodeClientInit(id string, suite Suite) ([]byte, error) {
	return message(TypeClientInit, ClientInit{ID: id, Version: Version, Suite: suite})
}

// EncodeServerInit builds a server/init.
func EncodeServerInit(id string) ([]byte, error) {
	return message(TypeServerInit, ServerInit{ID: id, Version: Version})
}

// EncodeServerError builds a server/error.
func EncodeServerError(reason Refusal) ([]byte, error) {
	return message(TypeServerError, struct {
		Reason Refusal `json:"reason"`
	}{reason})
}

// IsClientInit tells whether a text message is a client/init, of whatever shape:
// then its sender speaks the current dialect.
func IsClientInit(text []byte) bool {
	var m envelope
	return json.Unmarshal(text, &m) == nil && m.Type == TypeClientInit
}

// ParseClientInit reads a client/init. Every error is an *InitError: a version
// other than ours first, whatever else is there, then the suite, then the rest
// (connection.md, "Failure Handling").
func ParseClientInit(text []byte) (ClientInit, PublicKey, error) {
	refuse := func(reason Refusal, detail string) (ClientInit, PublicKey, error) {
		return ClientInit{}, PublicKey{}, &InitError{Reason: reason, Detail: detail}
	}
	payload, err := open(text, TypeClientInit)
	if err != nil {
		return refuse(Malformed, err.Error())
	}
	var shape struct {
		Version *int            `json:"version"`
		Suite   json.RawMessage `json:"suite"`
		ID      json.RawMessage `json:"client_id"`
	}
	if json.Unmarshal(payload, &shape) != nil || shape.Version == nil {
		return refuse(Malformed, "no version")
	}
	if *shape.Version != Version {
		return refuse(UnsupportedVersion, fmt.Sprintf("version %d", *shape.Version))
	}
	init := ClientInit{Version: Version}
	if json.Unmarshal(shape.Suite, &init.Suite) != nil {
		return refuse(Malformed, "no suite")
	}
	if !init.Suite.Valid() {
		return refuse(UnsupportedSuite, "a suite that is not known")
	}
	if json.Unmarshal(shape.ID, &init.ID) != nil {
		return refuse(Malformed, "no client_id")
	}
	key, err := ParseID(init.ID)
	if err != nil {
		return refuse(Malformed, err.Error())
	}
	return init, key, nil
}

// ParseServerInit reads a server/init. A server/error in its place becomes an
// *InitError with the server's reason.
func ParseServerInit(text []byte) (ServerInit, PublicKey, error) {
	var m envelope
	if len(text) <= maxInit && json.Unmarshal(text, &m) == nil && m.Type == TypeServerError {
		var said struct {
			Reason Refusal `json:"reason"`
		}
		_ = json.Unmarshal(m.Payload, &said)
		return ServerInit{}, PublicKey{}, &InitError{Reason: said.Reason, Detail: "the server said so"}
	}
	payload, err := open(text, TypeServerInit)
	if err != nil {
		return ServerInit{}, PublicKey{}, err
	}
	var init ServerInit
	if err := json.Unmarshal(payload, &init); err != nil {
		return ServerInit{}, PublicKey{}, fmt.Errorf("%w: %w", ErrInit, err)
	}
	if init.Version != Version {
		return ServerInit{}, PublicKey{}, fmt.Errorf("%w: version %d", ErrInit, init.Version)
	}
	key, err := ParseID(init.ID)
	return init, key, err
}

// open takes the payload out of a message of the given type. An object is asked
// for: JSON's null would pass for an empty one.
func open(text []byte, kind string) (json.RawMessage, error) {
	if len(text) > maxInit {
		return nil, fmt.Errorf("%w: %d bytes", ErrInit, len(text))
	}
	var m envelope
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInit, err)
	}
	if m.Type != kind {
		return nil, fmt.Errorf("%w: not a %s", ErrInit, kind)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(m.Payload), []byte("{")) {
		return nil, fmt.Errorf("%w: %s without a payload", ErrInit, kind)
	}
	return m.Payload, nil
}

// HandshakeMessage wraps the bytes of a Noise message into noise/handshake.
func HandshakeMessage(data []byte) ([]byte, error) {
	return message(TypeHandshake, Handshake(data))
}

// HandshakeData is the payload of noise/handshake.
type HandshakeData struct {
	Data string `json:"data"`
}

// Handshake is the payload of noise/handshake for a Noise message.
func Handshake(data []byte) HandshakeData { return HandshakeData{encode(data)} }

// ParseHandshakeMessage takes the Noise message out of noise/handshake.
func ParseHandshakeMessage(text []byte) ([]byte, error) {
	payload, err := open(text, TypeHandshake)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoise, err)
	}
	var p HandshakeData
	if err := json.Unmarshal(payload, &p); err != nil {
		return nil, fmt.Errorf("%w: noise/handshake: %w", ErrNoise, err)
	}
	return p.Bytes()
}

// Bytes is the Noise message.
func (p HandshakeData) Bytes() ([]byte, error) {
	if len(p.Data) > maxInit {
		return nil, fmt.Errorf("%w: handshake message of %d characters", ErrNoise, len(p.Data))
	}
	data := make([]byte, len(p.Data)*3/4)
	if err := decode(data, p.Data); err != nil {
		return nil, fmt.Errorf("%w: noise/handshake: %w", ErrNoise, err)
	}
	return data, nil
}

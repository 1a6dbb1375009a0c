package wire

import (
	"encoding/base64"
	"fmt"
)

// The messages of pairing (Sendspin/spec pairing.md). Binary fields are
// base64url without padding; their lengths are checked where they are used.
const (
	TypePairPending        Type = "client/pair-pending"
	TypeClientPairInit     Type = "client/pair-init"
	TypeServerPairInit     Type = "server/pair-init"
	TypeServerPairAuth     Type = "server/pair-auth"
	TypeClientPairAuth     Type = "client/pair-auth"
	TypeServerPairConfirm  Type = "server/pair-confirm"
	TypePairRetry          Type = "client/pair-retry"
	TypeClientPairConfirm  Type = "client/pair-confirm"
	TypeClientPairFinalize Type = "client/pair-finalize"
	TypeServerPairFinalize Type = "server/pair-finalize"
	TypePairAbort          Type = "pair/abort"
)

// IsPairing tells whether a message belongs to pairing.
func (t Type) IsPairing() bool {
	switch t {
	case TypePairPending, TypeClientPairInit, TypeServerPairInit, TypeServerPairAuth, TypeClientPairAuth,
		TypeServerPairConfirm, TypePairRetry, TypeClientPairConfirm, TypeClientPairFinalize,
		TypeServerPairFinalize, TypePairAbort:
		return true
	default:
		return false
	}
}

// Blob is bytes as base64url without padding.
type Blob []byte

// MarshalText implements encoding.TextMarshaler.
func (b Blob) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText implements encoding.TextUnmarshaler; only the canonical spelling
// is taken.
func (b *Blob) UnmarshalText(text []byte) error {
	data, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("base64url: %w", err)
	}
	*b = data
	return nil
}

// PairPending tells that the client waits for somebody at the device.
type PairPending struct {
	Index uint32 `json:"pairing_index"`
	// Message is for the operator, from a peer that nobody has proven.
	Message string `json:"message,omitempty"`
}

// ClientPairInit starts an attempt.
type ClientPairInit struct {
	Index  uint32 `json:"pairing_index"`
	Commit Blob   `json:"commit_B,omitempty"` // 32 bytes, with PairDynamic
}

// ServerPairInit begins a round.
type ServerPairInit struct {
	Nonce Blob `json:"nonce_A,omitempty"` // 32 bytes, in the first round
}

// ServerPairAuth is the server's CPace share.
type ServerPairAuth struct {
	Share Blob `json:"pake_msg_1"` // 32 bytes
}

// ClientPairAuth is the client's.
type ClientPairAuth struct {
	Share Blob `json:"pake_msg_2"` // 32 bytes
}

// ServerPairConfirm is the server's confirmation.
type ServerPairConfirm struct {
	Tag Blob `json:"server_kc"` // 64 bytes
}

// ClientPairConfirm is the client's.
type ClientPairConfirm struct {
	Tag   Blob `json:"client_kc"`                 // 64 bytes
	Nonce Blob `json:"wrapped_nonce_B,omitempty"` // 48 bytes, with PairDynamic
}

// ClientPairFinalize carries the new long-term key: exactly one of the two.
type ClientPairFinalize struct {
	PSK     Blob `json:"long_term_psk,omitempty"` // 32 bytes, with PairPSK
	Wrapped Blob `json:"wrapped_psk,omitempty"`   // 48 bytes, with a code
}

// Empty is the payload {}.
type Empty struct{}

// AbortReason is why a pairing ended.
type AbortReason string

// The reasons of pair/abort.
const (
	AbortTimeout    AbortReason = "attempt_timeout"
	AbortConcurrent AbortReason = "concurrent_attempt"
	AbortMethod     AbortReason = "method_not_supported"
	AbortMismatch   AbortReason = "pairing_code_mismatch"
	AbortCancelled  AbortReason = "user_cancelled"
)

// PairAbort ends an attempt.
type PairAbort struct {
	Reason AbortReason `json:"reason"`
}

// DecodePairing reads the payload of a pairing message, which has to be an
// object.
func DecodePairing(m Message, v any) error { return m.required(v) }

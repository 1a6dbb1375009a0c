package wire

import (
	"encoding/binary"
	"fmt"
)

// The binary message types; artwork has one a channel.
const (
	AudioChunk  byte = 4
	ArtworkSlot byte = 8  // and 9, 10, 11 for channels 1 to 3
	InputChunk  byte = 12 // from a source
)

// HeaderLen is the length of a binary message's header: the type, then the
// server's clock in µs as a big-endian int64.
const HeaderLen = 9

// AppendHeader appends a binary message's header to dst.
func AppendHeader(dst []byte, kind byte, at int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, kind), uint64(at))
}

// ParseBinary splits a binary message; data is a part of message, not a copy.
func ParseBinary(message []byte) (kind byte, at int64, data []byte, err error) {
	if len(message) < HeaderLen || len(message) > MaxBinary {
		return 0, 0, nil, fmt.Errorf("%w: %d bytes of binary", ErrMalformed, len(message))
	}
	return message[0], int64(binary.BigEndian.Uint64(message[1:HeaderLen])), message[HeaderLen:], nil
}

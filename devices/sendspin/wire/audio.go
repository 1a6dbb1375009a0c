package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ChunkHeader is how long the header of an audio chunk is, in bytes.
func ChunkHeader(d Dialect) int {
	if d == Current {
		return HeaderLen + 4
	}
	return HeaderLen
}

// AppendChunkHeader appends the header of an audio chunk of the player role:
// when its first sample is to be heard, and, in the current dialect, how far
// ahead of that it is sent (roles/player/v1.md, "Audio Chunks"). now is the time
// of sending; all times are µs of the server's clock.
func AppendChunkHeader(dst []byte, d Dialect, at, now int64) []byte {
	dst = AppendHeader(dst, AudioChunk, at)
	if d == Current {
		ahead := min(max(at-now, 0), math.MaxUint32)
		dst = binary.BigEndian.AppendUint32(dst, uint32(ahead))
	}
	return dst
}

// Chunk is an audio chunk as it is received.
type Chunk struct {
	At int64 // server clock, µs
	// Ahead is how many µs before At it was sent; -1 where that was not measured.
	Ahead int64
	Data  []byte // a part of the message, not a copy
}

// ParseChunk reads an audio chunk of the player role.
func ParseChunk(d Dialect, message []byte) (Chunk, error) {
	n := ChunkHeader(d)
	if len(message) < n || len(message) > MaxBinary || message[0] != AudioChunk {
		return Chunk{}, fmt.Errorf("%w: audio chunk of %d bytes", ErrMalformed, len(message))
	}
	c := Chunk{At: int64(binary.BigEndian.Uint64(message[1:HeaderLen])), Ahead: -1, Data: message[n:]}
	if d == Current {
		if ahead := binary.BigEndian.Uint32(message[HeaderLen:n]); ahead != 0 && ahead != math.MaxUint32 {
			c.Ahead = int64(ahead)
		}
	}
	return c, nil
}

// ParseInput reads a chunk of a source: when its first sample was captured, by
// the server's clock in µs (roles/source/v1.md).
func ParseInput(message []byte) (at int64, data []byte, err error) {
	kind, at, data, err := ParseBinary(message)
	if err != nil || kind != InputChunk {
		return 0, nil, fmt.Errorf("%w: source chunk of %d bytes", ErrMalformed, len(message))
	}
	return at, data, nil
}

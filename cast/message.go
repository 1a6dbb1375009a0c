package cast

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxBody is the largest message body a device may send, and we may.
const maxBody = 64 << 10

// errWire is returned for bytes that are no CASTV2 message.
var errWire = errors.New("cast: malformed message")

// ErrTooLarge says that a message exceeds the 64 KiB that CASTV2 allows. One of ours is
// not sent; a device that sends one loses its connection.
var ErrTooLarge = errors.New("cast: the message is larger than 64 KiB")

// Namespaces of the channels that a sender uses.
const (
	nsConnection = "urn:x-cast:com.google.cast.tp.connection"
	nsHeartbeat  = "urn:x-cast:com.google.cast.tp.heartbeat"
	nsReceiver   = "urn:x-cast:com.google.cast.receiver"
	nsMedia      = "urn:x-cast:com.google.cast.media"
	nsMultizone  = "urn:x-cast:com.google.cast.multizone"
)

// message is the envelope: see proto/cast_channel.proto.
type message struct {
	source, destination, namespace string
	payload                        []byte // JSON; nil for a binary payload
}

// Field numbers of CastMessage.
const (
	fieldVersion     = 1
	fieldSource      = 2
	fieldDestination = 3
	fieldNamespace   = 4
	fieldPayloadType = 5
	fieldPayloadText = 6
)

// marshal writes the body of a frame.
func (m message) marshal() []byte {
	b := make([]byte, 0, len(m.payload)+len(m.source)+len(m.destination)+len(m.namespace)+32)
	b = protowire.AppendTag(b, fieldVersion, protowire.VarintType)
	b = protowire.AppendVarint(b, 0)
	for field, text := range [...]string{m.source, m.destination, m.namespace} {
		b = protowire.AppendTag(b, protowire.Number(fieldSource+field), protowire.BytesType)
		b = protowire.AppendString(b, text)
	}
	b = protowire.AppendTag(b, fieldPayloadType, protowire.VarintType)
	b = protowire.AppendVarint(b, 0)
	b = protowire.AppendTag(b, fieldPayloadText, protowire.BytesType)
	return protowire.AppendBytes(b, m.payload)
}

// unmarshal reads the body of a frame. Unknown fields are passed over.
func unmarshal(b []byte) (message, error) {
	var m message
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return m, fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		b = b[n:]
		if kind != protowire.BytesType {
			n = protowire.ConsumeFieldValue(number, kind, b)
			if n < 0 {
				return m, fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return m, fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		b = b[n:]
		switch number { //nolint:exhaustive // the constants of protowire are no fields of ours
		case fieldSource:
			m.source = string(value)
		case fieldDestination:
			m.destination = string(value)
		case fieldNamespace:
			m.namespace = string(value)
		case fieldPayloadText:
			m.payload = value
		}
	}
	if m.namespace == "" {
		return m, fmt.Errorf("%w: no namespace", errWire)
	}
	return m, nil
}

// writeFrame sends one message behind its length.
func writeFrame(w io.Writer, m message) error {
	body := m.marshal()
	if len(body) > maxBody {
		return fmt.Errorf("%w: %d bytes to send", ErrTooLarge, len(body))
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, len(body)+4), uint32(len(body)))
	if _, err := w.Write(append(frame, body...)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// readFrame waits for one message.
func readFrame(r io.Reader) (message, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return message{}, fmt.Errorf("receive: %w", err)
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxBody {
		return message{}, fmt.Errorf("%w: the device announced %d bytes", ErrTooLarge, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return message{}, fmt.Errorf("receive: %w", err)
	}
	return unmarshal(body)
}

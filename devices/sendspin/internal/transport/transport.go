package transport

import (
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Conn is one connection.
type Conn struct {
	*websocket.Conn
	write  time.Duration // for one WebSocket message to leave
	sealer *noise.Sealer // the writer's; nil in the cleartext dialect
	opener *noise.Opener // the reader's
	text   []byte        // the writer's, reused

	// Watch, if set, is told of every message in clear, for transcripts; it is
	// called by the reader and by the writer and keeps nothing of the Data.
	Watch func(sent bool, m Message)
}

// New wraps a WebSocket; its messages go as they are until Secure.
func New(ws *websocket.Conn, write time.Duration) *Conn { return &Conn{Conn: ws, write: write} }

// Secure seals and opens everything from here on. Nobody may read or write
// meanwhile.
func (c *Conn) Secure(s *noise.Session) { c.sealer, c.opener = s.Sealer, s.Opener }

// SealWith changes the keys of what is written; it is the writer's.
func (c *Conn) SealWith(s *noise.Sealer) { c.sealer = s }

// OpenWith changes the keys of what is read; it is the reader's.
func (c *Conn) OpenWith(o *noise.Opener) { c.opener = o }

// Midway tells whether a part of a fragmented message was read.
func (c *Conn) Midway() bool { return c.opener != nil && c.opener.Within() }

// WriteJSON writes a JSON message.
func (c *Conn) WriteJSON(text []byte) error {
	c.watched(true, Message{JSON: true, Data: text})
	if c.sealer == nil {
		return c.frame(websocket.TextMessage, text)
	}
	c.text = append(append(c.text[:0], noise.KindJSON), text...)
	return c.seal(c.text)
}

func (c *Conn) watched(sent bool, m Message) {
	if c.Watch != nil {
		c.Watch(sent, m)
	}
}

// WriteBinary writes a binary message, whose first byte is its type.
func (c *Conn) WriteBinary(message []byte) error {
	c.watched(true, Message{Data: message})
	if c.sealer == nil {
		return c.frame(websocket.BinaryMessage, message)
	}
	return c.seal(message)
}

func (c *Conn) seal(message []byte) error {
	return c.sealer.Seal(message, func(sealed []byte) error { return c.frame(websocket.BinaryMessage, sealed) })
}

func (c *Conn) frame(kind int, data []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(c.write))
	return c.WriteMessage(kind, data)
}

// Message is a message as it was received: JSON, or binary with its type first.
type Message struct {
	JSON bool
	Data []byte
}

// Read reads the next message of at most limit bytes. ok is false where a
// WebSocket message made none yet: a fragment.
func (c *Conn) Read(limit int) (m Message, ok bool, err error) {
	if m, ok, err = c.read(limit); ok {
		c.watched(false, m)
	}
	return m, ok, err
}

func (c *Conn) read(limit int) (m Message, ok bool, err error) {
	kind, data, err := c.ReadMessage()
	if err != nil {
		return Message{}, false, err
	}
	if c.opener == nil {
		return Message{JSON: kind == websocket.TextMessage, Data: data}, true, nil
	}
	if kind != websocket.BinaryMessage {
		return Message{}, false, fmt.Errorf("%w: cleartext in an encrypted connection", noise.ErrNoise)
	}
	data, err = c.opener.Open(data, limit)
	if err != nil || data == nil {
		return Message{}, false, err
	}
	if data[0] == noise.KindJSON {
		return Message{JSON: true, Data: data[1:]}, true, nil
	}
	if data[0] < wire.AudioChunk {
		return Message{}, false, nil // reserved for the transport
	}
	return Message{Data: data}, true, nil
}

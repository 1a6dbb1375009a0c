package api

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Close codes beside the protocol's own: see ws.md.
const (
	closeSignedOut = 4001
	closeSlow      = 4008
	closeTooMany   = 4029
)

const (
	maxWaiting      = 256     // messages to a client that has not read them
	maxWaitingBytes = 8 << 20 // of them together
	maxFrame        = 1 << 20 // from a client
	pingEvery       = 30 * time.Second
	silence         = 75 * time.Second // after which a client is gone
	writePatience   = 10 * time.Second
)

// client is one WebSocket. Its handler's goroutine reads and carries out
// commands, one goroutine of its own writes.
type client struct {
	who     caller
	conn    *websocket.Conn
	waiting chan []byte
	bytes   atomic.Int64 // in waiting

	once   sync.Once
	gone   chan struct{} // closed by cut
	code   int           // set before gone is closed
	reason string

	closed bool // the client ended it; the reading goroutine's
}

func newClient(who caller, conn *websocket.Conn) *client {
	return &client{who: who, conn: conn, waiting: make(chan []byte, maxWaiting), gone: make(chan struct{})}
}

// queue takes a message to be sent; it reports false when too many wait.
func (c *client) queue(message []byte) bool {
	size := int64(len(message))
	if waiting := c.bytes.Add(size); waiting > maxWaitingBytes && waiting > size {
		return false
	}
	select {
	case c.waiting <- message:
		return true
	default:
		return false
	}
}

// cut ends the connection with a code; the first one counts. It does not wait.
func (c *client) cut(code int, reason string) {
	c.once.Do(func() {
		c.code, c.reason = code, reason
		close(c.gone)
	})
}

// write sends what is queued and pings, until the client is cut or the gateway
// stops. stillGood is asked with every ping.
func (c *client) write(stopping <-chan struct{}, stillGood func() error) {
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	for {
		select {
		case <-c.gone:
			c.goodbye()
			return
		default:
		}
		select {
		case <-c.gone:
		case <-stopping:
			c.cut(websocket.CloseGoingAway, "the gateway is stopping")
		case message := <-c.waiting:
			c.bytes.Add(-int64(len(message)))
			_ = c.conn.SetWriteDeadline(time.Now().Add(writePatience))
			if err := c.conn.WriteMessage(websocket.TextMessage, message); err != nil {
				c.cut(websocket.CloseAbnormalClosure, "")
			}
		case <-pings.C:
			if err := stillGood(); errors.Is(err, store.ErrNotFound) {
				c.cut(closeSignedOut, "the session or token ended")
			} else if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writePatience)); err != nil {
				c.cut(websocket.CloseAbnormalClosure, "")
			}
		}
	}
}

// goodbye says why, gives the client a moment to answer, and ends the reading.
func (c *client) goodbye() {
	const moment = time.Second
	if c.code != websocket.CloseAbnormalClosure {
		text := websocket.FormatCloseMessage(c.code, c.reason)
		_ = c.conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(moment))
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(moment))
}

// read hands every message to handle, which ends the reading with false. It
// returns when the connection is over.
func (c *client) read(handle func([]byte) bool) {
	c.conn.SetReadLimit(maxFrame)
	alive := func(string) error { return c.stay() }
	c.conn.SetPongHandler(alive)
	if c.stay() != nil {
		return
	}
	for {
		kind, message, err := c.conn.ReadMessage()
		if err != nil {
			c.closed = websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway)
			return
		}
		select {
		case <-c.gone:
			continue // until it has answered our goodbye
		default:
		}
		if kind != websocket.TextMessage {
			c.cut(websocket.CloseUnsupportedData, "only text")
			continue
		}
		if c.stay() != nil {
			return
		}
		if !handle(message) {
			c.cut(websocket.ClosePolicyViolation, "the message makes no sense")
		}
	}
}

// stay gives a client that was heard of some more time.
func (c *client) stay() error {
	select {
	case <-c.gone:
		return nil // goodbye has set its own
	default:
		return c.conn.SetReadDeadline(time.Now().Add(silence))
	}
}

// recheck cuts clients whose session or token has ended.
func (a *API) recheck(ctx context.Context) {
	ended := make(map[string]bool)
	for _, who := range a.hub.callers() {
		if _, err := a.check(ctx, who.kind, who.secret); errors.Is(err, store.ErrNotFound) {
			ended[who.secret] = true
		}
	}
	if len(ended) > 0 {
		a.hub.cutAll(func(who caller) bool { return ended[who.secret] }, closeSignedOut, "the session or token ended")
	}
}

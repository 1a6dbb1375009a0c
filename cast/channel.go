package cast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Times of a connection. Devices ping about every 5 s; one that has been
// silent for deadAfter is gone.
const (
	pingEvery      = 4 * time.Second
	deadAfter      = 12 * time.Second
	requestTimeout = 10 * time.Second
	writeTimeout   = 5 * time.Second
)

const (
	senderID   = "sender-jumpgate"
	receiverID = "receiver-0"
)

// channel is one connection to a device: frames, heartbeat, and answers matched
// to requests. Requests may be made from any goroutine.
type channel struct {
	conn    net.Conn
	deliver func(message, header) // called by the reading goroutine

	writing sync.Mutex // one frame at a time

	mu      sync.Mutex
	pending map[int]chan reply
	lastID  int
	joined  map[string]bool // destinations with a virtual connection
}

type reply struct {
	kind    string
	payload []byte
}

func newChannel(conn net.Conn, deliver func(message, header)) *channel {
	return &channel{conn: conn, deliver: deliver, pending: map[int]chan reply{}, joined: map[string]bool{}}
}

// run reads until the connection ends, which it always tells by an error.
func (c *channel) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	var beating sync.WaitGroup
	beating.Go(func() { c.beat(ctx) })
	err := c.read()
	stop()
	cancel()
	_ = c.conn.Close()
	beating.Wait()
	c.abandon()
	return err
}

func (c *channel) read() error {
	for {
		if err := c.conn.SetReadDeadline(time.Now().Add(deadAfter)); err != nil {
			return fmt.Errorf("set deadline: %w", err)
		}
		m, err := readFrame(c.conn)
		if err != nil {
			return err
		}
		c.receive(m)
	}
}

// receive sorts one message: heartbeat, an answer, or news.
func (c *channel) receive(m message) {
	var h header
	if m.payload == nil || json.Unmarshal(m.payload, &h) != nil {
		return // device authentication, or nothing that we know
	}
	if m.namespace == nsHeartbeat {
		if h.Type == "PING" {
			_ = c.send(message{source: m.destination, destination: m.source, namespace: nsHeartbeat, payload: []byte(`{"type":"PONG"}`)})
		}
		return
	}
	if m.namespace == nsConnection && h.Type == "CLOSE" {
		c.leave(m.source)
	}
	c.deliver(m, h)
	if h.RequestID == 0 {
		return
	}
	c.mu.Lock()
	waiting := c.pending[h.RequestID]
	delete(c.pending, h.RequestID)
	c.mu.Unlock()
	if waiting != nil {
		waiting <- reply{kind: h.Type, payload: m.payload}
	}
}

func (c *channel) beat(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// A write that fails also ends the reading side.
			if c.send(message{source: senderID, destination: receiverID, namespace: nsHeartbeat, payload: []byte(`{"type":"PING"}`)}) != nil {
				return
			}
		}
	}
}

// abandon ends the requests that will never be answered.
func (c *channel) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, waiting := range c.pending {
		close(waiting)
		delete(c.pending, id)
	}
}

func (c *channel) send(m message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if err := writeFrame(c.conn, m); err != nil {
		if !errors.Is(err, errWire) {
			_ = c.conn.Close() // half a frame may be out
		}
		return err
	}
	return nil
}

// join opens a virtual connection unless there is one.
func (c *channel) join(destination string) error {
	c.mu.Lock()
	joined := c.joined[destination]
	c.joined[destination] = true
	c.mu.Unlock()
	if joined {
		return nil
	}
	return c.send(message{source: senderID, destination: destination, namespace: nsConnection, payload: []byte(`{"type":"CONNECT"}`)})
}

func (c *channel) leave(destination string) {
	c.mu.Lock()
	delete(c.joined, destination)
	c.mu.Unlock()
}

// request sends a payload and waits for its answer. fields is encoded to a JSON
// object; type and requestId are put in here. A refusal is a *RequestError.
func (c *channel) request(ctx context.Context, namespace, destination, kind string, fields map[string]any) (reply, error) {
	waiting := make(chan reply, 1)
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.pending[id] = waiting
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, id)
		c.mu.Unlock()
	}()

	payload, err := encode(kind, id, fields)
	if err != nil {
		return reply{}, err
	}
	if err := c.join(destination); err != nil {
		return reply{}, fmt.Errorf("%s: %w", kind, err)
	}
	if err := c.send(message{source: senderID, destination: destination, namespace: namespace, payload: payload}); err != nil {
		return reply{}, fmt.Errorf("%s: %w", kind, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, requestTimeout, ErrSilent)
	defer cancel()
	select {
	case answer, ok := <-waiting:
		if !ok {
			return reply{}, fmt.Errorf("%s: %w", kind, ErrOffline)
		}
		return answer, refusal(answer)
	case <-ctx.Done():
		return reply{}, fmt.Errorf("%s: %w", kind, context.Cause(ctx))
	}
}

func encode(kind string, id int, fields map[string]any) ([]byte, error) {
	object := map[string]any{"type": kind, "requestId": id}
	for name, value := range fields {
		object[name] = value
	}
	payload, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return payload, nil
}

func refusal(answer reply) error {
	if !refusals[answer.kind] {
		return nil
	}
	var f failure
	// What cannot be read leaves the reason empty.
	_ = json.Unmarshal(answer.payload, &f)
	return &RequestError{Type: answer.kind, Reason: f.Reason, Code: f.DetailedErrorCode}
}

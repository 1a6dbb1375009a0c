package cast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Times of a connection. Devices ping about every 5 s; one that has been
// silent for deadAfter is gone.
const (
	pingEvery    = 4 * time.Second
	deadAfter    = 12 * time.Second
	writeTimeout = 5 * time.Second
)

// How long a device may take to answer. A launch starts a browser on the
// device; a load is answered when its first bytes have come; where a person has
// to allow the launch on a screen, that takes as long as people take.
const (
	requestLimit = 10 * time.Second
	launchLimit  = 30 * time.Second
	loadLimit    = 30 * time.Second
	personLimit  = 90 * time.Second
	// An edit of the queue is told as news beside its answer. A device that says
	// only that has carried it out all the same.
	changeLimit = time.Second
)

const (
	senderID   = "sender-jumpgate"
	receiverID = "receiver-0"
)

// errClosed ends a connection that the device has closed by a message.
var errClosed = errors.New("cast: the device closed the connection")

// channel is one connection to a device: frames, heartbeat, and answers matched
// to requests. Requests may be made from any goroutine.
type channel struct {
	conn    net.Conn
	deliver func(message, header) // called by the reading goroutine

	writing chan struct{} // held by who writes: one frame at a time

	mu      sync.Mutex
	pending map[int]*waiting
	ended   bool // nothing will be answered any more
	lastID  int
	joined  map[string]bool // destinations with a virtual connection
}

// waiting is a request that has not been answered.
type waiting struct {
	namespace string
	answer    chan reply    // of one; closed when the connection ends
	person    chan struct{} // of one: a person is being asked on the device
	changed   chan struct{} // of one: the queue was changed by it
}

func newWaiting(namespace string) *waiting {
	return &waiting{namespace, make(chan reply, 1), make(chan struct{}, 1), make(chan struct{}, 1)}
}

type reply struct {
	kind    string
	payload []byte
}

func newChannel(conn net.Conn, deliver func(message, header)) *channel {
	return &channel{
		conn: conn, deliver: deliver, writing: make(chan struct{}, 1),
		pending: map[int]*waiting{}, joined: map[string]bool{},
		// Broadcasts of some devices carry the ids of other senders' requests:
		// beginning anywhere makes it unlikely that they are taken for ours.
		lastID: 1 + rand.IntN(1<<24), //nolint:gosec // no secret
	}
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
		if err := c.receive(m); err != nil {
			return err
		}
	}
}

// receive sorts one message: heartbeat, an answer, or news.
func (c *channel) receive(m message) error {
	var h header
	if m.payload == nil || decode(m.payload, &h) != nil {
		return nil // device authentication, or nothing that we know
	}
	switch {
	case m.namespace == nsHeartbeat:
		if h.Type == "PING" {
			// A write that fails also ends the reading side.
			_ = c.send(context.Background(), message{source: m.destination, destination: m.source, namespace: nsHeartbeat, payload: []byte(`{"type":"PONG"}`)})
		}
		return nil
	case m.namespace == nsConnection && h.Type == "CLOSE":
		c.leave(m.source)
		if m.source == receiverID {
			return errClosed
		}
	}
	c.deliver(m, h)
	c.answer(m, h)
	return nil
}

// answer hands a message to the request that waits for it.
func (c *channel) answer(m message, h header) {
	if h.Type == "LAUNCH_STATUS" {
		c.launchStatus(m.payload)
		return
	}
	if h.RequestID == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.pending[h.RequestID]
	if w == nil || w.namespace != m.namespace {
		return
	}
	if h.Type == "QUEUE_CHANGE" {
		signal(w.changed)
		return
	}
	delete(c.pending, h.RequestID)
	w.answer <- reply{kind: h.Type, payload: m.payload}
}

// launchStatus takes the progress of a launch that a person has to allow on the
// device.
func (c *channel) launchStatus(payload []byte) {
	var status launchStatus
	if decode(payload, &status) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.pending[status.LaunchRequestID]
	if w == nil {
		return
	}
	switch status.Status {
	case "USER_PENDING_AUTHORIZATION":
		signal(w.person)
	case "USER_NOT_ALLOWED":
		delete(c.pending, status.LaunchRequestID)
		w.answer <- reply{kind: "LAUNCH_ERROR", payload: []byte(`{"reason":"USER_NOT_ALLOWED"}`)}
	}
}

// signal tells something to whoever may look later.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
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
			if c.send(ctx, message{source: senderID, destination: receiverID, namespace: nsHeartbeat, payload: []byte(`{"type":"PING"}`)}) != nil {
				return
			}
		}
	}
}

// abandon ends the requests that will never be answered.
func (c *channel) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for id, w := range c.pending {
		close(w.answer)
		delete(c.pending, id)
	}
}

// send writes one frame. ctx ends the wait for others' frames, not a frame that
// is on its way: half of one would end the connection.
func (c *channel) send(ctx context.Context, m message) error {
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.writing }()
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("%w: %w", ErrOffline, err)
	}
	if err := writeFrame(c.conn, m); err != nil {
		if errors.Is(err, ErrTooLarge) {
			return err
		}
		_ = c.conn.Close() // half a frame may be out
		return fmt.Errorf("%w: %w", ErrOffline, err)
	}
	return nil
}

// join opens a virtual connection unless there is one.
func (c *channel) join(ctx context.Context, destination string) error {
	c.mu.Lock()
	joined := c.joined[destination]
	c.joined[destination] = true
	c.mu.Unlock()
	if joined {
		return nil
	}
	err := c.send(ctx, message{source: senderID, destination: destination, namespace: nsConnection, payload: []byte(`{"type":"CONNECT"}`)})
	if err != nil {
		c.leave(destination)
	}
	return err
}

func (c *channel) leave(destination string) {
	c.mu.Lock()
	delete(c.joined, destination)
	c.mu.Unlock()
}

// post sends a request whose answer is news like any other: nobody waits.
func (c *channel) post(ctx context.Context, namespace, destination string, r request) error {
	c.number(r)
	return c.put(ctx, namespace, destination, r)
}

// number gives a request its id, unless it has one.
func (c *channel) number(r request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.head().RequestID == 0 {
		c.lastID++
		r.head().RequestID = c.lastID
	}
}

// put sends a request behind the CONNECT that its destination may still need.
func (c *channel) put(ctx context.Context, namespace, destination string, r request) error {
	payload, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := c.join(ctx, destination); err != nil {
		return err
	}
	return c.send(ctx, message{source: senderID, destination: destination, namespace: namespace, payload: payload})
}

// ask sends a request and waits for its answer, at most for the given time.
// A refusal is a *RequestError.
func (c *channel) ask(ctx context.Context, namespace, destination string, r request, limit time.Duration) (reply, error) {
	c.number(r)
	kind, id := r.head().Type, r.head().RequestID
	w := newWaiting(namespace)
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return reply{}, fmt.Errorf("%s: %w", kind, ErrOffline)
	}
	c.pending[id] = w
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, id)
		c.mu.Unlock()
	}()

	if err := c.put(ctx, namespace, destination, r); err != nil {
		return reply{}, fmt.Errorf("%s: %w", kind, err)
	}
	return w.await(ctx, kind, limit)
}

// await waits for the answer to a request.
func (w *waiting) await(ctx context.Context, kind string, limit time.Duration) (reply, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	changed := false
	for {
		select {
		case answer, ok := <-w.answer:
			if !ok {
				return reply{}, fmt.Errorf("%s: %w", kind, ErrOffline)
			}
			return answer, refusal(answer)
		case <-w.person:
			timer.Reset(personLimit)
		case <-w.changed:
			changed = true
			timer.Reset(changeLimit)
		case <-timer.C:
			if changed {
				return reply{kind: "QUEUE_CHANGE"}, nil
			}
			return reply{}, fmt.Errorf("%s: %w", kind, ErrSilent)
		case <-ctx.Done():
			return reply{}, fmt.Errorf("%s: %w", kind, ctx.Err())
		}
	}
}

// refusal tells whether an answer means no.
func refusal(answer reply) error {
	if !refusals[answer.kind] {
		return nil
	}
	var f failure
	// What cannot be read leaves the reason empty.
	_ = decode(answer.payload, &f)
	return &RequestError{Type: answer.kind, Reason: f.Reason, Code: f.DetailedErrorCode, item: f.ItemID}
}

package api

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// ringSize is how many deltas are kept for clients that come back.
const ringSize = 1024

// maxClients is how many WebSockets a gateway serves at once.
const maxClients = 256

// hub keeps the state that clients follow, and sends them what changes. One
// goroutine, run's, owns everything behind the line; set and drop leave their
// values in a box that it empties, so that whoever calls them never waits and
// a value that changes faster than it is sent is sent as it is last.
type hub struct {
	log      *slog.Logger
	requests chan func()
	ended    chan struct{}

	mu      sync.Mutex
	box     map[string]json.RawMessage // nil: drop
	boxed   chan struct{}              // has one when the box is not empty
	clients atomic.Int64               // how many, for metrics

	// ── of run's goroutine ──
	state   map[string]json.RawMessage
	seq     uint64
	ring    [ringSize]delta // by seq modulo its size
	first   uint64          // the oldest seq in ring; seq+1 while it is empty
	members map[*client]bool
}

// delta is what changed with one seq; a nil value was dropped.
type delta struct {
	set map[string]json.RawMessage
}

// newHub draws where sequence numbers begin, so that a client that comes back
// to a restarted gateway cannot take new numbers for old ones. They stay below
// 2^53, as JavaScript counts.
func newHub(rand io.Reader, log *slog.Logger) (*hub, error) {
	var start [8]byte
	if _, err := io.ReadFull(rand, start[:]); err != nil {
		return nil, fmt.Errorf("draw the first sequence number: %w", err)
	}
	seq := binary.BigEndian.Uint64(start[:]) >> 12 // 52 bits
	return &hub{
		log: log, requests: make(chan func()), ended: make(chan struct{}),
		box: make(map[string]json.RawMessage), boxed: make(chan struct{}, 1),
		state: make(map[string]json.RawMessage), seq: seq, first: seq + 1,
		members: make(map[*client]bool),
	}, nil
}

// set shows clients a value as it is now.
func (h *hub) set(key string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		h.log.Error("show a value to clients", "key", key, "err", err)
		return
	}
	h.put(key, raw)
}

// drop takes a value away.
func (h *hub) drop(key string) { h.put(key, nil) }

func (h *hub) put(key string, raw json.RawMessage) {
	h.mu.Lock()
	h.box[key] = raw
	h.mu.Unlock()
	select {
	case h.boxed <- struct{}{}:
	default:
	}
}

// size is how many clients there are.
func (h *hub) size() int { return int(h.clients.Load()) }

// run serves clients until ctx ends; then it cuts them and forgets them.
func (h *hub) run(ctx context.Context) error {
	defer close(h.ended)
	for {
		select {
		case <-ctx.Done():
			for c := range h.members {
				c.cut(websocket.CloseGoingAway, "the gateway is stopping")
				h.forget(c)
			}
			return nil
		case <-h.boxed:
			h.publish()
		case request := <-h.requests:
			request()
		}
	}
}

// do runs f on the hub's goroutine; it reports false when that has ended.
func (h *hub) do(f func()) bool {
	done := make(chan struct{})
	select {
	case h.requests <- func() { f(); close(done) }:
		<-done
		return true
	case <-h.ended:
		return false
	}
}

// publish makes one delta of what is in the box.
func (h *hub) publish() {
	h.mu.Lock()
	box := h.box
	h.box = make(map[string]json.RawMessage, len(box))
	h.mu.Unlock()
	for key, raw := range box {
		old, had := h.state[key]
		switch {
		case raw == nil && !had, raw != nil && had && string(raw) == string(old):
			delete(box, key) // nothing changed
		case raw == nil:
			delete(h.state, key)
		default:
			h.state[key] = raw
		}
	}
	if len(box) == 0 {
		return
	}
	h.seq++
	h.ring[h.seq%ringSize] = delta{set: box}
	if h.seq-h.first >= ringSize {
		h.first = h.seq - ringSize + 1
	}
	message := h.encode(deltaMessage{Type: "delta", Seq: h.seq, Set: box})
	for c := range h.members {
		h.send(c, message)
	}
}

type deltaMessage struct {
	Type string                     `json:"type"`
	Seq  uint64                     `json:"seq"`
	Set  map[string]json.RawMessage `json:"set"`
}

type snapshotMessage struct {
	Type  string                     `json:"type"`
	Seq   uint64                     `json:"seq"`
	State map[string]json.RawMessage `json:"state"`
}

func (h *hub) encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		// Every part was made by json.Marshal before.
		h.log.Error("encode a message", "err", err)
	}
	return raw
}

// join lets a client follow: it gets its reply, what it missed since the given
// seq or a snapshot, and from then on every delta. It reports why it may not.
func (h *hub) join(c *client, since *uint64, reply func(seq uint64) []byte) (code int, reason string) {
	ok := h.do(func() {
		if !h.members[c] {
			if len(h.members) >= maxClients {
				code, reason = closeTooMany, "too many clients"
				return
			}
			h.members[c] = true
			h.clients.Store(int64(len(h.members)))
		}
		h.send(c, reply(h.seq))
		if message := h.missed(since); message != nil {
			h.send(c, message)
		}
	})
	if !ok {
		return websocket.CloseGoingAway, "the gateway is stopping"
	}
	return code, reason
}

// missed is what a client has to be sent that has seen everything up to since;
// nil if that is nothing.
func (h *hub) missed(since *uint64) []byte {
	if since == nil || *since > h.seq || *since+1 < h.first {
		return h.encode(snapshotMessage{Type: "snapshot", Seq: h.seq, State: h.state})
	}
	if *since == h.seq {
		return nil
	}
	all := make(map[string]json.RawMessage)
	for seq := *since + 1; seq <= h.seq; seq++ {
		maps.Copy(all, h.ring[seq%ringSize].set)
	}
	return h.encode(deltaMessage{Type: "delta", Seq: h.seq, Set: all})
}

// leave takes a client out; one that never joined is no error.
func (h *hub) leave(c *client) { h.do(func() { h.forget(c) }) }

func (h *hub) forget(c *client) {
	delete(h.members, c)
	h.clients.Store(int64(len(h.members)))
}

// send queues a message, and cuts a client that reads too slowly.
func (h *hub) send(c *client, message []byte) {
	if !c.queue(message) {
		c.cut(closeSlow, "reads too slowly")
		h.forget(c)
	}
}

// cutAll cuts the clients that match.
func (h *hub) cutAll(match func(caller) bool, code int, reason string) {
	h.do(func() {
		for c := range h.members {
			if match(c.who) {
				c.cut(code, reason)
				h.forget(c)
			}
		}
	})
}

// callers are whose the clients are.
func (h *hub) callers() []caller {
	var all []caller
	h.do(func() {
		for c := range h.members {
			all = append(all, c.who)
		}
	})
	return all
}

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

var (
	errSuperseded = errors.New("sendspin client: another server took over")
	errClogged    = errors.New("sendspin client: server does not read")
)

const (
	idleTimeout  = 30 * time.Second
	writeTimeout = 5 * time.Second
)

// session is one connection to one server.
type session struct {
	c     *Client
	conn  *websocket.Conn
	hello wire.ServerHello
	ours  bool // we opened it
	out   chan []byte
	done  chan struct{}
	once  sync.Once
	why   error // read after done

	// What server/state said so far, by field; the reader's own.
	metadata, controller map[string]json.RawMessage
}

// serve runs one connection until it ends; it closes conn.
func (c *Client) serve(ctx context.Context, conn *websocket.Conn, ours bool) error {
	s := &session{
		c: c, conn: conn, ours: ours, out: make(chan []byte, 64), done: make(chan struct{}),
		metadata: map[string]json.RawMessage{}, controller: map[string]json.RawMessage{},
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.NetConn().Close() })
	err := s.greet()
	stop()
	if err != nil {
		return err
	}
	if !c.adopt(s) {
		s.goodbye(wire.AnotherServer)
		return errSuperseded
	}
	defer c.release(s)
	defer context.AfterFunc(ctx, func() { s.end(ctx.Err()) })()
	s.report()

	var wg sync.WaitGroup
	wg.Go(func() { s.end(s.writeLoop()) })
	s.end(s.readLoop())
	wg.Wait()
	return s.why
}

func (s *session) end(why error) {
	s.once.Do(func() {
		s.why = why
		close(s.done)
		_ = s.conn.NetConn().SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	})
}

// greet says hello and waits for the server's.
func (s *session) greet() error {
	cfg := s.c.cfg
	h := wire.ClientHello{ID: cfg.ID, Name: cfg.Name, Device: &cfg.Device, Version: wire.Version, Roles: []wire.Role{}}
	if len(cfg.Formats) > 0 {
		h.Roles = append(h.Roles, wire.PlayerV1)
		h.Player = &wire.PlayerSupport{
			Formats: cfg.Formats, BufferCapacity: cfg.BufferCapacity, Commands: []string{"volume", "mute"},
		}
	}
	if cfg.Control {
		h.Roles = append(h.Roles, wire.ControllerV1)
	}
	if cfg.Text {
		h.Roles = append(h.Roles, wire.MetadataV1)
	}
	text, err := wire.Encode(wire.TypeClientHello, h)
	if err != nil {
		return err
	}
	if err := s.write(text); err != nil {
		return err
	}
	s.conn.SetReadLimit(wire.MaxBinary)
	_ = s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		kind, data, err := s.conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("wait for server/hello: %w", err)
		}
		if kind != websocket.TextMessage {
			continue
		}
		m, err := wire.Parse(data)
		if err != nil {
			return err
		}
		if m.Type == wire.TypeServerHello {
			return m.Decode(&s.hello)
		}
	}
}

// adopt makes s the connection, by the specification's rule for several
// servers, and tells whether it did. The one that has to go is told so.
func (c *Client) adopt(s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.current
	if old != nil && !s.ours && !prefer(s.hello, old.hello, c.lastPlay) {
		return false
	}
	c.current = s
	c.status.Connected, c.status.Server = true, s.hello
	c.status.Group, c.status.Metadata = wire.GroupUpdate{}, wire.Metadata{}
	if old != nil {
		old.end(errSuperseded)
	}
	c.filter.forget()
	c.buf.clear(true)
	return true
}

// prefer is the rule for several servers.
func prefer(fresh, old wire.ServerHello, last string) bool {
	switch {
	case fresh.ID == old.ID:
		return true // the same server has connected anew
	case fresh.Reason == wire.Playback:
		return true
	case old.Reason == wire.Playback:
		return false
	default:
		return last != "" && fresh.ID == last
	}
}

func (c *Client) release(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != s {
		return
	}
	c.current = nil
	c.status.Connected = false
	c.buf.clear(true)
}

// writeLoop writes what is queued and asks for the server's clock: ten times in
// the first 200 ms, then ten times a second.
func (s *session) writeLoop() error {
	const quick, settled = 20 * time.Millisecond, 100 * time.Millisecond
	tick := time.NewTicker(quick)
	defer tick.Stop()
	asked := 0
	for {
		select {
		case text := <-s.out:
			if err := s.write(text); err != nil {
				return err
			}
		case <-tick.C:
			if asked++; asked == 10 {
				tick.Reset(settled)
			}
			text, err := wire.Encode(wire.TypeClientTime, wire.ClientTime{Transmitted: s.c.cfg.Now()})
			if err != nil {
				return err
			}
			if err := s.write(text); err != nil {
				return err
			}
		case <-s.done:
			reason := wire.Shutdown
			if errors.Is(s.why, errSuperseded) {
				reason = wire.AnotherServer
			}
			s.goodbye(reason)
			return nil
		}
	}
}

func (s *session) write(text []byte) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := s.conn.WriteMessage(websocket.TextMessage, text); err != nil {
		return fmt.Errorf("write to the server: %w", err)
	}
	return nil
}

func (s *session) goodbye(reason wire.Goodbye) {
	if text, err := wire.Encode(wire.TypeClientGoodbye, wire.ClientGoodbye{Reason: reason}); err == nil {
		_ = s.write(text)
	}
	_ = s.conn.WriteControl(websocket.CloseMessage,
		websocket.FormatCloseMessage(websocket.CloseNormalClosure, string(reason)), time.Now().Add(time.Second))
}

// send queues a message; it never blocks.
func (s *session) send(t wire.Type, payload any) error {
	text, err := wire.Encode(t, payload)
	if err != nil {
		return err
	}
	select {
	case s.out <- text:
		return nil
	default:
		s.end(errClogged)
		return errClogged
	}
}

// report sends our state, whole.
func (s *session) report() {
	s.c.mu.Lock()
	volume, muted, op := s.c.status.Volume, s.c.status.Muted, s.c.state
	s.c.mu.Unlock()
	st := wire.ClientState{State: op}
	if len(s.c.cfg.Formats) > 0 {
		st.Player = &wire.PlayerStateDelta{Volume: &volume, Muted: &muted}
		if ms := int(s.c.cfg.RequiredLead.Milliseconds()); ms > 0 {
			st.Player.RequiredLead = &ms
		}
	}
	if err := s.send(wire.TypeClientState, st); err != nil {
		s.c.log.Debug("state not reported", "why", err)
	}
}

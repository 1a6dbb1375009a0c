package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// activationTimeout is how long a server may take to say what it is here for.
const activationTimeout = 30 * time.Second

// maxPeers bounds what is remembered of peers' dialects.
const maxPeers = 64

// tryCurrent tells which dialect to begin with. The client speaks first, so that
// it has to guess: the current one, unless that has just failed with this peer.
// One that has spoken it once is never spoken to in cleartext again.
func (c *Client) tryCurrent(s *session) bool {
	if c.cfg.Identity == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	host := s.host()
	return !c.cfg.Cleartext || c.proven[host] || !c.plain[host]
}

func (s *session) host() string {
	host, _, err := net.SplitHostPort(s.conn.RemoteAddr().String())
	if s.ours || err != nil {
		return s.conn.RemoteAddr().String()
	}
	return host
}

// learn remembers whether a peer knows the current dialect.
func (c *Client) learn(s *session, knows bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	host := s.host()
	if len(c.plain) >= maxPeers {
		clear(c.plain)
	}
	if knows {
		if len(c.proven) < maxPeers {
			c.proven[host] = true
		}
		delete(c.plain, host)
		return
	}
	c.plain[host] = true
}

func isKey(id string) bool {
	_, err := noise.ParseID(id)
	return err == nil
}

// greetNow is the current dialect's beginning: init messages, handshake, hellos,
// and the server's first activation.
func (s *session) greetNow() error {
	cfg := s.c.cfg
	s.dialect = wire.Current
	clientInit, err := noise.EncodeClientInit(cfg.Identity.ID(), cfg.Suite)
	if err != nil {
		return err
	}
	if err := s.conn.WriteJSON(clientInit); err != nil {
		return fmt.Errorf("begin a handshake: %w", err)
	}
	_, serverInit, err := s.conn.ReadMessage()
	if err != nil {
		s.c.learn(s, false)
		return fmt.Errorf("the server does not answer a handshake: %w", err)
	}
	init, remote, err := noise.ParseServerInit(serverInit)
	if err != nil {
		s.c.learn(s, errors.As(err, new(*noise.InitError)))
		return err
	}
	s.c.learn(s, true)
	terms := noise.Terms{
		Suite: cfg.Suite, Local: *cfg.Identity, Remote: remote, Prologue: noise.Prologue(clientInit, serverInit),
	}
	_, first, err := s.conn.ReadMessage()
	if err != nil {
		return fmt.Errorf("wait for the handshake: %w", err)
	}
	message, err := noise.ParseHandshakeMessage(first)
	if err != nil {
		return err
	}
	session, answer, err := noise.Respond(terms, message, s.c.lookup(init.ID), true)
	if err != nil {
		return err
	}
	text, err := noise.HandshakeMessage(answer)
	if err != nil {
		return err
	}
	if err := s.conn.WriteJSON(text); err != nil {
		return fmt.Errorf("answer the handshake: %w", err)
	}
	s.conn.Secure(session)
	s.keys = session
	return s.hellos(init.ID)
}

func (s *session) hellos(serverID string) error {
	m, err := s.receive()
	if err != nil {
		return fmt.Errorf("wait for server/hello: %w", err)
	}
	if m.Type != wire.TypeServerHello {
		return fmt.Errorf("%w: %s before server/hello", wire.ErrMalformed, m.Type)
	}
	if s.hello, err = wire.ParseServerHelloNow(m, serverID); err != nil {
		return err
	}
	if err := s.writeMessage(wire.TypeClientHello, s.c.introduce(wire.Current)); err != nil {
		return err
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(activationTimeout))
	if m, err = s.receive(); err != nil {
		return fmt.Errorf("wait for server/activate: %w", err)
	}
	if m.Type != wire.TypeServerActivate {
		return fmt.Errorf("%w: %s before server/activate", wire.ErrMalformed, m.Type)
	}
	if err := s.activated(m); err != nil {
		s.goodbye(farewell(err))
		return err
	}
	return nil
}

// activated takes a server/activate. An error ends the connection.
func (s *session) activated(m wire.Message) error {
	a, err := wire.ParseActivation(m)
	if err != nil {
		return err
	}
	var roles []wire.Role
	switch before := s.roles.Load(); {
	case a.Roles != nil:
		roles = wire.Activate(*a.Roles, s.c.introduce(wire.Current).Roles)
	case before != nil:
		roles = *before
		capable := s.keys.Key.Category == noise.LongTerm || s.c.cfg.Unpaired
		if !capable || a.Has(wire.PairingActivity) && s.keys.Key.Category == noise.LongTerm {
			roles = nil // taken away by what the connection is now
		}
	}
	if a.Has(wire.PairingActivity) {
		s.pairings++
	}
	switch v := judge(a, roles, s.keys.Key.Category, s.c.cfg.Unpaired, s.c.cfg.Pairing.methods()); {
	case v.goodbye != "":
		return leaving(v.goodbye)
	case v.abort:
		s.abortMethod = true
		a.Activities, a.Pairing = []wire.Activity{}, nil
	}
	s.record = s.keys.Key.Category == noise.LongTerm
	s.roles.Store(&roles)
	s.activity.Store(&a)
	return nil
}

// textNow handles what the current dialect alone has.
func (s *session) textNow(ctx context.Context, m wire.Message) error {
	switch {
	case m.Type == wire.TypeServerActivate:
		return s.reactivated(ctx, m)
	case m.Type == wire.TypeHandshake:
		return s.rekey(m)
	case m.Type == wire.TypeServerUnpair:
		return s.unpaired()
	case m.Type.IsPairing():
		return s.pair(m)
	default:
		return nil // of a role that we have not, or of a later revision
	}
}

// reactivated takes an activation on a connection that is in use.
func (s *session) reactivated(ctx context.Context, m wire.Message) error {
	before := *s.roles.Load()
	s.stopPairing()
	if err := s.activated(m); err != nil {
		return err
	}
	now := *s.roles.Load()
	gone := func(r wire.Role) bool { return slices.Contains(before, r) && !slices.Contains(now, r) }
	if gone(wire.PlayerV1) {
		s.c.buf.clear(true)
	}
	if gone(wire.SourceV1) {
		if err := s.askedForInput(false); err != nil {
			return err
		}
	}
	s.c.set(func(st *Status) {
		st.Paired = s.record
		if gone(wire.MetadataV1) {
			st.Metadata = wire.Metadata{}
		}
		if gone(wire.ControllerV1) {
			st.Controller = wire.Controller{}
		}
		if gone(wire.JumpgateV1) {
			st.Jumpgate = wire.Jumpgate{}
		}
	}, false)
	s.c.played(s)
	if s.held.Swap(false) {
		s.freed <- struct{}{}
	}
	if !slices.Equal(before, now) {
		s.announced.Store(false)
		s.report()
	}
	s.beginPairing(ctx)
	return nil
}

// played remembers the server that has had us for playing.
func (c *Client) played(s *session) {
	if s.dialect != wire.Current || s.rank() != rankPlayback {
		return
	}
	c.mu.Lock()
	fresh := c.current == s && c.lastPlay != s.hello.ID
	if fresh {
		c.lastPlay = s.hello.ID
	}
	c.mu.Unlock()
	if fresh && c.cfg.Remember != nil {
		c.cfg.Remember(s.hello.ID)
	}
}

// rekey answers a handshake within the connection. The answer is the last thing
// that goes out under the old keys, and what comes next is under the new ones.
func (s *session) rekey(m wire.Message) error {
	var data noise.HandshakeData
	if err := m.Decode(&data); err != nil {
		return err
	}
	if s.held.Load() {
		return fmt.Errorf("%w: a handshake within a handshake", noise.ErrNoise)
	}
	first, err := data.Bytes()
	if err != nil {
		return err
	}
	next, answer, err := noise.Respond(s.keys.Again(), first, s.c.lookup(s.hello.ID), false)
	if err != nil {
		return err
	}
	s.stopPairing()
	s.held.Store(true)
	if err := s.queue(wire.TypeHandshake, noise.Handshake(answer), next.Sealer); err != nil {
		return err
	}
	s.conn.OpenWith(next.Opener)
	s.keys, s.pairings = next, 0
	return nil
}

// stateNow takes a server/state: each object whole.
func (s *session) stateNow(m wire.Message) error {
	st, err := wire.ParseServerState(m)
	if err != nil {
		return err
	}
	s.c.set(func(status *Status) {
		if st.Metadata != nil && s.active(wire.MetadataV1) {
			status.Metadata = *st.Metadata
		}
		if st.Controller != nil && s.active(wire.ControllerV1) {
			status.Controller = *st.Controller
		}
		if st.Jumpgate != nil && s.active(wire.JumpgateV1) {
			status.Jumpgate = *st.Jumpgate
		}
	}, false)
	return nil
}

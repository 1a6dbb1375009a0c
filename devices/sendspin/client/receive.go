package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func (s *session) readLoop(ctx context.Context) error {
	extend := func() { _ = s.conn.SetReadDeadline(time.Now().Add(idleTimeout)) }
	extend()
	ping := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error { extend(); return ping(data) })
	for {
		in, ok, err := s.conn.Read(wire.MaxBinary)
		received := s.c.cfg.Now()
		if err != nil {
			return fmt.Errorf("read from the server: %w", err)
		}
		extend()
		if !ok {
			continue
		}
		if err := s.handle(ctx, in, received); err != nil {
			return err
		}
	}
}

// handle takes a message, unless the session has ended: another one may be there.
// What comes then is read all the same until the server closes, since a connection
// that is closed with unread data in it takes our goodbye with it.
func (s *session) handle(ctx context.Context, in transport.Message, received int64) error {
	s.c.turn.Lock()
	defer s.c.turn.Unlock()
	select {
	case <-s.done:
		return nil
	default:
	}
	if in.JSON {
		return s.text(ctx, in.Data, received)
	}
	return s.binary(in.Data)
}

func (s *session) binary(message []byte) error {
	if len(message) == 0 {
		return fmt.Errorf("%w: an empty message", wire.ErrMalformed)
	}
	if message[0] >= wire.VisualLoudness && message[0] <= wire.VisualPeak {
		return s.visual(message)
	}
	if message[0] == wire.AnnouncementChunk {
		return s.announcement(message)
	}
	if message[0] != wire.AudioChunk {
		return nil // of a role that we have not
	}
	chunk, err := wire.ParseChunk(s.dialect, message)
	if err != nil {
		return err
	}
	if len(chunk.Data) > 0 {
		s.c.buf.put(chunk.At, chunk.Data)
	}
	return nil
}

// visual takes a message of what is to be shown.
func (s *session) visual(message []byte) error {
	if s.dialect != wire.Current || !s.active(wire.VisualizerV1) || s.c.cfg.Visual == nil {
		return nil
	}
	v, err := wire.ParseVisual(message)
	if err == nil {
		s.c.cfg.Visual(v)
	}
	return err
}

// announces tells whether the client takes announcements.
func (c *Config) announces() bool {
	return c.Announcements != nil && c.Announced != nil && c.AnnouncementData != nil
}

func (s *session) announces() bool {
	return s.dialect == wire.Current && s.c.cfg.announces() && s.active(wire.AnnouncementV1)
}

func (s *session) announcement(message []byte) error {
	if !s.announces() {
		return nil
	}
	data, err := wire.ParseAnnouncement(message)
	if err == nil {
		s.c.cfg.AnnouncementData(data)
	}
	return err
}

func (s *session) text(ctx context.Context, data []byte, received int64) error {
	m, err := wire.Parse(data)
	if err != nil {
		return err
	}
	switch m.Type {
	case wire.TypeServerTime:
		var t wire.ServerTime
		if err := m.Decode(&t); err != nil {
			return err
		}
		if s.c.filter.exchange(t.ClientTransmitted, t.Received, t.Transmitted, received) {
			s.c.buf.notify()
			if s.dialect == wire.Current && !s.announced.Load() {
				s.report()
			}
		}
		return nil
	case wire.TypeStreamStart, wire.TypeStreamClear, wire.TypeStreamEnd:
		return s.stream(m)
	case wire.TypeServerCommand:
		return s.command(m)
	case wire.TypeServerState:
		return s.state(m)
	case wire.TypeGroupUpdate:
		return s.group(m)
	default:
		if s.dialect == wire.Current {
			return s.textNow(ctx, m)
		}
		return nil // of a role that we have not, or of a later revision
	}
}

func (s *session) stream(m wire.Message) error {
	if m.Type == wire.TypeStreamStart {
		var st wire.StreamStart
		if err := m.Decode(&st); err != nil {
			return err
		}
		if p := st.Player; p != nil {
			if p.Rate < 1 || p.Rate > 768_000 || p.Channels < 1 || p.Channels > 8 || p.Bits < 0 || p.Bits > 32 {
				return fmt.Errorf("%w: stream of %d Hz, %d channels, %d bits", wire.ErrMalformed, p.Rate, p.Channels, p.Bits)
			}
			s.c.buf.start(*p)
		}
		if a := st.Announcement; a != nil && s.announces() {
			s.c.cfg.Announced(a)
		}
		return nil
	}
	roles := wire.Roles{}
	if len(m.Payload) > 0 { // both may come without a payload: all roles
		if err := m.Decode(&roles); err != nil {
			return err
		}
	}
	if slices.Contains(roles.Roles, "announcement") && s.announces() { // never among all
		s.c.cfg.Announced(nil)
	}
	if roles.Has("player") {
		s.c.buf.clear(m.Type == wire.TypeStreamEnd)
	}
	return nil
}

func (s *session) command(m wire.Message) error {
	var c wire.ServerCommand
	if err := m.Decode(&c); err != nil {
		return err
	}
	if c.Source != nil && s.active(wire.SourceV1) {
		if err := s.askedForInput(c.Source.Command == "start"); err != nil {
			return err
		}
	}
	switch p := c.Player; {
	case p == nil:
	case p.Command == "volume" && p.Volume != nil:
		s.c.SetVolume(*p.Volume)
	case p.Command == "mute" && p.Mute != nil:
		s.c.SetMuted(*p.Mute)
	}
	return nil
}

// state merges what the server says into what it said before: an absent field
// is unchanged, null clears. The merged object is decoded afresh, because a
// Status that was handed out must not change.
func (s *session) state(m wire.Message) error {
	if s.dialect == wire.Current {
		return s.stateNow(m)
	}
	var parts struct {
		Metadata   map[string]json.RawMessage `json:"metadata"`
		Controller map[string]json.RawMessage `json:"controller"`
	}
	if err := m.Decode(&parts); err != nil {
		return err
	}
	var meta wire.Metadata
	if err := merge(s.metadata, parts.Metadata, &meta); err != nil {
		return err
	}
	var control wire.Controller
	if err := merge(s.controller, parts.Controller, &control); err != nil {
		return err
	}
	s.c.set(func(st *Status) { st.Metadata, st.Controller = meta, control }, false)
	return nil
}

// merge wants known to be the session's own map.
func merge(known, fresh map[string]json.RawMessage, into any) error {
	const maxFields = 64
	for k, v := range fresh {
		if _, ok := known[k]; ok || len(known) < maxFields {
			known[k] = v
		}
	}
	whole, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("merge server/state: %w", err)
	}
	if err := json.Unmarshal(whole, into); err != nil {
		return fmt.Errorf("%w: server/state: %w", wire.ErrMalformed, err)
	}
	return nil
}

func (s *session) group(m wire.Message) error {
	s.c.mu.Lock()
	group := s.c.status.Group
	if err := m.Decode(&group); err != nil {
		s.c.mu.Unlock()
		return err
	}
	s.c.status.Group = group
	fresh := s.dialect == wire.Cleartext && group.State == "playing" && s.c.lastPlay != s.hello.ID
	if fresh {
		s.c.lastPlay = s.hello.ID
	}
	s.c.mu.Unlock()
	if fresh && s.c.cfg.Remember != nil {
		s.c.cfg.Remember(s.hello.ID)
	}
	s.c.buf.notify()
	return nil
}

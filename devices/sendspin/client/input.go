package client

import "github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"

func (c *Config) hasInput() bool { return c.Input != nil && c.InputWanted != nil }

// askedForInput opens the stream of our input, or closes it; it is called by the
// reader. A start within a running stream, and a stop without one, do nothing.
func (s *session) askedForInput(start bool) error {
	if s.inputOpen.Swap(start) == start {
		return nil
	}
	var err error
	if start {
		err = s.send(wire.TypeInputStart, wire.InputStart{Source: s.c.cfg.Input})
	} else {
		err = s.send(wire.TypeInputEnd, wire.Empty{})
	}
	s.c.cfg.InputWanted(start)
	return err
}

// Capture sends a chunk of our input, 5 to 150 ms of whole frames, whose first
// sample was captured at the given time of our clock, µs. It is dropped while
// nobody wants the input, the server's clock is not known, or the connection is
// slow.
func (c *Client) Capture(at int64, data []byte) {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s == nil || !s.inputOpen.Load() || s.held.Load() || !c.filter.synced() || len(s.out) > cap(s.out)/2 {
		return
	}
	message := append(wire.AppendHeader(nil, wire.InputChunk, c.filter.toServer(at)), data...)
	select {
	case s.out <- outgoing{binary: message}:
	default: // the backlog is not worth keeping
	}
}

// write sends what waits for the writer.
func (s *session) write(o outgoing) error {
	if o.binary != nil {
		return s.conn.WriteBinary(o.binary)
	}
	return s.conn.WriteJSON(o.text)
}

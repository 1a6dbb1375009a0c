package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// PairingConfig is how a client pairs. With an Identity there has to be a PSK and
// Records.
type PairingConfig struct {
	// PSK is the client's pairing key, printed on it as a token; it is drawn once a
	// device.
	PSK noise.PSK
	// Records keeps the pairings.
	Records Records
	// Show is told the code that is to be shown or spoken, and an empty one when
	// it is to go; nil offers no dynamic code. It must not block.
	Show func(code string)
	// QR tells that Show can render a QR code; Speaks that it speaks digits
	// instead of showing them.
	QR, Speaks bool
	// StaticCode is eight digits; it is offered where Show is nil.
	StaticCode string
	// Hint says what to do at the device to let a pairing begin.
	Hint string
	// Gate holds attempts back; nil makes one that is opened by Client.Gate.
	Gate *pair.Gate
}

// Record is a pairing with one server.
type Record struct {
	Server string // its server_id
	PSK    noise.PSK
}

// Records keeps pairings. What Save was given is kept for good when it returns;
// it replaces the server's earlier record, and makes room for a new one.
type Records interface {
	All() ([]Record, error)
	Save(r Record) error
	Remove(server string) error
}

func (p PairingConfig) methods() wire.PairMethods {
	m := wire.PairMethods{PSK: &wire.PairPlace{}}
	switch {
	case p.Show != nil:
		m.Dynamic = &wire.PairEmitter{Channels: []string{"display"}, Formats: []wire.CodeFormat{wire.Digits}}
		if p.Speaks {
			m.Dynamic.Channels = []string{"speaker"}
		}
		if p.QR {
			m.Dynamic.Formats = append(m.Dynamic.Formats, wire.QRCode)
		}
	case p.StaticCode != "":
		m.Static = &wire.PairPlace{}
	}
	return m
}

// Gate holds pairings back: its Open is to be called when somebody acts at the
// device.
func (c *Client) Gate() *pair.Gate { return c.cfg.Pairing.Gate }

// Token is what is printed on the device for pairing. It holds a secret.
func (c *Client) Token() pair.Token {
	if c.cfg.Identity == nil {
		return pair.Token{}
	}
	return pair.Token{Client: c.cfg.Identity.Public, PSK: c.cfg.Pairing.PSK}
}

// lookup finds the keys that a server may refer to.
func (c *Client) lookup(serverID string) noise.Lookup {
	return func(id string, category noise.Category) (noise.PSK, bool, error) {
		cfg := c.cfg.Pairing
		if category == noise.Pairing {
			return cfg.PSK, cfg.PSK != noise.PSK{} && cfg.PSK.ID() == id, nil
		}
		if cfg.Records == nil {
			return noise.PSK{}, false, nil
		}
		all, err := cfg.Records.All()
		if err != nil {
			return noise.PSK{}, false, fmt.Errorf("pairing records: %w", err)
		}
		for _, r := range all {
			if r.PSK.ID() != id {
				continue
			}
			if r.Server != serverID {
				return noise.PSK{}, false, errors.New("the key belongs to another server")
			}
			return r.PSK, true, nil
		}
		return noise.PSK{}, false, nil
	}
}

// beginPairing starts the attempt that the activation admits; held back, it
// starts when the gate opens.
func (s *session) beginPairing(ctx context.Context) {
	if s.abortMethod {
		s.abortMethod = false
		_ = s.send(wire.TypePairAbort, wire.PairAbort{Reason: wire.AbortMethod})
		return
	}
	if s.dialect != wire.Current || !s.activity.Load().Has(wire.PairingActivity) {
		return
	}
	cfg := s.c.cfg.Pairing
	p := s.activity.Load().Pairing
	a := pair.NewClient(pair.Attempt{
		Method: p.Method, Format: p.Format, Suite: s.keys.Terms.Suite, Hash: s.keys.Hash, Index: s.pairings,
	}, cfg.Gate, cfg.StaticCode)
	s.attemptMu.Lock()
	defer s.attemptMu.Unlock()
	s.attempt = a
	opened := cfg.Gate.Opened()
	step, err := a.Begin(cfg.Hint)
	if err != nil {
		s.end(err)
		return
	}
	s.step(step)
	if a.Running() {
		s.limitPairing(ctx, a)
		return
	}
	ctx, s.waitGate = context.WithCancel(ctx)
	s.wg.Go(func() {
		select {
		case <-ctx.Done():
			return
		case <-s.done:
			return
		case <-opened:
		}
		s.attemptMu.Lock()
		defer s.attemptMu.Unlock()
		if s.attempt != a {
			return
		}
		step, err := a.Begin(cfg.Hint)
		if err != nil {
			s.end(err)
			return
		}
		s.step(step)
		s.limitPairing(ctx, a)
	})
}

// limitPairing ends an attempt that takes too long.
func (s *session) limitPairing(ctx context.Context, a *pair.Client) {
	ctx, cancel := context.WithTimeout(ctx, pair.AttemptTimeout)
	s.waitGate = cancel
	context.AfterFunc(ctx, func() {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return
		}
		s.attemptMu.Lock()
		defer s.attemptMu.Unlock()
		if s.attempt == a {
			s.step(a.Abort(wire.AbortTimeout))
		}
	})
}

// step does what the attempt says. It wants attemptMu held.
func (s *session) step(st pair.ClientStep) {
	cfg := s.c.cfg.Pairing
	s.pairing.Store(s.attempt.Running())
	if st.PSK != nil {
		if err := cfg.Records.Save(Record{Server: s.hello.ID, PSK: *st.PSK}); err != nil {
			s.c.log.Error("a pairing could not be kept", "error", err)
		}
	}
	for _, m := range st.Send {
		if err := s.send(m.Type, m.Payload); err != nil {
			return
		}
	}
	if cfg.Show == nil {
		return
	}
	if st.Show != "" || st.PSK != nil || st.Aborted != "" {
		cfg.Show(st.Show)
	}
}

// pair takes a pairing message.
func (s *session) pair(m wire.Message) error {
	s.attemptMu.Lock()
	defer s.attemptMu.Unlock()
	if s.attempt == nil {
		return nil // left over
	}
	step, err := s.attempt.Receive(m)
	if err != nil {
		return err
	}
	s.step(step)
	return nil
}

// stopPairing abandons an attempt: the server wants something else.
func (s *session) stopPairing() {
	s.attemptMu.Lock()
	defer s.attemptMu.Unlock()
	if s.attempt == nil {
		return
	}
	s.attempt = nil
	s.pairing.Store(false)
	if s.waitGate != nil {
		s.waitGate()
	}
	if show := s.c.cfg.Pairing.Show; show != nil {
		show("")
	}
}

// unpaired drops the pairing that the server has dropped.
func (s *session) unpaired() error {
	if s.keys.Key.Category != noise.LongTerm {
		return nil
	}
	if err := s.c.cfg.Pairing.Records.Remove(s.hello.ID); err != nil {
		s.c.log.Error("a pairing could not be dropped", "error", err)
	}
	return leaving(wire.Unpaired)
}

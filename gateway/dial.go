package gateway

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// dialPatience is how long a player that is dialled may take before its owner is
// told; a player that restarts takes less.
const dialPatience = 6 * time.Second

// dial is the standing attempt to be connected to a player that waits for
// servers. It belongs to the house's goroutine.
type dial struct {
	of     *speaker
	url    string
	at     netip.AddrPort
	cancel context.CancelFunc
}

// dial keeps a connection to a player that waits for servers.
func (h *house) dial(s *speaker) {
	at, ok := addr(s.device)
	if !ok || !s.dialable() || !s.device.Present && s.device.Origin == devices.Found {
		return
	}
	if s.link != nil && s.dialled == nil {
		return // it came by itself, and that is its address
	}
	path := s.device.Path
	if path == "" {
		path = sendspin.Path
	}
	target := (&url.URL{Scheme: "ws", Host: at.String(), Path: path}).String()
	// A person's wish takes a player back from another server.
	reason := wire.Discovery
	if s.asked && s.link == nil {
		reason = wire.Playback
	}
	s.asked = false
	if reason == wire.Discovery && (staysAway(s.bye) || s.dialled != nil && s.dialled.url == target) {
		return
	}
	s.bye = ""
	s.hangUp()
	ctx, cancel := context.WithCancel(h.ctx)
	d := &dial{of: s, url: target, at: at, cancel: cancel}
	s.dialled = d
	h.workers.Go(func() {
		defer cancel()
		err := h.cfg.Players.Dial(ctx, target, reason)
		h.log.Debug("player is not dialled any more", "url", target, "why", err)
		h.tell(func() { h.dialEnded(d, err) })
	})
	h.doubt(s)
}

// dialable tells whether the player waits for servers, as far as is known: it was
// found, or somebody gave its address.
func (s *speaker) dialable() bool {
	return s.device.Origin != devices.Connected || s.device.Added != ""
}

// handOver gives the connection of a player that was known by its address alone to
// what it is known as now.
func (s *speaker) handOver(to *speaker) {
	if s.dialled != nil && to.dialled == nil {
		to.dialled, s.dialled = s.dialled, nil
		to.dialled.of = to
	}
}

// dialEnded takes it that a player does not want to be dialled any more: it said
// goodbye.
func (h *house) dialEnded(d *dial, err error) {
	s := d.of
	if s.dialled != d {
		return
	}
	s.dialled = nil
	var bye *sendspin.GoodbyeError
	if errors.As(err, &bye) {
		h.saidGoodbye(s, bye.Reason)
		h.show(s)
	}
}

// saidGoodbye takes a player's own word on why its connection has ended.
func (h *house) saidGoodbye(s *speaker, reason wire.Goodbye) {
	s.bye = reason
	if s.link == nil {
		s.lost = farewell(reason, s.dialable())
	}
}

// staysAway tells whether a player that said goodbye for a reason is dialled again
// only when somebody asks for it, or when it was away from the network.
func staysAway(reason wire.Goodbye) bool {
	switch reason {
	case "", wire.Restart, wire.ConcurrentTry:
		return false
	default:
		return true
	}
}

// farewell says to people why a player is not connected and what brings it back.
// One that cannot be dialled comes by itself, if it does.
func farewell(reason wire.Goodbye, dialable bool) phrase.Phrase {
	code := map[wire.Goodbye]phrase.Code{
		wire.AnotherServer: phrase.AnotherServer, wire.ConcurrentTry: phrase.OtherServerHasIt,
		wire.Shutdown: phrase.ShutDown, wire.Restart: phrase.Restarts, wire.UserRequest: phrase.LeftByHand,
		wire.Unauthorized: phrase.NotAllowed, wire.PairingRequired: phrase.PairingRequired, wire.Unpaired: phrase.PairingDropped,
	}[reason]
	if reason == wire.AnotherServer && !dialable {
		code = phrase.AnotherServerKeeps
	}
	if reason == wire.UserRequest && !dialable {
		code = phrase.LeftByHandAway
	}
	if code == "" {
		return phrase.Phrase{} // without a word, or with one that nobody knows
	}
	return phrase.New(code)
}

// hangUp ends the attempts to be connected.
func (s *speaker) hangUp() {
	if s.dialled != nil {
		s.dialled.cancel()
		s.dialled = nil
	}
}

// doubt looks after a while why a player that is dialled is not connected.
func (h *house) doubt(s *speaker) {
	d := s.dialled
	if d == nil {
		return
	}
	h.workers.Go(func() {
		ctx, cancel := context.WithTimeout(h.ctx, 2*dialPatience)
		defer cancel()
		patience := time.NewTimer(dialPatience)
		defer patience.Stop()
		select {
		case <-ctx.Done():
			return
		case <-patience.C:
		}
		linked := make(chan bool, 1)
		h.tell(func() { linked <- s.link != nil || s.dialled != d })
		select {
		case <-ctx.Done():
			return
		case yes := <-linked:
			if yes {
				return
			}
		}
		why := probe(ctx, d.at)
		h.tell(func() {
			if s.link == nil && s.dialled == d && h.speakers[s.device.ID] == s {
				s.lost = phrase.New(phrase.NotAnswering, d.at, why)
				h.show(s)
			}
		})
	})
}

// probe says what is at the address of a player that does not connect.
func probe(ctx context.Context, at netip.AddrPort) phrase.Phrase {
	var dialer net.Dialer
	ctx, cancel := context.WithTimeout(ctx, dialPatience/2)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", at.String())
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && !op.Timeout() {
			return phrase.Cause(op.Err)
		}
		return phrase.New(phrase.NothingThere)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(dialPatience / 2))
	request := "GET / HTTP/1.1\r\nHost: " + at.String() + "\r\nConnection: close\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err == nil {
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			_ = answer.Body.Close()
			return phrase.New(phrase.WebServerThere)
		}
	}
	return phrase.New(phrase.MutePort)
}

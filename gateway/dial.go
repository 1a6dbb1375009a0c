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
	url    string
	at     netip.AddrPort
	cancel context.CancelFunc
}

// dial keeps a connection to a player that waits for servers.
func (h *house) dial(s *speaker) {
	at, ok := addr(s.device)
	if !ok || s.device.Origin == devices.Connected || !s.device.Present && s.device.Origin == devices.Found {
		return
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
	if s.dialled != nil && s.dialled.url == target && reason == wire.Discovery {
		return
	}
	s.hangUp()
	ctx, cancel := context.WithCancel(h.ctx)
	d := &dial{url: target, at: at, cancel: cancel}
	s.dialled = d
	h.workers.Go(func() {
		defer cancel()
		err := h.cfg.Players.Dial(ctx, target, reason)
		h.log.Debug("player is not dialled any more", "url", target, "why", err)
		h.tell(func() { h.dialEnded(s, d, err) })
	})
	h.doubt(s)
}

// dialEnded takes it that a player does not want to be dialled any more: it said
// goodbye, most often for another server.
func (h *house) dialEnded(s *speaker, d *dial, err error) {
	if s.dialled != d {
		return
	}
	s.dialled = nil
	var bye *sendspin.GoodbyeError
	if errors.As(err, &bye) && bye.Reason == wire.AnotherServer {
		s.lost = phrase.New(phrase.AnotherServer)
		h.show(s)
	}
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

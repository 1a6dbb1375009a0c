//go:build peers

package member

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/cast/emulated"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// castPeer is a running receiver.
type castPeer struct {
	*emulated.Process
	addr netip.AddrPort
}

func startReceiver(t *testing.T) castPeer {
	t.Helper()
	port := make(chan uint16, 1)
	cert, key := emulated.Certificate(t)
	p := emulated.Start(t, func(text []byte) {
		var line struct{ Port uint16 }
		if json.Unmarshal(text, &line) == nil && line.Port != 0 {
			port <- line.Port
		}
	}, emulated.Receiver, cert, key)
	select {
	case n := <-port:
		return castPeer{p, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), n)}
	case <-time.After(20 * time.Second):
		t.Fatal("the receiver does not start")
		return castPeer{}
	}
}

// A Chromecast leads over a real connection.
func TestPeerCastLeads(t *testing.T) {
	zonetest.TestLeader(t, func(t *testing.T) zonetest.LeaderRig {
		peer := startReceiver(t)
		sender := cast.NewSender(cast.Config{})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = sender.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		sender.Presence(peer.addr)
		for !sender.Status().Connected {
			select {
			case <-sender.Statuses():
			case <-time.After(10 * time.Second):
				t.Fatal("no connection")
			}
		}
		clock := audio.NewClock()
		return zonetest.LeaderRig{
			Leader: runCast(t, CastConfig{Sender: sender, Statuses: sender.Statuses(), Clock: clock}), Clock: clock,
			Release: func() { peer.Order("takeover") }, Gone: peer.End,
			Refuse: func(int) zone.Item {
				return zone.Item{Entry: "bad", URL: "http://127.0.0.1:1/unsupported", MIME: "audio/x-none", Track: zone.Track{ID: "bad"}}
			},
		}
	})
}

// When our address changes, what the device holds is given to it at the new one:
// what plays at its position, what is paused when it goes on.
func TestPeerCastIsGivenANewAddress(t *testing.T) {
	peer := startReceiver(t)
	sender := cast.NewSender(cast.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = sender.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	sender.Presence(peer.addr)
	if err := sender.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	var host atomic.Pointer[string]
	move := func(to string) { host.Store(&to) }
	move("http://127.0.0.1:1/")
	c := runCast(t, CastConfig{
		Sender: sender, Statuses: sender.Statuses(), Clock: audio.NewClock(),
		Item: func(_ context.Context, i zone.Item) (cast.Item, error) {
			out := CastItem(i)
			out.URL = *host.Load() + string(i.Entry)
			return out, nil
		},
	})
	var items []zone.Item
	for _, e := range []zone.EntryID{"a", "b", "c"} {
		items = append(items, zone.Item{Entry: e, MIME: "audio/flac", Track: zone.Track{ID: string(e), Duration: 10 * time.Minute}})
	}
	if err := c.Load(t.Context(), items, zone.Position{Offset: 3 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	awaitHost := func(what string) {
		t.Helper()
		limit := time.After(10 * time.Second)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			queue, err := sender.Queue(t.Context())
			moved := err == nil && len(queue) == 3
			for _, q := range queue {
				moved = moved && strings.HasPrefix(q.URL, *host.Load())
			}
			if s := sender.Status(); moved && s.Item == "a" && s.State == cast.Playing && s.Position >= 3*time.Minute {
				return
			}
			select {
			case <-tick.C:
			case <-limit:
				t.Fatalf("%s: the queue is %+v, %v; %+v", what, queue, err, sender.Status())
			}
		}
	}
	awaitHost("loaded")
	move("http://127.0.0.1:2/")
	c.Reload()
	awaitHost("moved while it plays")
	if err := c.Transport(t.Context(), zone.Paused); err != nil {
		t.Fatal(err)
	}
	move("http://127.0.0.1:3/")
	c.Reload()
	if err := c.Transport(t.Context(), zone.Playing); err != nil {
		t.Fatal(err)
	}
	awaitHost("moved while it was paused")
}

// SPDX-License-Identifier: Apache-2.0

//go:build peers || peers312

package peers

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// house is Jumpgate's server for players on a loopback socket.
type house struct {
	*sendspin.Server
	address string
	clock   func() int64
}

func newHouse(t *testing.T, id string) *house {
	t.Helper()
	return newHouseWith(t, sendspin.Config{ID: id, Name: id})
}

func newHouseWith(t *testing.T, cfg sendspin.Config) *house {
	t.Helper()
	start := time.Now()
	h := &house{clock: func() int64 { return time.Since(start).Microseconds() + 5_000_000 }}
	cfg.Now, cfg.Access = h.clock, func(string) sendspin.Access { return sendspin.Full }
	s, err := sendspin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	web := httptest.NewServer(s.Handler())
	h.address = strings.TrimPrefix(web.URL, "http://")
	t.Cleanup(func() {
		cancel()
		for range s.Events() {
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return h
}

func (h *house) next(t *testing.T, kind sendspin.EventKind) sendspin.Event {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-h.Events():
			if e.Kind == kind {
				return e
			}
		case <-timeout:
			t.Fatalf("no event of kind %d", kind)
		}
	}
}

// newHouseNow is a server that speaks both dialects, or the current one alone.
func newHouseNow(t *testing.T, only bool) (*house, *sendspin.MemoryKeyring) {
	t.Helper()
	id, err := noise.NewIdentity(nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := &sendspin.MemoryKeyring{}
	return newHouseWith(t, sendspin.Config{ID: "house", Name: "house", Identity: &id, Keys: keys, RefuseCleartext: only}), keys
}

func (h *house) stage(t *testing.T, want sendspin.PairingStage) {
	t.Helper()
	for {
		e := h.next(t, sendspin.PairingChanged)
		if e.Pairing.Reason != "" {
			t.Fatalf("pairing failed: %+v", e.Pairing)
		}
		if e.Pairing.Stage == want {
			return
		}
	}
}

// available waits until the player has reported its state: before that there is
// no stream for it.
func (h *house) available(t *testing.T, p *sendspin.Player) {
	t.Helper()
	for !p.State().Available {
		h.next(t, sendspin.StateChanged)
	}
}

// reach lets the device and a house find each other: the house dials the device
// where accepted is true, and else the device the house.
func (h *house) reach(t *testing.T, encrypted, accepted bool, args ...string) *device {
	t.Helper()
	start := newDevice
	if encrypted {
		start = newDeviceNow
	}
	if !accepted {
		return start(t, append(args, "--no-mdns", "--server", h.address)...)
	}
	port := freePort(t)
	d := start(t, append(args, "--no-mdns", "--listen", fmt.Sprint(port))...)
	d.next(t, "that it listens", named("listening"))
	ctx, cancel := context.WithCancel(t.Context())
	dialled := make(chan error, 1)
	go func() { dialled <- h.Dial(ctx, fmt.Sprintf("ws://127.0.0.1:%d/sendspin", port), wire.Playback) }()
	t.Cleanup(func() { cancel(); <-dialled })
	return d
}

// music is something that no decoder gets right by accident, with a loud start
// and end to find it by.
func music(seconds float64, rate, bits int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out []byte
	full := float64(int(1) << (bits - 1))
	for i := range int(seconds * float64(rate)) {
		at := float64(i) / float64(rate)
		tone := 0.4*math.Sin(2*math.Pi*220*at) + 0.2*math.Sin(2*math.Pi*1330.7*at)
		for c := range 2 {
			v := int32((tone + 0.05*float64(c)*math.Sin(2*math.Pi*97*at) + 0.03*r.Float64() + 0.1) * full)
			out = append(out, byte(v), byte(v>>8))
			if bits == 24 {
				out = append(out, byte(v>>16))
			}
		}
	}
	return out
}

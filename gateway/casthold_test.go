//go:build peers

package gateway

import (
	"encoding/json"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
	"github.com/jumpgate-audio/jumpgate/devices"
)

// shy is an emulated device that notes who is connected and what it is told.
type shy struct {
	device *emulated.Process

	mu      sync.Mutex
	port    int
	senders int
	counted int // how often they were
	told    []string
}

func startShy(t *testing.T) *shy {
	s := &shy{}
	cert, key := emulated.Certificate(t)
	s.device = emulated.Start(t, s.hear, emulated.Receiver, cert, key)
	return s
}

func (s *shy) hear(said []byte) {
	line := struct {
		Port    int    `json:"port"`
		Senders *int   `json:"senders"`
		Got     string `json:"got"`
	}{}
	if json.Unmarshal(said, &line) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case line.Port != 0:
		s.port = line.Port
	case line.Senders != nil:
		s.senders = *line.Senders
		s.counted++
	case line.Got != "":
		s.told = append(s.told, line.Got)
	}
}

func (s *shy) at() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.port
}

// connected counts who is connected now.
func (s *shy) connected(r *running) (n int) {
	r.t.Helper()
	s.mu.Lock()
	before := s.counted
	s.mu.Unlock()
	s.device.Order("senders")
	r.until("the count", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		n = s.senders
		return s.counted > before
	})
	return n
}

// A device that was found is left alone while it is in no zone. Its owner may
// have the connection held, which wakes nothing, and let go again.
func TestConnectionIsHeldByChoice(t *testing.T) {
	device := startShy(t)
	data := t.TempDir()
	music := musicFolder(t)
	r := runGateway(t, data, music)
	r.until("the device's port", func() bool { return device.at() != 0 })
	found := func() string {
		t.Helper()
		err := r.g.registry.Sight(t.Context(), devices.Sighting{
			Service: devices.CastService, Name: "Shelf", Interface: "lo", Port: uint16(device.at()),
			Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, TXT: map[string]string{"id": "00ff", "fn": "Shelf"},
		})
		if err != nil {
			t.Fatal(err)
		}
		id := ""
		r.until("the device", func() bool {
			var list struct{ Items []struct{ ID, Name string } }
			r.do("GET", "/devices", nil, &list)
			for _, d := range list.Items {
				if d.Name == "Shelf" {
					id = d.ID
				}
			}
			return id != ""
		})
		return id
	}
	hold := func(id string, on bool) {
		t.Helper()
		r.do("PATCH", "/devices/"+id, map[string]any{"cast": map[string]any{"hold": on}}, nil)
	}

	id := found()
	hold(id, false) // is answered once the house has settled
	if n := device.connected(r); n != 0 {
		t.Errorf("%d connections to a device that nobody wants", n)
	}
	hold(id, true)
	r.until("a connection", func() bool { return device.connected(r) == 1 })

	// The choice is kept.
	r.end()
	r = runGateway(t, data, music)
	found()
	r.until("a connection after a restart", func() bool { return device.connected(r) == 1 })

	hold(id, false)
	r.until("the end of the connection", func() bool { return device.connected(r) == 0 })
	device.mu.Lock()
	defer device.mu.Unlock()
	if slices.ContainsFunc(device.told, func(what string) bool { return what == "LAUNCH" || what == "SET_VOLUME" || what == "LOAD" }) {
		t.Errorf("the device was woken: %q", device.told)
	}
}

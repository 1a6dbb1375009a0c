//go:build peers

package cast

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

// peer is a receiver on npm castv2's Server.
type peer struct {
	*emulated.Process
	t     testing.TB
	addr  netip.AddrPort
	lines chan peerLine
}

type peerLine struct {
	Port    int             `json:"port"`
	Got     string          `json:"got"`
	At      int             `json:"at"` // ms, when it got the message
	To      string          `json:"to"`
	Message json.RawMessage `json:"message"`
	Fetched string          `json:"fetched"`
	Code    int             `json:"code"`
	Bytes   int             `json:"bytes"`
	Mark    bool            `json:"mark"`
	Did     string          `json:"did"`
	Fetches string          `json:"fetching"`
	Due     float64         `json:"due"` // of what is fetched ahead: seconds before it plays
}

func startPeer(t testing.TB) *peer {
	t.Helper()
	p := &peer{t: t, lines: make(chan peerLine, 1<<14)}
	cert, key := emulated.Certificate(t)
	p.Process = emulated.Start(t, func(text []byte) {
		var line peerLine
		if json.Unmarshal(text, &line) == nil {
			p.lines <- line
		}
	}, emulated.Receiver, cert, key)
	first := p.await("the receiver's port", func(l peerLine) bool { return l.Port != 0 })
	p.addr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(first.Port))
	return p
}

func (p *peer) order(what string) { p.Order("%s", what) }

// obey gives an order and waits until it is carried out.
func (p *peer) obey(what string) {
	p.t.Helper()
	p.order(what)
	did, _, _ := strings.Cut(what, " ")
	p.await(what, func(l peerLine) bool { return l.Did == did })
}

func (p *peer) await(what string, match func(peerLine) bool) peerLine {
	p.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line := <-p.lines:
			if match(line) {
				return line
			}
		case <-timeout:
			p.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// heard returns what the receiver got since the last look, heartbeats left out.
func (p *peer) heard() []peerLine {
	p.t.Helper()
	p.order("mark")
	var out []peerLine
	p.await("the mark", func(line peerLine) bool {
		if line.Got != "" && line.Got != "PING" && line.Got != "PONG" {
			out = append(out, line)
		}
		return line.Mark
	})
	return out
}

// seen is heard without what was in the messages.
func (p *peer) seen() []string {
	p.t.Helper()
	var kinds []string
	for _, line := range p.heard() {
		kinds = append(kinds, line.Got)
	}
	return kinds
}

// load has a sender load items, which must succeed.
func load(t testing.TB, s *Sender, items []Item) {
	t.Helper()
	if err := s.Load(t.Context(), items, 0); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, items[0].ID, func(st Status) bool { return st.Item == items[0].ID })
}

// queued returns our ids of the device's queue, "?" for others' items.
func queued(t testing.TB, s *Sender) []string {
	t.Helper()
	queue, err := s.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(queue))
	for i, q := range queue {
		if out[i] = q.ID; q.ID == "" {
			out[i] = "?"
		}
	}
	return out
}

// startSender connects a Sender to the peer.
func startSender(t testing.TB, p *peer, cfg Config) *Sender {
	t.Helper()
	s := NewSender(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	s.Presence(p.addr)
	awaitStatus(t, s, "a connection", func(st Status) bool { return st.Connected })
	return s
}

// dials counts a Sender's connections, as its Trust.
type dials struct {
	mu    sync.Mutex
	times []time.Time
}

func (d *dials) trust([sha256.Size]byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.times = append(d.times, time.Now())
	return nil
}

// made returns how many connections there were, and when the newest was made.
func (d *dials) made() (int, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.times), d.times[len(d.times)-1]
}

// again waits for the nth connection, with an item adopted.
func (d *dials) again(t testing.TB, s *Sender, nth int, item string) Status {
	t.Helper()
	return awaitStatus(t, s, "the connection after", func(st Status) bool {
		n, _ := d.made()
		return n >= nth && st.Connected && st.Item == item
	})
}

// noAddr says that a device is gone.
var noAddr netip.AddrPort

func awaitStatus(t testing.TB, s *Sender, what string, match func(Status) bool) Status {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if st := s.Status(); match(st) {
			return st
		}
		select {
		case <-s.Statuses():
		case <-timeout:
			t.Fatalf("waited in vain for %s; status is %+v", what, s.Status())
		}
	}
}

// tracks serves audio the way a gateway would.
func tracks(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "track.flac", time.Time{}, bytes.NewReader(make([]byte, 1000)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func items(base string, ids ...string) []Item {
	out := make([]Item, len(ids))
	for i, id := range ids {
		out[i] = Item{ID: id, URL: base + "/" + id, ContentType: "audio/flac", Title: "Title " + id, Duration: time.Minute}
	}
	return out
}

package mdns

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// segment is a network in memory: what is sent to the group on it reaches every
// machine on it, the sender's own included.
type segment struct {
	mu       sync.Mutex
	machines []*machine
	log      []sentMessage
	start    time.Time
}

// sentMessage is a packet as it passed on a segment.
type sentMessage struct {
	after time.Duration // since the segment was made
	from  netip.Addr
	to    netip.AddrPort
	message
}

func newSegment() *segment { return &segment{start: time.Now()} }

// machine is a Network with links into segments.
type machine struct {
	mu      sync.Mutex
	links   []Link
	in      map[int]*segment
	joined  map[int]bool
	packets chan Packet
}

func newMachine() *machine {
	return &machine{in: make(map[int]*segment), joined: make(map[int]bool), packets: make(chan Packet, 1024)}
}

// plug adds a link.
func (m *machine) plug(s *segment, name string, prefixes ...string) *machine {
	l := Link{Index: len(m.in) + 1, Name: name}
	for _, p := range prefixes {
		l.Prefixes = append(l.Prefixes, netip.MustParsePrefix(p))
	}
	m.mu.Lock()
	m.links = append(m.links, l)
	m.in[l.Index] = s
	m.mu.Unlock()
	s.mu.Lock()
	s.machines = append(s.machines, m)
	s.mu.Unlock()
	return m
}

func (m *machine) setLinks(links ...Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links = links
}

func (m *machine) Links() ([]Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.links), nil
}

func (m *machine) Join(l Link) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined[l.Index] = true
	return nil
}

func (m *machine) Leave(l Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.joined, l.Index)
}

func (m *machine) Packets() <-chan Packet { return m.packets }
func (m *machine) Close() error           { return nil }

func (m *machine) Send(l Link, to netip.AddrPort, data []byte) error {
	for _, p := range l.Prefixes {
		if familyOf(p.Addr()) == familyOf(to.Addr()) {
			m.in[l.Index].send(netip.AddrPortFrom(p.Addr(), Port), to, data)
			return nil
		}
	}
	return errors.New("no address")
}

// send puts a packet on the segment.
func (s *segment) send(from, to netip.AddrPort, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if msg, err := parse(slices.Clone(data)); err == nil {
		s.log = append(s.log, sentMessage{time.Since(s.start), from.Addr(), to, msg})
	}
	if to != Group4 && to != Group6 {
		return // nobody here has the port for itself
	}
	for _, m := range s.machines {
		m.deliver(s, Packet{From: from, Data: data})
	}
}

func (m *machine) deliver(s *segment, p Packet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for index, in := range m.in {
		if in != s || !m.joined[index] {
			continue
		}
		p := p
		p.Link, p.Data = index, slices.Clone(p.Data)
		select {
		case m.packets <- p:
		default:
		}
	}
}

// say sends a message to the group as another machine would.
func (s *segment) say(t *testing.T, from string, m message) {
	t.Helper()
	data, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	s.send(netip.AddrPortFrom(netip.MustParseAddr(from), Port), Group4, data)
	synctest.Wait()
}

// heard returns what passed since the last call.
func (s *segment) heard() []sentMessage {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.log
	s.log = nil
	return out
}

// seeded is the same on every run.
func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// running is a node that runs until stop or the end of the test.
func running(t *testing.T, cfg Config) (n *Node, ctx context.Context, stop func()) {
	t.Helper()
	if cfg.Rand == nil {
		cfg.Rand = seeded()
	}
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return n, ctx, stop
}

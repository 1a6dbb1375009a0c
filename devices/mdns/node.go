package mdns

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/internal/board"
)

// pollLinks is how often the interfaces are looked at.
const pollLinks = 2 * time.Second

// Config is what a Node is made from.
type Config struct {
	// Browse lists the services to look for: "_googlecast._tcp".
	Browse []string
	// Announce lists the services to announce. Empty announces nothing.
	Announce []Service
	// Host is the name that the announced services' addresses stand under,
	// one label without ".local": "jumpgate". It should not be the machine's
	// own name where another responder (avahi) announces that.
	Host string
	// Network is what to send and receive with; nil means Sockets of this
	// machine's interfaces.
	Network Network
	// Rand spreads packets in time; nil means a seed of its own.
	Rand *rand.Rand
	// Log gets what happens; nil discards it.
	Log *slog.Logger
}

// Node browses and announces. Make one with New; everything but Run may be
// called from anywhere.
type Node struct {
	browse []string
	net    Network
	rand   *rand.Rand
	log    *slog.Logger
	board  *board.Board[place, Event]
	ask    chan func()
	ended  chan struct{}

	// All below belongs to Run's goroutine.
	links map[int]*link
	names *names // nil if nothing is announced
	own   ownPackets
	wall  time.Time // the wall clock at the last look at the interfaces
}

// link is what the node knows on one interface.
type link struct {
	Link
	cache   *cache
	browser browser
	speaker speaker
	seen    LinkState
	failed  string // the last error of Join, said once
}

// ErrEnded is what a request gets when the Node does not run any more.
var ErrEnded = errors.New("mdns: ended")

// New checks the configuration. It opens nothing: Run does.
func New(cfg Config) (*Node, error) {
	for _, s := range cfg.Browse {
		if err := checkType(s); err != nil {
			return nil, err
		}
	}
	n := &Node{
		browse: slices.Clone(cfg.Browse), net: cfg.Network, rand: cfg.Rand, log: cfg.Log,
		board: newBoard(), ask: make(chan func()), ended: make(chan struct{}),
		links: make(map[int]*link), own: ownPackets{seed: maphash.MakeSeed()},
	}
	if n.rand == nil {
		n.rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // spreads packets, guards nothing
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if len(cfg.Announce) > 0 {
		names, err := newNames(cfg.Host, cfg.Announce)
		if err != nil {
			return nil, err
		}
		n.names = names
	}
	return n, nil
}

// Run browses and announces until the context ends, then says goodbye. It
// returns an error only if the machine's sockets cannot be had, or listing its
// interfaces fails at once. A Node runs once.
func (n *Node) Run(ctx context.Context) error {
	defer close(n.ended)
	defer n.board.Close()
	if n.net == nil {
		s, err := Sockets(SocketConfig{Log: n.log})
		if err != nil {
			return err
		}
		n.net = s
	}
	defer func() { _ = n.net.Close() }()
	if err := n.follow(time.Now()); err != nil {
		return fmt.Errorf("mdns: list interfaces: %w", err)
	}
	poll := time.NewTicker(pollLinks)
	defer poll.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			n.farewell()
			return nil
		case p := <-n.net.Packets():
			n.receive(p, time.Now())
		case <-poll.C:
			if err := n.follow(time.Now()); err != nil {
				n.log.Warn("mdns: list interfaces", "err", err)
			}
		case do := <-n.ask:
			do()
		case <-timer.C:
		}
		now := time.Now()
		n.work(now)
		timer.Reset(n.until(now))
	}
}

// do runs f on the node's goroutine and waits for it.
func (n *Node) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case n.ask <- func() { f(); close(done) }:
		<-done
		return nil
	case <-n.ended:
		return ErrEnded
	case <-ctx.Done():
		return fmt.Errorf("mdns: ask the node: %w", ctx.Err())
	}
}

// Refresh asks for everything anew, as if the node had just started: for a
// person who waits for a device to show up.
func (n *Node) Refresh(ctx context.Context) error {
	return n.do(ctx, func() {
		for _, l := range n.links {
			l.browser.restart(n.rand, time.Now())
		}
	})
}

// Watch returns the events from now on, after an Appeared for each instance that
// is there. The channel is closed when ctx or Run ends. A slow reader gets the
// latest state of each instance and holds up nobody.
func (n *Node) Watch(ctx context.Context) <-chan Event { return n.board.Watch(ctx) }

// Instances returns what is there now, sorted by service, name and interface.
func (n *Node) Instances() []Instance { return sorted(n.board.All()) }

// work does what is due on every link.
func (n *Node) work(now time.Time) {
	for _, l := range n.links {
		n.browseLink(l, now)
		if n.names != nil {
			n.speakLink(l, now)
		}
	}
}

// until is how long nothing has to be done.
func (n *Node) until(now time.Time) time.Duration {
	var w wake
	for _, l := range n.links {
		w.at(l.cache.due)
		l.browser.next(&w)
		l.speaker.next(&w)
	}
	if w.t.IsZero() {
		return pollLinks
	}
	return max(w.t.Sub(now), time.Millisecond)
}

// receive takes one packet.
func (n *Node) receive(p Packet, now time.Time) {
	l := n.links[p.Link]
	if l == nil {
		return
	}
	family := familyOf(p.From.Addr())
	if n.own.has(p.Data, now) {
		l.seen.Own[family]++
		return
	}
	if l.local(p.From.Addr()) {
		l.seen.Local[family]++
	} else {
		l.seen.Packets[family]++
	}
	m, err := parse(p.Data)
	if err != nil {
		l.seen.Bad++
		n.log.Debug("mdns: packet dropped", "link", l.Name, "from", p.From, "err", err)
		return
	}
	l.seen.Bad += m.bad
	switch {
	case !m.response:
		if n.names != nil {
			n.hearQuery(l, m, p.From, now)
		}
	case p.From.Port() != Port:
		// Only a responder on the port itself is to be believed (section 6).
		l.seen.Bad++
	default:
		n.hearResponse(l, m, now)
		if n.names != nil {
			n.hearClaims(l, m, now)
		}
	}
}

// multicast sends packets to the group on a link, in each family it has. A
// family that fails is counted: the other may work.
func (n *Node) multicast(l *link, packets [][]byte, now time.Time) {
	for family, group := range groups {
		if !l.has(family == v6) {
			continue
		}
		for _, data := range packets {
			if err := n.net.Send(l.Link, group, data); err != nil {
				l.seen.SendErr[family] = err.Error()
				n.log.Debug("mdns: send", "link", l.Name, "to", group, "err", err)
				continue
			}
			l.seen.SendErr[family] = ""
			l.seen.Sent[family]++
			n.own.add(data, now)
		}
	}
}

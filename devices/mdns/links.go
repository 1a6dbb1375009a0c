package mdns

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// The two families, as indices.
const (
	v4 = iota
	v6
)

var groups = [2]netip.AddrPort{v4: Group4, v6: Group6}

func familyOf(a netip.Addr) int {
	if a.Is4() || a.Is4In6() {
		return v4
	}
	return v6
}

// LinkState is what happened on one interface so far; of the arrays, the first
// is IPv4 and the second IPv6.
type LinkState struct {
	Link    Link
	Packets [2]int    // received from other machines
	Local   [2]int    // received from other programs on this machine
	Own     [2]int    // our own that came back: the interface loops multicasts
	Sent    [2]int    // packets sent
	SendErr [2]string // why the last one could not be sent
	Bad     int       // malformed packets, records and questions
	JoinErr string    // why the groups could not be joined
}

// Links returns the state of every interface in use, sorted by name.
func (n *Node) Links(ctx context.Context) ([]LinkState, error) {
	var out []LinkState
	err := n.do(ctx, func() {
		for _, l := range n.links {
			s := l.seen
			s.Link, s.JoinErr = l.Link, l.failed
			s.Link.Prefixes = slices.Clone(l.Prefixes)
			out = append(out, s)
		}
	})
	slices.SortFunc(out, func(a, b LinkState) int {
		if a.Link.Name < b.Link.Name {
			return -1
		}
		return 1
	})
	return out, err
}

// slept is how much further than the monotonic clock the wall clock must have
// gone between two looks for the machine to have slept.
const slept = 30 * time.Second

// follow brings the links in step with the machine's interfaces.
func (n *Node) follow(now time.Time) error {
	found, err := n.net.Links()
	if err != nil {
		return err
	}
	n.wakeUp(now)
	seen := make(map[int]bool, len(found))
	for _, f := range found {
		seen[f.Index] = true
		l := n.links[f.Index]
		switch {
		case l == nil || l.Name != f.Name:
			if l != nil {
				n.drop(l)
			}
			n.add(f, now)
		case !l.equal(f):
			l.Link = f
			n.join(l)
			n.readdress(l, now)
			n.log.Info("mdns: addresses changed", "link", l.Name, "addrs", f.Prefixes)
		case l.failed != "":
			n.join(l)
		}
	}
	for _, l := range slices.Collect(maps.Values(n.links)) {
		if !seen[l.Index] {
			n.drop(l)
		}
	}
	return nil
}

// wakeUp asks for everything anew after the machine has slept: what came and
// went meanwhile, nobody told us.
func (n *Node) wakeUp(now time.Time) {
	wall := now.Round(0)
	if last := n.wall; !last.IsZero() && wall.Sub(last) > pollLinks+slept {
		n.log.Info("mdns: the clock jumped, asking anew", "by", wall.Sub(last))
		for _, l := range n.links {
			l.browser.restart(n.rand, now)
		}
	}
	n.wall = wall
}

func (n *Node) add(f Link, now time.Time) {
	l := &link{Link: f, cache: newCache(n.rand)}
	l.browser.init()
	l.browser.restart(n.rand, now)
	n.readdress(l, now)
	n.links[f.Index] = l
	n.join(l)
	n.log.Info("mdns: interface in use", "link", f.Name, "addrs", f.Prefixes)
}

func (n *Node) join(l *link) {
	failed := ""
	if err := n.net.Join(l.Link); err != nil {
		failed = err.Error()
	}
	if failed != l.failed && failed != "" {
		n.log.Warn("mdns: cannot listen", "link", l.Name, "err", failed)
	}
	l.failed = failed
}

// drop forgets a link and all that was seen on it.
func (n *Node) drop(l *link) {
	n.net.Leave(l.Link)
	delete(n.links, l.Index)
	n.publish(l, nil)
	n.log.Info("mdns: interface gone", "link", l.Name)
}

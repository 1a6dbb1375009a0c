package mdns

import (
	"net/netip"
	"slices"
)

// Port is where multicast DNS is spoken (RFC 6762 section 3).
const Port = 5353

// Group4 and Group6 are where multicast DNS packets go.
var (
	Group4 = netip.AddrPortFrom(netip.AddrFrom4([4]byte{224, 0, 0, 251}), Port)
	Group6 = netip.AddrPortFrom(netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 15: 0xfb}), Port)
)

// Link is one interface of the machine, up and able to multicast.
type Link struct {
	Index    int
	Name     string
	Prefixes []netip.Prefix // its addresses with their networks
	Loopback bool
}

func (l Link) equal(o Link) bool {
	return l.Index == o.Index && l.Name == o.Name && l.Loopback == o.Loopback && slices.Equal(l.Prefixes, o.Prefixes)
}

// has tells whether the link has an address of the family.
func (l Link) has(v6 bool) bool {
	return slices.ContainsFunc(l.Prefixes, func(p netip.Prefix) bool { return p.Addr().Is6() == v6 })
}

// local tells whether an address is this machine's own.
func (l Link) local(a netip.Addr) bool {
	return slices.ContainsFunc(l.Prefixes, func(p netip.Prefix) bool { return p.Addr() == a.WithZone("") })
}

// onLink tells whether an address belongs to one of the link's networks.
func (l Link) onLink(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return a.IsLinkLocalUnicast() ||
		slices.ContainsFunc(l.Prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Packet is what was received.
type Packet struct {
	Link int            // the index of the interface that it came in on
	From netip.AddrPort // who sent it; its family is the packet's
	Data []byte         // the receiver's own
}

// Network is what a Node needs of the machine: the real one is made by
// [Sockets], tests have one in memory. All methods but Send are called by the
// node's goroutine only.
type Network interface {
	// Links lists the interfaces that can be used now.
	Links() ([]Link, error)
	// Join begins to receive on a link, in each family that it has an address
	// of. It may be called again, to try what failed. The error tells which
	// family does not work; the other may.
	Join(l Link) error
	// Leave ends it. The link may be gone already.
	Leave(l Link)
	// Packets is where packets come in, until Close. Who does not read leaves
	// them to the kernel, which drops what its buffer cannot hold.
	Packets() <-chan Packet
	// Send sends one packet out of a link.
	Send(l Link, to netip.AddrPort, data []byte) error
	Close() error
}

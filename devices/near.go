package devices

import (
	"net"
	"net/netip"
	"slices"
)

// cgnat is what mesh VPNs give their machines (RFC 6598).
var cgnat = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)

// near tells whether a device may be at an address: a private one, this
// machine's own, or one of the networks that it is in. The gateway connects to
// what mDNS, a name server or a person names; none of them shall lead it out
// into the Internet.
func (r *Registry) near(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || cgnat.Contains(a) {
		return true
	}
	return slices.ContainsFunc(r.networks(), func(p netip.Prefix) bool {
		if p.Addr().Is6() {
			// What a provider gives to one home is a /48 or less; its Wi-Fi and
			// its cables may be networks of their own in it.
			p = netip.PrefixFrom(p.Addr(), min(p.Bits(), 48))
		}
		return p.Contains(a)
	})
}

// ownNetworks are those that this machine has addresses in; none where they
// cannot be looked up.
func ownNetworks() []netip.Prefix {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Prefix
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p)
		}
	}
	return out
}

package gateway

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// origin makes the URLs that devices fetch: it implements zone.Origin. Devices
// ignore local DNS and refuse our certificates, so a URL is an IP literal over
// plain HTTP, on the interface that the device can reach.
type origin struct {
	signer    *api.Signer
	port      uint16
	advertise string // in place of our own address, where that can't be seen from inside
}

// URL implements zone.Origin.
func (o *origin) URL(peer netip.Addr, r zone.Resource) (string, error) {
	return o.mediaURL(peer, string(r.Kind), r.ID, "")
}

func (o *origin) mediaURL(peer netip.Addr, kind, id, file string) (string, error) {
	host, err := o.hostPort(peer)
	if err != nil {
		return "", err
	}
	return "http://" + host + o.signer.Path(kind, id, file), nil
}

// hostPort is where a peer finds us.
func (o *origin) hostPort(peer netip.Addr) (string, error) {
	host, err := o.host(peer)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(int(o.port))), nil
}

// host is our address as a peer sees it.
func (o *origin) host(peer netip.Addr) (string, error) {
	if o.advertise != "" {
		return o.advertise, nil
	}
	local, err := localAddr(peer)
	if err != nil {
		return "", fmt.Errorf("find our address as %s sees it: %w", peer, err)
	}
	return local.String(), nil
}

// localAddr is the address from which packets go to peer. Nothing is sent:
// connecting a UDP socket only asks the routing table.
func localAddr(peer netip.Addr) (netip.Addr, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(peer, 9)))
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = conn.Close() }()
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}, err
	}
	at := local.Addr().Unmap()
	if !at.IsLinkLocalUnicast() || at.Is4() {
		return at, nil
	}
	// A URL cannot say on which link such an address is: a device does not get
	// there. Another address on the same interface is as near.
	if link, err := net.InterfaceByName(at.Zone()); err == nil {
		if all, err := link.Addrs(); err == nil {
			at = routable(at, all)
		}
	}
	return at.WithZone(""), nil
}

// routable is the first of an interface's addresses that a URL can name, IPv4
// before IPv6; at if there is none.
func routable(at netip.Addr, all []net.Addr) netip.Addr {
	best := at
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || prefix.Addr().IsLinkLocalUnicast() {
			continue
		}
		if best == at || prefix.Addr().Is4() && !best.Is4() {
			best = prefix.Addr()
		}
	}
	return best
}

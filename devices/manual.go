package devices

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Errors that callers test for.
var (
	ErrAddress   = errors.New("devices: unusable address")
	ErrKind      = errors.New("devices: cannot be added by address")
	ErrExists    = errors.New("devices: already there")
	ErrNotFound  = errors.New("devices: not found")
	ErrNotManual = errors.New("devices: was not added by address")
	ErrFull      = errors.New("devices: too many devices")
)

// manual is what a person typed.
type manual struct {
	text  string // as it is written in Device.Added: "host:port"
	host  string // empty if it was an address
	port  uint16
	addrs []netip.AddrPort
	name  string
	kind  Kind
}

// defaultPorts are used where a person gave none.
var defaultPorts = map[Kind]uint16{Cast: castPort, Player: 8928, AirPlay: 7000}

// parseManual reads "192.168.1.20", "192.168.1.20:8009", "[fe80::1%eth0]:8928",
// "speaker.lan" or "speaker.lan:8928". The port can be left out where the kind
// has a usual one.
func parseManual(kind Kind, address, name string) (manual, error) {
	switch kind {
	case Cast, CastGroup, Player, AirPlay, DLNA:
	case Browser:
		return manual{}, fmt.Errorf("%w: a browser comes by itself, open the page there", ErrKind)
	default:
		return manual{}, fmt.Errorf("%w: kind %q", ErrKind, kind)
	}
	address = strings.TrimSpace(address)
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		host, portText = strings.Trim(address, "[]"), ""
	}
	m := manual{host: host, port: defaultPorts[kind], name: clean(name), kind: kind}
	if portText != "" {
		port, err := strconv.ParseUint(portText, 10, 16)
		if err != nil {
			return manual{}, fmt.Errorf("%w: port %q: want 1 to 65535", ErrAddress, portText)
		}
		m.port = uint16(port)
	}
	if m.port == 0 {
		return manual{}, fmt.Errorf("%w: %q: a %s device needs a port", ErrAddress, address, kind)
	}
	m.text = net.JoinHostPort(host, strconv.Itoa(int(m.port)))
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		if err := usable(a); err != nil {
			return manual{}, err
		}
		m.host, m.addrs = "", []netip.AddrPort{netip.AddrPortFrom(a, m.port)}
		m.text = m.addrs[0].String()
		return m, nil
	}
	if !hostName(host) {
		return manual{}, fmt.Errorf("%w: %q: want an address or a host name, with :port", ErrAddress, address)
	}
	return m, nil
}

// usable refuses addresses that no device can have.
func usable(a netip.Addr) error {
	switch {
	case a.IsUnspecified(), a.IsMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("%w: %s is no device's", ErrAddress, a)
	case a.Is6() && a.IsLinkLocalUnicast() && a.Zone() == "":
		return fmt.Errorf("%w: %s needs its interface: %s%%eth0", ErrAddress, a, a)
	}
	return nil
}

// hostName accepts names of letters, digits, hyphens and dots (RFC 1123), with a
// letter somewhere: "192.168.1" is a mistyped address.
func hostName(s string) bool {
	if s == "" || len(s) > 253 || !strings.ContainsFunc(s, isLetter) {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') && r != '-' && r != '_' }) {
			return false
		}
	}
	return true
}

func isLetter(r rune) bool { return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') }

// lookUp finds the addresses of a device that was added by name.
func (r *Registry) lookUp(ctx context.Context, m manual) ([]netip.AddrPort, error) {
	addrs, err := r.resolve(ctx, m.host)
	if err != nil {
		return nil, fmt.Errorf("%w: look up %s: %w", ErrAddress, m.host, err)
	}
	var out []netip.AddrPort
	for _, a := range addrs {
		if a = a.Unmap(); usable(a) == nil && r.near(a) {
			out = append(out, netip.AddrPortFrom(a, m.port))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s has no address in this home's network", ErrAddress, m.host)
	}
	sortAddrs(out)
	return out, nil
}

package mdns

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
)

// SocketConfig is what Sockets are made from.
type SocketConfig struct {
	// Interfaces limits the interfaces to those named; empty means every one
	// that can multicast or, if there is none, the loopback: players on the
	// same machine are found without a network, too.
	Interfaces []string
	// Log gets what goes wrong; nil discards it.
	Log *slog.Logger
}

// listLinks lists the machine's usable interfaces.
func listLinks(only []string) ([]Link, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var links, loops []Link
	for _, i := range all {
		const up = net.FlagUp | net.FlagRunning
		if i.Flags&up != up {
			continue
		}
		named := slices.Contains(only, i.Name)
		if len(only) > 0 && !named {
			continue
		}
		l := Link{Index: i.Index, Name: i.Name, Loopback: i.Flags&net.FlagLoopback != 0}
		if l.Prefixes = prefixes(i); len(l.Prefixes) == 0 {
			continue // or it went away while we looked
		}
		switch {
		case l.Loopback && !named:
			loops = append(loops, l)
		case named || i.Flags&net.FlagMulticast != 0:
			links = append(links, l)
		}
	}
	if len(links) == 0 {
		return loops, nil
	}
	return links, nil
}

func prefixes(i net.Interface) []netip.Prefix {
	addrs, err := i.Addrs()
	if err != nil {
		return nil
	}
	var out []netip.Prefix
	for _, a := range addrs {
		ipnet, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(ipnet.IP)
		if !ok {
			continue
		}
		ones, _ := ipnet.Mask.Size()
		out = append(out, netip.PrefixFrom(ip.Unmap(), ones))
	}
	slices.SortFunc(out, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	return out
}

package mdns

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// sockets is the real Network. For IPv4 there is one socket, bound to the group
// address: a wildcard would take the unicast packets that are meant for an
// avahi on this host. For IPv6, where the group's address needs an interface,
// there is one a link.
type sockets struct {
	cfg     SocketConfig
	log     *slog.Logger
	packets chan Packet
	done    chan struct{}
	readers sync.WaitGroup

	// The node's goroutine alone changes these; Send reads them there, too.
	four   *ipv4.PacketConn
	joined map[int]bool
	six    map[int]*ipv6.PacketConn
}

// waiting is how many packets may wait for the node; then the kernel's buffer
// fills, and it drops.
const waiting = 64

// Sockets opens the port. It fails if another program holds it without sharing.
func Sockets(cfg SocketConfig) (Network, error) {
	s := &sockets{
		cfg: cfg, log: cfg.Log, packets: make(chan Packet, waiting), done: make(chan struct{}),
		joined: make(map[int]bool), six: make(map[int]*ipv6.PacketConn),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	pc, err := listen(unix.AF_INET, &unix.SockaddrInet4{Port: Port, Addr: Group4.Addr().As4()}, []option{
		{unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0},
		{unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 1},
		{unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, 255},
		{unix.IPPROTO_IP, unix.IP_TTL, 255},
	})
	if err != nil {
		return nil, fmt.Errorf("mdns: open %s: %w", Group4, err)
	}
	s.four = ipv4.NewPacketConn(pc)
	if err := s.four.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true); err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("mdns: ask for the interface of packets: %w", err)
	}
	s.readers.Go(s.read4)
	return s, nil
}

type option struct{ level, name, value int }

// listen opens a UDP socket that shares its port.
func listen(family int, bind unix.Sockaddr, options []option) (net.PacketConn, error) {
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_UDP)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), "mdns")
	defer func() { _ = f.Close() }() // net.FilePacketConn has its own copy
	options = append([]option{
		{unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
		{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
	}, options...)
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return nil, os.NewSyscallError(fmt.Sprintf("setsockopt %d/%d", o.level, o.name), err)
		}
	}
	if err := unix.Bind(fd, bind); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	return net.FilePacketConn(f)
}

func (s *sockets) Links() ([]Link, error) { return listLinks(s.cfg.Interfaces) }

func (s *sockets) Packets() <-chan Packet { return s.packets }

func (s *sockets) Join(l Link) error {
	var errs []error
	if l.has(false) && !s.joined[l.Index] {
		err := s.four.JoinGroup(&net.Interface{Index: l.Index}, &net.UDPAddr{IP: Group4.Addr().AsSlice()})
		if err == nil || errors.Is(err, unix.EADDRINUSE) { // we are in it
			s.joined[l.Index] = true
		} else {
			errs = append(errs, fmt.Errorf("join %s on %s: %w", Group4.Addr(), l.Name, err))
		}
	}
	if l.has(true) && s.six[l.Index] == nil {
		if err := s.join6(l); err != nil {
			errs = append(errs, fmt.Errorf("join %s on %s: %w", Group6.Addr(), l.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (s *sockets) join6(l Link) error {
	pc, err := listen(unix.AF_INET6, &unix.SockaddrInet6{Port: Port, Addr: Group6.Addr().As16(), ZoneId: uint32(l.Index)}, []option{
		{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 1},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, 255},
		{unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, 255},
		{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, l.Index},
	})
	if err != nil {
		return err
	}
	p := ipv6.NewPacketConn(pc)
	if err := p.JoinGroup(&net.Interface{Index: l.Index}, &net.UDPAddr{IP: Group6.Addr().AsSlice()}); err != nil {
		_ = p.Close()
		return err
	}
	s.six[l.Index] = p
	s.readers.Go(func() { s.read6(p, l.Index) })
	return nil
}

func (s *sockets) Leave(l Link) {
	if s.joined[l.Index] {
		// The interface may be gone, and the membership with it.
		_ = s.four.LeaveGroup(&net.Interface{Index: l.Index}, &net.UDPAddr{IP: Group4.Addr().AsSlice()})
		delete(s.joined, l.Index)
	}
	if p := s.six[l.Index]; p != nil {
		_ = p.Close()
		delete(s.six, l.Index)
	}
}

func (s *sockets) Send(l Link, to netip.AddrPort, data []byte) error {
	if familyOf(to.Addr()) == v4 {
		_, err := s.four.WriteTo(data, &ipv4.ControlMessage{IfIndex: l.Index}, net.UDPAddrFromAddrPort(to))
		return err
	}
	p := s.six[l.Index]
	if p == nil {
		return fmt.Errorf("mdns: no IPv6 on %s", l.Name)
	}
	addr := net.UDPAddrFromAddrPort(to)
	addr.Zone = l.Name
	_, err := p.WriteTo(data, nil, addr)
	return err
}

func (s *sockets) read4() {
	buf := make([]byte, maxPacket+1)
	s.read(func() (n, link int, from net.Addr, err error) {
		n, cm, from, err := s.four.ReadFrom(buf)
		if err != nil || cm == nil || !cm.Dst.Equal(Group4.Addr().AsSlice()) {
			return 0, 0, nil, err
		}
		return n, cm.IfIndex, from, nil
	}, buf)
}

func (s *sockets) read6(p *ipv6.PacketConn, link int) {
	buf := make([]byte, maxPacket+1)
	s.read(func() (int, int, net.Addr, error) {
		n, _, from, err := p.ReadFrom(buf)
		return n, link, from, err
	}, buf)
}

// pauseAfterError keeps a socket that only fails from turning in circles.
const pauseAfterError = 100 * time.Millisecond

// read hands packets on until the socket is closed. An error other than that
// (an ICMP that came back, an interface that went down) does not end it.
func (s *sockets) read(one func() (n, link int, from net.Addr, err error), buf []byte) {
	for {
		n, link, from, err := one()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.log.Debug("mdns: receive", "err", err)
			select {
			case <-time.After(pauseAfterError):
				continue
			case <-s.done:
				return
			}
		}
		udp, ok := from.(*net.UDPAddr)
		if !ok {
			continue
		}
		ap := udp.AddrPort()
		p := Packet{Link: link, From: netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), Data: append([]byte(nil), buf[:n]...)}
		select {
		case s.packets <- p:
		case <-s.done:
			return
		}
	}
}

func (s *sockets) Close() error {
	close(s.done)
	err := s.four.Close()
	for _, p := range s.six {
		_ = p.Close()
	}
	s.readers.Wait()
	return err
}

package mdns

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// checkService is what a diagnosis announces, to see whether it is heard.
const checkService = "_jumpgate-check._tcp"

// DiagnoseConfig is what a diagnosis is made with.
type DiagnoseConfig struct {
	// Browse lists the services to look for.
	Browse []string
	// Interfaces limits the diagnosis to those named.
	Interfaces []string
	// Wait is how long to listen; 0 means five seconds.
	Wait time.Duration
	// Log gets what happens; nil discards it.
	Log *slog.Logger
}

// Report is what a diagnosis found.
type Report struct {
	// Socket is why the port could not be opened, empty if it was.
	Socket     string
	Interfaces []InterfaceReport // sorted by name
}

// InterfaceReport is what was found on one interface.
type InterfaceReport struct {
	Name      string
	Up        bool // and its cable or radio is connected
	Multicast bool
	Loopback  bool
	Used      bool // we send and receive on it
	Addrs     []netip.Prefix
	Seen      []Instance // mDNS, sorted
	Renderers []Renderer // DLNA devices, by SSDP
	State     LinkState  // packets and errors
	// HeardBack tells that a second program on this machine heard what we
	// announced here.
	HeardBack bool
	// Second lists instances that a second look by other means found and we
	// did not: "Kitchen (_googlecast._tcp)".
	Second []string
	// SecondErr is why the second look could not be taken.
	SecondErr string
}

// Diagnose looks at every interface for the configured time: what can be sent
// and received, what is seen, and what a second, independent implementation
// (hashicorp/mdns) sees. It uses sockets of its own beside those of a running
// Node. For up to a second at a time the second look may take unicast packets
// away from an avahi on this machine.
func Diagnose(ctx context.Context, cfg DiagnoseConfig) (Report, error) {
	if cfg.Wait <= 0 {
		cfg.Wait = 5 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	var r Report
	if err := r.list(cfg.Interfaces); err != nil {
		return r, err
	}
	network, err := Sockets(SocketConfig{Interfaces: cfg.Interfaces, Log: cfg.Log})
	if err != nil {
		r.Socket = err.Error()
		return r, nil
	}
	name := fmt.Sprintf("check-%d", time.Now().UnixNano())
	n, err := New(Config{
		Browse: cfg.Browse, Host: name, Network: network, Log: cfg.Log,
		Announce: []Service{{Name: name, Type: checkService, Port: Port}},
	})
	if err != nil {
		_ = network.Close()
		return r, err
	}
	look, cancel := context.WithTimeout(ctx, cfg.Wait)
	defer cancel()
	run, stop := context.WithCancel(ctx)
	defer stop()
	var g errgroup.Group
	g.Go(func() error { return n.Run(run) })
	g.Go(func() error {
		defer stop()
		r.look(look, n, name, cfg.Browse)
		return r.collect(ctx, n)
	})
	if err := g.Wait(); err != nil {
		return r, fmt.Errorf("mdns: diagnose: %w", err)
	}
	return r, nil
}

// list notes the machine's interfaces.
func (r *Report) list(only []string) error {
	all, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("mdns: list interfaces: %w", err)
	}
	for _, i := range all {
		if len(only) > 0 && !slices.Contains(only, i.Name) {
			continue
		}
		r.Interfaces = append(r.Interfaces, InterfaceReport{
			Name: i.Name, Addrs: prefixes(i), Loopback: i.Flags&net.FlagLoopback != 0,
			Up: i.Flags&(net.FlagUp|net.FlagRunning) == net.FlagUp|net.FlagRunning, Multicast: i.Flags&net.FlagMulticast != 0,
		})
	}
	slices.SortFunc(r.Interfaces, func(a, b InterfaceReport) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// look spends the time of a diagnosis: the node listens, DLNA devices are asked
// for, and the second look is taken.
func (r *Report) look(ctx context.Context, n *Node, name string, browse []string) {
	var wg sync.WaitGroup
	for i := range r.Interfaces {
		at := &r.Interfaces[i]
		if !at.Up || len(at.Addrs) == 0 {
			continue
		}
		wg.Go(func() {
			// Each writes fields of its own.
			at.Renderers = searchRenderers(ctx, at.Addrs)
		})
		wg.Go(func() {
			var err error
			if at.Second, at.HeardBack, err = secondLook(ctx, n, at.Name, name, browse); err != nil {
				at.SecondErr = err.Error()
			}
		})
	}
	wg.Wait()
	<-ctx.Done()
}

// collect takes over what the node has seen. What a second look found counts
// only if we missed it.
func (r *Report) collect(ctx context.Context, n *Node) error {
	links, err := n.Links(ctx)
	if err != nil {
		return err
	}
	seen := n.Instances()
	for i := range r.Interfaces {
		at := &r.Interfaces[i]
		for _, l := range links {
			if l.Link.Name == at.Name {
				at.Used, at.State = true, l
			}
		}
		for _, s := range seen {
			if s.Interface == at.Name {
				at.Seen = append(at.Seen, s)
			}
		}
		at.Second = slices.DeleteFunc(at.Second, func(what string) bool {
			return slices.ContainsFunc(at.Seen, func(s Instance) bool { return strings.EqualFold(what, secondText(s.Name, s.Service)) })
		})
	}
	return nil
}

func secondText(name, service string) string { return name + " (" + service + ")" }

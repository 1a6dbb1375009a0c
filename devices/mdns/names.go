package mdns

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names are what we announce ourselves as. They are the same on every link: a
// conflict on one renames everywhere.
type names struct {
	host     string // the label that was asked for
	hostN    int    // 2 for "host-2"; 0 for the plain one
	services []Service
	numbers  []int       // of each service: 2 for "Name (2)"
	losses   []time.Time // the latest conflicts
}

func newNames(host string, services []Service) (*names, error) {
	if host == "" || len(host) > 63 || strings.ContainsFunc(host, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}) {
		return nil, fmt.Errorf("%w: host %q: want 1 to 63 letters, digits and hyphens", ErrService, host)
	}
	for i, s := range services {
		if err := s.check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(services[:i], func(o Service) bool { return o.Name == s.Name && o.Type == s.Type }) {
			return nil, fmt.Errorf("%w: %q of %s twice", ErrService, s.Name, s.Type)
		}
	}
	return &names{host: host, services: slices.Clone(services), numbers: make([]int, len(services))}, nil
}

func (n *names) hostLabel() string {
	if n.hostN == 0 {
		return n.host
	}
	suffix := "-" + strconv.Itoa(n.hostN)
	return fitLabel(n.host, len(suffix)) + suffix
}

func (n *names) hostDomain() string { return n.hostLabel() + "." + domain }

func (n *names) instance(i int) string {
	if n.numbers[i] == 0 {
		return n.services[i].Name
	}
	suffix := " (" + strconv.Itoa(n.numbers[i]) + ")"
	return fitLabel(n.services[i].Name, len(suffix)) + suffix
}

// rename takes the next form of a name that somebody else has.
func (n *names) rename(full string) {
	if fold(full) == fold(n.hostDomain()) {
		n.hostN = max(n.hostN+1, 2)
		return
	}
	for i, s := range n.services {
		if fold(full) == fold(instanceDomain(n.instance(i), s.Type)) {
			n.numbers[i] = max(n.numbers[i]+1, 2)
			return
		}
	}
}

// What to do about somebody who contests every name (RFC 6762 section 8.1).
const (
	manyLosses = 15
	lossWindow = 10 * time.Second
	lossPause  = 5 * time.Second
)

// lost counts a conflict and returns how long to wait before the next probe.
func (n *names) lost(now time.Time) time.Duration {
	n.losses = slices.DeleteFunc(append(n.losses, now), func(t time.Time) bool { return now.Sub(t) > lossWindow })
	if len(n.losses) < manyLosses {
		return 0
	}
	return lossPause
}

// Announced is a service as it stands on the network.
type Announced struct {
	Service Service  // with the name that it got
	Host    string   // "jumpgate.local"
	On      []string // the interfaces where it is established, sorted
}

// Announced returns what is announced, under which names, and where.
func (n *Node) Announced(ctx context.Context) ([]Announced, error) {
	var out []Announced
	err := n.do(ctx, func() {
		if n.names == nil {
			return
		}
		var on []string
		for _, l := range n.links {
			if l.speaker.stage == established {
				on = append(on, l.Name)
			}
		}
		slices.Sort(on)
		for i, s := range n.names.services {
			s.Name, s.TXT = n.names.instance(i), slices.Clone(s.TXT)
			out = append(out, Announced{s, hostText(n.names.hostDomain()), slices.Clone(on)})
		}
	})
	return out, err
}

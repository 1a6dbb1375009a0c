package mdns

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"time"

	hashicorp "github.com/hashicorp/mdns"
)

// secondWait is how long hashicorp/mdns listens for each service.
const secondWait = 700 * time.Millisecond

var errNotEstablished = errors.New("mdns: the check was not announced in time")

// secondLook asks with hashicorp/mdns for what we browse, and for what we have
// just announced. It sees less than we do where several answer in one packet;
// what it sees and we do not would be our fault.
func secondLook(ctx context.Context, n *Node, iface, own string, browse []string) (found []string, heardBack bool, err error) {
	dev, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, false, err
	}
	if !waitEstablished(ctx, n, iface) {
		return nil, false, errNotEstablished
	}
	for _, service := range append([]string{checkService}, browse...) {
		entries := make(chan *hashicorp.ServiceEntry, 64)
		left := secondWait
		if end, ok := ctx.Deadline(); ok {
			left = min(left, time.Until(end))
		}
		if left <= 0 || ctx.Err() != nil {
			break
		}
		err := hashicorp.QueryContext(ctx, &hashicorp.QueryParam{
			Service: service, Domain: strings.TrimSuffix(domain, "."), Interface: dev, Timeout: left, Entries: entries,
			Logger: log.New(io.Discard, "", 0), DisableIPv6: true,
		})
		close(entries)
		if err != nil { // its sockets want a default route
			return nil, false, err
		}
		for e := range entries {
			name, ok := instanceOf(unescape(e.Name), serviceDomain(service))
			switch {
			case !ok: // it reports what it hears, whatever was asked for
			case service == checkService:
				heardBack = heardBack || name == own
			default:
				found = append(found, secondText(name, service))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), heardBack, nil
}

// waitEstablished waits until the node announces on an interface.
func waitEstablished(ctx context.Context, n *Node, iface string) bool {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if a, err := n.Announced(ctx); err == nil && len(a) > 0 && slices.Contains(a[0].On, iface) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// unescape undoes a zone file's escapes, giving a name in our masked form.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c != '\\' || i+1 == len(name):
		case i+3 < len(name) && isDigits(name[i+1:i+4]):
			c = byte((int(name[i+1]-'0')*100 + int(name[i+2]-'0')*10 + int(name[i+3]-'0')) & 0xff)
			i += 3
		default:
			i++
			c = name[i]
			if c == dot {
				c = maskedDot
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

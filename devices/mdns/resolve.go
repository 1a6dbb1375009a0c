package mdns

import (
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// resolve works out from the cache which instances there are, asks for what is
// missing, and publishes what has changed.
func (n *Node) resolve(l *link, now time.Time) {
	r := resolution{
		l: l, now: now,
		shown: make(map[place]Instance), used: make(map[key]bool),
		missing: make(map[key]bool), bare: make(map[place]time.Time),
	}
	for _, service := range n.browse {
		full := serviceDomain(service)
		for _, e := range l.cache.get(full, dnsmessage.TypePTR) {
			if name, ok := instanceOf(e.target, full); ok {
				r.instance(service, name, e.target)
			}
		}
	}
	b := &l.browser
	b.used, b.bare = r.used, r.bare
	for k := range b.wants {
		if !r.missing[k] {
			delete(b.wants, k)
		}
	}
	for k := range r.missing {
		if b.wants[k] == nil {
			b.wants[k] = &backoff{now, firstGap}
		}
	}
	n.publish(l, r.shown)
}

// resolution is one pass over a link's cache.
type resolution struct {
	l       *link
	now     time.Time
	shown   map[place]Instance
	used    map[key]bool
	missing map[key]bool
	bare    map[place]time.Time
}

// records returns what is known of a type, and notes that it is of use.
func (r *resolution) records(name string, typ dnsmessage.Type) []*entry {
	r.used[key{fold(name), typ}] = true
	return r.l.cache.living(name, typ)
}

func (r *resolution) want(name string, typ dnsmessage.Type) {
	r.missing[key{fold(name), typ}] = true
}

// instance puts one together, if all that it takes is there.
func (r *resolution) instance(service, name, full string) {
	at := place{r.l.Index, service, fold(full)}
	srv, txt := r.records(full, dnsmessage.TypeSRV), r.records(full, dnsmessage.TypeTXT)
	if len(txt) == 0 {
		r.want(full, dnsmessage.TypeTXT)
	}
	if len(srv) == 0 {
		r.want(full, dnsmessage.TypeSRV)
		return
	}
	host := srv[0].target
	v4, v6 := r.records(host, dnsmessage.TypeA), r.records(host, dnsmessage.TypeAAAA)
	if len(v4)+len(v6) == 0 {
		r.want(host, dnsmessage.TypeA)
		r.want(host, dnsmessage.TypeAAAA)
		return
	}
	i := Instance{
		Service: service, Name: name, Host: hostText(host), Port: srv[0].port,
		Addrs: r.l.addresses(host), Interface: r.l.Name, TXT: map[string]string{},
	}
	if len(i.Addrs) == 0 || i.Port == 0 {
		return
	}
	if len(txt) > 0 {
		i.TXT = txtMap(txt[0].txt)
	}
	// Who speaks both families says so in two packets, and IPv4 is what works
	// for most.
	noV4 := len(v4) == 0 && r.l.has(false)
	if (len(txt) == 0 || noV4) && r.waits(at) {
		if noV4 {
			r.want(host, dnsmessage.TypeA)
		}
		return
	}
	r.shown[at] = i
}

// waits tells whether an instance is to be held back until the rest comes.
func (r *resolution) waits(at place) bool {
	b := &r.l.browser
	if _, already := b.shown[at]; already {
		return false
	}
	since, ok := b.bare[at]
	if !ok {
		since = r.now
	}
	if r.now.Sub(since) >= waitRest {
		return false
	}
	r.bare[at] = since
	return true
}

// publish posts the difference between what was shown on a link and what is to
// be shown now.
func (n *Node) publish(l *link, shown map[place]Instance) {
	old := l.browser.shown
	for at, i := range old {
		if _, still := shown[at]; !still {
			n.board.Drop(at, Event{Gone, i})
		}
	}
	for at, i := range shown {
		switch was, known := old[at]; {
		case !known:
			n.board.Post(at, Event{Appeared, i}, Event{Appeared, i})
		case !was.equal(i):
			n.board.Post(at, Event{Appeared, i}, Event{Changed, i})
		}
	}
	l.browser.shown = shown
}

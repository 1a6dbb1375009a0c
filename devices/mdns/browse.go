package mdns

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// The times of querying (RFC 6762 section 5.2).
const (
	firstQueryMin = 20 * time.Millisecond
	firstQueryMax = 120 * time.Millisecond
	firstGap      = time.Second
	lastGap       = time.Hour
	lastWantGap   = time.Minute
	askAgain      = time.Second            // the same question is not asked sooner
	waitRest      = 500 * time.Millisecond // an instance is shown without a TXT record after this
)

// browser is what the node's querying remembers of one link.
type browser struct {
	query backoff             // the questions for the services themselves
	wants map[key]*backoff    // what is missing of an instance
	asked map[key]time.Time   // when a question was sent last
	used  map[key]bool        // records that lead to a shown instance: worth refreshing
	shown map[place]Instance  // what was published
	bare  map[place]time.Time // complete but for TXT or IPv4, and since when
	dirty bool                // the cache has changed
}

// backoff is when to ask next, and how much later then again.
type backoff struct {
	next time.Time
	gap  time.Duration
}

func (b *backoff) step(now time.Time, limit time.Duration) {
	b.next = now.Add(b.gap)
	b.gap = min(2*b.gap, limit)
}

func (b *browser) init() {
	b.wants, b.asked = make(map[key]*backoff), make(map[key]time.Time)
	b.shown, b.bare = make(map[place]Instance), make(map[place]time.Time)
}

// restart begins the queries anew.
func (b *browser) restart(r *rand.Rand, now time.Time) {
	b.query = backoff{now.Add(between(r, firstQueryMin, firstQueryMax)), firstGap}
}

func between(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)))
}

func (b *browser) next(w *wake) {
	w.at(b.query.next)
	for _, want := range b.wants {
		w.at(want.next)
	}
	for _, since := range b.bare {
		w.at(since.Add(waitRest))
	}
}

// browseLink lets expire what has expired, brings the instances up to date and
// sends the questions that are due, all in one query.
func (n *Node) browseLink(l *link, now time.Time) {
	b := &l.browser
	if len(n.browse) == 0 {
		b.query.next = time.Time{}
		return
	}
	ended, stale := l.cache.sweep(now)
	if ended || b.dirty || b.ripe(now) {
		b.dirty = false
		n.resolve(l, now)
	}
	ask := make(map[key]string) // the name as it is to be written
	if !b.query.next.After(now) {
		b.query.step(now, lastGap)
		for _, s := range n.browse {
			name := serviceDomain(s)
			ask[key{fold(name), dnsmessage.TypePTR}] = name
		}
	}
	for k, want := range b.wants {
		if !want.next.After(now) {
			want.step(now, lastWantGap)
			ask[k] = k.name
		}
	}
	for _, k := range stale {
		if k.typ == dnsmessage.TypePTR || b.used[k] {
			ask[k] = k.name
		}
	}
	n.query(l, ask, now)
}

// ripe tells whether an instance has waited for the rest for long enough.
func (b *browser) ripe(now time.Time) bool {
	for _, since := range b.bare {
		if !since.Add(waitRest).After(now) {
			return true
		}
	}
	return false
}

// query asks, with what is known already.
func (n *Node) query(l *link, ask map[key]string, now time.Time) {
	b := &l.browser
	for k, at := range b.asked {
		if now.Sub(at) >= askAgain {
			delete(b.asked, k)
		}
	}
	var questions []question
	var known []record
	for k, name := range ask {
		if _, again := b.asked[k]; again {
			continue
		}
		b.asked[k] = now
		questions = append(questions, question{name: name, typ: k.typ})
		known = append(known, l.cache.known(k, now)...)
	}
	if len(questions) == 0 {
		return
	}
	slices.SortFunc(questions, func(a, o question) int { return compareKeys(a.key(), o.key()) })
	for part := range slices.Chunk(questions, maxQuestions) {
		packets, err := packQuery(part, known)
		if err != nil {
			n.log.Warn("mdns: write query", "err", err)
			return
		}
		n.multicast(l, packets, now)
		known = nil
	}
}

// maxQuestions is how many fit into a packet whatever their names.
const maxQuestions = 16

func compareKeys(a, b key) int {
	switch {
	case a.name < b.name:
		return -1
	case a.name > b.name:
		return 1
	}
	return int(a.typ) - int(b.typ)
}

// hearResponse takes what concerns a browsed service into the cache: first the
// instances, then the hosts that they lead to.
func (n *Node) hearResponse(l *link, m message, now time.Time) {
	if len(n.browse) == 0 {
		return
	}
	records := slices.Concat(m.answers, m.additional)
	full := false
	take := func(wanted func(*record) bool) {
		flush := make(map[key]bool)
		for i := range records {
			r := &records[i]
			if !wanted(r) {
				continue
			}
			switch l.cache.put(*r, now) {
			case news:
				l.browser.dirty = true
			case refused:
				full = true
			case nothingNew:
			}
			if r.flush {
				flush[r.key()] = true
			}
			l.browser.settle(r)
		}
		for k := range flush {
			l.cache.flush(k, now)
		}
	}
	take(n.concerns)
	hosts := l.cache.hosts()
	take(func(r *record) bool {
		return (r.typ == dnsmessage.TypeA || r.typ == dnsmessage.TypeAAAA) && hosts[fold(r.name)]
	})
	if full {
		n.log.Debug("mdns: too many records, new ones are not kept", "link", l.Name)
	}
}

// settle ends the asking for what has come.
func (b *browser) settle(r *record) {
	if r.ttl > 0 {
		delete(b.wants, r.key())
	}
}

// concerns tells whether a record is of a browsed service or its instances.
func (n *Node) concerns(r *record) bool {
	return slices.ContainsFunc(n.browse, func(s string) bool {
		switch service := serviceDomain(s); r.typ {
		case dnsmessage.TypePTR:
			return fold(service) == fold(r.name)
		case dnsmessage.TypeSRV, dnsmessage.TypeTXT:
			_, ok := instanceOf(r.name, service)
			return ok
		default:
			return false
		}
	})
}

// hosts are the names that the known instances are at, folded.
func (c *cache) hosts() map[string]bool {
	m := make(map[string]bool)
	for k, list := range c.entries {
		if k.typ == dnsmessage.TypeSRV {
			for _, e := range list {
				m[fold(e.target)] = true
			}
		}
	}
	return m
}

// addresses lists where a host is, as it can be reached from this machine.
func (l *link) addresses(host string) []netip.Addr {
	var out []netip.Addr
	for _, typ := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		for _, e := range l.cache.living(host, typ) {
			a := e.addr.Unmap()
			if a.IsUnspecified() || a.IsMulticast() || (a.IsLoopback() && !l.Loopback) {
				continue
			}
			if a.Is6() && a.IsLinkLocalUnicast() {
				a = a.WithZone(l.Name)
			}
			out = append(out, a)
		}
	}
	slices.SortFunc(out, compareAddrs)
	return slices.Compact(out)
}

// compareAddrs puts IPv4 first and link-local addresses last.
func compareAddrs(a, b netip.Addr) int {
	rank := func(x netip.Addr) int {
		switch {
		case x.IsLinkLocalUnicast():
			return 2
		case x.Is6():
			return 1
		}
		return 0
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return a.Compare(b)
}

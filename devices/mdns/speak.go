package mdns

import (
	"bytes"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// The times of claiming a name (RFC 6762 sections 8.1 to 8.3).
const (
	probeSpread   = 250 * time.Millisecond
	probeGap      = 250 * time.Millisecond
	probes        = 3
	probeDeferred = time.Second // after somebody else's claim came first
	announceGap   = time.Second
	announcements = 3
)

// stage is how far our names are claimed on a link.
type stage int

const (
	silent      stage = iota // nothing to announce
	probing                  // asking whether the names are free
	established              // answering
)

// speaker is what announcing remembers of one link.
type speaker struct {
	stage   stage
	rebuild bool // the records are to be made anew
	zone    *zone
	turn    int       // probes or announcements sent in this stage
	due     time.Time // when the next is to be sent; zero if none
	pending []pending // answers that wait a moment
	sent    map[string]time.Time
}

// readdress has the link's records made anew: its addresses have changed.
func (n *Node) readdress(l *link, now time.Time) {
	if n.names == nil {
		return
	}
	s := &l.speaker
	s.rebuild, s.due = true, now
	if s.stage != established {
		s.due = now.Add(time.Duration(n.rand.Int64N(int64(probeSpread))))
	}
}

// probe begins to claim the names, after a wait.
func (s *speaker) probe(at time.Time) {
	s.stage, s.turn, s.due, s.pending = probing, 0, at, nil
}

func (s *speaker) next(w *wake) {
	w.at(s.due)
	for _, p := range s.pending {
		w.at(p.at)
	}
}

// speakLink sends what is due: probes, announcements, answers.
func (n *Node) speakLink(l *link, now time.Time) {
	s := &l.speaker
	if s.due.IsZero() || s.due.After(now) {
		n.answerDue(l, now)
		return
	}
	if s.rebuild {
		n.remake(l)
	}
	switch s.stage {
	case silent:
		s.due = time.Time{}
	case probing:
		if s.turn < probes {
			n.sendProbe(l, now)
			s.turn++
			s.due = now.Add(probeGap)
			break
		}
		s.stage, s.turn = established, 0
		n.log.Info("mdns: announcing", "link", l.Name, "host", hostText(n.names.hostDomain()))
		fallthrough
	case established:
		n.announce(l, now)
		s.due = now.Add(announceGap << s.turn)
		if s.turn++; s.turn == announcements {
			s.due = time.Time{}
		}
	}
	n.answerDue(l, now)
}

// remake makes the link's records anew, of its addresses and our names.
func (n *Node) remake(l *link) {
	s := &l.speaker
	z, err := newZone(n.names, l.Link)
	if err != nil {
		n.log.Error("mdns: cannot announce", "link", l.Name, "err", err)
		z = &zone{}
	}
	s.zone, s.rebuild, s.turn, s.sent = z, false, 0, make(map[string]time.Time)
	switch {
	case len(z.unique) == 0:
		s.stage = silent
	case s.stage == silent:
		s.stage = probing
	}
}

// sendProbe asks for everything under our names and says what we want to put
// there. The answers are wanted by multicast: a unicast one would go to whoever
// has the port itself on this host.
func (n *Node) sendProbe(l *link, now time.Time) {
	for _, name := range l.speaker.zone.unique {
		m := message{
			questions: []question{{name: name, typ: dnsmessage.TypeALL}},
			authority: plain(l.speaker.zone.claims(name)),
		}
		n.sendMessage(l, m, now)
	}
}

// plain returns the records without the cache-flush bit, as probes have them.
func plain(records []record) []record {
	out := slices.Clone(records)
	for i := range out {
		out[i].flush = false
	}
	return out
}

func (n *Node) sendMessage(l *link, m message, now time.Time) {
	pack := func() ([][]byte, error) { return packResponse(m) }
	if !m.response {
		pack = func() ([][]byte, error) {
			data, err := m.pack()
			return [][]byte{data}, err
		}
	}
	packets, err := pack()
	if err != nil {
		n.log.Warn("mdns: write packet", "err", err)
		return
	}
	n.multicast(l, packets, now)
}

func (n *Node) announce(l *link, now time.Time) {
	all := l.speaker.zone.all()
	l.speaker.note(all, now)
	n.sendMessage(l, message{response: true, answers: all}, now)
}

// farewell takes everything back.
func (n *Node) farewell() {
	if n.names == nil {
		return
	}
	for _, l := range n.links {
		if l.speaker.stage != established {
			continue
		}
		var gone []record
		for _, r := range l.speaker.zone.all() {
			// The list of kinds is not ours alone: its records just expire.
			if fold(r.name) != enumeration {
				r.ttl = 0
				gone = append(gone, r)
			}
		}
		n.sendMessage(l, message{response: true, answers: gone}, time.Now())
	}
}

// hearClaims looks for records of others under our names (section 9). What we
// say on any of our links is no conflict: two of them can lead to one network.
func (n *Node) hearClaims(l *link, m message, now time.Time) {
	s := &l.speaker
	if s.stage == silent || s.rebuild {
		return
	}
	for _, r := range slices.Concat(m.answers, m.additional) {
		if r.ttl == 0 || !s.zone.contests(&r) || n.saysAnywhere(&r) {
			continue
		}
		n.log.Info("mdns: name taken", "link", l.Name, "name", hostText(r.name), "established", s.stage == established)
		wait := n.names.lost(now)
		if s.stage == established {
			// Perhaps an old answer: ask again before giving up the name.
			s.probe(now.Add(wait))
			return
		}
		n.takeNext(r.name, now.Add(wait))
		return
	}
}

// contests tells whether a record is of a type that we have under one of our
// unique names, or would have.
func (z *zone) contests(r *record) bool {
	switch r.typ {
	case dnsmessage.TypeSRV, dnsmessage.TypeTXT, dnsmessage.TypeA, dnsmessage.TypeAAAA:
		i := slices.IndexFunc(z.unique, func(u string) bool { return fold(u) == fold(r.name) })
		isHost := r.typ == dnsmessage.TypeA || r.typ == dnsmessage.TypeAAAA
		return i >= 0 && (i == 0) == isHost
	default:
		return false
	}
}

// saysAnywhere tells whether a record is ours on one of the links.
func (n *Node) saysAnywhere(r *record) bool {
	for _, l := range n.links {
		if l.speaker.zone == nil {
			continue
		}
		if slices.ContainsFunc(l.speaker.zone.claims(r.name), func(o record) bool { return o.typ == r.typ && o.sameData(r) }) {
			return true
		}
	}
	return false
}

// takeNext renames and probes for the new name on every link. There is no
// goodbye: what stands under the old name is somebody else's now.
func (n *Node) takeNext(name string, at time.Time) {
	n.names.rename(name)
	n.log.Info("mdns: renamed", "from", hostText(name), "host", hostText(n.names.hostDomain()))
	for _, l := range n.links {
		if l.speaker.stage != silent {
			l.speaker.probe(at.Add(time.Duration(n.rand.Int64N(int64(probeSpread)))))
			l.speaker.rebuild = true
		}
	}
}

// hearProbe settles who comes first where two probe for one name at a time:
// whose records come later in order wins (section 8.2).
func (n *Node) hearProbe(l *link, m message, now time.Time) {
	s := &l.speaker
	if s.stage != probing || s.turn == 0 || s.rebuild {
		return
	}
	for _, q := range m.questions {
		if !slices.ContainsFunc(s.zone.unique, func(u string) bool { return fold(u) == fold(q.name) }) {
			continue
		}
		var theirs []record
		foreign := false
		for _, r := range m.authority {
			if fold(r.name) == fold(q.name) {
				theirs = append(theirs, r)
				foreign = foreign || !n.saysAnywhere(&r)
			}
		}
		if foreign && orderedBefore(s.zone.claims(q.name), theirs) {
			s.probe(now.Add(probeDeferred))
			return
		}
	}
}

// orderedBefore compares two sets of records by type and then by data.
func orderedBefore(a, b []record) bool {
	return slices.CompareFunc(wire(a), wire(b), bytes.Compare) < 0
}

// wire returns each record's type and data as bytes, in order.
func wire(records []record) [][]byte {
	// Alone in a packet under a short name, a record's parts stand where we
	// can count, and the names in it are not compressed.
	const typeAt = headSize + 1 + len(domain)
	const dataAt = typeAt + 10
	out := make([][]byte, 0, len(records))
	for _, r := range records {
		r.name = domain
		if data, err := (&message{answers: []record{r}}).pack(); err == nil {
			out = append(out, append(data[typeAt:typeAt+2:typeAt+2], data[dataAt:]...))
		}
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

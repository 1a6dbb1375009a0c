package mdns

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// The times of answering (RFC 6762 sections 6 and 7.2).
const (
	answerMin      = 20 * time.Millisecond // where others may answer, too
	answerMax      = 120 * time.Millisecond
	moreKnownMin   = 400 * time.Millisecond // where more known answers follow
	moreKnownMax   = 500 * time.Millisecond
	repeatGap      = time.Second // a record is not multicast again sooner
	repeatProbeGap = 250 * time.Millisecond
	legacyTTL      = 10 // seconds, for who does not speak multicast DNS
	maxPending     = 64 // answers that wait; queries beyond are not answered
)

// pending is an answer that waits a moment.
type pending struct {
	at         time.Time
	from       netip.Addr // who asked: more known answers come from there
	defends    bool       // against a probe: nothing but it is urgent
	answers    []record
	additional []record
}

// hearQuery answers a query, now or a little later.
func (n *Node) hearQuery(l *link, m message, from netip.AddrPort, now time.Time) {
	s := &l.speaker
	if len(m.authority) > 0 {
		n.hearProbe(l, m, now)
	}
	if s.stage != established || s.rebuild {
		return
	}
	if len(m.questions) == 0 {
		s.heardKnown(from.Addr(), m.answers)
		return
	}
	direct := pending{}
	reply := pending{at: now, from: from.Addr(), defends: len(m.authority) > 0}
	legacy := from.Port() != Port
	shared := false
	for _, q := range m.questions {
		answers, additional := s.zone.answer(q)
		answers = withoutKnown(answers, m.answers)
		if len(answers) == 0 {
			continue
		}
		to := &reply
		if legacy || (q.unicast && s.fresh(answers, now)) {
			to = &direct
		}
		for _, r := range answers {
			shared = shared || !r.flush
			to.answers = addRecord(to.answers, r)
		}
		for _, r := range additional {
			to.additional = addRecord(to.additional, r)
		}
	}
	if len(direct.answers) > 0 && l.onLink(from.Addr()) {
		n.sendDirect(l, direct, m, from, legacy)
	}
	if len(reply.answers) == 0 || len(s.pending) >= maxPending {
		return
	}
	switch {
	case m.truncated:
		reply.at = now.Add(between(n.rand, moreKnownMin, moreKnownMax))
	case shared && !reply.defends:
		reply.at = now.Add(between(n.rand, answerMin, answerMax))
	}
	s.pending = append(s.pending, reply)
}

// withoutKnown leaves out what the asker has, with at least half of its time
// left (section 7.1).
func withoutKnown(answers, known []record) []record {
	return slices.DeleteFunc(answers, func(a record) bool {
		return slices.ContainsFunc(known, func(k record) bool {
			return k.key() == a.key() && k.sameData(&a) && k.ttl >= a.ttl/2
		})
	})
}

// heardKnown takes further known answers of somebody who is being answered.
func (s *speaker) heardKnown(from netip.Addr, known []record) {
	for i := range s.pending {
		if p := &s.pending[i]; p.from == from {
			p.answers = withoutKnown(p.answers, known)
		}
	}
}

// fresh tells whether all records were multicast within the last quarter of
// their time: then one asker can have them by unicast (section 5.4).
func (s *speaker) fresh(records []record, now time.Time) bool {
	return !slices.ContainsFunc(records, func(r record) bool {
		at, ok := s.sent[identity(&r)]
		return !ok || now.Sub(at) > time.Duration(r.ttl)*time.Second/4
	})
}

func identity(r *record) string {
	return fmt.Sprintf("%s %d %s %d %s %q", fold(r.name), r.typ, fold(r.target), r.port, r.addr, r.txt)
}

func (s *speaker) note(records []record, now time.Time) {
	for i := range records {
		s.sent[identity(&records[i])] = now
	}
}

// sendDirect answers one asker. A legacy one gets its id and questions back, and
// short times to live (section 6.7).
func (n *Node) sendDirect(l *link, p pending, m message, to netip.AddrPort, legacy bool) {
	out := message{response: true, answers: p.answers, additional: p.additional}
	if legacy {
		out.id, out.questions = m.id, slices.Clone(m.questions)
		for i := range out.questions {
			out.questions[i].unicast = false
		}
		for _, list := range [][]record{out.answers, out.additional} {
			for i := range list {
				list[i].ttl, list[i].flush = min(list[i].ttl, legacyTTL), false
			}
		}
	}
	packets, err := packResponse(out)
	if err != nil {
		n.log.Warn("mdns: write answer", "err", err)
		return
	}
	for _, data := range packets {
		if err := n.net.Send(l.Link, to, data); err != nil {
			n.log.Debug("mdns: answer", "link", l.Name, "to", to, "err", err)
		}
	}
}

// answerDue multicasts the answers whose time has come, all together.
func (n *Node) answerDue(l *link, now time.Time) {
	s := &l.speaker
	if len(s.pending) == 0 {
		return
	}
	var answers, additional []record
	waiting := s.pending[:0]
	for _, p := range s.pending {
		if p.at.After(now) {
			waiting = append(waiting, p)
			continue
		}
		gap := repeatGap
		if p.defends {
			gap = repeatProbeGap
		}
		for i, r := range p.answers {
			if at, ok := s.sent[identity(&p.answers[i])]; !ok || now.Sub(at) >= gap {
				answers = addRecord(answers, r)
			}
		}
		for _, r := range p.additional {
			additional = addRecord(additional, r)
		}
	}
	s.pending = waiting
	if len(answers) == 0 {
		return
	}
	additional = slices.DeleteFunc(additional, func(r record) bool {
		return slices.ContainsFunc(answers, func(a record) bool { return a.key() == r.key() && a.sameData(&r) })
	})
	s.note(answers, now)
	n.sendMessage(l, message{response: true, answers: answers, additional: additional}, now)
}

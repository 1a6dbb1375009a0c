package mdns

import (
	"fmt"

	"golang.org/x/net/dns/dnsmessage"
)

// fitPacket is how large our packets get, in bytes: an Ethernet frame less the
// IPv6 and UDP headers, with some room for tunnels.
const fitPacket = 1400

// pack writes the message as one packet.
func (m *message) pack() ([]byte, error) {
	b := dnsmessage.NewBuilder(make([]byte, 0, 512), dnsmessage.Header{
		ID: m.id, Response: m.response, Authoritative: m.response, Truncated: m.truncated,
	})
	b.EnableCompression()
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	for _, q := range m.questions {
		name, err := dnsmessage.NewName(q.name)
		if err != nil {
			return nil, fmt.Errorf("mdns: name %q: %w", q.name, err)
		}
		class := classIN
		if q.unicast {
			class |= topBit
		}
		if err := b.Question(dnsmessage.Question{Name: name, Type: q.typ, Class: class}); err != nil {
			return nil, fmt.Errorf("mdns: write question %q: %w", q.name, err)
		}
	}
	for _, part := range []struct {
		start   func() error
		records []record
	}{
		{b.StartAnswers, m.answers},
		{b.StartAuthorities, m.authority},
		{b.StartAdditionals, m.additional},
	} {
		if err := part.start(); err != nil {
			return nil, err
		}
		for i := range part.records {
			if err := part.records[i].write(&b); err != nil {
				return nil, fmt.Errorf("mdns: write record %q: %w", part.records[i].name, err)
			}
		}
	}
	out, err := b.Finish()
	if err != nil {
		return nil, fmt.Errorf("mdns: write packet: %w", err)
	}
	swapInLabels(out, maskedDot, dot)
	return out, nil
}

func (r *record) write(b *dnsmessage.Builder) error {
	name, err := dnsmessage.NewName(r.name)
	if err != nil {
		return err
	}
	h := dnsmessage.ResourceHeader{Name: name, Type: r.typ, Class: classIN, TTL: r.ttl}
	if r.flush {
		h.Class |= topBit
	}
	switch r.typ {
	case dnsmessage.TypePTR:
		target, err := dnsmessage.NewName(r.target)
		if err != nil {
			return err
		}
		return b.PTRResource(h, dnsmessage.PTRResource{PTR: target})
	case dnsmessage.TypeSRV:
		target, err := dnsmessage.NewName(r.target)
		if err != nil {
			return err
		}
		return b.SRVResource(h, dnsmessage.SRVResource{Priority: r.priority, Weight: r.weight, Port: r.port, Target: target})
	case dnsmessage.TypeTXT:
		return b.TXTResource(h, dnsmessage.TXTResource{TXT: r.txt})
	case dnsmessage.TypeA:
		return b.AResource(h, dnsmessage.AResource{A: r.addr.As4()})
	case dnsmessage.TypeAAAA:
		return b.AAAAResource(h, dnsmessage.AAAAResource{AAAA: r.addr.As16()})
	default:
		return b.UnknownResource(h, dnsmessage.UnknownResource{Type: r.typ, Data: r.raw})
	}
}

// packQuery writes a query and, where its known answers do not fit, the packets
// that carry the rest: all but the last say that more follows (RFC 6762 section
// 7.2).
func packQuery(questions []question, known []record) ([][]byte, error) {
	var packets [][]byte
	for m := (message{questions: questions}); ; m = (message{}) {
		n, err := m.fill(known)
		if err != nil {
			return nil, err
		}
		known = known[n:]
		m.truncated = len(known) > 0
		data, err := m.pack()
		if err != nil {
			return nil, err
		}
		packets = append(packets, data)
		if len(known) == 0 {
			return packets, nil
		}
	}
}

// packResponse writes a response as one packet or, where the answers do not
// fit, as several that each stand alone. Additional records that do not fit
// into the last are left out.
func packResponse(m message) ([][]byte, error) {
	var packets [][]byte
	answers, additional := m.answers, m.additional
	for {
		part := message{id: m.id, response: true, questions: m.questions}
		n, err := part.fill(answers)
		if err != nil {
			return nil, err
		}
		if answers = answers[n:]; len(answers) == 0 {
			part.additional = additional
		}
		data, err := part.pack()
		if err == nil && len(data) > fitPacket && len(part.additional) > 0 {
			part.additional = nil
			data, err = part.pack()
		}
		if err != nil {
			return nil, err
		}
		packets = append(packets, data)
		if len(answers) == 0 {
			return packets, nil
		}
	}
}

// fill gives m as many of the answers as fit into a packet and tells how many.
// It takes at least one, except where a query's questions fill it already.
func (m *message) fill(answers []record) (int, error) {
	least := 1
	if !m.response && len(m.questions) > 0 {
		least = 0
	}
	n := len(answers)
	for {
		m.answers = answers[:n]
		data, err := m.pack()
		if err != nil {
			return 0, err
		}
		if len(data) <= fitPacket || n <= least {
			return n, nil
		}
		n = max(n*3/4, least)
	}
}

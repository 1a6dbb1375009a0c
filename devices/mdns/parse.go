package mdns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"
)

// Limits on what one packet may make us keep.
const (
	maxPacket  = 9000 // bytes (RFC 6762 section 17)
	maxRecords = 512  // of all sections together; the rest is not looked at
)

const (
	classIN  = dnsmessage.ClassINET
	topBit   = 1 << 15 // of a class: cache-flush in a record, QU in a question
	headSize = 12      // bytes of a message's header
)

var errOpcode = errors.New("mdns: not a standard query or response")

// parse reads a packet record by record: a malformed record is counted and left
// out, and the others stand. It fails only if there is no usable header. The
// packet's bytes are changed.
func parse(b []byte) (message, error) {
	if len(b) > maxPacket {
		return message{}, fmt.Errorf("mdns: packet of %d bytes", len(b))
	}
	swapInLabels(b, dot, maskedDot)
	var p dnsmessage.Parser
	head, err := p.Start(b)
	if err != nil {
		return message{}, fmt.Errorf("mdns: read header: %w", err)
	}
	// Anything but opcode 0 and rcode 0 is ignored (sections 18.3, 18.11).
	if head.OpCode != 0 || head.RCode != 0 {
		return message{}, errOpcode
	}
	m := message{id: head.ID, response: head.Response, truncated: head.Truncated}
	s := sections{p: &p, m: &m}
	if !s.questions() {
		return m, nil
	}
	for _, part := range []struct {
		into   *[]record
		header func() (dnsmessage.ResourceHeader, error)
		skip   func() error
	}{
		{&m.answers, p.AnswerHeader, p.SkipAnswer},
		{&m.authority, p.AuthorityHeader, p.SkipAuthority},
		{&m.additional, p.AdditionalHeader, p.SkipAdditional},
	} {
		if !s.records(part.into, part.header, part.skip) {
			break
		}
	}
	return m, nil
}

// sections walks a message's sections; its methods return false where nothing
// that follows can be found any more.
type sections struct {
	p    *dnsmessage.Parser
	m    *message
	seen int
}

func (s *sections) questions() bool {
	for ; s.seen < maxRecords; s.seen++ {
		q, err := s.p.Question()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return true
		}
		if err != nil {
			s.m.bad++
			if s.p.SkipQuestion() != nil {
				return false
			}
			continue
		}
		if class := q.Class &^ topBit; class != classIN && class != dnsmessage.ClassANY {
			continue
		}
		s.m.questions = append(s.m.questions, question{
			name: q.Name.String(), typ: q.Type, unicast: q.Class&topBit != 0,
		})
	}
	return false
}

func (s *sections) records(into *[]record, header func() (dnsmessage.ResourceHeader, error), skip func() error) bool {
	for ; s.seen < maxRecords; s.seen++ {
		h, err := header()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return true
		}
		var r record
		if err == nil {
			r, err = body(s.p, h)
		}
		if err != nil {
			s.m.bad++
			if skip() != nil {
				return false
			}
			continue
		}
		if h.Class&^topBit == classIN {
			*into = append(*into, r)
		}
	}
	return false
}

func body(p *dnsmessage.Parser, h dnsmessage.ResourceHeader) (record, error) {
	r := record{name: h.Name.String(), typ: h.Type, ttl: h.TTL, flush: h.Class&topBit != 0}
	var err error
	switch h.Type {
	case dnsmessage.TypePTR:
		var v dnsmessage.PTRResource
		v, err = p.PTRResource()
		r.target = v.PTR.String()
	case dnsmessage.TypeSRV:
		var v dnsmessage.SRVResource
		v, err = p.SRVResource()
		r.target, r.port, r.priority, r.weight = v.Target.String(), v.Port, v.Priority, v.Weight
	case dnsmessage.TypeTXT:
		var v dnsmessage.TXTResource
		v, err = p.TXTResource()
		r.txt = v.TXT
	case dnsmessage.TypeA:
		if h.Length != 4 {
			return r, errLength
		}
		var v dnsmessage.AResource
		v, err = p.AResource()
		r.addr = netip.AddrFrom4(v.A)
	case dnsmessage.TypeAAAA:
		if h.Length != 16 {
			return r, errLength
		}
		var v dnsmessage.AAAAResource
		v, err = p.AAAAResource()
		r.addr = netip.AddrFrom16(v.AAAA)
	default:
		var v dnsmessage.UnknownResource
		v, err = p.UnknownResource()
		r.raw = v.Data
	}
	return r, err
}

var errLength = errors.New("mdns: address of a wrong length")

// swapInLabels replaces one byte by another inside the labels of every name of
// a packet, in place. The labels of a name stand where it is written up to a
// compression pointer, and what that points to is part of another name, so that
// one pass over the packet meets each label once. It stops where the packet is
// malformed; the parser finds that by itself.
func swapInLabels(msg []byte, from, to byte) {
	if len(msg) < headSize {
		return
	}
	count := func(i int) int { return int(binary.BigEndian.Uint16(msg[4+2*i:])) }
	off := headSize
	var ok bool
	for range count(0) {
		if off, ok = swapName(msg, off, from, to); !ok {
			return
		}
		off += 4
	}
	for range count(1) + count(2) + count(3) {
		if off, ok = swapName(msg, off, from, to); !ok || off+10 > len(msg) {
			return
		}
		typ := dnsmessage.Type(binary.BigEndian.Uint16(msg[off:]))
		start := off + 10
		off = start + int(binary.BigEndian.Uint16(msg[off+8:]))
		if off > len(msg) {
			return
		}
		switch typ {
		case dnsmessage.TypePTR, dnsmessage.TypeCNAME, dnsmessage.TypeNS, typeNSEC:
			swapName(msg[:off], start, from, to)
		case dnsmessage.TypeSRV:
			swapName(msg[:off], start+6, from, to)
		default:
		}
	}
}

// swapName does it for the name at off and returns where the name ends.
func swapName(msg []byte, off int, from, to byte) (end int, ok bool) {
	for off < len(msg) {
		n := int(msg[off])
		switch {
		case n == 0:
			return off + 1, true
		case n >= 0xC0:
			return off + 2, true
		case n >= 0x40:
			return off, false
		}
		off++
		if off+n > len(msg) {
			return off, false
		}
		for i := off; i < off+n; i++ {
			if msg[i] == from {
				msg[i] = to
			}
		}
		off += n
	}
	return off, false
}

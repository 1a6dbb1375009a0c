package mdns

import (
	"fmt"
	"net"
	"slices"
	"strings"

	hashicorp "github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
)

// zone is what we announce on one link: the records of our services with that
// link's addresses, as hashicorp/mdns makes them.
type zone struct {
	services []*hashicorp.MDNSService
	// owners are the names that have records, folded, with the form that
	// hashicorp/mdns knows them by.
	owners map[string]string
	unique []string // the names that nobody else may have: host and instances
}

// newZone makes the records of a link. It has none without an address.
func newZone(n *names, l Link) (*zone, error) {
	z := &zone{owners: make(map[string]string)}
	var ips []net.IP
	for _, p := range l.Prefixes {
		ips = append(ips, p.Addr().AsSlice())
	}
	if len(ips) == 0 {
		return z, nil
	}
	host := n.hostDomain()
	z.own(host, escape(n.hostLabel())+"."+domain)
	z.unique = append(z.unique, host)
	z.own(enumeration, enumeration)
	for i, s := range n.services {
		name := n.instance(i)
		txt := []string{""} // a TXT record is never empty (RFC 6763 section 6.1)
		if len(s.TXT) > 0 {
			txt = make([]string, len(s.TXT))
			for j, t := range s.TXT {
				txt[j] = strings.ReplaceAll(t, `\`, `\\`)
			}
		}
		h, err := hashicorp.NewMDNSService(escape(name), s.Type, domain, z.owners[fold(host)], int(s.Port), ips, txt)
		if err != nil {
			return nil, fmt.Errorf("mdns: make records of %q: %w", name, err)
		}
		z.services = append(z.services, h)
		full := instanceDomain(name, s.Type)
		z.own(full, escape(name)+"."+serviceDomain(s.Type))
		z.own(serviceDomain(s.Type), serviceDomain(s.Type))
		z.unique = append(z.unique, full)
	}
	return z, nil
}

func (z *zone) own(name, presented string) { z.owners[fold(name)] = presented }

// answer returns the records that answer a question, and those that the asker
// will want next.
func (z *zone) answer(q question) (answers, additional []record) {
	presented, ok := z.owners[fold(q.name)]
	if !ok {
		return nil, nil
	}
	types := []dnsmessage.Type{q.typ}
	if q.typ == dnsmessage.TypeALL && fold(q.name) == fold(z.unique[0]) {
		// Of a host, hashicorp/mdns answers only what is named.
		types = []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	}
	for _, s := range z.services {
		for _, typ := range types {
			for _, rr := range s.Records(dns.Question{Name: presented, Qtype: uint16(typ), Qclass: dns.ClassINET}) {
				r, err := fromRR(rr)
				if err != nil {
					continue
				}
				if fold(r.name) == fold(q.name) && (q.typ == r.typ || q.typ == dnsmessage.TypeALL) {
					answers = addRecord(answers, r)
				} else {
					additional = addRecord(additional, r)
				}
			}
		}
	}
	return answers, additional
}

// all returns every record of the link, what leads to others first.
func (z *zone) all() []record {
	var out []record
	for _, name := range z.shared() {
		answers, _ := z.answer(question{name: name, typ: dnsmessage.TypePTR})
		for _, r := range answers {
			out = addRecord(out, r)
		}
	}
	for _, name := range z.unique {
		for _, r := range z.claims(name) {
			out = addRecord(out, r)
		}
	}
	return out
}

// shared are the names that others may have records of, too.
func (z *zone) shared() []string {
	var out []string
	for name := range z.owners {
		if !slices.ContainsFunc(z.unique, func(u string) bool { return fold(u) == name }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// claims are the records that stand under a unique name.
func (z *zone) claims(name string) []record {
	answers, _ := z.answer(question{name: name, typ: dnsmessage.TypeALL})
	return answers
}

func addRecord(list []record, r record) []record {
	if slices.ContainsFunc(list, func(o record) bool { return o.key() == r.key() && o.sameData(&r) }) {
		return list
	}
	return append(list, r)
}

// fromRR turns a record of miekg/dns into ours, through the wire's form: it
// undoes the escapes of the other's.
func fromRR(rr dns.RR) (record, error) {
	buf := make([]byte, maxPacket)
	end, err := dns.PackRR(rr, buf, headSize, nil, false)
	if err != nil {
		return record{}, fmt.Errorf("mdns: record %s: %w", rr.Header().Name, err)
	}
	buf[2], buf[7] = 0x84, 1 // a response with one answer
	m, err := parse(buf[:end])
	if err != nil || len(m.answers) != 1 {
		return record{}, fmt.Errorf("mdns: record %s: cannot be read back", rr.Header().Name)
	}
	r := m.answers[0]
	r.flush = r.typ != dnsmessage.TypePTR
	return r, nil
}

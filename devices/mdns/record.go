package mdns

import (
	"bytes"
	"net/netip"
	"slices"

	"golang.org/x/net/dns/dnsmessage"
)

// typeNSEC is not among dnsmessage's constants (RFC 4034 section 4).
const typeNSEC dnsmessage.Type = 47

// record is one resource record, of the types that service discovery uses;
// others are kept raw, for finding conflicts.
type record struct {
	name  string // masked, with the case that it was sent in
	typ   dnsmessage.Type
	flush bool   // the cache-flush bit: this record is unique (RFC 6762 section 10.2)
	ttl   uint32 // seconds; 0 is a goodbye

	target   string // PTR, SRV
	priority uint16 // SRV
	weight   uint16 // SRV
	port     uint16 // SRV
	txt      []string
	addr     netip.Addr // A, AAAA; without a zone
	raw      []byte     // any other type
}

// key is what a question asks for and what a cache-flush covers. The class is
// always IN: records of others are dropped when parsed.
type key struct {
	name string // folded
	typ  dnsmessage.Type
}

func (r *record) key() key { return key{fold(r.name), r.typ} }

// sameData tells whether two records of the same key say the same thing.
func (r *record) sameData(o *record) bool {
	return r.port == o.port && r.priority == o.priority && r.weight == o.weight &&
		r.addr == o.addr && fold(r.target) == fold(o.target) &&
		slices.Equal(r.txt, o.txt) && bytes.Equal(r.raw, o.raw)
}

// question is one question of a query.
type question struct {
	name    string
	typ     dnsmessage.Type
	unicast bool // the QU bit: an answer by unicast is welcome
}

func (q question) key() key { return key{fold(q.name), q.typ} }

// message is a packet's content.
type message struct {
	id         uint16
	response   bool
	truncated  bool // of a query: more known answers follow
	questions  []question
	answers    []record
	authority  []record
	additional []record
	bad        int // records and questions that were malformed and left out
}

package mdns

import (
	"encoding/binary"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func TestRoundTrip(t *testing.T) {
	m := kitchen().announce()
	m.additional = []record{
		{name: "cast-1.local.", typ: dnsmessage.TypeAAAA, ttl: 9, addr: netip.MustParseAddr("fe80::1")},
		{name: "cast-1.local.", typ: typeNSEC, ttl: 9, raw: []byte{0xC0, 0x0C, 0, 1, 0x40}},
	}
	m.questions = []question{{instanceDomain("a.b. c", castService), dnsmessage.TypeSRV, true}}
	data, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("\n got %+v\nwant %+v", got, m)
	}
}

// One malformed record does not drop the others.
func TestMalformedRecordIsLeftOut(t *testing.T) {
	for name, bad := range map[string]record{
		"address of three bytes": {name: "x.local.", typ: dnsmessage.TypeA, raw: []byte{1, 2, 3}},
		"address of five bytes":  {name: "x.local.", typ: dnsmessage.TypeAAAA, raw: []byte{1, 2, 3, 4, 5}},
		"pointer to itself":      {name: "x.local.", typ: dnsmessage.TypePTR, raw: []byte{0xC0, 0xFF}},
		"pointer past the end":   {name: "x.local.", typ: dnsmessage.TypePTR, raw: []byte{0xFF, 0xFF}},
		"label past the end":     {name: "x.local.", typ: dnsmessage.TypeSRV, raw: []byte{0, 0, 0, 0, 0, 1, 63, 'a'}},
		"short SRV":              {name: "x.local.", typ: dnsmessage.TypeSRV, raw: []byte{0, 0, 0}},
		"text past the end":      {name: "x.local.", typ: dnsmessage.TypeTXT, raw: []byte{200, 'a'}},
	} {
		t.Run(name, func(t *testing.T) {
			good := kitchen().records()
			// Written as an unknown type, then given its own.
			const stand = dnsmessage.Type(0xFE01)
			typ := bad.typ
			bad.typ = stand
			m := message{response: true, answers: []record{good[0], bad, good[1]}, additional: good[2:]}
			data, err := m.pack()
			if err != nil {
				t.Fatal(err)
			}
			at := slices.Index(data, 0xFE)
			binary.BigEndian.PutUint16(data[at:], uint16(typ))
			got, err := parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if got.bad != 1 || len(got.answers) != 2 || len(got.additional) != 2 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestRecordCap(t *testing.T) {
	m := message{response: true}
	for range 700 {
		m.answers = append(m.answers, record{name: "a.", typ: 99})
	}
	data, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(data)
	if err != nil || len(got.answers) != maxRecords {
		t.Fatalf("%d records, %v", len(got.answers), err)
	}
}

func TestOtherClassesAreIgnored(t *testing.T) {
	m := kitchen().announce()
	data, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(data[headSize:], 0) + headSize + 1 // the end of the first name
	binary.BigEndian.PutUint16(data[at+2:], uint16(dnsmessage.ClassCHAOS))
	got, err := parse(data)
	if err != nil || len(got.answers) != 3 || got.bad != 0 {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestInstanceOf(t *testing.T) {
	service := serviceDomain(castService)
	for full, want := range map[string]string{
		"Kitchen." + service:                  "Kitchen",
		"Kitchen._GoogleCast._TCP.local.":     "Kitchen",
		maskDots("Dr. No") + "." + service:    "Dr. No",
		"Dr. No." + service:                   "Dr. No", // two labels, as some write it
		"x._sub." + service:                   "",
		"." + service:                         "",
		service:                               "",
		"a\x00b." + service:                   "",
		"\xc3\x28." + service:                 "",
		"Kitchen._airplay._tcp.local.":        "",
		"Kitchen_googlecast._tcp.local.":      "",
		"거실 스피커." + service:                   "거실 스피커",
		"Kitchen." + service + "example.com.": "",
	} {
		if got, ok := instanceOf(full, service); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", full, got, want)
		}
	}
}

func TestFitLabel(t *testing.T) {
	long := "가가가가가가가가가가가가가가가가가가가가가가" // 66 bytes
	n := &names{host: "h", services: []Service{{Name: long[:63], Type: ownService}}, numbers: []int{12}}
	if got := n.instance(0); len(got) > 63 || got != long[:57]+" (12)" {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func seeds(f *testing.F) {
	add := func(m message) {
		data, err := m.pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	add(kitchen().announce())
	bye := kitchen()
	bye.ttl = 0
	add(bye.announce())
	add(ask(serviceDomain(castService), dnsmessage.TypePTR))
	add(message{truncated: true, questions: []question{{enumeration, dnsmessage.TypePTR, true}}, answers: kitchen().records()[:1]})
	add(message{questions: []question{{"jumpgate.local.", dnsmessage.TypeALL, false}}, authority: []record{{name: "jumpgate.local.", typ: dnsmessage.TypeA, addr: netip.MustParseAddr("10.0.0.66")}}})
	add(message{response: true, answers: []record{{name: "jumpgate.local.", typ: dnsmessage.TypeA, ttl: 120, addr: netip.MustParseAddr("10.0.0.66")}}})
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0x84, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0xC0, 0x0C})
	f.Add([]byte{0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, '.', 0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4})
}

// FuzzParse: whatever comes in, parsing ends, keeps its bounds, and what can be
// written again reads the same.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(slices.Clone(data))
		if err != nil {
			return
		}
		if n := len(m.questions) + len(m.answers) + len(m.authority) + len(m.additional); n > maxRecords {
			t.Fatalf("%d records", n)
		}
		if m.bad = 0; len(data) > 4096 {
			return
		}
		out, err := m.pack()
		if err != nil || len(out) > maxPacket {
			return // names that can be read can be too odd to write
		}
		again, err := parse(out)
		if err != nil || again.bad != 0 {
			t.Fatalf("read back: %v, %d bad", err, again.bad)
		}
		if len(again.answers) != len(m.answers) || len(again.questions) != len(m.questions) {
			t.Fatalf("read back\n%+v\n%+v", again, m)
		}
		for i := range m.answers {
			a, b := &m.answers[i], &again.answers[i]
			if a.key() != b.key() || !a.sameData(b) || a.ttl != b.ttl {
				t.Fatalf("read back\n%+v\n%+v", b, a)
			}
		}
	})
}

// FuzzReceive: whatever a node gets, it goes on, and what it keeps has a bound.
func FuzzReceive(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := gateway()
		cfg.Browse, cfg.Rand = []string{castService, ownService}, seeded()
		s := &segment{start: time.Now()}
		cfg.Network = newMachine().plug(s, "eth0", "10.0.0.1/24")
		n, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		n.net = cfg.Network
		now := time.Now()
		if err := n.follow(now); err != nil {
			t.Fatal(err)
		}
		for _, state := range []stage{probing, established} {
			n.work(now.Add(time.Second))
			n.links[1].speaker.stage = state
			for _, from := range []string{"10.0.0.9:5353", "10.0.0.9:4000", "[fe80::9]:5353"} {
				n.receive(Packet{Link: 1, From: netip.MustParseAddrPort(from), Data: slices.Clone(data)}, now)
				n.work(now.Add(time.Second))
			}
		}
		if c := n.links[1].cache; c.n > maxEntries {
			t.Fatalf("%d records", c.n)
		}
		for _, i := range n.Instances() {
			if i.Name == "" || i.Port == 0 || len(i.Addrs) == 0 {
				t.Fatalf("instance %+v", i)
			}
		}
	})
}

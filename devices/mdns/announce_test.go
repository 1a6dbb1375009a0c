package mdns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const ownService = "_jumpgate._tcp"

func gateway() Config {
	return Config{Host: "jumpgate", Announce: []Service{{Name: "Living Room", Type: ownService, Port: 8080, TXT: []string{"path=/", `b=a\c`}}}}
}

// announcing is a gateway on one segment, past its probes and announcements.
func announcing(t *testing.T) (n *Node, s *segment, stop func()) {
	t.Helper()
	s = newSegment()
	cfg := gateway()
	cfg.Network = newMachine().plug(s, "eth0", "10.0.0.1/24", "fe80::1/64")
	n, _, stop = running(t, cfg)
	time.Sleep(10 * time.Second)
	s.heard()
	return n, s, stop
}

func ask(name string, typ dnsmessage.Type) message {
	return message{questions: []question{{name: name, typ: typ}}}
}

func texts(records []record) []string {
	var out []string
	for _, r := range records {
		data := r.target
		switch {
		case r.addr.IsValid():
			data = r.addr.String()
		case r.typ == dnsmessage.TypeTXT:
			data = strings.Join(r.txt, "|")
		case r.typ == dnsmessage.TypeSRV:
			data = fmt.Sprintf("%s:%d", r.target, r.port)
		}
		out = append(out, fmt.Sprintf("%s %s %s", hostText(r.name), strings.TrimPrefix(r.typ.String(), "Type"), data))
	}
	slices.Sort(out)
	return out
}

var ownRecords = []string{
	"Living Room._jumpgate._tcp.local SRV jumpgate.local.:8080",
	`Living Room._jumpgate._tcp.local TXT path=/|b=a\c`,
	"_jumpgate._tcp.local PTR Living Room._jumpgate._tcp.local.",
	"_services._dns-sd._udp.local PTR _jumpgate._tcp.local.",
	"jumpgate.local A 10.0.0.1",
	"jumpgate.local AAAA fe80::1",
}

func TestProbesThenAnnounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSegment()
		cfg := gateway()
		cfg.Network = newMachine().plug(s, "eth0", "10.0.0.1/24", "fe80::1/64")
		n, ctx, stop := running(t, cfg)
		time.Sleep(10 * time.Second)
		var probesAt, announcedAt []time.Duration
		for _, m := range s.heard() {
			switch {
			case m.to != Group4:
			case !m.response && fold(m.questions[0].name) == "jumpgate.local.":
				if m.questions[0].typ != dnsmessage.TypeALL || len(m.authority) != 2 || m.authority[0].flush {
					t.Errorf("probe %+v", m)
				}
				probesAt = append(probesAt, m.after)
			case m.response:
				if got := texts(m.answers); !slices.Equal(got, ownRecords) {
					t.Errorf("announced %q", got)
				}
				for _, r := range m.answers {
					if r.flush == (r.typ == dnsmessage.TypePTR) {
						t.Errorf("cache-flush %v of %s %s", r.flush, r.name, r.typ)
					}
				}
				announcedAt = append(announcedAt, m.after)
			}
		}
		if len(probesAt) != probes || probesAt[0] > probeSpread || probesAt[1]-probesAt[0] != probeGap || probesAt[2]-probesAt[1] != probeGap {
			t.Errorf("probes at %v", probesAt)
		}
		if len(announcedAt) != announcements || announcedAt[0]-probesAt[2] != probeGap || announcedAt[1]-announcedAt[0] != time.Second {
			t.Errorf("announcements at %v, probes at %v", announcedAt, probesAt)
		}
		got, err := n.Announced(ctx)
		if err != nil || len(got) != 1 || got[0].Host != "jumpgate.local" || !slices.Equal(got[0].On, []string{"eth0"}) {
			t.Errorf("Announced: %+v %v", got, err)
		}
		links, err := n.Links(ctx)
		if err != nil || len(links) != 1 || links[0].Own[v4] == 0 || links[0].Own[v6] == 0 || links[0].Packets != [2]int{} {
			t.Errorf("Links: %+v %v", links, err)
		}
		stop()
		bye := s.heard()
		if len(bye) != 2 || len(bye[0].answers) != 5 {
			t.Fatalf("goodbye: %+v", bye)
		}
		for _, r := range bye[0].answers {
			if r.ttl != 0 || fold(r.name) == enumeration {
				t.Errorf("goodbye of %s with %d s", r.name, r.ttl)
			}
		}
	})
}

func TestAnswers(t *testing.T) {
	const full = "Living Room._jumpgate._tcp.local."
	for _, c := range []struct {
		name       string
		query      message
		answers    []int // of ownRecords
		additional []int
		quick      bool
	}{
		{"the service", ask("_JUMPGATE._tcp.local.", dnsmessage.TypePTR), []int{2}, []int{0, 1, 4, 5}, false},
		{"its kinds", ask(enumeration, dnsmessage.TypePTR), []int{3}, nil, false},
		{"the instance", ask(full, dnsmessage.TypeSRV), []int{0}, []int{4, 5}, true},
		{"its text", ask(fold(full), dnsmessage.TypeTXT), []int{1}, nil, true},
		{"all of it", ask(full, dnsmessage.TypeALL), []int{0, 1}, []int{4, 5}, true},
		{"the host", ask("jumpgate.local.", dnsmessage.TypeA), []int{4}, nil, true},
		{"all of the host", ask("jumpgate.local.", dnsmessage.TypeALL), []int{4, 5}, nil, true},
		{"nothing of ours", ask("_http._tcp.local.", dnsmessage.TypePTR), nil, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, s, _ := announcing(t)
				s.say(t, "10.0.0.9", c.query)
				asked := time.Since(s.start)
				time.Sleep(answerMax)
				got := slices.DeleteFunc(s.heard(), func(m sentMessage) bool { return !m.response || m.to != Group4 })
				if c.answers == nil {
					if len(got) != 0 {
						t.Fatalf("answered %+v", got)
					}
					return
				}
				if len(got) != 1 {
					t.Fatalf("%d answers", len(got))
				}
				pick := func(at []int) []string {
					var out []string
					for _, i := range at {
						out = append(out, ownRecords[i])
					}
					return out
				}
				if a, b := texts(got[0].answers), texts(got[0].additional); !slices.Equal(a, pick(c.answers)) || !slices.Equal(b, pick(c.additional)) {
					t.Errorf("answers %q\nadditional %q", a, b)
				}
				if wait := got[0].after - asked; (wait < answerMin) != c.quick {
					t.Errorf("after %s", wait)
				}
			})
		})
	}
}

func TestKnownAnswersAreNotRepeated(t *testing.T) {
	ptr := record{name: serviceDomain(ownService), typ: dnsmessage.TypePTR, target: instanceDomain("Living Room", ownService)}
	for _, c := range []struct {
		name   string
		ttl    uint32
		later  bool // in a packet of its own, announced by the first
		expect int
	}{
		{"fresh", 100, false, 0},
		{"half gone", 59, false, 1},
		{"in a second packet", 100, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, s, _ := announcing(t)
				known := ptr
				known.ttl = c.ttl
				q := ask(ptr.name, dnsmessage.TypePTR)
				if c.later {
					q.truncated = true
					s.say(t, "10.0.0.9", q)
					time.Sleep(200 * time.Millisecond)
					s.say(t, "10.0.0.9", message{answers: []record{known}})
				} else {
					q.answers = []record{known}
					s.say(t, "10.0.0.9", q)
				}
				time.Sleep(time.Second)
				n := 0
				for _, m := range s.heard() {
					if m.response && m.to == Group4 {
						n++
					}
				}
				if n != c.expect {
					t.Errorf("%d answers, want %d", n, c.expect)
				}
			})
		})
	}
}

func TestARecordIsNotMulticastTwiceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, _ := announcing(t)
		for range 100 {
			s.say(t, "10.0.0.9", ask("jumpgate.local.", dnsmessage.TypeA))
			time.Sleep(10 * time.Millisecond)
		}
		n := 0
		for _, m := range s.heard() {
			if m.response && m.to == Group4 {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d answers in a second", n)
		}
	})
}

func TestDirectAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		from    string
		wait    time.Duration // since the last announcement
		unicast bool
		direct  int
		group   int
	}{
		{"wanted by unicast", "10.0.0.9:5353", 0, true, 1, 0},
		{"wanted by unicast, long not multicast", "10.0.0.9:5353", time.Minute, true, 0, 1},
		{"legacy", "10.0.0.9:40000", 0, false, 1, 0},
		{"legacy from another network", "203.0.113.9:40000", 0, false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, s, _ := announcing(t)
				time.Sleep(c.wait)
				s.heard()
				q := message{id: 77, questions: []question{{"jumpgate.local.", dnsmessage.TypeA, c.unicast}}}
				data, err := q.pack()
				if err != nil {
					t.Fatal(err)
				}
				from := netip.MustParseAddrPort(c.from)
				s.send(from, Group4, data)
				time.Sleep(time.Second)
				direct, group := 0, 0
				for _, m := range s.heard() {
					switch {
					case m.to == from:
						direct++
						if legacy := from.Port() != Port; legacy && (m.id != 77 || len(m.questions) != 1 || m.answers[0].ttl > legacyTTL || m.answers[0].flush) {
							t.Errorf("legacy answer %+v", m)
						}
					case m.response && m.to == Group4:
						group++
					}
				}
				if direct != c.direct || group != c.group {
					t.Errorf("%d direct, %d to the group", direct, group)
				}
			})
		})
	}
}

// Each link gets its own address only, and two links into one network are no
// conflict with oneself.
func TestAddressesByLink(t *testing.T) {
	for name, one := range map[string]bool{"two networks": false, "one network": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lan := newSegment()
				wifi := lan
				if !one {
					wifi = newSegment()
				}
				cfg := gateway()
				cfg.Browse = []string{ownService}
				cfg.Network = newMachine().plug(lan, "eth0", "10.0.0.1/24").plug(wifi, "wlan0", "10.0.1.1/24")
				n, ctx, _ := running(t, cfg)
				time.Sleep(20 * time.Second)
				got, err := n.Announced(ctx)
				if err != nil || got[0].Service.Name != "Living Room" || got[0].Host != "jumpgate.local" || len(got[0].On) != 2 {
					t.Fatalf("%+v %v", got, err)
				}
				if seen := n.Instances(); len(seen) != 0 {
					t.Errorf("it takes itself for another: %+v", seen)
				}
				for _, m := range slices.Concat(lan.heard(), wifi.heard()) {
					for _, r := range m.answers {
						if r.typ == dnsmessage.TypeA && r.addr != m.from {
							t.Fatalf("%s said on the link of %s", r.addr, m.from)
						}
					}
				}
			})
		})
	}
}

func TestSecondGateway(t *testing.T) {
	for name, apart := range map[string]time.Duration{"later": 5 * time.Second, "at the same time": 0, "while it probes": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSegment()
				var nodes []*Node
				for i := range 2 {
					cfg := gateway()
					cfg.Rand = nil
					cfg.Network = newMachine().plug(s, "eth0", fmt.Sprintf("10.0.0.%d/24", i+1))
					n, _, _ := running(t, cfg)
					nodes = append(nodes, n)
					time.Sleep(apart)
				}
				time.Sleep(30 * time.Second)
				var hosts, instances []string
				for _, n := range nodes {
					got, err := n.Announced(t.Context())
					if err != nil || len(got[0].On) != 1 {
						t.Fatalf("%+v %v", got, err)
					}
					hosts, instances = append(hosts, got[0].Host), append(instances, got[0].Service.Name)
				}
				if apart < time.Second { // either may win
					slices.Sort(hosts)
					slices.Sort(instances)
				}
				if instances[0] != "Living Room" || instances[1] != "Living Room (2)" || !slices.Contains(hosts, "jumpgate.local") || !slices.Contains(hosts, "jumpgate-2.local") {
					t.Errorf("called %q on %q", instances, hosts)
				}
			})
		})
	}
}

// Somebody who contests every name gets us to slow down, not to spin.
func TestContested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s, _ := announcing(t)
		for range 200 {
			for _, m := range s.heard() {
				for _, q := range m.questions {
					if q.typ == dnsmessage.TypeALL && strings.HasPrefix(q.name, "jumpgate") {
						s.say(t, "10.0.0.66", message{response: true, answers: []record{{name: q.name, typ: dnsmessage.TypeA, flush: true, ttl: 120, addr: netip.MustParseAddr("10.0.0.66")}}})
					}
				}
			}
			s.say(t, "10.0.0.66", message{response: true, answers: []record{{name: "jumpgate.local.", typ: dnsmessage.TypeA, ttl: 120, addr: netip.MustParseAddr("10.0.0.66")}}})
			time.Sleep(100 * time.Millisecond)
		}
		// It gives up: the names that are free by now are kept.
		time.Sleep(30 * time.Second)
		got, err := n.Announced(t.Context())
		if err != nil || len(got[0].On) != 1 || got[0].Host == "jumpgate.local" {
			t.Fatalf("%+v %v", got, err)
		}
		var number int
		if _, err := fmt.Sscanf(got[0].Host, "jumpgate-%d.local", &number); err != nil || number > 30 {
			t.Errorf("called %s after 20 s of conflicts", got[0].Host)
		}
	})
}

func TestNewAddressIsAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSegment()
		cfg := gateway()
		m := newMachine().plug(s, "eth0", "10.0.0.1/24")
		cfg.Network = m
		running(t, cfg)
		time.Sleep(10 * time.Second)
		s.heard()
		links, _ := m.Links()
		links[0].Prefixes = []netip.Prefix{netip.MustParsePrefix("10.0.0.200/24")}
		m.setLinks(links...)
		time.Sleep(pollLinks)
		got := s.heard()
		if len(got) == 0 || !slices.Contains(texts(got[0].answers), "jumpgate.local A 10.0.0.200") {
			t.Fatalf("said %+v", got)
		}
	})
}

func TestConfigErrors(t *testing.T) {
	service := gateway().Announce[0]
	with := func(change func(*Service)) []Service {
		s := service
		change(&s)
		return []Service{s}
	}
	for name, cfg := range map[string]Config{
		"browse without underscore": {Browse: []string{"http._tcp"}},
		"browse without protocol":   {Browse: []string{"_http"}},
		"browse too long":           {Browse: []string{"_sixteencharacter._tcp"}},
		"no host":                   {Announce: []Service{service}},
		"host with a dot":           {Host: "jump.gate", Announce: []Service{service}},
		"no name":                   {Host: "h", Announce: with(func(s *Service) { s.Name = "" })},
		"long name":                 {Host: "h", Announce: with(func(s *Service) { s.Name = strings.Repeat("x", 64) })},
		"control character":         {Host: "h", Announce: with(func(s *Service) { s.Name = "a\nb" })},
		"no port":                   {Host: "h", Announce: with(func(s *Service) { s.Port = 0 })},
		"long TXT":                  {Host: "h", Announce: with(func(s *Service) { s.TXT = []string{strings.Repeat("x", 256)} })},
		"twice":                     {Host: "h", Announce: []Service{service, service}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

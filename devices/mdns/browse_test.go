package mdns

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const castService = "_googlecast._tcp"

// device is a responder's records for one instance.
type device struct {
	name, host, addr string
	port             uint16
	ttl              uint32
	txt              []string
}

func (d device) records() []record {
	full := instanceDomain(d.name, castService)
	return []record{
		{name: serviceDomain(castService), typ: dnsmessage.TypePTR, ttl: d.ttl, target: full},
		{name: full, typ: dnsmessage.TypeSRV, ttl: d.ttl, flush: true, target: d.host + ".local.", port: d.port},
		{name: full, typ: dnsmessage.TypeTXT, ttl: d.ttl, flush: true, txt: d.txt},
		{name: d.host + ".local.", typ: dnsmessage.TypeA, ttl: d.ttl, flush: true, addr: netip.MustParseAddr(d.addr)},
	}
}

func (d device) announce() message { return message{response: true, answers: d.records()} }

func kitchen() device {
	return device{name: "Dr. Küche", host: "cast-1", addr: "10.0.0.5", port: 8009, ttl: 120, txt: []string{"id=ab", "FN=Küche", "flag", "id=second"}}
}

// browsing is a node on one segment that looks for Chromecasts.
func browsing(t *testing.T) (*Node, *segment, <-chan Event) {
	t.Helper()
	s := newSegment()
	m := newMachine().plug(s, "eth0", "10.0.0.1/24")
	n, ctx, _ := running(t, Config{Browse: []string{castService}, Network: m})
	synctest.Wait()
	return n, s, n.Watch(ctx)
}

// next returns the events so far as "change name".
func next(events <-chan Event) []string {
	var out []string
	for {
		synctest.Wait()
		select {
		case ev, ok := <-events:
			if !ok {
				return out
			}
			out = append(out, fmt.Sprintf("%s %s %v:%d", ev.Change, ev.Instance.Name, ev.Instance.Addrs, ev.Instance.Port))
			continue
		default:
		}
		return out
	}
}

func expect(t *testing.T, events <-chan Event, want ...string) {
	t.Helper()
	got := next(events)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("events\n got %q\nwant %q", got, want)
	}
}

func TestQueriesBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s, _ := browsing(t)
		time.Sleep(4 * time.Hour)
		var at []time.Duration
		for _, m := range s.heard() {
			at = append(at, m.after)
		}
		if at[0] < firstQueryMin || at[0] > firstQueryMax {
			t.Errorf("first query after %s", at[0])
		}
		gap := time.Second
		for i := 1; i < len(at); i++ {
			if d := (at[i] - at[i-1]).Round(time.Millisecond); d != gap {
				t.Fatalf("query %d after %s, want %s", i, d, gap)
			}
			gap = min(2*gap, time.Hour)
		}
		if gap != time.Hour || len(at) < 14 {
			t.Fatalf("%d queries, the last gap %s", len(at), gap)
		}
		// Somebody waits for a device: all over again.
		if err := n.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Second)
		if got := len(s.heard()); got != 4 {
			t.Errorf("%d queries after Refresh, want 4", got)
		}
	})
}

func TestInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s, events := browsing(t)
		s.say(t, "10.0.0.5", kitchen().announce())
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
		want := Instance{
			Service: castService, Name: "Dr. Küche", Host: "cast-1.local", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.5")},
			Port: 8009, TXT: map[string]string{"id": "ab", "fn": "Küche", "flag": ""}, Interface: "eth0",
		}
		if got := n.Instances(); len(got) != 1 || !got[0].equal(want) {
			t.Fatalf("got %+v", got)
		}
		// Said again, nothing changes.
		s.say(t, "10.0.0.5", kitchen().announce())
		expect(t, events)
	})
}

// A device that falls silent is asked again at 80, 85, 90 and 95 % of its time,
// and is gone when it is over.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		time.Sleep(40 * time.Minute) // past the first queries
		s.heard()
		d := kitchen()
		s.say(t, "10.0.0.5", d.announce())
		heard := time.Since(s.start)
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
		time.Sleep(119 * time.Second)
		expect(t, events)
		time.Sleep(time.Second)
		expect(t, events, "gone Dr. Küche [10.0.0.5]:8009")
		var parts []float64
		for _, m := range s.heard() {
			for _, q := range m.questions {
				if q.typ == dnsmessage.TypeSRV && m.after > heard {
					parts = append(parts, float64(m.after-heard)/float64(120*time.Second))
				}
			}
		}
		for i, want := range []float64{0.80, 0.85, 0.90, 0.95} {
			if i >= len(parts) || parts[i] < want-0.001 || parts[i] > want+0.02 {
				t.Fatalf("asked again at %v of its time", parts)
			}
		}
	})
}

func TestAnsweredRefreshKeepsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		s.say(t, "10.0.0.5", kitchen().announce())
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
		for range 60 {
			time.Sleep(110 * time.Second)
			s.say(t, "10.0.0.5", kitchen().announce())
		}
		expect(t, events)
	})
}

func TestGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		s.say(t, "10.0.0.5", kitchen().announce())
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
		bye := kitchen()
		bye.ttl = 0
		s.say(t, "10.0.0.5", bye.announce())
		expect(t, events)
		time.Sleep(lastSecond)
		expect(t, events, "gone Dr. Küche [10.0.0.5]:8009")
		// A goodbye to what was never there is nothing.
		s.say(t, "10.0.0.5", bye.announce())
		time.Sleep(2 * time.Second)
		expect(t, events)
	})
}

func TestAddressAndPortChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		s.say(t, "10.0.0.5", kitchen().announce())
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
		time.Sleep(10 * time.Second)
		moved := kitchen()
		moved.addr, moved.port = "10.0.0.77", 8123
		s.say(t, "10.0.0.77", moved.announce())
		expect(t, events, "changed Dr. Küche [10.0.0.77]:8123")
		time.Sleep(5 * time.Second)
		expect(t, events)
	})
}

func TestManyInstancesInOnePacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		m := message{response: true}
		var want []string
		for i := range 20 {
			d := device{name: fmt.Sprintf("Room %02d", i), host: fmt.Sprint("h", i), addr: fmt.Sprintf("10.0.0.%d", 10+i), port: 8009, ttl: 120, txt: []string{"id=x"}}
			r := d.records()
			m.answers = append(m.answers, r[0])
			m.additional = append(m.additional, r[1:]...)
			want = append(want, fmt.Sprintf("appeared Room %02d [10.0.0.%d]:8009", i, 10+i))
		}
		s.say(t, "10.0.0.10", m)
		expect(t, events, want...)
	})
}

// A responder that says one thing at a time is asked for the rest.
func TestMissingPartsAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		time.Sleep(10 * time.Second)
		r := kitchen().records()
		asked := func(typ dnsmessage.Type) bool {
			synctest.Wait()
			return slices.ContainsFunc(s.heard(), func(m sentMessage) bool {
				return slices.ContainsFunc(m.questions, func(q question) bool { return q.typ == typ })
			})
		}
		for i, typ := range []dnsmessage.Type{dnsmessage.TypeSRV, dnsmessage.TypeA} {
			s.heard()
			s.say(t, "10.0.0.5", message{response: true, answers: r[i : i+1]})
			if !asked(typ) {
				t.Fatalf("%s was not asked for", typ)
			}
			// And once more, as nothing came.
			time.Sleep(1100 * time.Millisecond)
			if !asked(typ) {
				t.Fatalf("%s was not asked for again", typ)
			}
		}
		expect(t, events)
		s.say(t, "10.0.0.5", message{response: true, answers: r[2:]})
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
	})
}

func TestNoTXT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		r := kitchen().records()
		s.say(t, "10.0.0.5", message{response: true, answers: []record{r[0], r[1], r[3]}})
		expect(t, events)
		time.Sleep(waitRest)
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009")
	})
}

func TestKnownAnswersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, _ := browsing(t)
		for i := range 60 { // more than fit into one packet
			d := kitchen()
			d.name, d.ttl = fmt.Sprintf("A rather long name, so that it fills packets, number %02d", i), 4500
			s.say(t, "10.0.0.5", d.announce())
		}
		s.heard()
		time.Sleep(3500 * time.Millisecond)
		known, packets := 0, 0
		for _, m := range s.heard() {
			if m.response || m.after < 2*time.Second {
				continue
			}
			packets++
			known += len(m.answers)
			if last := known == 60; m.truncated == last {
				t.Errorf("packet %d with %d known so far: truncated %v", packets, known, m.truncated)
			}
			if (packets == 1) != (len(m.questions) > 0) {
				t.Errorf("packet %d has %d questions", packets, len(m.questions))
			}
		}
		if known != 60 || packets < 2 {
			t.Fatalf("%d known answers in %d packets", known, packets)
		}
	})
}

func TestLinksComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan, wifi := newSegment(), newSegment()
		m := newMachine().plug(lan, "eth0", "10.0.0.1/24").plug(wifi, "wlan0", "10.1.0.1/24")
		links, _ := m.Links()
		n, ctx, _ := running(t, Config{Browse: []string{castService}, Network: m})
		events := n.Watch(ctx)
		synctest.Wait()
		lan.say(t, "10.0.0.5", kitchen().announce())
		other := kitchen()
		other.addr = "10.1.0.5"
		wifi.say(t, "10.1.0.5", other.announce())
		expect(t, events, "appeared Dr. Küche [10.0.0.5]:8009", "appeared Dr. Küche [10.1.0.5]:8009")
		m.setLinks(links[0])
		time.Sleep(pollLinks)
		expect(t, events, "gone Dr. Küche [10.1.0.5]:8009")
		wifi.heard()
		m.setLinks(links...)
		time.Sleep(pollLinks + firstQueryMax)
		if len(wifi.heard()) == 0 {
			t.Fatal("not asked on the interface that came back")
		}
		wifi.say(t, "10.1.0.5", other.announce())
		expect(t, events, "appeared Dr. Küche [10.1.0.5]:8009")
	})
}

func TestResponsesThatDoNotCount(t *testing.T) {
	for name, say := range map[string]func(s *segment, data []byte){
		"from another port": func(s *segment, data []byte) {
			s.send(netip.MustParseAddrPort("10.0.0.5:5354"), Group4, data)
		},
		"an opcode": func(s *segment, data []byte) {
			data[2] |= 0x08
			s.send(netip.MustParseAddrPort("10.0.0.5:5353"), Group4, data)
		},
		"an error": func(s *segment, data []byte) {
			data[3] |= 0x03
			s.send(netip.MustParseAddrPort("10.0.0.5:5353"), Group4, data)
		},
		"too large": func(s *segment, data []byte) {
			s.send(netip.MustParseAddrPort("10.0.0.5:5353"), Group4, append(data, make([]byte, maxPacket)...))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, s, events := browsing(t)
				m := kitchen().announce()
				data, err := m.pack()
				if err != nil {
					t.Fatal(err)
				}
				say(s, data)
				time.Sleep(time.Second)
				expect(t, events)
			})
		})
	}
}

func TestAddressesThatDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		for _, a := range []string{"0.0.0.0", "224.0.0.251", "127.0.0.1"} {
			d := kitchen()
			d.addr = a
			s.say(t, "10.0.0.5", d.announce())
			time.Sleep(2 * time.Second)
		}
		expect(t, events)
	})
}

// However much is announced, what is kept has a bound, and the node goes on.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s, events := browsing(t)
		for i := range 600 {
			d := kitchen()
			d.name, d.host = fmt.Sprint("flood ", i), fmt.Sprint("h", i)
			if i == 0 {
				d.ttl = 1 << 31
			}
			s.say(t, "10.0.0.66", d.announce())
		}
		if got := len(n.Instances()); got != maxSameKey {
			t.Errorf("%d instances, want %d", got, maxSameKey)
		}
		_ = n.do(t.Context(), func() {
			if got := n.links[1].cache.n; got > maxEntries {
				t.Errorf("%d records kept", got)
			}
		})
		next(events)
		time.Sleep(maxTTL + time.Second)
		if got := len(n.Instances()); got != 0 {
			t.Errorf("%d instances when their time is over", got)
		}
		s.say(t, "10.0.0.5", kitchen().announce())
		next(events)
		if got := len(n.Instances()); got != 1 {
			t.Errorf("%d instances, want the honest one", got)
		}
	})
}

func TestSlowWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, events := browsing(t)
		for i := range 100 {
			d := kitchen()
			d.port = uint16(9000 + i)
			s.say(t, "10.0.0.5", d.announce())
			time.Sleep(2 * time.Second)
		}
		got := next(events)
		if len(got) > 2 || got[len(got)-1] != "changed Dr. Küche [10.0.0.5]:9099" {
			t.Fatalf("got %q", got)
		}
	})
}

//go:build peers

package mdns

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// TestInside is not a test: it is our node inside a namespace, and ends with its
// input. Started otherwise it does nothing.
func TestInside(t *testing.T) {
	text := os.Getenv(insideEnv)
	if text == "" {
		return
	}
	var cfg insideConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Hostile > 0 {
		throw(t, cfg.Hostile)
		return
	}
	if cfg.Diagnose {
		r, err := Diagnose(t.Context(), DiagnoseConfig{Browse: cfg.Browse})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.WriteText(os.Stdout)
		return
	}
	n, err := New(Config{Browse: cfg.Browse, Host: cfg.Host, Announce: cfg.Announce})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		cancel()
	}()
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(told{Started: true})
	events := n.Watch(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	var last []Announced
	for {
		select {
		case ev, ok := <-events:
			if ok {
				_ = out.Encode(told{Change: ev.Change, Instance: ev.Instance})
			} else {
				events = nil
			}
		case <-look.C:
			if now, err := n.Announced(ctx); err == nil && !reflect.DeepEqual(now, last) {
				last = now
				_ = out.Encode(told{Announce: now})
			}
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// throw sends malformed, random and lying packets to the group.
func throw(t *testing.T, howLong time.Duration) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{Port: Port})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := rand.New(rand.NewPCG(3, 4))
	group := net.UDPAddrFromAddrPort(Group4)
	good := kitchen()
	good.name = "Hostile"
	m := good.announce()
	seed, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(howLong); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		data := slices.Clone(seed)
		switch r.IntN(3) {
		case 0: // damaged
			for range 1 + r.IntN(8) {
				data[r.IntN(len(data))] = byte(r.Uint32())
			}
		case 1: // cut
			data = data[:r.IntN(len(data))]
		case 2: // noise behind a header that promises much
			data = make([]byte, 12+r.IntN(1400))
			for i := range data {
				data[i] = byte(r.Uint32())
			}
			data[2], data[3] = 0x84, 0
		}
		_, _ = conn.WriteTo(data, group)
	}
}

const (
	soon  = 2 * time.Second // in which a device has to appear
	cast  = "_googlecast._tcp"
	own   = "_jumpgate._tcp"
	sends = "_sendspin._tcp"
)

func TestPeersAvahi(t *testing.T) {
	l := newLab(t)
	dev, me := l.machine("dev", "10.77.0.2/24"), l.machine("me", "10.77.0.1/24")
	dev.avahi("speaker")
	n := me.node(insideConfig{Browse: []string{cast, sends}})
	began := time.Now()
	first, _ := dev.publish("Dr. Küche", cast, 8009, "id=ab", "fn=Küche 봄")
	i, at := n.event(soon, Appeared, "Dr. Küche")
	t.Logf("a service appeared %s after avahi began to publish it", at.Sub(began).Round(time.Millisecond))
	if i.Host != "speaker.local" || i.Port != 8009 || i.TXT["fn"] != "Küche 봄" || i.Interface != "eth0" || i.Addrs[0] != netip.MustParseAddr("10.77.0.2") || !i.Addrs[len(i.Addrs)-1].Is6() {
		t.Errorf("got %+v", i)
	}
	_, _ = dev.publish("Player 1", sends, 8928, "path=/sendspin")
	_, _ = dev.publish("Player 2", sends, 8929, "path=/sendspin")
	n.event(soon, Appeared, "Player 1")
	n.event(soon, Appeared, "Player 2")

	// A node that starts later sees all that is there: avahi answers in one packet.
	late := me.node(insideConfig{Browse: []string{cast, sends}})
	_, began = late.next(5*time.Second, func(t told) bool { return t.Started })
	seen := make(map[string]bool)
	for len(seen) < 3 {
		what, at := late.next(soon, func(t told) bool { return t.Change == Appeared })
		if seen[what.Instance.Name] = true; at.Sub(began) > soon {
			t.Errorf("%s after %s", what.Instance.Name, at.Sub(began))
		}
		t.Logf("%s appeared %s after the start of a node", what.Instance.Name, at.Sub(began).Round(time.Millisecond))
	}

	// The address changes: avahi takes the new one over by itself.
	dev.ip("addr", "del", "10.77.0.2/24", "dev", "eth0")
	dev.ip("addr", "add", "10.77.0.99/24", "dev", "eth0")
	began = time.Now()
	moved, at := n.next(10*time.Second, func(t told) bool {
		return t.Instance.Name == "Dr. Küche" && slices.Contains(t.Instance.Addrs, netip.MustParseAddr("10.77.0.99")) &&
			!slices.Contains(t.Instance.Addrs, netip.MustParseAddr("10.77.0.2"))
	})
	t.Logf("%s at its new address after %s", moved.Instance.Name, at.Sub(began).Round(time.Millisecond))

	began = time.Now()
	first.kill(syscall.SIGTERM)
	_, at = n.event(3*time.Second, Gone, "Dr. Küche")
	t.Logf("gone %s after its goodbye", at.Sub(began).Round(time.Millisecond))
}

func TestPeersZeroconf(t *testing.T) {
	l := newLab(t)
	dev, me := l.machine("dev", "10.77.0.2/24"), l.machine("me", "10.77.0.1/24")
	z := dev.zeroconf()
	n := me.node(insideConfig{Browse: []string{cast}})
	service := zeroconfService{Do: "register", Name: "Kitchen", Type: cast, Port: 8009, Addrs: []string{"10.77.0.2"}, TXT: map[string]string{"id": "ab"}, Host: "kitchen", TTL: 6}
	began := time.Now()
	z.tell(service)
	_, at := n.event(soon, Appeared, "Kitchen")
	t.Logf("a service appeared %s after python-zeroconf began to register it", at.Sub(began).Round(time.Millisecond))

	service.Do, service.Port = "update", 8123
	z.tell(service)
	if i, _ := n.event(soon, Changed, "Kitchen"); i.Port != 8123 {
		t.Errorf("got %+v", i)
	}
	// Refreshed, it lives on past its time.
	n.none(8*time.Second, func(t told) bool { return t.Change == Gone })

	killed := time.Now()
	z.kill(syscall.SIGKILL)
	_, at = n.event(8*time.Second, Gone, "Kitchen")
	t.Logf("gone %s after kill -9, with a time to live of 6 s", at.Sub(killed).Round(time.Millisecond))

	again := dev.zeroconf()
	service.Do, service.TTL = "register", 120
	again.tell(service)
	n.event(soon, Appeared, "Kitchen")
	again.stop()
	n.event(3*time.Second, Gone, "Kitchen")
}

func TestPeersHostile(t *testing.T) {
	l := newLab(t)
	dev, me, foe := l.machine("dev", "10.77.0.2/24"), l.machine("me", "10.77.0.1/24"), l.machine("foe", "10.77.0.66/24")
	dev.avahi("speaker")
	n := me.node(insideConfig{Browse: []string{cast}, Host: "jumpgate", Announce: []Service{{Name: "Home", Type: own, Port: 8080}}})
	n.announced(5*time.Second, "eth0")
	attack := foe.node(insideConfig{Hostile: 4 * time.Second})
	time.Sleep(time.Second)
	began := time.Now()
	_, _ = dev.publish("Honest", cast, 8009, "id=ab")
	_, at := n.event(soon, Appeared, "Honest")
	t.Logf("under attack a service appeared %s after avahi began to publish it", at.Sub(began).Round(time.Millisecond))
	<-attack.done
	if out := dev.run("avahi-browse", "-rpt", own); !strings.Contains(out, "=;eth0;IPv4;Home;") {
		t.Errorf("after the attack our announcement is not there:\n%s", out)
	}
}

func TestPeersAnnouncement(t *testing.T) {
	l := newLab(t)
	one, two := l.machine("one", "10.77.0.1/24"), l.machine("two", "10.77.0.2/24")
	dev := l.machine("dev", "10.77.0.3/24")
	dev.avahi("watcher")
	cfg := insideConfig{Browse: []string{own}, Host: "jumpgate", Announce: []Service{
		{Name: "Dr. Küche", Type: own, Port: 8080, TXT: []string{"path=/", `odd=a\b "c"`}},
		{Name: "Küche", Type: "_sendspin-server._tcp", Port: 8927, TXT: []string{"path=/sendspin"}},
	}}
	first := one.node(cfg)
	a := first.announced(5*time.Second, "eth0")
	second := two.node(cfg)
	b := second.announced(10*time.Second, "eth0")
	if a.Service.Name != "Dr. Küche" || a.Host != "jumpgate.local" || b.Service.Name != "Dr. Küche (2)" || b.Host != "jumpgate-2.local" {
		t.Errorf("called %q on %s and %q on %s", a.Service.Name, a.Host, b.Service.Name, b.Host)
	}
	// They see each other, and not themselves.
	first.event(soon, Appeared, "Dr. Küche (2)")
	second.event(soon, Appeared, "Dr. Küche")
	second.none(500*time.Millisecond, func(t told) bool { return t.Instance.Name == "Dr. Küche (2)" })

	out := dev.run("avahi-browse", "-rpt", own)
	for _, want := range []string{
		`=;eth0;IPv4;Dr\.\032K\195\188che;_jumpgate._tcp;local;jumpgate.local;10.77.0.1;8080;`,
		`=;eth0;IPv6;Dr\.\032K\195\188che;_jumpgate._tcp;local;jumpgate.local;`,
		`=;eth0;IPv4;Dr\.\032K\195\188che\032\0402\041;_jumpgate._tcp;local;jumpgate-2.local;10.77.0.2;8080;`,
		`"path=/"`, `"odd=a\\b \"c\""`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("avahi-browse does not say %s:\n%s", want, out)
		}
	}
	out = dev.run(python, "-c", `
from zeroconf import Zeroconf
z = Zeroconf()
i = z.get_service_info("_sendspin-server._tcp.local.", "Küche._sendspin-server._tcp.local.", 3000)
print(i.parsed_addresses(), i.port, i.properties, i.server)
z.close()`)
	if !strings.Contains(out, "10.77.0.1") || !strings.Contains(out, "8927 {b'path': b'/sendspin'} jumpgate.local.") {
		t.Errorf("python-zeroconf says %s", out)
	}
	if out := dev.run("avahi-resolve", "-4", "-n", "jumpgate-2.local"); !strings.Contains(out, "10.77.0.2") {
		t.Errorf("avahi-resolve says %s", out)
	}
	// A goodbye is a goodbye to avahi, too, and to the other gateway.
	second.stop()
	first.event(3*time.Second, Gone, "Dr. Küche (2)")
	began := time.Now()
	for strings.Contains(dev.run("avahi-browse", "-rpt", own), "jumpgate-2") {
		if time.Since(began) > 10*time.Second { // far from its record's two minutes
			t.Fatalf("avahi still has the second gateway:\n%s", dev.run("avahi-browse", "-rpt", own))
		}
	}
}

func TestPeersTwoInterfaces(t *testing.T) {
	l := newLab(t)
	left, right := l.machine("left", "10.77.0.2/24"), l.space("right")
	right.attach("eth0", "br1", "10.78.0.2/24")
	me := l.machine("me", "10.77.0.1/24")
	left.avahi("left")
	right.avahi("right")
	n := me.node(insideConfig{Browse: []string{cast}, Host: "jumpgate", Announce: []Service{{Name: "Home", Type: own, Port: 8080}}})
	n.announced(5*time.Second, "eth0")
	_, _ = left.publish("Left", cast, 8009)
	if i, _ := n.event(soon, Appeared, "Left"); i.Interface != "eth0" {
		t.Errorf("got %+v", i)
	}
	// The second interface comes while we run.
	_, _ = right.publish("Right", cast, 8009)
	me.attach("wlan0", "br1", "10.78.0.1/24")
	began := time.Now()
	i, at := n.event(pollLinks+soon, Appeared, "Right")
	if i.Interface != "wlan0" {
		t.Errorf("got %+v", i)
	}
	t.Logf("a device on a new interface appeared after %s", at.Sub(began).Round(time.Millisecond))
	n.announced(10*time.Second, "eth0", "wlan0")
	for _, c := range []struct {
		at          *space
		want, never string
	}{{left, "10.77.0.1", "10.78.0.1"}, {right, "10.78.0.1", "10.77.0.1"}} {
		if out := c.at.run("avahi-browse", "-rpt", own); !strings.Contains(out, c.want) || strings.Contains(out, c.never) {
			t.Errorf("on %s avahi-browse says:\n%s", c.at.name, out)
		}
		if out := c.at.run("avahi-resolve", "-4", "-n", "jumpgate.local"); !strings.Contains(out, c.want) {
			t.Errorf("on %s avahi-resolve says %s", c.at.name, out)
		}
	}
	me.ip("link", "set", "wlan0", "down")
	n.event(pollLinks+soon, Gone, "Right")
}

func TestPeersAvahiOnTheSameHost(t *testing.T) {
	l := newLab(t)
	me, dev := l.machine("me", "10.77.0.1/24"), l.machine("dev", "10.77.0.2/24")
	me.avahi("desk")
	n := me.node(insideConfig{Browse: []string{cast, sends}, Host: "jumpgate", Announce: []Service{{Name: "Home", Type: own, Port: 8080}}})
	n.announced(5*time.Second, "eth0")
	_, _ = me.publish("On this host", sends, 8928)
	n.event(soon, Appeared, "On this host")
	z := dev.zeroconf()
	z.tell(zeroconfService{Do: "register", Name: "Kitchen", Type: cast, Port: 8009, Addrs: []string{"10.77.0.2"}, TXT: map[string]string{"id": "ab"}, Host: "kitchen", TTL: 120})
	n.event(soon, Appeared, "Kitchen")
	if out := me.run("avahi-browse", "-rpt", cast); !strings.Contains(out, "10.77.0.2;8009") {
		t.Errorf("avahi beside us does not see the device:\n%s", out)
	}
	if out := me.run("avahi-browse", "-rpt", own); !strings.Contains(out, "jumpgate.local;10.77.0.1;8080") {
		t.Errorf("avahi beside us does not see us:\n%s", out)
	}
	// Queries by unicast to the port are avahi's: it answers every one.
	q := ask("desk.local.", dnsmessage.TypeA)
	data, err := q.pack()
	if err != nil {
		t.Fatal(err)
	}
	out := dev.run(python, "-c", fmt.Sprintf(`
import socket
n = 0
for i in range(40):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(1)
    s.sendto(bytes([%s]), ("10.77.0.1", 5353))
    try:
        n += b"\x0a\x4d\x00\x01" in s.recv(9000)
    except TimeoutError:
        pass
print("answered", n)`, pyBytes(data)))
	if !strings.Contains(out, "answered 40") {
		t.Errorf("of 40 queries by unicast to avahi: %s", out)
	}
}

// pyBytes writes bytes as Python lists numbers.
func pyBytes(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		fmt.Fprintf(&b, "%d,", c)
	}
	return b.String()
}

func TestPeersDoctor(t *testing.T) {
	l := newLab(t)
	me, dev := l.machine("me", "10.77.0.1/24"), l.machine("dev", "10.77.0.2/24")
	dev.avahi("speaker")
	_, _ = dev.publish("Küche", cast, 8009, "id=ab")
	_, _ = dev.publish("TV", "_airplay._tcp", 7000)
	renderer := dev.start(nil, python, "-c", `
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 1900))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.255.250") + socket.inet_aton("10.77.0.2"))
print("ready", flush=True)
while True:
    q, a = s.recvfrom(9000)
    if b"MediaRenderer" in q:
        s.sendto(b"HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:MediaRenderer:1\r\nSERVER: Test UPnP/1.0\r\n\r\n", a)`)
	renderer.wait("ready", 5*time.Second)
	me.attach("wlan0", "br1", "10.78.0.1/24") // nobody is there
	me.ip("route", "add", "default", "dev", "eth0")
	doctor := me.node(insideConfig{Browse: []string{cast, "_airplay._tcp"}, Diagnose: true})
	<-doctor.done
	text := doctor.seen.String()
	for _, want := range []string{
		"ok       UDP port 5353 is open and shared",
		"ok       1 Chromecast or Cast group: Küche (10.77.0.2:8009)",
		"ok       1 AirPlay device (Jumpgate does not play on it yet): TV (10.77.0.2:7000)",
		"ok       1 DLNA renderer (Jumpgate does not play on it yet): Test UPnP/1.0 (10.77.0.2)",
		"ok       what we announce is heard",
		"problem  nobody answered",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "problem "); n != 1 {
		t.Errorf("%d problems:\n%s", n, text)
	}
}

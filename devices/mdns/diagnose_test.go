package mdns

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// report has an interface for everything that a diagnosis can say.
func report() Report {
	prefix := func(p string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(p)} }
	seen := func(service, name, addr string, port uint16) Instance {
		return Instance{Service: service, Name: name, Addrs: []netip.Addr{netip.MustParseAddr(addr)}, Port: port}
	}
	good := LinkState{Packets: [2]int{40, 0}, Own: [2]int{9, 0}, Sent: [2]int{9, 0}}
	used := func(name string, state LinkState) InterfaceReport {
		return InterfaceReport{Name: name, Up: true, Multicast: true, Used: true, Addrs: prefix("192.168.1.2/24"), State: state, HeardBack: true}
	}
	all := used("eth0", good)
	all.Seen = []Instance{
		seen("_airplay._tcp", "TV", "192.168.1.30", 7000), seen(castService, "Kitchen", "192.168.1.20", 8009),
		seen(castService, "거실", "192.168.1.21", 8009), seen("_sendspin._tcp", "Bath", "fe80::1%eth0", 8928),
	}
	// What a Chromecast calls itself, and what its owner calls it.
	all.Seen[2].Name, all.Seen[2].TXT = "Chromecast-7c1f", map[string]string{"fn": "거실"}
	all.Seen[3].TXT = map[string]string{"name": "not\x1b[2Jshown"}
	all.Renderers = []Renderer{{netip.MustParseAddr("192.168.1.40"), "Linux UPnP/1.0 Speaker/1"}, {netip.MustParseAddr("192.168.1.41"), ""}}
	all.State.Bad = 1
	silent := used("eth1", LinkState{Own: [2]int{9, 8}, Sent: [2]int{9, 8}})
	wall := used("eth2", LinkState{Sent: [2]int{9, 8}, Own: [2]int{0, 8}})
	mute := used("eth3", LinkState{SendErr: [2]string{"sendmsg: operation not permitted", ""}})
	deaf := used("eth4", LinkState{JoinErr: "join 224.0.0.251 on eth4: no buffer space available", Sent: [2]int{9, 0}, Own: [2]int{9, 0}, Packets: [2]int{1, 0}})
	printers := used("eth5", good)
	printers.State.Bad = 3
	unheard := used("eth6", good)
	unheard.HeardBack, unheard.Seen = false, all.Seen[1:2]
	missed := used("eth7", good)
	missed.Seen, missed.Second = all.Seen[1:2], []string{"Garage (_googlecast._tcp)"}
	lone := used("eth8", good)
	lone.Seen, lone.SecondErr = all.Seen[1:2], "no such device"
	return Report{Interfaces: []InterfaceReport{
		all, silent, wall, mute, deaf, printers, unheard, missed, lone,
		{Name: "lo", Up: true, Loopback: true, Addrs: prefix("127.0.0.1/8")},
		{Name: "eth10"},
		{Name: "eth9", Up: true, Multicast: true},
		{Name: "late0", Up: true, Multicast: true, Addrs: prefix("10.9.0.1/24")},
		{Name: "tun0", Up: true, Addrs: prefix("10.8.0.2/24")},
	}}
}

func TestReport(t *testing.T) {
	var b bytes.Buffer
	for _, r := range []Report{report(), {Socket: "bind: address already in use"}, {}} {
		if err := r.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n====\n\n")
	}
	path := filepath.Join("testdata", "report.golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("UPDATE_GOLDEN=1 writes it anew; got:\n%s", b.String())
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`Living\ Room._x._tcp.local.`: "Living Room._x._tcp.local.",
		`K\195\188che`:                "Küche",
		`Dr\.\032No`:                  "Dr" + maskDots(".") + " No",
		`back\\slash`:                 `back\slash`,
		`end\`:                        `end\`,
		`\99`:                         `99`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

const rendererAnswer = "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: http://192.168.1.40:49152/d.xml\r\nSERVER: Linux UPnP/1.0 Speaker/1\r\nST: " + rendererType + "\r\nUSN: uuid:1::x\r\n\r\n"

func TestParseRenderer(t *testing.T) {
	for in, want := range map[string]string{
		rendererAnswer: "Linux UPnP/1.0 Speaker/1",
		strings.Replace(rendererAnswer, rendererType, "upnp:rootdevice", 1): "",
		strings.Replace(rendererAnswer, "200 OK", "404 No", 1):              "",
		"NOTIFY * HTTP/1.1\r\n\r\n":                                         "",
		"":                                                                  "",
	} {
		if got, ok := parseRenderer([]byte(in)); got.Server != want || ok != (want != "") {
			t.Errorf("%q: got %+v %v", in, got, ok)
		}
	}
}

func FuzzParseRenderer(f *testing.F) {
	f.Add([]byte(rendererAnswer))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, ok := parseRenderer(data); ok && len(r.Server) > 128 {
			t.Fatalf("%d bytes", len(r.Server))
		}
	})
}

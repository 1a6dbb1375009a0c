package gateway

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
)

// A URL names the address that a device can reach, whatever kind it is.
func TestMediaURLsNameOurAddress(t *testing.T) {
	signer := api.NewSigner(make([]byte, 32), time.Now)
	for _, c := range []struct{ peer, advertise, want string }{
		{"127.0.0.1", "", "http://127.0.0.1:4600/media/"},
		{"::ffff:127.0.0.1", "", "http://127.0.0.1:4600/media/"},
		{"192.0.2.1", "192.0.2.9", "http://192.0.2.9:4600/media/"},
		{"2001:db8::1", "2001:db8::9", "http://[2001:db8::9]:4600/media/"},
	} {
		o := &origin{signer: signer, port: 4600, advertise: c.advertise}
		if got, err := o.mediaURL(netip.MustParseAddr(c.peer), "cast", "id", "1.flac"); err != nil || !strings.HasPrefix(got, c.want) {
			t.Errorf("for %s: %s, %v; want %s...", c.peer, got, err, c.want)
		}
	}
}

// A link-local address cannot stand in a URL: another one of the interface does.
func TestRoutable(t *testing.T) {
	link := netip.MustParseAddr("fe80::1%eth0")
	for _, c := range []struct {
		has  []string
		want string
	}{
		{nil, "fe80::1%eth0"},
		{[]string{"fe80::1/64"}, "fe80::1%eth0"},
		{[]string{"fe80::1/64", "fd00::5/64", "192.168.1.5/24", "10.0.0.5/8"}, "192.168.1.5"},
		{[]string{"169.254.3.4/16", "fd00::5/64"}, "fd00::5"},
	} {
		var all []net.Addr
		for _, text := range c.has {
			ip, network, err := net.ParseCIDR(text)
			if err != nil {
				t.Fatal(err)
			}
			network.IP = ip
			all = append(all, network)
		}
		if got := routable(link, all).String(); got != c.want {
			t.Errorf("of %v it takes %s, want %s", c.has, got, c.want)
		}
	}
}

//go:build peers

package cast

import (
	"strings"
	"testing"
)

// latency is how long the device's answers are under way, in ms, where round trips
// are counted: what a sender says without waiting arrives closer together.
const latency = 400

// trips counts the round trips of what a device heard: messages that came more
// than half a latency after the one before had to wait for an answer. The last
// one's answer counts.
func trips(heard []peerLine) (n int, said string) {
	var kinds []string
	for i, line := range heard {
		switch {
		case i == 0 || line.At-heard[i-1].At > latency/2:
			n++
			kinds = append(kinds, line.Got)
		default:
			kinds[n-1] += "+" + line.Got
		}
	}
	return n, strings.Join(kinds, ", ")
}

// The way to a load that is answered, ours and pychromecast's, on the same device:
// from nothing, again on the connection that there is, and by a new connection to a
// device on which the application runs.
func TestPeerRoundTripsBeside(t *testing.T) {
	t.Parallel()
	base := tracks(t)
	for _, c := range []struct {
		name string
		want []int
		play func(p *peer) func(url string)
	}{
		{"ours", []int{2, 1, 2}, func(p *peer) func(string) {
			s := startSender(t, p, Config{Launch: true})
			return func(url string) { load(t, s, items(base, url)) }
		}},
		{"pychromecast", []int{3, 1, 2}, func(p *peer) func(string) {
			y := startPychromecast(t, p)
			return func(url string) { y.do("load " + base + "/" + url + " T") }
		}},
	} {
		p := startPeer(t)
		p.obey("latency 400")
		var play func(string)
		for i, want := range c.want {
			if i != 1 {
				play = c.play(p)
			}
			play(string(rune('a' + i)))
			n, said := trips(upTo(p.heard(), "LOAD"))
			t.Logf("%s: %d round trips: %s", c.name, n, said)
			if n != want {
				t.Errorf("%s: %d round trips, want %d", c.name, n, want)
			}
		}
	}
}

// upTo leaves out what a sender says behind its load.
func upTo(heard []peerLine, kind string) []peerLine {
	for i, line := range heard {
		if strings.HasSuffix(line.Got, kind) {
			return heard[:i+1]
		}
	}
	return heard
}

//go:build peersjs

package sendspin_test

import (
	"os"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// newJSPeerNow is sendspin-js 4.0.0, the first release that encrypts. The npm
// registry may not have it; of a checkout of the tag 4.0.0 that was built
// (npm install && npm run build), this makes the folder that the variable names:
//
//	mkdir FOLDER && cd FOLDER && npm init -y && npm install --install-links CHECKOUT
func newJSPeerNow(t *testing.T, s *sendspin.Server, now func() int64, codecs string) *jsPeer {
	t.Helper()
	modules := os.Getenv("JUMPGATE_SENDSPIN_JS")
	if modules == "" {
		t.Fatal("JUMPGATE_SENDSPIN_JS is not set: a folder in whose node_modules sendspin-js 4.0.0 is")
	}
	return startJSPeer(t, s, now, modules, codecs)
}

// TestPeerSendspinJSNow: as TestPeerSendspinJS, encrypted. This release speaks a
// draft, see wire.PairMethods: it plays, and cannot be paired.
func TestPeerSendspinJSNow(t *testing.T) {
	start := time.Now()
	now := func() int64 { return time.Since(start).Microseconds() + 1e9 }
	h, _ := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
	peer := newJSPeerNow(t, h.Server, now, "flac,pcm")
	p := h.nextWithin(t, sendspin.Connected, time.Minute).Player
	if p.Security().Paired || !p.Hello().Pairing.Listed {
		t.Errorf("%+v %+v", p.Security(), p.Hello())
	}
	if err := p.SetAccess(sendspin.Listens); err != nil {
		t.Fatal(err)
	}
	if st := h.available(t); st.Volume != 100 || st.RequiredLead != 250*time.Millisecond {
		t.Errorf("state %+v", st)
	}
	eventually(t, "a clock", func() bool { return peer.report().Synced })
	jsPlays(t, h, p, peer, now)
	jsControls(t, h, p, peer)
	peer.please(jsAsk{Leave: true})
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.UserRequest {
		t.Errorf("gone: %+v", e)
	}
}

// TestPeerSendspinJSNowSession takes down a session for TestSessions.
func TestPeerSendspinJSNowSession(t *testing.T) {
	s := newSession(t, wire.Current)
	s.record(t, "sendspin-js-4.0.0", func() foreign { return newJSPeerNow(t, s.h.Server, s.now, "pcm").foreign(t) })
}

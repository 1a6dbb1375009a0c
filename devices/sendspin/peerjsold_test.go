//go:build peers

package sendspin_test

import (
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// TestPeerSendspinJSSession takes down a session for TestSessions.
func TestPeerSendspinJSSession(t *testing.T) {
	s := newSession(t, wire.Cleartext)
	s.record(t, "sendspin-js-3.2.1", func() foreign { return newJSPeer(t, s.h.Server, s.now, "pcm").foreign(t) })
}

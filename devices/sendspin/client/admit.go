package client

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// The ranks of connections, for the rules on several servers (connection.md,
// "Multiple servers").
const (
	rankIdle = iota
	rankPairing
	rankPlayback
)

func (s *session) rank() int {
	if s.dialect == wire.Cleartext {
		if s.hello.Reason == wire.Playback {
			return rankPlayback
		}
		return rankIdle
	}
	a := s.activity.Load()
	switch {
	case a.Has(wire.PlaybackActivity):
		return rankPlayback
	case a.Has(wire.PairingActivity):
		return rankPairing
	default:
		return rankIdle
	}
}

// prefer tells whether a connection that has come takes the place of the one
// that is there.
func prefer(fresh, old *session, last string) bool {
	switch f, o := fresh.rank(), old.rank(); {
	case fresh.hello.ID == old.hello.ID:
		return true // the same server has connected anew
	case old.pairing.Load() && f > rankIdle:
		return false // a pairing that is in progress is not disturbed
	case f == rankIdle && o == rankIdle:
		return last != "" && fresh.hello.ID == last
	default:
		return f >= o
	}
}

// refuse tells a server that another one keeps us.
func (s *session) refuse() {
	switch {
	case s.dialect == wire.Cleartext:
		s.goodbye(wire.AnotherServer)
	case s.rank() == rankPairing:
		_ = s.writeMessage(wire.TypePairAbort, wire.PairAbort{Reason: wire.AbortConcurrent})
	default:
		s.goodbye(wire.ConcurrentTry)
	}
}

// verdict is what we make of an activation: nothing to say, a goodbye, or a
// pair/abort that leaves the connection open (messaging.md, "server/activate").
type verdict struct {
	goodbye wire.Goodbye
	abort   bool
}

// judge tells whether an activation is admissible for the key of the session.
func judge(a wire.Activation, roles []wire.Role, category noise.Category, unpaired bool, offered wire.PairMethods) verdict {
	allowed := func(unpaired bool) bool {
		plays, pairs := a.Has(wire.PlaybackActivity), a.Has(wire.PairingActivity)
		capable := category == noise.LongTerm || unpaired // of playback
		return (!plays || capable) && (!pairs || category != noise.LongTerm) && (len(roles) == 0 || capable)
	}
	switch {
	case allowed(unpaired):
	case category != noise.LongTerm && !unpaired && allowed(true):
		return verdict{goodbye: wire.PairingRequired}
	default:
		return verdict{goodbye: wire.Unauthorized}
	}
	if !a.Has(wire.PairingActivity) {
		return verdict{}
	}
	ok := false
	switch p := a.Pairing; p.Method {
	case wire.PairPSK:
		ok = category == noise.Pairing && offered.PSK != nil
	case wire.PairStatic:
		ok = category == noise.Unpaired && offered.Static != nil
	case wire.PairDynamic:
		ok = category == noise.Unpaired && offered.Dynamic != nil && slices.Contains(offered.Dynamic.Formats, p.Format)
	}
	return verdict{abort: !ok}
}

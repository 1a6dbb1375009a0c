package zonetest_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOutputInMemory(t *testing.T) {
	for _, clears := range []bool{true, false} {
		zonetest.TestOutput(t, func(*testing.T) zonetest.OutputRig {
			clock := audio.NewClock()
			o := zonetest.NewOutput(clock, zone.Caps{Lead: 100 * time.Millisecond, Buffer: 2 * time.Second, Clears: clears})
			return zonetest.OutputRig{
				Output: o, Clock: clock, NewEncoder: zonetest.NewEncoder,
				Received: func() []audio.Packet {
					var out []audio.Packet
					for _, w := range o.Packets() {
						out = append(out, w.Packet)
					}
					return out
				},
				Stall: func() { o.Behind(1 << 30) },
			}
		})
	}
}

func TestLeaderInMemory(t *testing.T) {
	zonetest.TestLeader(t, func(t *testing.T) zonetest.LeaderRig {
		clock := audio.NewClock()
		l := zonetest.NewLeader(clock)
		t.Cleanup(l.Close)
		return zonetest.LeaderRig{
			Leader: l, Clock: clock, Release: l.Release, Gone: l.Close,
			Refuse: func(int) zone.Item {
				l.Refuse("bad", errors.New("cannot be decoded"))
				return zone.Item{Entry: "bad", Track: zone.Track{ID: "bad", Duration: time.Minute}}
			},
		}
	})
}

package member

import (
	"context"
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// What a device cannot play is told to the zone by its own reason, once; a device
// that hangs is not asked for another form of it.
func TestCastTrouble(t *testing.T) {
	refusal := &cast.RequestError{} // by the device, with a code
	for _, c := range []struct {
		name  string
		said  []cast.Status
		asked []bool // whether Refused was told that it is sure
		entry zone.EntryID
		err   error // nil for no report of a failure
		code  int
	}{
		{"plays", []cast.Status{{Item: "a", State: cast.Playing}}, nil, "", nil, 0},
		{"the next one fails", []cast.Status{{Item: "a", State: cast.Playing, Failures: 1, Failed: "b", FailedCode: 104}}, []bool{true}, "b", refusal, 104},
		{"it may be the network", []cast.Status{{Item: "a", State: cast.Buffering, Failures: 1, FailedCode: 103}}, []bool{false}, "a", refusal, 103},
		{"no reason is given", []cast.Status{{Item: "a", State: cast.Idle, IdleReason: "ERROR"}}, []bool{false}, "a", ErrFetchOrFormat, 0},
		{"told twice", []cast.Status{{Item: "a", State: cast.Idle, IdleReason: "ERROR"}, {Item: "a", State: cast.Idle, IdleReason: "ERROR"}}, []bool{false}, "a", ErrFetchOrFormat, 0},
		{"it hangs", []cast.Status{{Item: "a", State: cast.Buffering}, {Item: "a", State: cast.Buffering, Stalled: true}}, nil, "a", ErrHangs, 0},
		{"nothing that we know", []cast.Status{{Item: "a", State: cast.Playing, Failures: 1, Failed: "gone"}}, nil, "gone", ErrFetchOrFormat, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked []bool
			member := NewCast(CastConfig{
				Sender: cast.NewSender(cast.Config{}), Clock: audio.NewClock(),
				Refused: func(_ context.Context, _ zone.Item, sure bool) bool { asked = append(asked, sure); return false },
			})
			member.loaded, member.last = true, "a"
			member.held = []zone.Item{{Entry: "a"}, {Entry: "b"}}
			for _, status := range c.said {
				member.follow(status, false)
				if err := member.tendFailure(t.Context()); err != nil {
					t.Error(err)
				}
			}
			var failures []zone.Position
			for len(member.positions) > 0 {
				if p := <-member.positions; p.Err != nil {
					failures = append(failures, p)
				}
			}
			if len(asked) != len(c.asked) || len(asked) > 0 && asked[0] != c.asked[0] {
				t.Errorf("asked for another form: %v, want %v", asked, c.asked)
			}
			if c.err == nil {
				if len(failures) > 0 {
					t.Errorf("reported %+v", failures)
				}
				return
			}
			if len(failures) != 1 || failures[0].Entry != c.entry {
				t.Fatalf("reported %+v, want %q once", failures, c.entry)
			}
			var refused *cast.RequestError
			if errors.As(failures[0].Err, &refused) {
				if refused.Code != c.code {
					t.Errorf("the reason is %v, want code %d", failures[0].Err, c.code)
				}
			} else if !errors.Is(failures[0].Err, c.err) {
				t.Errorf("the reason is %v, want %v", failures[0].Err, c.err)
			}
		})
	}
}

package zone_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// What a device says before it has heard that it is to pause, or to go on, does
// not undo the press.
func TestLateWordUndoesNoPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 40_000))
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		leader.Slow(3500 * time.Millisecond) // it reports every second
		stays := func(want zone.Transport) {
			t.Helper()
			for range 50 {
				time.Sleep(100 * time.Millisecond)
				if s := h.state(); s.State != want {
					t.Fatalf("the zone is %s, it was told to be %s", s.State, want)
				}
			}
			if _, is, _ := leader.Holds(); is != want {
				t.Errorf("the device is %s", is)
			}
		}
		h.must(h.zone.Pause(t.Context()))
		stays(zone.Paused)
		h.must(h.zone.Play(t.Context()))
		stays(zone.Playing)
		// Afterwards its word counts again.
		leader.Press(zone.Paused)
		time.Sleep(100 * time.Millisecond)
		if s := h.state(); s.State != zone.Paused {
			t.Errorf("paused at the device, the zone is %s", s.State)
		}
	})
}

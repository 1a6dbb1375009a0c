package zone_test

import (
	"errors"
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

// A device that was paused for long closes its application in the very moment
// in which play is pressed: it goes on, and so does the zone.
func TestPlayMeetsClosing(t *testing.T) {
	for name, closes := range map[string]func(shut, play func()){
		"closed first":  func(shut, play func()) { shut(); play() },
		"pressed first": func(shut, play func()) { play(); time.Sleep(time.Second); shut() },
		"long closed":   func(shut, play func()) { shut(); time.Sleep(time.Minute); play() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, withOrigin, album("a", 1, 40_000), album("b", 5, 40_000))
				defer h.stop()
				leader, _ := h.cast(zone.AnyWay)
				h.add(zone.AtEnd, "a", "b")
				h.must(h.zone.Play(t.Context()))
				time.Sleep(5 * time.Second)
				h.must(h.zone.Pause(t.Context()))
				time.Sleep(time.Second)
				before := h.state()
				leader.Slow(3 * time.Second)
				closes(leader.Shut, func() { h.must(h.zone.Play(t.Context())) })
				time.Sleep(5 * time.Second)
				s := h.state()
				if s.State != zone.Playing || s.Entry.ID != before.Entry.ID {
					t.Errorf("the zone is %s in %s, it was paused in %s", s.State, s.Entry.ID, before.Entry.ID)
				}
				if _, is, at := leader.Holds(); is != zone.Playing || at < 6*time.Second || at > 10*time.Second {
					t.Errorf("the device is %s at %v", is, at)
				}
				time.Sleep(25 * time.Second) // it is followed to the next track
				if now := h.state(); now.State != zone.Playing || now.Entry.ID == before.Entry.ID {
					t.Errorf("then the zone is %s in %s", now.State, now.Entry.ID)
				}
			})
		})
	}
}

// A device that cannot go on leaves the zone paused, where it was.
func TestCannotGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 40_000))
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		h.must(h.zone.Pause(t.Context()))
		time.Sleep(time.Second)
		leader.Fail(errors.New("it is busy"))
		h.must(h.zone.Play(t.Context()))
		time.Sleep(time.Second)
		if s := h.state(); s.State != zone.Paused || s.Problem.IsZero() {
			t.Errorf("the zone is %s, problems: %v", s.State, s.Problem)
		}
		leader.Fail(nil)
		h.must(h.zone.Play(t.Context()))
		time.Sleep(2 * time.Second)
		_, is, at := leader.Holds()
		if s := h.state(); s.State != zone.Playing || is != zone.Playing || at < 6*time.Second || at > 8*time.Second {
			t.Errorf("the zone is %s, the device %s at %v", s.State, is, at)
		}
	})
}

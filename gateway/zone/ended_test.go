package zone_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// A device is at its end before the zone is: the music goes on, whatever the
// reason.
func TestDeviceAtItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		ends func(h *house, l *zonetest.Leader, ids []zone.EntryID)
		then int // the index in the first queue that plays in the end
	}{
		"earlier than its tags say": {func(_ *house, l *zonetest.Leader, _ []zone.EntryID) {
			time.Sleep(20 * time.Second)
			l.Finish()
		}, 1},
		"in a track that was taken out as it began": {func(h *house, l *zonetest.Leader, ids []zone.EntryID) {
			time.Sleep(29 * time.Second)
			l.Slow(2 * time.Second)
			h.must(h.zone.Remove(h.t.Context(), ids[1:2]))
			time.Sleep(3 * time.Second)
		}, 2},
		"in a track that it could not be told is taken out": {func(h *house, l *zonetest.Leader, ids []zone.EntryID) {
			time.Sleep(29 * time.Second)
			l.Fail(errors.New("it is busy"))
			h.must(h.zone.Remove(h.t.Context(), ids[1:5]))
			time.Sleep(2 * time.Second)
			l.Fail(nil)
			l.Finish()
		}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, withOrigin, album("a", 1, 40_000), album("b", 5, 40_000))
				defer h.stop()
				leader, _ := h.cast(zone.AnyWay)
				h.add(zone.AtEnd, "a", "b", "a", "b", "a", "b", "a")
				h.must(h.zone.Play(t.Context()))
				time.Sleep(100 * time.Millisecond)
				ids := append([]zone.EntryID{h.state().Entry.ID}, h.entries(10)...)
				c.ends(h, leader, ids)
				time.Sleep(3 * time.Second)
				items, is, _ := leader.Holds()
				if s := h.state(); s.State != zone.Playing || s.Entry.ID != ids[c.then] {
					t.Errorf("the zone is %s in %s, not in %s: %v", s.State, s.Entry.ID, ids[c.then], s.Problem)
				}
				if is != zone.Playing || len(items) == 0 || items[0].Entry != ids[c.then] {
					t.Errorf("the device is %s and holds %v", is, items)
				}
			})
		})
	}
}

// What a device is through with at once was not heard: it is passed over with a
// word, and after two in a row the device is given the zone's stream.
func TestDeviceAtItsEndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 40_000), album("b", 5, 40_000))
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a", "b", "a")
		h.must(h.zone.Play(t.Context()))
		for i := range 2 {
			time.Sleep(time.Second)
			if s := h.state(); s.Index != i || s.Leader == "" {
				t.Fatalf("it plays %d, led by %q", s.Index, s.Leader)
			}
			leader.Finish()
		}
		time.Sleep(3 * time.Second)
		if s := h.state(); s.Leader != "" || s.State != zone.Playing || s.Problem.IsZero() {
			t.Errorf("afterwards the zone is %s, led by %q: %v", s.State, s.Leader, s.Problem)
		}
	})
}

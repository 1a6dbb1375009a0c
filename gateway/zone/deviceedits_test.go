package zone_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// entries are what the zone's queue has behind the present one.
func (h *house) entries(n int) []zone.EntryID {
	h.t.Helper()
	page, err := h.zone.Queue(h.t.Context(), h.state().Index+1, n)
	h.must(err)
	var ids []zone.EntryID
	for _, e := range page.Entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// held are the entries that the device holds behind the present one.
func held(l *zonetest.Leader) []zone.EntryID {
	items, _, _ := l.Holds()
	var ids []zone.EntryID
	for _, i := range items[min(1, len(items)):] {
		ids = append(ids, i.Entry)
	}
	return ids
}

// Whoever edits, the zone's queue and the device's stay one, however long the
// zone's is.
func TestQueueStaysInStepWithTheDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const length = 30_000
		var sounds []zonetest.Sound
		for i := range 20 {
			sounds = append(sounds, album(strconv.Itoa(i), 2*i+1, 8000))
		}
		h := newHouse(t, withOrigin, sounds...)
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		var tracks []string
		for i := range length {
			tracks = append(tracks, strconv.Itoa(i%20))
		}
		h.add(zone.AtEnd, tracks...)
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		epoch := h.state().Epoch
		inStep := func(what string, want int) []zone.EntryID {
			t.Helper()
			time.Sleep(3 * time.Second)
			has := held(leader)
			if s := h.state(); s.Length != want || s.Epoch != epoch || s.State != zone.Playing || !s.Problem.IsZero() {
				t.Errorf("%s: %+v", what, s)
			}
			if len(has) < 2 || !slices.Equal(has, h.entries(len(has))) {
				t.Errorf("%s: the device holds %v, the zone goes on with %v", what, has, h.entries(len(has)))
			}
			return has
		}
		a := inStep("at first", length)
		// Another sender moves the last one up.
		leader.Rearrange(a[3], a[0], a[1], a[2])
		if b := inStep("moved on the device", length); b[0] != a[3] || b[1] != a[0] {
			t.Errorf("the order is %v, it was %v", b, a)
		}
		// It takes two out.
		leader.Rearrange(a[0], a[2])
		if b := inStep("removed on the device", length-2); b[0] != a[0] || b[1] != a[2] {
			t.Errorf("the order is %v", b)
		}
		// Meanwhile somebody edits the zone's.
		h.must(h.zone.Remove(t.Context(), []zone.EntryID{a[0]}))
		inStep("removed in the zone", length-3)
		h.must(h.zone.Move(t.Context(), h.entries(4)[3:], h.entries(1)[0]))
		inStep("moved in the zone", length-3)
		// A voice asks for shuffle: the whole queue is shuffled, not five of it.
		before := h.entries(100)
		leader.Tell(true, "")
		after := inStep("shuffled on the device", length-3)
		if s := h.state(); s.Arranged != zone.Shuffled || slices.Equal(before, h.entries(100)) || slices.Equal(after, before[:len(after)]) {
			t.Errorf("arranged %q", s.Arranged)
		}
		leader.Tell(false, zone.RepeatAll)
		inStep("repeated", length-3)
		if s := h.state(); s.Repeat != zone.RepeatAll {
			t.Errorf("repeat is %q", s.Repeat)
		}
	})
}

// What the device was not given is not missed on it.
func TestWhatWaitsForTheStreamStaysQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 8000), album("b", 5, 0), album("c", 10, 0), album("d", 11, 0))
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a", "b", "c", "d")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		has := held(leader)
		if len(has) != 1 {
			t.Fatalf("the device holds %d, want b alone", len(has))
		}
		leader.Rearrange() // b is taken out on the device
		time.Sleep(2 * time.Second)
		if s := h.state(); s.Length != 3 || s.Index != 0 {
			t.Errorf("%d entries are left, want a, c and d", s.Length)
		}
	})
}

package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// ahead are the picks that are still to come, by their tracks.
func (h *house) ahead() string {
	h.t.Helper()
	var tracks []string
	for _, e := range h.queue()[h.state().Index+1:] {
		if e.By == zone.Picked {
			tracks = append(tracks, e.Track)
		}
	}
	return strings.Join(tracks, " ")
}

func (h *house) wantAhead(when, want string) {
	h.t.Helper()
	if got := h.ahead(); got != want {
		h.t.Errorf("%s: %s, want %s", when, got, want)
	}
}

// TestMixSortsWhatComes: what is liked most (here what is last in the alphabet)
// comes first, and all of it goes back to where it was.
func TestMixSortsWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer func() { h.stop() }()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.add(zone.AtNow, "t5", "t1", "t3", "t2", "t1")
		h.must(h.zone.SetMix(t.Context(), true))
		h.wantAhead("sorted", "t3 t2 t1 t1")
		if s := h.state(); s.Arranged != zone.ByLiking || s.Entry.Track != "t5" {
			t.Errorf("%q, %s plays", s.Arranged, s.Entry.Track)
		}
		h.add(zone.AtEnd, "t4", "t6", "t0")
		h.wantAhead("an album more", "t3 t2 t1 t1 t6 t4 t0")
		h.stop()
		h.open(func(c *zone.Config) { c.Flow = h.flow })
		h.wantAhead("after a restart", "t3 t2 t1 t1 t6 t4 t0")
		h.must(h.zone.SetMix(t.Context(), false))
		h.wantAhead("as picked", "t1 t3 t2 t1 t4 t6 t0")
	})
}

// TestShuffleAndMixTakeTurns: one ends the other, and ending either leads back to
// what was picked.
func TestShuffleAndMixTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		tracks := []string{"t0", "t4", "t2", "t8", "t6", "t1", "t3", "t5", "t7", "t9"}
		h.add(zone.AtNow, tracks...)
		h.must(h.zone.SetShuffle(t.Context(), true))
		h.must(h.zone.SetMix(t.Context(), false)) // it was not on
		if s := h.state(); s.Arranged != zone.Shuffled {
			t.Errorf("%q", s.Arranged)
		}
		h.must(h.zone.SetMix(t.Context(), true))
		h.wantAhead("mixed", "t9 t8 t7 t6 t5 t4 t3 t2 t1")
		h.must(h.zone.SetShuffle(t.Context(), true))
		h.must(h.zone.SetShuffle(t.Context(), false))
		h.wantAhead("as picked", strings.Join(tracks[1:], " "))
	})
}

// TestWhatComesInShuffledGoesBack: the tracks of an album that was added while
// shuffle is on come back into the album's order.
func TestWhatComesInShuffledGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.add(zone.AtNow, "t0")
		h.must(h.zone.SetShuffle(t.Context(), true))
		h.add(zone.AtEnd, tenIDs()...)
		h.add(zone.AtNext, "t5", "t5", "t4")
		if shuffled := strings.Fields(h.ahead()); slices.IsSorted(shuffled[3:]) {
			t.Errorf("not shuffled: %v", shuffled)
		}
		h.must(h.zone.SetShuffle(t.Context(), false))
		h.wantAhead("as picked", "t5 t5 t4 "+strings.Join(tenIDs(), " "))
	})
}

// TestMixWithoutAnswer: what cannot be sorted is played as it is, and whoever
// pressed the switch is told.
func TestMixWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.add(zone.AtNow, "t0", "t1", "t2")
		fails := errors.New("asleep")
		h.flow.Fail(fails)
		if err := h.zone.SetMix(t.Context(), true); !errors.Is(err, fails) {
			t.Errorf("%v", err)
		}
		h.wantAhead("not sorted", "t1 t2")
		h.flow.Fail(nil)
		h.must(h.zone.SetMix(t.Context(), true))
		h.flow.Fail(fails)
		h.add(zone.AtEnd, "t3", "t4")
		h.wantAhead("added as it is", "t2 t1 t3 t4")
		h.journal.Fail(zonetest.ErrFull)
		if err := h.zone.SetMix(t.Context(), false); !errors.Is(err, zonetest.ErrFull) {
			t.Errorf("%v", err)
		}
		h.wantAhead("not written, not so", "t2 t1 t3 t4")
	})
}

package zone_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		out := h.pcm(2000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtNow, "t1", "t2", "t3")
		time.Sleep(5 * time.Second)
		was := h.queue()
		h.journal.Fail(zonetest.ErrFull)
		if _, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: []string{"t4"}}); !errors.Is(err, zonetest.ErrFull) {
			t.Errorf("Add on a full disk: %v", err)
		}
		if err := h.zone.SetShuffle(t.Context(), true); !errors.Is(err, zonetest.ErrFull) {
			t.Errorf("SetShuffle on a full disk: %v", err)
		}
		if !sameEntries(h.queue(), was) || h.state().Arranged != zone.AsPicked {
			t.Error("an edit that was refused holds all the same")
		}
		// Playback goes on, JUMP works, and the listener is told.
		if _, err := h.zone.Jump(t.Context()); err != nil {
			t.Errorf("JUMP on a full disk: %v", err)
		}
		time.Sleep(10 * time.Minute)
		s := h.state()
		if s.State != zone.Playing || !strings.Contains(s.Problem.String(), "no space left") {
			t.Errorf("%v, problem %q", s.State, s.Problem)
		}
		// Space again: what was owed is written.
		h.journal.Fail(nil)
		time.Sleep(30 * time.Second)
		h.add(zone.AtEnd, "t5")
		if got, want := h.journal.Saved("z").Entries, h.queue(); !sameEntries(got, want) {
			t.Errorf("the journal holds %d entries, the zone %d", len(got), len(want))
		}
		if p := h.state().Problem; !p.IsZero() {
			t.Errorf("problem %q although all is well", p)
		}
		complete := 0
		for _, p := range h.journal.Plays() {
			if p.End == "complete" {
				complete++
			}
		}
		if complete < 29 {
			t.Errorf("%d plays of 10 minutes were logged", complete)
		}
		checkContiguous(t, out.Packets())
	})
}

// checkContiguous fails where an epoch has a gap.
func checkContiguous(t *testing.T, packets []zonetest.Written) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		p, q := packets[i-1], packets[i]
		if d := q.At.Sub(p.End()); p.Stream == q.Stream && (d > 2*time.Microsecond || d < -2*time.Microsecond) {
			t.Fatalf("packet %d begins %v after the one before ended", i, d)
		}
	}
}

func TestSlowDiskHoldsUpNoAudio(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.journal.Slow(5 * time.Second)
		out := h.pcm(2000, 100*time.Millisecond)
		h.attach("o", out)
		asked := h.clock.Now()
		h.add(zone.AtNow, "t1", "t2", "t3")
		if d := h.clock.Now().Sub(asked); d < 5*time.Second {
			t.Errorf("answered after %v, before it was on disk", d)
		}
		time.Sleep(10 * time.Minute)
		checkContiguous(t, out.Packets())
		if s := h.state(); s.Epoch != 1 {
			t.Errorf("epoch %d", s.Epoch)
		}
	})
}

func TestTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, tenTracks()...)
		defer h.stop()
		many := make([]string, zone.MaxEntries-5)
		for i := range many {
			many[i] = "t1"
		}
		h.add(zone.AtEnd, many...)
		if _, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: tenIDs()}); !errors.Is(err, zone.ErrTooLong) {
			t.Errorf("%v, want ErrTooLong", err)
		}
		h.add(zone.AtNext, "t2", "t3")
		h.must(h.zone.SetShuffle(t.Context(), true))
		h.must(h.zone.SetShuffle(t.Context(), false))
		if s := h.state(); s.Length != zone.MaxEntries-3 {
			t.Errorf("%d entries", s.Length)
		}
		r := h.state().Revision
		_, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: []string{"t1"}, Revision: r - 1})
		if !errors.Is(err, zone.ErrConflict) {
			t.Errorf("%v, want ErrConflict", err)
		}
		if err := h.zone.Remove(t.Context(), []zone.EntryID{"nobody"}); !errors.Is(err, zone.ErrNoEntry) {
			t.Errorf("%v, want ErrNoEntry", err)
		}
		h.must(h.zone.Clear(t.Context()))
		if s := h.state(); s.Length != 0 || s.Index != -1 || s.Entry != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.zone.Watch(t.Context())
		synctest.Wait() // the newest state is there: it takes the place of one from before
		<-w
		h.stop()
		if _, ok := <-w; ok {
			t.Error("a watcher of a zone that ended gets more")
		}
		if err := h.zone.Play(t.Context()); !errors.Is(err, zone.ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
		if _, ok := <-h.zone.Watch(t.Context()); ok {
			t.Error("a state of a zone that ended")
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for range 50 { // the zone's end and the context's are seen in any order
			if _, ok := <-h.zone.Watch(over); ok {
				t.Error("a state for nobody")
			}
		}
	})
}

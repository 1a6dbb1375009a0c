package zone_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// flowing is a house with a flow over 200 tracks.
func flowing(t *testing.T) *house {
	h := &house{t: t}
	var sounds []zonetest.Sound
	var ids []string
	for i := range 200 {
		ids = append(ids, fmt.Sprint("f", i))
		sounds = append(sounds, ramp(ids[i], 2000, 20, int64(i*1000)))
	}
	sounds = append(sounds, tenTracks()...)
	h.flow = zonetest.NewFlow(ids...)
	h2 := newHouse(t, func(c *zone.Config) { c.Flow = h.flow }, sounds...)
	h2.flow = h.flow
	return h2
}

func (h *house) queue() []zone.Entry {
	h.t.Helper()
	p, err := h.zone.Queue(h.t.Context(), 0, 1000)
	h.must(err)
	return p.Entries
}

func TestFlowFillsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer func() { h.stop() }()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.must(h.zone.Play(t.Context())) // an empty queue: the flow starts
		for range 30 {
			time.Sleep(20 * time.Second)
			s := h.state()
			if ahead := s.Length - s.Index - 1; ahead < 10 || ahead > 25 {
				t.Fatalf("%d entries ahead", ahead)
			}
			if s.State != zone.Playing || s.Entry.By != zone.Flowed || s.Entry.Why.IsZero() {
				t.Fatalf("%+v", s)
			}
		}
		ids := h.add(zone.AtEnd, "t1", "t2")
		h.add(zone.AtNext, "t3")
		s := h.state()
		q := h.queue()[s.Index:]
		if q[1].Track != "t3" || q[2].ID != ids[0] || q[3].ID != ids[1] || q[4].By != zone.Flowed {
			t.Errorf("picks do not stand in front of the flow: %+v", q[:5])
		}
		// A flow entry that a person moves becomes a pick.
		h.must(h.zone.Move(t.Context(), []zone.EntryID{q[6].ID}, ids[0]))
		if m := h.queue()[s.Index+2]; m.ID != q[6].ID || m.By != zone.Picked {
			t.Errorf("moved %+v", m)
		}
		if got, want := h.journal.Saved("z").Entries, h.queue(); !sameEntries(got, want) {
			t.Error("the journal holds another queue")
		}
	})
}

func TestFlowThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.flow.Fail(errors.New("no taste yet"))
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		if err := h.zone.Play(t.Context()); err == nil {
			t.Error("plays nothing without an error")
		}
		h.add(zone.AtNow, "t1")
		time.Sleep(10 * time.Second)
		h.flow.Fail(nil)
		time.Sleep(time.Minute)
		if s := h.state(); s.State != zone.Playing || s.Entry.By != zone.Flowed {
			t.Errorf("the flow did not go on: %+v", s)
		}
	})
}

func TestSlowFlowLeavesAGapAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.flow.Slow(15 * time.Second)
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.tracks.Put(ramp("short", 8000, 5, 0))
		h.add(zone.AtNow, "short")
		time.Sleep(10 * time.Second)
		if s := h.state(); s.State != zone.Playing {
			t.Errorf("gave up: %+v", s)
		}
		time.Sleep(20 * time.Second)
		if s := h.state(); s.State != zone.Playing || s.Entry.By != zone.Flowed || s.Offset == 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestJump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		out := h.pcm(2000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtNow, "t1", "t2", "t3")
		time.Sleep(8 * time.Second)
		_, opened := h.tracks.Decoders()
		at := h.clock.Now()
		c, err := h.zone.Jump(t.Context())
		h.must(err)
		time.Sleep(3 * time.Second)
		s := h.state()
		if s.Context != c || s.Context.Kind != "mood" || s.Epoch != 2 {
			t.Errorf("%+v", s)
		}
		q := h.queue()[s.Index:]
		if q[0].By != zone.Flowed || !strings.HasPrefix(q[0].Why.String(), "jumped to "+c.Name) ||
			q[1].Track != "t2" || q[2].Track != "t3" || !q[3].Why.Same(q[0].Why) {
			t.Errorf("after a JUMP: %+v", q[:4])
		}
		if _, now := h.tracks.Decoders(); h.flow.Scouted() == 0 || now > opened+4 {
			t.Errorf("%d times scouted, %d tracks opened for a JUMP", h.flow.Scouted(), now-opened)
		}
		if d := out.Clears()[len(out.Clears())-1].Sub(at); d > 200*time.Millisecond {
			t.Errorf("new audio after %v", d)
		}
		var ends []string
		for _, p := range h.journal.Plays() {
			ends = append(ends, p.End)
		}
		if !slices.Equal(ends, []string{"playing", "jumped", "playing"}) {
			t.Errorf("plays %q", ends)
		}
		second, err := h.zone.Jump(t.Context())
		h.must(err)
		third, err := h.zone.Jump(t.Context())
		h.must(err)
		if second == c || third == second {
			t.Errorf("jumps to %v, %v, %v", c, second, third)
		}
		time.Sleep(5 * time.Second)
		if got, want := h.journal.Saved("z").Entries, h.queue(); !sameEntries(got, want) {
			t.Error("the journal holds another queue")
		}
	})
}

func TestSetContextKeepsPicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.add(zone.AtNow, "t1", "t2")
		time.Sleep(5 * time.Second)
		old := h.queue()
		h.must(h.zone.SetContext(t.Context(), zone.ContextRef{Kind: "artist", ID: "x", Name: "X"}))
		time.Sleep(time.Second)
		q := h.queue()
		if !sameEntries(q[:2], old[:2]) || len(q) < 10 || q[2].ID == old[2].ID {
			t.Errorf("%+v", q[:3])
		}
		if s := h.state(); s.Context.ID != "x" || s.Epoch != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestFlowIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer func() { h.stop() }()
		out := h.pcm(2000, 100*time.Millisecond)
		h.attach("o", out)
		h.must(h.zone.Play(t.Context()))
		picks := h.add(zone.AtNext, "t1")
		time.Sleep(15 * time.Second)
		old := h.queue()
		h.flow.Fail(errors.New("no taste yet"))
		h.must(h.zone.Renew(t.Context()))
		time.Sleep(time.Second)
		if q := h.queue(); !sameEntries(q, old) {
			t.Errorf("without an answer the flow was changed to %+v", q)
		}
		h.flow.Fail(nil)
		time.Sleep(time.Minute) // a flow that failed rests; the pick is over, flow plays
		old = h.queue()
		before := h.state()
		h.must(h.zone.Renew(t.Context()))
		time.Sleep(time.Second)
		s, q := h.state(), h.queue()
		if s.State != zone.Playing || s.Entry.ID != before.Entry.ID || s.Epoch != before.Epoch || s.Context != before.Context {
			t.Errorf("renewed from %+v to %+v", before, s)
		}
		if !sameEntries(q[:s.Index+1], old[:s.Index+1]) || q[1].ID != picks[0] {
			t.Errorf("what was heard changed to %+v", q[:s.Index+1])
		}
		if ahead := s.Length - s.Index - 1; ahead != 25 {
			t.Errorf("%d entries ahead", ahead)
		}
		for _, e := range q[s.Index+1:] {
			if slices.ContainsFunc(old, func(o zone.Entry) bool { return o.ID == e.ID }) {
				t.Errorf("%+v of the old flow is still there", e)
			}
		}
		if got := h.journal.Saved("z").Entries; !sameEntries(got, q) {
			t.Error("the journal holds another queue")
		}
		time.Sleep(time.Minute)
		if s := h.state(); s.State != zone.Playing || s.Entry.ID == before.Entry.ID {
			t.Errorf("did not go on: %+v", s)
		}
	})
}

// What the button says is where JUMP leads, whatever was learned since.
func TestJumpKeepsItsWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		shown := h.state().Landing
		h.flow.ChangeMind()
		if to, err := h.zone.Jump(t.Context()); err != nil || to != shown || shown.Name == "" {
			t.Errorf("JUMP was to lead to %v and led to %v, %v", shown, to, err)
		}
		if to, err := h.zone.Jump(t.Context()); err != nil || to == shown {
			t.Errorf("JUMP before it was looked again led to %v, %v", to, err)
		}
	})
}

// Who presses play while the flow is asked anew is answered by what it gives.
func TestPlayWhileTheFlowIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := flowing(t)
		defer h.stop()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.must(h.zone.Play(t.Context()))
		h.must(h.zone.Stop(t.Context()))
		h.flow.Slow(5 * time.Second)
		h.must(h.zone.Renew(t.Context()))
		var all []zone.EntryID
		for _, e := range h.queue() {
			all = append(all, e.ID)
		}
		h.must(h.zone.Remove(t.Context(), all))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		h.must(h.zone.Play(ctx))
		if s := h.state(); s.State != zone.Playing || s.Entry.By != zone.Flowed || s.Length != 25 {
			t.Errorf("%+v", s)
		}
	})
}

func TestNextIsReplacedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 10, 0), ramp("b", 8000, 10, 80000), ramp("c", 8000, 10, 80000), ramp("d", 8000, 10, 300000))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		ids := h.add(zone.AtNow, "a", "d", "c")
		time.Sleep(8500 * time.Millisecond) // d is decoded and written already
		h.must(h.zone.Remove(t.Context(), ids[1:2]))
		time.Sleep(10 * time.Second)
		if s := h.state(); s.Entry.ID != ids[2] {
			t.Errorf("plays %+v", s.Entry)
		}
		join := out.Packets()[0].At.Add(10 * time.Second)
		if v, ok := heardAt(out.Packets(), join+5000); !ok || v != 80040 {
			t.Errorf("5 ms behind the join %d is heard, %v", v, ok)
		}
	})
}

// The only pick turns out to be broken while the flow still thinks: the zone
// waits for it. What failed long ago does not count against it.
func TestBrokenPickIsFollowedByTheFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := ramp("broken", 2000, 20, 0)
		broken.Fails = errors.New("no audio in it")
		flow := zonetest.NewFlow("good")
		flow.Slow(time.Second)
		h := newHouse(t, func(c *zone.Config) { c.Flow = flow }, broken, ramp("good", 2000, 20, 1000))
		defer func() { h.stop() }()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		for range 12 { // more often than a zone tries in a row
			_, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: []string{"broken"}, At: zone.AtNow, Clear: true})
			h.must(err)
			time.Sleep(5 * time.Second)
			if s := h.state(); s.State != zone.Playing || s.Track == nil || s.Track.ID != "good" {
				t.Fatalf("it does not play on: %+v", s)
			}
		}
	})
}

// A library so small that a JUMP leads to the track that plays: seeking in it
// leaves no track open behind.
func TestSeekingInAScoutedTrack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *zone.Config) { c.Flow = zonetest.NewFlow("only") }, ramp("only", 2000, 600, 0))
		defer func() { h.stop() }()
		h.attach("o", h.pcm(2000, 100*time.Millisecond))
		h.must(h.zone.Play(t.Context()))
		for i := range 20 {
			time.Sleep(3 * time.Second)
			h.must(h.zone.Seek(t.Context(), time.Duration(i+1)*10*time.Second))
		}
		time.Sleep(3 * time.Second)
		if open, _ := h.tracks.Decoders(); open > 5 {
			t.Errorf("%d tracks are open", open)
		}
	})
}

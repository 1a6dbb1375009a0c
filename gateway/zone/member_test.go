package zone_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// origin makes URLs that nobody fetches.
type origin struct{}

func (origin) URL(_ netip.Addr, r zone.Resource) (string, error) {
	return "http://192.0.2.1/" + string(r.Kind) + "/" + r.ID, nil
}

func TestJoinerPlaysFromThePresentOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		h.attach("first", h.pcm(8000, 100*time.Millisecond))
		h.add(zone.AtNow, "a")
		time.Sleep(10 * time.Second)
		epoch := h.state().Epoch
		at := h.clock.Now()
		same, other := h.pcm(8000, 200*time.Millisecond), h.pcm(16000, 200*time.Millisecond)
		h.attach("same", same)
		h.attach("other", other)
		time.Sleep(5 * time.Second)
		if e := h.state().Epoch; e != epoch {
			t.Errorf("epoch %d became %d: a joiner disturbs", epoch, e)
		}
		for _, o := range []*zonetest.Output{same, other} {
			first := o.Packets()[0]
			if d := first.At.Sub(at); d < 190*time.Millisecond || d > 400*time.Millisecond {
				t.Errorf("joins %v from now, want about its lead", d)
			}
		}
		h.sound(same.Packets())
		h.sound(other.Packets())
	})
}

func TestSlowMemberHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		good, slow, dead := h.pcm(8000, 100*time.Millisecond), h.pcm(8000, 100*time.Millisecond), h.pcm(8000, 100*time.Millisecond)
		h.attach("good", good)
		h.attach("slow", slow)
		h.attach("dead", dead)
		h.add(zone.AtNow, "a")
		time.Sleep(5 * time.Second)
		slow.Behind(6)
		time.Sleep(10 * time.Second)
		dead.Fail(errors.New("connection reset"))
		time.Sleep(10 * time.Second)
		h.sound(good.Packets())
		s := h.state()
		if slices.Contains(s.Members, "dead") || !strings.Contains(s.Problem.String(), "connection reset") {
			t.Errorf("members %v, problem %q", s.Members, s.Problem)
		}
		if s.Epoch != 1 || !slices.Contains(s.Members, "slow") {
			t.Errorf("epoch %d, members %v", s.Epoch, s.Members)
		}
		p := slow.Packets()
		if last := p[len(p)-1]; last.End() < h.clock.Now() {
			t.Error("the slow member was not served again")
		}
		gaps := 0
		for i := 1; i < len(p); i++ {
			if p[i].At.Sub(p[i-1].End()) > time.Millisecond {
				gaps++
			}
			if p[i].At < p[i-1].At {
				t.Error("packets out of order")
			}
		}
		if gaps != 1 {
			t.Errorf("%d gaps at the slow member, want 1", gaps)
		}
	})
}

func TestOneEncoderForEachFormat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int32
		h := newHouse(t, func(c *zone.Config) {
			c.NewEncoder = func(f audio.Format) (audio.Encoder, error) {
				made.Add(1)
				return zonetest.NewEncoder(f)
			}
		}, ramp("a", 8000, 60, 0))
		defer h.stop()
		for i := range 20 {
			h.attach(fmt.Sprint("m", i), h.pcm(8000*(1+i%2), 100*time.Millisecond))
		}
		h.add(zone.AtNow, "a")
		time.Sleep(10 * time.Second)
		h.must(h.zone.Seek(t.Context(), 30*time.Second))
		time.Sleep(time.Second)
		if n := made.Load(); n != 2 {
			t.Errorf("%d encoders for 2 formats", n)
		}
	})
}

func TestFormatThatCannotBeEncoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		opus := audio.Format{Codec: audio.Opus, Rate: 48000, Channels: 2}
		second := zonetest.NewOutput(h.clock, zone.Caps{
			Formats: []audio.Format{opus, {Codec: audio.PCM, Rate: 8000, Channels: 2, Bits: 16}},
			Lead:    100 * time.Millisecond, Buffer: time.Second, Clears: true,
		})
		none := zonetest.NewOutput(h.clock, zone.Caps{Formats: []audio.Format{opus}, Lead: 100 * time.Millisecond})
		h.attach("second", second)
		h.attach("none", none)
		h.add(zone.AtNow, "a")
		time.Sleep(5 * time.Second)
		s := h.state()
		if !slices.Equal(s.Members, []string{"second"}) || !strings.Contains(s.Problem.String(), "none left") {
			t.Errorf("members %v, problem %q", s.Members, s.Problem)
		}
		if len(second.Packets()) == 0 {
			t.Error("the second format was not tried")
		}
	})
}

func TestNoMemberHoldsTheMusic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		h.attach("o", h.pcm(8000, 100*time.Millisecond))
		h.add(zone.AtNow, "a")
		time.Sleep(10 * time.Second)
		h.must(h.zone.Detach(t.Context(), "o"))
		was := h.state()
		if was.Problem.IsZero() || was.State != zone.Playing {
			t.Errorf("%v, problem %q", was.State, was.Problem)
		}
		time.Sleep(time.Minute)
		if s := h.state(); s.Offset != was.Offset {
			t.Errorf("went on from %v to %v with nobody there", was.Offset, s.Offset)
		}
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		time.Sleep(time.Second)
		if s := h.state(); !s.Problem.IsZero() || s.Offset < was.Offset+800*time.Millisecond {
			t.Errorf("resumed at %v of %v, problem %q", s.Offset, was.Offset, s.Problem)
		}
		h.must(h.zone.Detach(t.Context(), "o"))
		time.Sleep(10 * time.Minute)
		if s := h.state(); s.State != zone.Paused {
			t.Errorf("%v after ten minutes alone, want paused", s.State)
		}
	})
}

// led is a house with a device that leads.
func led(t *testing.T, output bool, sounds ...zonetest.Sound) (*house, *zonetest.Leader, *zonetest.Output) {
	h := newHouse(t, func(c *zone.Config) { c.Origin = origin{} }, sounds...)
	l := zonetest.NewLeader(h.clock)
	m := zone.Member{ID: "cast", Name: "Living room", Leader: l}
	var o *zonetest.Output
	if output {
		o = h.pcm(8000, 500*time.Millisecond)
		m.Output = o
	}
	h.must(h.zone.Attach(t.Context(), m))
	return h, l, o
}

func tenTracks() []zonetest.Sound {
	var out []zonetest.Sound
	for i := range 10 {
		out = append(out, ramp(fmt.Sprint("t", i), 2000, 30, 0))
	}
	return out
}

func tenIDs() []string {
	var out []string
	for i := range 10 {
		out = append(out, fmt.Sprint("t", i))
	}
	return out
}

func TestLoneLeaderLeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, _ := led(t, false, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		ids := h.add(zone.AtNow, tenIDs()...)
		time.Sleep(10 * time.Second)
		s := h.state()
		if s.Leader != "cast" || s.Offset < 9*time.Second || s.Offset > 10*time.Second {
			t.Errorf("leader %q at %v", s.Leader, s.Offset)
		}
		items, _, _ := l.Holds()
		if len(items) != 5 || items[0].Entry != ids[0] || items[0].URL != "http://192.0.2.1/original/t0" {
			t.Errorf("the device holds %+v", items)
		}
		time.Sleep(115 * time.Second) // 125 s: the fifth track
		if s := h.state(); s.Entry.ID != ids[4] || s.Offset.Round(time.Second) != 5*time.Second {
			t.Errorf("at %v of %v", s.Offset, s.Entry)
		}
		// What follows is changed under way.
		h.must(h.zone.Remove(t.Context(), ids[5:7]))
		time.Sleep(time.Second)
		if items, _, _ := l.Holds(); items[1].Entry != ids[7] {
			t.Errorf("next on the device is %v, want %v", items[1].Entry, ids[7])
		}
		h.must(h.zone.Pause(t.Context()))
		time.Sleep(time.Second)
		if _, state, _ := l.Holds(); state != zone.Paused {
			t.Errorf("the device is %v", state)
		}
		h.must(h.zone.Seek(t.Context(), 20*time.Second))
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		if s := h.state(); s.Offset.Round(time.Second) != 25*time.Second {
			t.Errorf("at %v, want 25 s", s.Offset)
		}
		h.must(h.zone.Next(t.Context()))
		time.Sleep(2 * time.Second)
		if items, _, at := l.Holds(); items[0].Entry != ids[7] || at.Round(time.Second) != 2*time.Second {
			t.Errorf("the device plays %v at %v", items[0].Entry, at)
		}
		time.Sleep(2 * time.Minute)
		if s := h.state(); s.State != zone.Stopped {
			t.Errorf("%v at the end", s.State)
		}
		var got []string
		for _, p := range h.journal.Plays() {
			if p.End != "playing" {
				got = append(got, p.Track+" "+p.End)
			}
		}
		want := []string{"t0 complete", "t1 complete", "t2 complete", "t3 complete", "t4 skipped", "t7 complete", "t8 complete", "t9 complete"}
		if !slices.Equal(got, want) {
			t.Errorf("plays %q, want %q", got, want)
		}
	})
}

func TestSecondMemberMakesTheTimelineLead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, o := led(t, true, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		h.add(zone.AtNow, tenIDs()...)
		time.Sleep(10 * time.Second)
		other := h.pcm(8000, 100*time.Millisecond)
		h.attach("other", other)
		time.Sleep(5 * time.Second)
		s := h.state()
		if s.Leader != "" || s.Offset < 13*time.Second || s.Offset > 15*time.Second {
			t.Errorf("leader %q at %v", s.Leader, s.Offset)
		}
		if len(o.Packets()) == 0 || len(other.Packets()) == 0 {
			t.Error("no audio on the timeline")
		}
		if _, state, _ := l.Holds(); state != zone.Stopped {
			t.Errorf("the device's own queue is %v", state)
		}
		h.must(h.zone.Detach(t.Context(), "other"))
		time.Sleep(5 * time.Second)
		if s := h.state(); s.Leader != "cast" || s.Offset < 17*time.Second || s.Offset > 20*time.Second {
			t.Errorf("alone again: leader %q at %v", s.Leader, s.Offset)
		}
	})
}

func TestLeaderWithoutOutputCannotJoinOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, _ := led(t, false, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		h.attach("other", h.pcm(8000, 100*time.Millisecond))
		time.Sleep(time.Second)
		if s := h.state(); !slices.Equal(s.Members, []string{"other"}) || !strings.Contains(s.Problem.String(), "together") {
			t.Errorf("members %v, problem %q", s.Members, s.Problem)
		}
	})
}

func TestLeaderTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, _ := led(t, false, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		h.add(zone.AtNow, tenIDs()...)
		time.Sleep(10 * time.Second)
		loads, edits := l.Calls()
		l.Release()
		time.Sleep(time.Minute)
		s := h.state()
		if len(s.Members) != 0 || s.State != zone.Paused || s.Offset.Round(time.Second) != 10*time.Second {
			t.Errorf("%+v", s)
		}
		if a, b := l.Calls(); a != loads || b != edits {
			t.Error("it fights for the device")
		}
	})
}

func TestLeaderThatSaysNothing(t *testing.T) {
	for _, output := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h, l, o := led(t, output, tenTracks()...)
			defer func() { h.stop(); l.Close() }()
			l.Deaf()
			h.add(zone.AtNow, tenIDs()...)
			time.Sleep(15 * time.Second)
			s := h.state()
			if !strings.Contains(s.Problem.String(), "says nothing") {
				t.Errorf("problem %q", s.Problem)
			}
			if output && (s.Leader != "" || s.State != zone.Playing || len(o.Packets()) == 0) {
				t.Errorf("did not fall back: %+v", s)
			}
			if !output && (len(s.Members) != 0 || s.State != zone.Paused) {
				t.Errorf("did not let go: %+v", s)
			}
		})
	}
}

func TestLeaderThatRefusesItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, o := led(t, true, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		l.Refuse("t1", errors.New("LOAD_FAILED 104"))
		h.add(zone.AtNow, tenIDs()...)
		time.Sleep(40 * time.Second)
		if s := h.state(); s.Track == nil || s.Track.ID != "t2" || s.Leader != "cast" {
			t.Errorf("after one refusal: %+v", s)
		}
		l.Refuse("t3", errors.New("LOAD_FAILED 104"))
		l.Refuse("t4", errors.New("LOAD_FAILED 104"))
		time.Sleep(40 * time.Second)
		if s := h.state(); s.Leader != "" || len(o.Packets()) == 0 || s.State != zone.Playing {
			t.Errorf("after two in a row: %+v", s)
		}
	})
}

func TestLeadersOwnRemote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, _ := led(t, false, tenTracks()...)
		defer func() { h.stop(); l.Close() }()
		h.add(zone.AtNow, tenIDs()...)
		time.Sleep(10 * time.Second)
		l.Press(zone.Paused)
		time.Sleep(time.Minute)
		if s := h.state(); s.State != zone.Paused || s.Offset.Round(time.Second) != 10*time.Second {
			t.Errorf("%v at %v", s.State, s.Offset)
		}
		l.Press(zone.Playing)
		time.Sleep(5 * time.Second)
		if s := h.state(); s.State != zone.Playing || s.Offset.Round(time.Second) != 15*time.Second {
			t.Errorf("%v at %v", s.State, s.Offset)
		}
		l.Close()
		time.Sleep(time.Second)
		if s := h.state(); len(s.Members) != 0 || s.State != zone.Paused {
			t.Errorf("the device went: %+v", s)
		}
	})
}

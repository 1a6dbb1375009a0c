package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// heardAt is the sample that is heard at a time, and whether there is one.
func heardAt(packets []zonetest.Written, t audio.Time) (int32, bool) {
	for _, p := range slices.Backward(packets) {
		if p.At <= t && t < p.End() {
			i := int(t.Sub(p.At).Microseconds() * int64(p.Stream.Format.Rate) / 1_000_000)
			s := zonetest.Samples(p.Packet)
			return s[min(i, len(s)-1)], true
		}
	}
	return 0, false
}

func TestSeekIsExactAndStartsAfterTheLead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		near, far := h.pcm(8000, 50*time.Millisecond), h.pcm(8000, 400*time.Millisecond)
		h.attach("near", near)
		h.attach("far", far)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		before := h.state().Epoch
		at := h.clock.Now()
		h.must(h.zone.Seek(t.Context(), 30*time.Second))
		time.Sleep(time.Second)
		s := h.state()
		if s.Epoch != before+1 {
			t.Errorf("epoch %d after %d", s.Epoch, before)
		}
		for _, o := range []*zonetest.Output{near, far} {
			start := o.Clears()[len(o.Clears())-1]
			if d := start.Sub(at); d < 400*time.Millisecond || d > 450*time.Millisecond {
				t.Errorf("new audio begins %v after the seek, want the largest lead", d)
			}
			if v, ok := heardAt(o.Packets(), start); !ok || v != 30*8000 {
				t.Errorf("sample %d is heard first, want %d", v, 30*8000)
			}
			if v, ok := heardAt(o.Packets(), start-1000); !ok || v > 6*8000 {
				t.Errorf("the old audio is not heard until then: %d %v", v, ok)
			}
		}
		want := 30*time.Second + s.At.Sub(near.Clears()[len(near.Clears())-1])
		if d := s.Offset - want; d > time.Millisecond || d < -time.Millisecond {
			t.Errorf("offset %v, want %v", s.Offset, want)
		}
	})
}

func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtNow, "a")
		time.Sleep(5 * time.Second)
		h.must(h.zone.Pause(t.Context()))
		paused := h.state()
		time.Sleep(time.Hour)
		if s := h.state(); s.State != zone.Paused || s.Offset != paused.Offset {
			t.Fatalf("paused at %v, an hour later %v at %v", paused.Offset, s.State, s.Offset)
		}
		h.must(h.zone.Play(t.Context()))
		time.Sleep(2 * time.Second)
		packets := out.Packets()
		last := packets[0]
		for _, p := range packets[1:] {
			if p.Stream != last.Stream {
				want := int32(paused.Offset.Microseconds() * 8000 / 1_000_000)
				if got := zonetest.Samples(p.Packet)[0]; got < want-1 || got > want+1 {
					t.Errorf("resumed at frame %d, want %d", got, want)
				}
			}
			last = p
		}
	})
}

func TestPlaysAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 4, 0), ramp("b", 8000, 20, 0), ramp("c", 8000, 20, 0), ramp("d", 8000, 20, 0))
		defer h.stop()
		h.attach("o", h.pcm(8000, 100*time.Millisecond))
		h.add(zone.AtNow, "a", "b", "c", "d")
		time.Sleep(9 * time.Second)
		h.must(h.zone.Next(t.Context()))
		time.Sleep(3 * time.Second)
		h.must(h.zone.Pause(t.Context()))
		time.Sleep(3 * time.Second)
		h.must(h.zone.Play(t.Context()))
		time.Sleep(3 * time.Second)
		h.must(h.zone.Stop(t.Context()))
		var got []string
		for _, p := range h.journal.Plays() {
			got = append(got, p.Track+" "+p.End+" "+p.Heard.Round(time.Second).String())
		}
		want := []string{"a playing 0s", "a complete 4s", "b playing 0s", "b skipped 5s", "c playing 0s", "c stopped 6s"}
		if !slices.Equal(got, want) {
			t.Errorf("plays %q, want %q", got, want)
		}
	})
}

func TestPreviousAndNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0), ramp("b", 8000, 60, 0))
		defer h.stop()
		h.attach("o", h.pcm(8000, 100*time.Millisecond))
		ids := h.add(zone.AtNow, "a", "b")
		time.Sleep(time.Second)
		h.must(h.zone.Next(t.Context()))
		time.Sleep(10 * time.Second)
		h.must(h.zone.Previous(t.Context()))
		time.Sleep(time.Second)
		if s := h.state(); s.Entry.ID != ids[1] || s.Offset > time.Second {
			t.Errorf("previous at 10 s led to %v at %v, want the start of the same track", s.Entry, s.Offset)
		}
		h.must(h.zone.Previous(t.Context()))
		time.Sleep(time.Second)
		if s := h.state(); s.Entry.ID != ids[0] {
			t.Errorf("previous at 1 s led to %v, want the track before", s.Entry)
		}
		h.must(h.zone.Next(t.Context()))
		if err := h.zone.Next(t.Context()); !errors.Is(err, zone.ErrEmpty) {
			t.Errorf("next behind the last: %v, want ErrEmpty", err)
		}
	})
}

func TestTrackThatCannotBeOpened(t *testing.T) {
	broken := errors.New("the disk is gone")
	synctest.Test(t, func(t *testing.T) {
		bad := ramp("bad", 8000, 5, 0)
		bad.Fails = broken
		h := newHouse(t, nil, ramp("a", 8000, 5, 0), bad, ramp("b", 8000, 5, 40000))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtNow, "a", "bad", "b")
		time.Sleep(6 * time.Second)
		s := h.state()
		if s.Track == nil || s.Track.ID != "b" || !strings.Contains(s.Problem.String(), "disk is gone") {
			t.Errorf("plays %+v, problem %q", s.Track, s.Problem)
		}
		time.Sleep(10 * time.Second)
		if pcm := h.sound(out.Packets()); len(pcm) != 80000 || pcm[79999] != 79999 {
			t.Errorf("%d frames, want both good tracks without a gap", len(pcm))
		}
		// All of them bad: it stops, in its own time, and says so.
		h.tracks.Drop("a")
		h.tracks.Drop("b")
		var ids []string
		for range 30 {
			ids = append(ids, "a")
		}
		h.add(zone.AtNow, ids...)
		time.Sleep(2 * time.Minute)
		s = h.state()
		if s.State != zone.Stopped || !strings.Contains(s.Problem.String(), "10 tracks in a row") {
			t.Errorf("%v, problem %q", s.State, s.Problem)
		}
		failed := 0
		for _, p := range h.journal.Plays() {
			if p.End == "failed" {
				failed++
			}
		}
		if failed != 11 {
			t.Errorf("%d tracks were tried, want 1 and 10", failed)
		}
	})
}

func TestTrackThatVanishesWhilePlaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := ramp("cut", 8000, 60, 0)
		cut.Breaks, cut.Broken = 40000, errors.New("stale file handle")
		h := newHouse(t, nil, cut, ramp("b", 8000, 5, 40000))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtNow, "cut", "b")
		time.Sleep(7 * time.Second)
		if s := h.state(); s.Track.ID != "b" || !strings.Contains(s.Problem.String(), "stale") {
			t.Errorf("plays %+v, problem %q", s.Track, s.Problem)
		}
		time.Sleep(10 * time.Second)
		if pcm := h.sound(out.Packets()); len(pcm) != 80000 || pcm[79999] != 79999 {
			t.Errorf("%d frames, want 80000 without a gap", len(pcm))
		}
		if p := h.journal.Plays()[1]; p.End != "failed" || p.Heard.Round(time.Second) != 5*time.Second {
			t.Errorf("logged %+v", p)
		}
	})
}

func TestRestartGoesOnAtTheSameSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0), ramp("b", 8000, 60, 0))
		h.attach("o", h.pcm(8000, 100*time.Millisecond))
		ids := h.add(zone.AtNow, "a", "b")
		h.must(h.zone.SetShuffle(t.Context(), true))
		h.must(h.zone.Next(t.Context()))
		time.Sleep(20 * time.Second)
		was := h.state()
		h.stop()
		time.Sleep(time.Hour)
		h.open(nil)
		out := h.pcm(8000, 100*time.Millisecond)
		time.Sleep(10 * time.Second)
		h.attach("o", out)
		now := h.state()
		if now.Entry == nil || now.Entry.ID != ids[1] || now.State != zone.Playing || now.Arranged != zone.Shuffled || now.Length != 2 {
			t.Fatalf("came back as %+v", now)
		}
		if d := now.Offset - was.Offset; d > time.Second || d < -time.Second {
			t.Errorf("came back at %v, was at %v", now.Offset, was.Offset)
		}
		time.Sleep(time.Second)
		if len(out.Packets()) == 0 {
			t.Error("does not play")
		}
		h.must(h.zone.Pause(t.Context()))
		was = h.state()
		h.stop()
		h.open(nil)
		defer func() { h.stop() }()
		if s := h.state(); s.State != zone.Paused || s.Offset != was.Offset {
			t.Errorf("paused at %v, came back %v at %v", was.Offset, s.State, s.Offset)
		}
	})
}

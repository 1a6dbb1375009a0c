package zone_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// album is a track of 30 s in 8 kHz on an album; tail is how many frames of
// silence it ends in.
func album(id string, number int, tail int64) zonetest.Sound {
	const rate, frames = 8000, 30 * 8000
	tone := zonetest.Sine(rate, 440)
	return zonetest.Sound{
		Track: zone.Track{ID: id, AlbumID: "album", Disc: 1, Number: number}, Rate: rate, Frames: frames,
		At: func(i int64, c int) float32 {
			if i >= frames-tail {
				return 0
			}
			return tone(i, c)
		},
	}
}

// cast attaches a device that can lead and can take the stream.
func (h *house) cast(way zone.Way) (*zonetest.Leader, *zonetest.Output) {
	h.t.Helper()
	leader, out := zonetest.NewLeader(h.clock), h.pcm(8000, 100*time.Millisecond)
	h.t.Cleanup(leader.Close)
	h.must(h.zone.Attach(h.t.Context(), zone.Member{
		ID: "cast", Name: "cast", Leader: leader, Output: out, Addr: netip.MustParseAddr("192.0.2.9"), Way: way,
	}))
	return leader, out
}

func withOrigin(c *zone.Config) { c.Origin = origin{} }

// Which way a lone device plays two tracks follows from how they join, from
// their gain, and from what its owner chose.
func TestWayOfALoneDevice(t *testing.T) {
	gained := album("a", 1, 0)
	gained.Track.GainDB = -6
	for _, c := range []struct {
		name   string
		way    zone.Way
		sounds []zonetest.Sound
		leads  bool // the device, from the first track on
		later  bool // and in the second
	}{
		{"tracks that join", zone.AnyWay, []zonetest.Sound{album("a", 1, 0), album("b", 2, 0)}, false, false},
		{"the next disc", zone.AnyWay, []zonetest.Sound{album("a", 1, 0), {Track: zone.Track{ID: "b", AlbumID: "album", Disc: 2, Number: 1}, Rate: 8000, Frames: 240000, At: zonetest.Sine(8000, 440)}}, false, false},
		{"the first ends in silence", zone.AnyWay, []zonetest.Sound{album("a", 1, 8000), album("b", 2, 0)}, true, true},
		{"not neighbours", zone.AnyWay, []zonetest.Sound{album("a", 1, 0), album("b", 3, 0)}, true, true},
		{"gain", "", []zonetest.Sound{gained, album("b", 5, 0)}, false, false},
		{"gain in the second", zone.AnyWay, []zonetest.Sound{album("b", 5, 0), gained}, true, false},
		{"joined, by the queue all the same", zone.QueueWay, []zonetest.Sound{album("a", 1, 0), album("b", 2, 0)}, true, true},
		{"never by the queue", zone.StreamWay, []zonetest.Sound{album("a", 1, 8000), album("b", 7, 0)}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, withOrigin, c.sounds...)
				defer h.stop()
				_, out := h.cast(c.way)
				h.add(zone.AtEnd, c.sounds[0].Track.ID, c.sounds[1].Track.ID)
				h.must(h.zone.Play(t.Context()))
				for i, want := range []bool{c.leads, c.later} {
					time.Sleep(20 * time.Second)
					s := h.state()
					if (s.Leader == "cast") != want || s.State != zone.Playing || s.Index != i || !s.Problem.IsZero() {
						t.Errorf("in track %d the leader is %q, want the device: %v; %+v", i, s.Leader, want, s)
					}
					time.Sleep(12 * time.Second)
				}
				if !c.leads {
					h.sound(out.Packets())
				}
			})
		})
	}
}

// What has to be mixed does not bind what comes after it: where somebody skips
// on, the device leads again.
func TestDeviceLeadsAgainBehindAnAlbum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 0), album("b", 2, 0), album("c", 9, 0))
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a", "b", "c")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(35 * time.Second)
		if s := h.state(); s.Leader != "" || s.Index != 1 {
			t.Fatalf("the album is led by %q, at %d", s.Leader, s.Index)
		}
		h.must(h.zone.Next(t.Context()))
		time.Sleep(5 * time.Second)
		s := h.state()
		items, state, _ := leader.Holds()
		if s.Leader != "cast" || s.Index != 2 || state != zone.Playing || len(items) != 1 {
			t.Errorf("led by %q at %d; the device is %v with %d items", s.Leader, s.Index, state, len(items))
		}
		// And back into it.
		h.must(h.zone.Previous(t.Context()))
		h.must(h.zone.Previous(t.Context()))
		time.Sleep(5 * time.Second)
		if s := h.state(); s.Leader != "cast" || s.State != zone.Playing {
			t.Errorf("%+v", s) // b and c do not join
		}
	})
}

// A JUMP that waits for the end of what plays disturbs nothing, and the device
// that leads is told what follows without a load.
func TestJumpBehindWhatPlays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{
			t: t, clock: audio.NewClock(), journal: zonetest.NewJournal(), flow: zonetest.NewFlow("b", "c", "d", "e"),
			tracks: zonetest.NewTracks(album("a", 1, 8000), album("b", 4, 0), album("c", 9, 0), album("d", 14, 0), album("e", 19, 0)),
		}
		h.open(withOrigin)
		defer h.stop()
		leader, _ := h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(10 * time.Second)
		before := h.state()
		loads, _ := leader.Calls()
		if _, err := h.zone.JumpAfter(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		after := h.state()
		again, _ := leader.Calls()
		if after.Entry.ID != before.Entry.ID || after.Epoch != before.Epoch || again != loads || after.Context == before.Context {
			t.Errorf("from %+v to %+v, %d loads more", before, after, again-loads)
		}
		items, _, _ := leader.Holds()
		page, err := h.zone.Queue(t.Context(), after.Index+1, 1)
		h.must(err)
		if len(items) < 2 || items[1].Entry != page.Entries[0].ID {
			t.Errorf("the device holds %d items, and not what follows now", len(items))
		}
	})
}

// Its owner may choose another way while it plays: it goes on where it was.
func TestAnotherWayWhileItPlays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withOrigin, album("a", 1, 0), album("b", 2, 0))
		defer h.stop()
		h.cast(zone.AnyWay)
		h.add(zone.AtEnd, "a", "b")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(10 * time.Second)
		for _, c := range []struct {
			way    zone.Way
			leader string
		}{{zone.QueueWay, "cast"}, {zone.AnyWay, ""}, {zone.StreamWay, ""}, {zone.QueueWay, "cast"}} {
			before := h.state()
			h.cast(c.way)
			time.Sleep(3 * time.Second)
			if s := h.state(); s.Leader != c.leader || s.State != zone.Playing || s.Entry.ID != before.Entry.ID || s.Offset < before.Offset {
				t.Errorf("%s: from %+v to %+v", c.way, before, s)
			}
		}
	})
}

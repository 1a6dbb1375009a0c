package zonetest

import (
	"context"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// LeaderRig is one Leader with a device at its other end, made for one test.
type LeaderRig struct {
	Leader zone.Leader
	Clock  audio.Clock
	// Item makes the n-th item, which the device can fetch and which is at
	// least 30 s long. Nil makes items without a real URL.
	Item func(n int) zone.Item
	// Release has somebody else take the device, Gone has it vanish, Refuse
	// makes an item that it cannot play. Nil where that cannot be had.
	Release func()
	Gone    func()
	Refuse  func(n int) zone.Item
}

// TestLeader checks that a Leader keeps the contract of zone.Leader. It calls
// make, which registers its own cleaning up, once for each check.
func TestLeader(t *testing.T, make func(t *testing.T) LeaderRig) {
	checks := []struct {
		name string
		run  func(*testing.T, *leaderRun)
	}{
		{"Load", checkLoad},
		{"LoadAgain", checkLoadAgain},
		{"Transport", checkTransport},
		{"Seek", checkSeek},
		{"Edit", checkEdit},
		{"EditLate", checkEditLate},
		{"Cut", checkCut},
		{"End", checkEnd},
		{"Refuse", checkRefuse},
		{"Release", checkRelease},
		{"Gone", checkGone},
		{"Context", checkContext},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, &leaderRun{t: t, LeaderRig: make(t)})
		})
	}
}

// leaderRun is a check under way.
type leaderRun struct {
	LeaderRig
	t *testing.T
}

func (r *leaderRun) items(from, n int) []zone.Item {
	var out []zone.Item
	for i := from; i < from+n; i++ {
		if r.Item != nil {
			out = append(out, r.Item(i))
			continue
		}
		id := string(rune('a' + i))
		out = append(out, zone.Item{
			Entry: zone.EntryID("e" + id), MIME: "audio/flac", URL: "http://127.0.0.1/" + id,
			Track: zone.Track{ID: id, Title: "Track " + id, Duration: 30 * time.Second},
		})
	}
	return out
}

func (r *leaderRun) ctx() context.Context {
	ctx, cancel := context.WithTimeout(r.t.Context(), arrives)
	r.t.Cleanup(cancel)
	return ctx
}

func (r *leaderRun) must(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// load has the device play n items.
func (r *leaderRun) load(n int, offset time.Duration) []zone.Item {
	r.t.Helper()
	items := r.items(0, n)
	at := zone.Position{Entry: items[0].Entry, State: zone.Playing, Offset: offset, At: r.Clock.Now()}
	r.must("Load", r.Leader.Load(r.ctx(), items, at))
	return items
}

// awaits waits for a report that is as wanted, and returns it.
func (r *leaderRun) awaits(what string, wanted func(zone.Position) bool) zone.Position {
	r.t.Helper()
	timeout := time.NewTimer(2 * arrives)
	defer timeout.Stop()
	var last zone.Position
	for {
		select {
		case p, ok := <-r.Leader.Positions():
			if !ok {
				r.t.Fatalf("Positions was closed while %s was awaited", what)
			}
			if wanted(p) {
				return p
			}
			last = p
		case <-timeout.C:
			r.t.Fatalf("no report of %s; the last was %+v", what, last)
		}
	}
}

func (r *leaderRun) awaitsPlaying(item zone.Item) zone.Position {
	r.t.Helper()
	return r.awaits("playing "+string(item.Entry), func(p zone.Position) bool {
		return p.Entry == item.Entry && p.State == zone.Playing && p.Err == nil
	})
}

func near(a, b time.Duration) bool {
	d := a - b
	return d < 3*time.Second && d > -3*time.Second
}

func checkLoad(t *testing.T, r *leaderRun) {
	p := r.awaitsPlaying(r.load(3, 10*time.Second)[0])
	if !near(p.Offset, 10*time.Second) {
		t.Errorf("loaded at 10 s, plays at %v", p.Offset)
	}
	if d := r.Clock.Now().Sub(p.At); d < -time.Second || d > 30*time.Second {
		t.Errorf("the report's time is %v ago", d)
	}
}

func checkLoadAgain(_ *testing.T, r *leaderRun) {
	r.awaitsPlaying(r.load(2, 0)[0])
	second := r.items(5, 2)
	r.must("Load", r.Leader.Load(r.ctx(), second, zone.Position{Entry: second[0].Entry, State: zone.Playing, At: r.Clock.Now()}))
	r.awaitsPlaying(second[0])
}

func checkTransport(_ *testing.T, r *leaderRun) {
	items := r.load(2, 0)
	r.awaitsPlaying(items[0])
	r.must("pause", r.Leader.Transport(r.ctx(), zone.Paused))
	r.awaits("pause", func(p zone.Position) bool { return p.State == zone.Paused && p.Entry == items[0].Entry })
	r.must("play", r.Leader.Transport(r.ctx(), zone.Playing))
	r.awaitsPlaying(items[0])
	r.must("stop", r.Leader.Transport(r.ctx(), zone.Stopped))
}

func checkSeek(_ *testing.T, r *leaderRun) {
	items := r.load(2, 0)
	r.awaitsPlaying(items[0])
	r.must("seek", r.Leader.Seek(r.ctx(), 20*time.Second))
	r.awaits("20 s", func(p zone.Position) bool { return p.Entry == items[0].Entry && near(p.Offset, 20*time.Second) })
}

// checkEdit changes what follows, and then skips to it to see that it is there.
func checkEdit(t *testing.T, r *leaderRun) {
	items := r.load(3, 5*time.Second)
	r.awaitsPlaying(items[0])
	other := r.items(7, 2)
	r.must("Edit", r.Leader.Edit(r.ctx(), zone.Edit{Keep: items[0].Entry, Items: other}))
	p := r.awaitsPlaying(items[0])
	if p.Offset < 4*time.Second {
		t.Errorf("Edit interrupted the item that plays: it is at %v", p.Offset)
	}
	end := items[0].Track.Duration
	if end == 0 {
		return
	}
	r.must("seek", r.Leader.Seek(r.ctx(), end-time.Second))
	r.awaitsPlaying(other[0])
}

// checkEditLate edits what follows an item that the device has gone on from.
func checkEditLate(t *testing.T, r *leaderRun) {
	items := r.load(3, 10*time.Second)
	r.awaitsPlaying(items[0])
	r.must("Edit with Cut", r.Leader.Edit(r.ctx(), zone.Edit{Keep: items[0].Entry, Items: items[1:], Cut: true}))
	r.awaitsPlaying(items[1])
	r.must("seek", r.Leader.Seek(r.ctx(), 10*time.Second))
	r.awaits("10 s", func(p zone.Position) bool { return p.Entry == items[1].Entry && near(p.Offset, 10*time.Second) })
	other := r.items(7, 2)
	r.must("Edit that leaves it", r.Leader.Edit(r.ctx(), zone.Edit{Keep: items[0].Entry, Items: append(items[1:2:2], other[0])}))
	if p := r.awaitsPlaying(items[1]); !near(p.Offset, 10*time.Second) {
		t.Errorf("the item that plays and is to stay is at %v, it was at 10 s", p.Offset)
	}
	r.must("Edit that takes it out", r.Leader.Edit(r.ctx(), zone.Edit{Keep: items[0].Entry, Items: other[1:]}))
	r.awaitsPlaying(other[1])
}

func checkCut(t *testing.T, r *leaderRun) {
	items := r.load(3, 10*time.Second)
	r.awaitsPlaying(items[0])
	other := r.items(7, 2)
	r.must("Edit with Cut", r.Leader.Edit(r.ctx(), zone.Edit{Keep: items[0].Entry, Items: other, Cut: true}))
	if p := r.awaitsPlaying(other[0]); !near(p.Offset, 0) {
		t.Errorf("it starts at %v", p.Offset)
	}
}

// checkEnd plays all there is: what ends by itself was stopped by nobody.
func checkEnd(t *testing.T, r *leaderRun) {
	item := r.load(1, 0)[0]
	r.awaitsPlaying(item)
	if item.Track.Duration == 0 {
		t.Skip("no item that is known to end")
	}
	r.must("seek", r.Leader.Seek(r.ctx(), item.Track.Duration-time.Second))
	p := r.awaits("the end", func(p zone.Position) bool { return p.Entry == item.Entry && p.State == zone.Stopped })
	if !p.Finished {
		t.Errorf("at the end it reports %+v", p)
	}
}

func checkRefuse(t *testing.T, r *leaderRun) {
	if r.Refuse == nil {
		t.Skip("no item that the device refuses")
	}
	bad := r.Refuse(0)
	_ = r.Leader.Load(r.ctx(), append([]zone.Item{bad}, r.items(3, 1)...), zone.Position{Entry: bad.Entry, State: zone.Playing, At: r.Clock.Now()})
	r.awaits("the failure", func(p zone.Position) bool { return p.Entry == bad.Entry && p.Err != nil })
}

func checkRelease(t *testing.T, r *leaderRun) {
	if r.Release == nil {
		t.Skip("nobody to take the device")
	}
	r.awaitsPlaying(r.load(2, 0)[0])
	r.Release()
	r.awaits("the release", func(p zone.Position) bool { return p.Released })
}

func checkGone(t *testing.T, r *leaderRun) {
	if r.Gone == nil {
		t.Skip("the device does not go")
	}
	r.awaitsPlaying(r.load(2, 0)[0])
	r.Gone()
	timeout := time.NewTimer(6 * arrives)
	defer timeout.Stop()
	for {
		select {
		case _, ok := <-r.Leader.Positions():
			if !ok {
				return
			}
		case <-timeout.C:
			t.Fatal("Positions is still open")
		}
	}
}

// checkContext holds that calls end with their context.
func checkContext(t *testing.T, r *leaderRun) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done := make(chan error, 1)
	items := r.items(0, 1)
	go func() { done <- r.Leader.Load(ctx, items, zone.Position{Entry: items[0].Entry, State: zone.Playing}) }()
	timeout := time.NewTimer(arrives)
	defer timeout.Stop()
	select {
	case err := <-done:
		if err == nil {
			t.Error("Load succeeded although its context had ended")
		}
	case <-timeout.C:
		t.Error("Load does not heed its context")
	}
}

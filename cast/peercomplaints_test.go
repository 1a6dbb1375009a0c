//go:build peers

package cast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What users of other senders complain about, one test each. docs/cast.md has the
// table.

func TestComplaintGapsBetweenTracks(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	load(t, s, items(tracks(t), "a", "b", "c"))
	p.obey("preload")
	p.order("at-end 16")
	fetch := p.await("the fetch of b", func(l peerLine) bool { return strings.HasSuffix(l.Fetches, "/b") })
	if fetch.Due < 10 {
		t.Errorf("b was requested %.1f s before it was due", fetch.Due)
	}
	if st := s.Status(); st.Item != "a" || st.State != Playing {
		t.Errorf("meanwhile %+v", st)
	}
	// What comes after the next is edited; what was fetched ahead is used.
	if err := s.Follow(t.Context(), "", items(strings.TrimSuffix(fetch.Fetches, "/b"), "b", "d"), false); err != nil {
		t.Fatal(err)
	}
	p.order("at-end 0.1")
	awaitStatus(t, s, "item b", func(st Status) bool { return st.Item == "b" && st.State == Playing })
	p.order("mark")
	p.await("the mark", func(l peerLine) bool {
		if strings.HasSuffix(l.Fetches, "/b") {
			t.Error("b was fetched again")
		}
		return l.Mark
	})
}

func TestComplaintStopsAfterTwoTracks(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	name := func(n int) string { return fmt.Sprint("track", n) }
	load(t, s, items(base, name(0), name(1)))
	for n := range 12 {
		if err := s.Follow(t.Context(), name(n), items(base, name(n+1), name(n+2), name(n+3)), false); err != nil {
			t.Fatal(err)
		}
		p.order("finish")
		awaitStatus(t, s, name(n+1), func(st Status) bool { return st.Item == name(n+1) && st.State == Playing })
	}
}

func TestComplaintGroupLeaderMoves(t *testing.T) {
	t.Parallel()
	was, is := startPeer(t), startPeer(t)
	base := tracks(t)
	s := startSender(t, was, Config{Group: true})
	load(t, s, items(base, "a"))
	// The group's session goes on at its new leader, another address and port.
	load(t, startSender(t, is, Config{}), items(base, "a"))
	is.obey("member k Kitchen 0.5")
	is.seen()
	s.Presence(is.addr)
	awaitStatus(t, s, "the new leader", func(st Status) bool { return st.Connected && st.Item == "a" && len(s.Members()) == 1 })
	if got := is.seen(); slices.Contains(got, "LAUNCH") || slices.Contains(got, "QUEUE_LOAD") {
		t.Errorf("the move interrupted: %v", got)
	}
	if err := s.Pause(t.Context()); err != nil {
		t.Error(err)
	}
	is.await("a pause at the new leader", func(l peerLine) bool { return l.Got == "PAUSE" })
}

func TestComplaintGroupMembersVanish(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	p.obey("member k Kitchen 0.6")
	p.obey("member b Bath 0.2")
	s := startSender(t, p, Config{Group: true})
	names := func() string {
		var out []string
		for _, m := range s.Members() {
			out = append(out, fmt.Sprintf("%s %.2f", m.Name, m.Volume))
		}
		return strings.Join(out, ", ")
	}
	for _, step := range []struct{ order, want string }{
		{"mark", "Kitchen 0.60, Bath 0.20"},
		{"member-gone k", "Bath 0.20"},
		{"member b Bath 0.3", "Bath 0.30"},
		{"member k Kitchen 0.1", "Bath 0.30, Kitchen 0.10"},
		{"drop", "Bath 0.30, Kitchen 0.10"},
	} {
		p.order(step.order)
		awaitStatus(t, s, step.want, func(Status) bool { return names() == step.want })
	}
	if _, err := s.CastingGroups(t.Context()); err != nil && !errors.Is(err, ErrOffline) {
		t.Error(err)
	}
}

// Presence comes from outside, as often as it likes: nothing in here dies of a
// restart of the discovery.
func TestComplaintDiscoveryDiesAfterARestart(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	load(t, s, items(tracks(t), "a"))
	for range 3 {
		s.Presence(noAddr)
		awaitStatus(t, s, "absence", func(st Status) bool { return !st.Connected && errors.Is(st.Err, ErrOffline) })
		s.Presence(p.addr)
		awaitStatus(t, s, "the return", func(st Status) bool { return st.Connected && st.Item == "a" && st.State == Playing })
	}
}

func TestComplaintNoReconnectAfterADrop(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	var d dials
	s := startSender(t, p, Config{Trust: d.trust})
	load(t, s, items(tracks(t), "a", "b"))
	for n := range 3 {
		begun := time.Now()
		p.obey("drop")
		st := d.again(t, s, n+2, "a")
		t.Logf("rejoined after %v at %v", time.Since(begun).Round(time.Millisecond), st.PositionAt(time.Now()))
		if st.State != Playing {
			t.Errorf("status %+v", st)
		}
	}
	p.order("mark")
	p.await("the mark", func(l peerLine) bool {
		if l.Got == "LAUNCH" || l.Got == "QUEUE_LOAD" || l.Fetches != "" {
			t.Errorf("the reconnect was heard: %+v", l)
		}
		return l.Mark
	})
}

func TestComplaintFightsATakeover(t *testing.T) {
	for _, order := range []string{"takeover", "foreign"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			ctx, end := context.WithCancel(t.Context())
			s := NewSender(Config{})
			var running sync.WaitGroup
			running.Go(func() { _ = s.Run(ctx) })
			defer running.Wait()
			defer end()
			s.Presence(p.addr)
			if err := s.Connected(ctx); err != nil {
				t.Fatal(err)
			}
			load(t, s, items(tracks(t), "a"))
			p.order(order)
			awaitStatus(t, s, "the takeover", func(st Status) bool { return st.Foreign && st.Item == "" })
			p.seen()
			for name, do := range map[string]func() error{
				"Play": func() error { return s.Play(ctx) }, "Pause": func() error { return s.Pause(ctx) },
				"Seek": func() error { return s.Seek(ctx, 0) }, "Quit": func() error { return s.Quit(ctx) },
				"Follow": func() error { return s.Follow(ctx, "a", items("http://127.0.0.1:1", "b"), true) },
				"Skip":   func() error { return s.Skip(ctx, 1) },
			} {
				if err := do(); !errors.Is(err, ErrTaken) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := s.Stop(ctx); err != nil {
				t.Error(err)
			}
			// Nor does the end of us end them.
			end()
			running.Wait()
			for _, kind := range p.seen() {
				if kind != "GET_STATUS" {
					t.Errorf("somebody else's playback was sent %s", kind)
				}
			}
			// A person may take it back.
			back := startSender(t, p, Config{})
			awaitStatus(t, back, "somebody else", func(st Status) bool { return st.Foreign })
			load(t, back, items(tracks(t), "b"))
		})
	}
}

func TestComplaintChimeAtEachTrack(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "a", "b"))
	load(t, s, items(base, "c", "d"))
	p.order("finish")
	awaitStatus(t, s, "item d", func(st Status) bool { return st.Item == "d" })
	if err := s.Follow(t.Context(), "", items(base, "e"), true); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "item e", func(st Status) bool { return st.Item == "e" })
	got := p.seen()
	if n := strings.Count(strings.Join(got, " "), "LAUNCH"); n != 1 || slices.Contains(got, "STOP") {
		t.Errorf("the session was torn down: %v", got)
	}
}

// The group is turned down to almost nothing, to nothing, and up again; every
// member is a device of its own.
func TestComplaintGroupVolumeJumps(t *testing.T) {
	t.Parallel()
	group := startPeer(t)
	rooms := map[string]*peer{"k": startPeer(t), "b": startPeer(t)}
	group.obey("member k Kitchen 0.8")
	group.obey("member b Bath 0.2")
	s := startSender(t, group, Config{Group: true})
	awaitStatus(t, s, "the members", func(Status) bool { return len(s.Members()) == 2 })
	heard := map[string]float64{}
	set := func(ctx context.Context, m Member, level float64) error {
		err := Once(ctx, Config{}, rooms[m.ID].addr, func(ctx context.Context, member *Sender) error {
			if err := member.SetVolume(ctx, level); err != nil {
				return err
			}
			heard[m.ID] = member.Status().Volume
			return nil
		})
		group.obey(fmt.Sprintf("member %s %s %v", m.ID, m.Name, math.Round(level*100)/100))
		return err
	}
	for _, step := range []struct{ to, kitchen, bath float64 }{
		{0.02, 0.032, 0.01}, {0.5, 0.8, 0.2}, {0, 0, 0}, {0.25, 0.4, 0.1}, {0.9, 1, 0.8}, {0.5, 0.8, 0.2},
	} {
		if err := s.SetGroupVolume(t.Context(), step.to, set); err != nil {
			t.Fatal(err)
		}
		if math.Abs(heard["k"]-step.kitchen) > 0.011 || math.Abs(heard["b"]-step.bath) > 0.011 {
			t.Errorf("at %.2f the members are at %v, want %v and %v", step.to, heard, step.kitchen, step.bath)
		}
	}
}

func TestComplaintNextSkipsSeveralWhileLoading(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	load(t, s, items(tracks(t), "a", "b", "c", "d"))
	p.obey("no-fetch") // b will load and load
	var pressing sync.WaitGroup
	for range 4 {
		pressing.Go(func() {
			if err := s.JumpTo(t.Context(), "b", 0); err != nil {
				t.Error(err)
			}
		})
	}
	pressing.Wait()
	if st := s.Status(); st.Item != "b" || st.State != Buffering {
		t.Errorf("after four presses %+v", st)
	}
}

func TestComplaintClockRunsWhileTheDeviceIsSilent(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{StallAfter: time.Second})
	p.obey("no-fetch")
	load(t, s, items(tracks(t), "a"))
	st := awaitStatus(t, s, "a stall", func(st Status) bool { return st.Stalled })
	if at := st.PositionAt(st.At.Add(time.Minute)); at != 0 {
		t.Errorf("a device that loads is shown at %v", at)
	}
}

// The device closes the application after 20 minutes of pause.
func TestComplaintCannotResumeAfterALongPause(t *testing.T) {
	for _, order := range []string{"close-app", "reboot"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			s := startSender(t, p, Config{})
			load(t, s, items(tracks(t), "a", "b", "c"))
			if err := s.JumpTo(t.Context(), "b", 42*time.Second); err != nil {
				t.Fatal(err)
			}
			if err := s.Pause(t.Context()); err != nil {
				t.Fatal(err)
			}
			paused := awaitStatus(t, s, "a pause", func(st Status) bool { return st.State == Paused && st.Item == "b" })
			p.order(order)
			st := awaitStatus(t, s, "the end of the application", func(st Status) bool { return st.Connected && st.App == "" && st.Held == "b" })
			if st.Position != paused.Position || st.Item != "" {
				t.Errorf("status %+v", st)
			}
			if err := s.Play(t.Context()); err != nil {
				t.Fatal(err)
			}
			st = awaitStatus(t, s, "the rest", func(st Status) bool { return st.Item == "b" && st.State == Playing })
			if st.Held != "" || st.Position < 42*time.Second || st.Position > 44*time.Second {
				t.Errorf("status %+v", st)
			}
			if got := strings.Join(queued(t, s), " "); got != "b c" {
				t.Errorf("the device has %q", got)
			}
		})
	}
}

func TestComplaintVolumeZeroIsNoLevel(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	if err := s.SetVolume(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	line := p.await("SET_VOLUME", func(l peerLine) bool { return l.Got == "SET_VOLUME" })
	if !strings.Contains(string(line.Message), `"volume":{"level":0}`) {
		t.Errorf("sent %s", line.Message)
	}
	awaitStatus(t, s, "silence", func(st Status) bool { return st.Volume == 0 && !st.Muted })
}

//go:build peers

package cast

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What happens to the connection: the device is reached again, and what it plays
// is adopted without a launch or a load.
func TestPeerConnectionFaults(t *testing.T) {
	for _, c := range []struct {
		order string
		lasts bool // the connection survives it
	}{
		{"drop", false},
		{"truncated", false},
		{"oversize", false},
		{"garbage", false},
		{"close-receiver", false},
		{"not-json", true},
		{"ping-silence", false}, // 12 s, where nothing plays
		{"black-hole", false},   // 12 s
	} {
		t.Run(c.order, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			var d dials
			s := startSender(t, p, Config{Trust: d.trust})
			load(t, s, items(tracks(t), "a", "b"))
			state := Playing
			if c.order == "ping-silence" {
				// A device that plays is asked where it is, and answers that.
				if err := s.Pause(t.Context()); err != nil {
					t.Fatal(err)
				}
				state = Paused
			}
			p.seen()
			begun := time.Now()
			p.obey(c.order)
			if c.lasts {
				if err := s.Refresh(t.Context()); err != nil || !s.Status().Connected {
					t.Errorf("the connection did not survive: %v", err)
				}
				return
			}
			if c.order == "black-hole" {
				awaitStatus(t, s, "the loss", func(st Status) bool { return !st.Connected })
				p.obey("reboot") // nothing else wakes it
				d.again(t, s, 2, "")
				return
			}
			st := d.again(t, s, 2, "a")
			if _, at := d.made(); at.Sub(begun) > deadAfter+firstRetry+time.Second {
				t.Errorf("it was noticed after %v", at.Sub(begun))
			}
			if st.State != state {
				t.Errorf("it is %s", st.State)
			}
			if got := p.seen(); slices.Contains(got, "QUEUE_LOAD") || slices.Contains(got, "LAUNCH") {
				t.Errorf("the reconnect interrupted: %v", got)
			}
		})
	}
}

func TestPeerReboots(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	var d dials
	s := startSender(t, p, Config{Trust: d.trust})
	base := tracks(t)
	load(t, s, items(base, "a", "b"))
	p.order("reboot")
	d.again(t, s, 2, "")
	// Play goes on with what the reboot ended.
	if err := s.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "item a", func(st Status) bool { return st.Item == "a" && st.State == Playing })
	// Its media sessions count from 1 again: nothing is mistaken for the old one.
	load(t, s, items(base, "c"))
	if err := s.Pause(t.Context()); err != nil {
		t.Error(err)
	}
}

// The application's start, with what may come between.
func TestPeerLaunchFaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		order    string
		answer   string // given once the device asks
		launches int
		fails    string
	}{
		{"cancelled once", "launch-cancel 1", "", 2, ""},
		{"cancelled twice", "launch-cancel 2", "", 2, "cancelled the start"},
		{"answered before it is up", "launch-late 300", "", 1, ""},
		{"allowed by a person", "launch-asks", "allow", 1, ""},
		{"refused by a person", "launch-asks", "deny", 1, "somebody at the device refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			s := startSender(t, p, Config{})
			p.obey(c.order)
			p.seen()
			done := make(chan error, 1)
			go func() { done <- s.Load(t.Context(), items(tracks(t), "a"), 0) }()
			launches := 0
			if c.answer != "" {
				p.await("the launch", func(l peerLine) bool { return l.Got == "LAUNCH" })
				launches++
				p.obey(c.answer)
			}
			err := <-done
			for _, kind := range p.seen() {
				if kind == "LAUNCH" {
					launches++
				}
			}
			if launches != c.launches {
				t.Errorf("%d launches, want %d", launches, c.launches)
			}
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("got %v, want %q", err, c.fails)
			}
		})
	}
}

func TestPeerRefusesALoad(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	p.obey("load-error 411")
	err := s.Load(t.Context(), items(tracks(t), "a"), 0)
	var refused *RequestError
	if !errors.As(err, &refused) || refused.Type != "LOAD_FAILED" || refused.Code != 411 || !strings.Contains(err.Error(), "could not read the playlist") {
		t.Errorf("got %v", err)
	}
	load(t, s, items(tracks(t), "b"))
}

// A device that takes its time is waited for, and shows that it loads.
func TestPeerLoadsSlowly(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	p.obey("slow-load 1000")
	done := make(chan error, 1)
	go func() { done <- s.Load(t.Context(), items(tracks(t), "a"), 0) }()
	awaitStatus(t, s, "loading", func(st Status) bool { return st.State == Buffering && st.Item == "a" })
	if err := <-done; err != nil {
		t.Error(err)
	}
	awaitStatus(t, s, "playing", func(st Status) bool { return st.State == Playing })
	// A load that is overtaken says so.
	p.obey("slow-load 2000")
	go func() { done <- s.Load(t.Context(), items(tracks(t), "b"), 0) }()
	awaitStatus(t, s, "loading", func(st Status) bool { return st.State == Buffering && st.Item == "b" })
	p.obey("slow-load 0")
	load(t, s, items(tracks(t), "c"))
	var refused *RequestError
	if err := <-done; !errors.As(err, &refused) || refused.Type != "LOAD_CANCELLED" {
		t.Errorf("the overtaken load: %v", err)
	}
	if st := s.Status(); st.Item != "c" {
		t.Errorf("status %+v", st)
	}
}

// Items that the device cannot play are counted and named.
func TestPeerItemsFail(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	load(t, s, items(tracks(t), "a", "b", "c", "d"))
	queued(t, s) // all four are known
	p.obey("item-errors 2")
	p.obey("finish")
	st := awaitStatus(t, s, "item d", func(st Status) bool { return st.Item == "d" })
	if st.Failures != 2 || st.Failed != "c" || st.FailedCode != 103 {
		t.Errorf("status %+v", st)
	}
	load(t, s, items(tracks(t), "e"))
	if st := s.Status(); st.Failures != 0 {
		t.Errorf("a load does not forget failures: %+v", st)
	}
}

// Answers in the wrong order find their requests.
func TestPeerAnswersInTheWrongOrder(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	load(t, s, items(tracks(t), "a", "b"))
	p.obey("wrong-order")
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			if r, err := s.ReceiverStatus(t.Context()); err != nil || len(r.Applications) != 1 {
				t.Errorf("receiver %+v, %v", r, err)
			}
		})
		asking.Go(func() {
			if a, err := s.Available(t.Context(), DefaultMediaReceiver); err != nil || !a[DefaultMediaReceiver] {
				t.Errorf("available %+v, %v", a, err)
			}
		})
	}
	asking.Wait()
}

func TestPeerSaysNothing(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	p.obey("mute-replies")
	// A caller that gives up is not kept.
	brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.ReceiverStatus(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := s.Load(t.Context(), items("http://127.0.0.1:1", "a"), 0); !errors.Is(err, ErrSilent) && !errors.Is(err, ErrOffline) {
		t.Errorf("got %v, want a device that is silent or given up", err)
	}
}

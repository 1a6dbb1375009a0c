package cast

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// connect waits until there is a connection.
func connect(t *testing.T, s *Sender) {
	t.Helper()
	if err := s.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A device that falls silent is given up after 12 s, and tried again.
func TestDeadPeerIsFound(t *testing.T) {
	for name, silent := range map[string]bool{"never said a word": true, "fell silent": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, d := fakeSender(t, Config{})
				if d.set(func() { d.silent = silent }); !silent {
					connect(t, s)
					time.Sleep(time.Minute)
					d.set(func() { d.silent = true })
				}
				from := time.Now()
				time.Sleep(deadAfter + firstRetry + time.Second)
				d.mu.Lock()
				defer d.mu.Unlock()
				last := d.dials[len(d.dials)-1]
				if gap := last.Sub(from); gap <= 0 || gap > deadAfter+firstRetry {
					t.Errorf("given up after %v, want at most %v", gap, deadAfter)
				}
			})
		})
	}
}

// Both ends ask for a sign of life, and answer.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		d.say("Tr@n$p0rt-0", nsHeartbeat, `{"type":"PING"}`)
		time.Sleep(10 * time.Minute)
		d.mu.Lock()
		defer d.mu.Unlock()
		pings, pongs := 0, 0
		for _, m := range d.frames {
			switch {
			case m.namespace != nsHeartbeat:
			case strings.Contains(string(m.payload), "PING"):
				pings++
			case m.source == "*" && m.destination == "Tr@n$p0rt-0": // the ids swapped
				pongs++
			}
		}
		if pings < 149 || pings > 150 || pongs != 1 || len(d.dials) != 1 {
			t.Errorf("in 10 minutes %d pings, %d pongs, %d connections", pings, pongs, len(d.dials))
		}
	})
}

// A device that is gone is asked for ever more rarely, and found when it is back.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		d.set(func() { d.deny = true })
		time.Sleep(time.Hour)
		if st := s.Status(); st.Connected || st.Err == nil || !strings.Contains(st.Err.Error(), "192.0.2.7:8009: connection refused") {
			t.Errorf("status %+v", st)
		}
		d.set(func() {
			if n := len(d.dials); n < 355 || n > 370 {
				t.Errorf("%d attempts in an hour", n)
			}
			d.deny = false
		})
		time.Sleep(lastRetry)
		connect(t, s)
	})
}

// Nothing is left behind by a thousand connects and drops.
func TestThousandDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		var before int
		for n := range 1000 {
			connect(t, s)
			if n == 10 {
				before = runtime.NumGoroutine()
			}
			if n%3 == 0 {
				// A request is under way when it drops.
				d.set(func() { d.silent = true })
				go func() { _, _ = s.ReceiverStatus(t.Context()) }()
				synctest.Wait()
				d.set(func() { d.silent = false })
			}
			d.mu.Lock()
			_ = d.conn.Close()
			d.mu.Unlock()
			synctest.Wait()
		}
		connect(t, s)
		synctest.Wait()
		if after := runtime.NumGoroutine(); after > before+2 {
			t.Errorf("%d goroutines, %d after the tenth connection", after, before)
		}
	})
}

// The package speaks to the device's Cast port and nowhere else: the setup ports,
// which refuse other subnets with a 403, are not asked.
func TestComplaintSubnetRefusesWith403(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{Group: true})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.addrs) != 1 || d.addrs[0] != netip.MustParseAddrPort("192.0.2.7:8009") {
			t.Errorf("connected to %v", d.addrs)
		}
	})
}

// Playback that goes on is not mistaken for a hang, and is asked for rarely.
func TestHourOfPlaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		for range 3600 {
			time.Sleep(time.Second)
			st := s.Status()
			if at := st.PositionAt(time.Now()); st.Stalled || at > time.Duration(d.where())*time.Second+time.Second {
				t.Fatalf("at %d s: %v, %+v", d.where(), at, st)
			}
		}
		if n := d.count("GET_STATUS"); n < 300 || n > 365 {
			t.Errorf("asked %d times in an hour", n)
		}
	})
}

func (d *fakeDevice) where() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seconds(time.Now())
}

// A device that says it plays and stands still is found out; so is the end of it.
func TestHangIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		d.set(func() { d.position, d.stuck = d.seconds(time.Now()), true })
		time.Sleep(45 * time.Second)
		st := s.Status()
		if !st.Stalled || st.PositionAt(time.Now().Add(time.Hour)) > 75*time.Second {
			t.Errorf("a hang: %+v", st)
		}
		d.set(func() { d.stuck, d.at = false, time.Now() })
		time.Sleep(15 * time.Second)
		if st := s.Status(); st.Stalled || st.State != Playing {
			t.Errorf("after it: %+v", st)
		}
	})
}

// The device closes the application after 20 minutes of pause; after an hour the
// music goes on where it was.
func TestHourOfPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(83 * time.Second)
		if err := s.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		d.set(func() { d.app, d.state = false, "" })
		d.say("t1", nsConnection, `{"type":"CLOSE"}`)
		d.say(receiverID, nsReceiver, d.receiver(0))
		time.Sleep(40 * time.Minute)
		if st := s.Status(); st.Held != "a" || st.Item != "" || st.Position != 83*time.Second || st.Foreign {
			t.Errorf("status %+v", st)
		}
		if err := s.Play(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.last["QUEUE_LOAD"]; !strings.Contains(got, `"currentTime":83`) || !strings.Contains(got, `"contentId":"http://192.0.2.1/b"`) {
			t.Errorf("loaded %s", got)
		}
		// Stop forgets.
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.set(func() { d.app, d.state = false, "" })
		d.say(receiverID, nsReceiver, d.receiver(0))
		synctest.Wait()
		if err := s.Play(t.Context()); !errors.Is(err, ErrIdle) {
			t.Errorf("play after stop: %v", err)
		}
	})
}

// An application that closes our connection and lives on is found again.
func TestApplicationClosesUsAndStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		d.say("t1", nsConnection, `{"type":"CLOSE"}`)
		synctest.Wait()
		if st := s.Status(); st.Item != "" {
			t.Errorf("status %+v", st)
		}
		time.Sleep(ghostAfter + time.Second)
		if st := s.Status(); st.Item != "a" || st.State != Playing {
			t.Errorf("status %+v", st)
		}
	})
}

// What another sender begins in our application is seen without a question of the
// owner's, and known for theirs.
func TestOthersSessionIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		d.set(func() { d.app = true })
		d.say(receiverID, nsReceiver, d.receiver(0))
		synctest.Wait()
		if d.count("GET_STATUS") != 2 {
			t.Errorf("we said %v", d.heard)
		}
		d.say("t1", nsMedia, `{"type":"MEDIA_STATUS","requestId":0,"status":[{"mediaSessionId":9,"playerState":"PLAYING","media":{"contentId":"http://elsewhere/"}}]}`)
		synctest.Wait()
		if st := s.Status(); !st.Foreign || st.Item != "" {
			t.Errorf("status %+v", st)
		}
	})
}

// A device that never shows what it plays is asked, and not for ever.
func TestUnshownItemIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		if err := s.Load(t.Context(), fakeItems, 0); err != nil {
			t.Fatal(err)
		}
		d.set(func() { d.vague = true })
		before := d.count("GET_STATUS")
		d.say("t1", nsMedia, `{"type":"MEDIA_STATUS","requestId":0,"status":[{"mediaSessionId":1,"playerState":"PLAYING","currentItemId":5}]}`)
		synctest.Wait()
		if n := d.count("GET_STATUS") - before; n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A caller that gives up does not wait for a device that reads nothing.
func TestCancelledRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := fakeSender(t, Config{})
		connect(t, s)
		d.set(func() { d.silent = true })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		begun := time.Now()
		_, err := s.ReceiverStatus(ctx)
		if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took != 30*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
		begun = time.Now()
		_, err = s.ReceiverStatus(t.Context())
		if took := time.Since(begun); !errors.Is(err, ErrSilent) || took != requestLimit {
			t.Errorf("%v after %v", err, took)
		}
	})
}

package zone_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// slowStarter is a pulled output whose device takes its time to begin.
type slowStarter struct {
	*zonetest.Output
	delay atomic.Int64
	off   atomic.Bool
}

func (h *house) slowStarter(delay time.Duration) *slowStarter {
	s := &slowStarter{Output: zonetest.NewOutput(h.clock, zone.Caps{
		Formats: []audio.Format{{Codec: audio.PCM, Rate: 8000, Channels: 2, Bits: 24}},
		Buffer:  8 * time.Second, Clears: true, Pulled: true,
	})}
	s.delay.Store(int64(delay))
	return s
}

func (s *slowStarter) Caps() zone.Caps {
	c := s.Output.Caps()
	c.StartDelay = time.Duration(s.delay.Load())
	return c
}

func (s *slowStarter) Write(p audio.Packet) error {
	if s.off.CompareAndSwap(true, false) {
		return zone.ErrOutOfStep
	}
	return s.Output.Write(p)
}

// began is when the newest run's first packet was written, and when that is heard.
func (s *slowStarter) began() (written, heard audio.Time) {
	p := s.Packets()
	i := len(p) - 1
	for i > 0 && p[i].At == p[i-1].End() {
		i--
	}
	return p[i].When, p[i].At
}

// A device that takes a second to begin is given what is heard by then, beside
// others and alone, where nothing is left out.
func TestPulledMembersBeginInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 120, 0), ramp("b", 8000, 120, 1<<20))
		defer h.stop()
		check := func(what string, s *slowStarter, least, most time.Duration) {
			t.Helper()
			if written, heard := s.began(); heard.Sub(written) < least-50*time.Millisecond || heard.Sub(written) > most {
				t.Errorf("%s: it begins with what is heard %v later", what, heard.Sub(written))
			}
		}
		a := h.slowStarter(time.Second)
		h.attach("a", a)
		h.add(zone.AtNow, "a")
		time.Sleep(5 * time.Second)
		check("alone", a, time.Second, 1100*time.Millisecond)
		if s := h.state(); s.Offset < 3900*time.Millisecond || s.Offset > 4*time.Second {
			t.Errorf("after 5 s it is said to be at %v", s.Offset)
		}
		h.sound(a.Packets()) // from the first frame on

		player := h.pcm(8000, 100*time.Millisecond)
		b := h.slowStarter(2 * time.Second)
		h.attach("player", player)
		h.attach("b", b)
		time.Sleep(5 * time.Second)
		check("joins", b, 2*time.Second, 2300*time.Millisecond)
		pressed := h.clock.Now()
		if err := h.zone.Seek(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		check("a seek", a, time.Second, 1300*time.Millisecond)
		check("a seek", b, 2*time.Second, 2300*time.Millisecond)
		first := player.Packets()
		for len(first) > 0 && first[0].When < pressed {
			first = first[1:]
		}
		if first[0].At.Sub(pressed) > 200*time.Millisecond {
			t.Errorf("the player waits: its first packet is heard after %v", first[0].At.Sub(pressed))
		}
	})
}

// Where decoding is slow after a seek, what is heard when the device has begun is
// reckoned from when it is told to, not from when that was asked for.
func TestPulledMemberBeginsWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := ramp("a", 8000, 120, 0)
		at := slow.At
		slow.At = func(i int64, c int) float32 {
			if i == 61*8000 && c == 0 {
				time.Sleep(700 * time.Millisecond)
			}
			return at(i, c)
		}
		h := newHouse(t, nil, slow)
		defer h.stop()
		player, s := h.pcm(8000, 100*time.Millisecond), h.slowStarter(2*time.Second)
		h.attach("player", player)
		h.attach("slow", s)
		h.add(zone.AtNow, "a")
		time.Sleep(5 * time.Second)
		h.must(h.zone.Seek(t.Context(), time.Minute))
		time.Sleep(5 * time.Second)
		if written, heard := s.began(); heard.Sub(written) < 1950*time.Millisecond || heard.Sub(written) > 2100*time.Millisecond {
			t.Errorf("it begins with what is heard %v after it was told to, and takes 2 s", heard.Sub(written))
		}
	})
}

// One that is found to be out of step begins anew, where that is heard.
func TestOutOfStepBeginsAnew(t *testing.T) {
	for _, company := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, nil, ramp("a", 8000, 120, 0))
			defer h.stop()
			slow := h.slowStarter(time.Second)
			h.attach("slow", slow)
			player := h.pcm(8000, 100*time.Millisecond)
			if company {
				h.attach("player", player)
			}
			h.add(zone.AtNow, "a")
			time.Sleep(10 * time.Second)
			slow.delay.Store(int64(1700 * time.Millisecond))
			slow.off.Store(true)
			time.Sleep(10 * time.Second)
			written, heard := slow.began()
			if n := len(slow.Clears()); (n == 2) != company {
				t.Errorf("company: %v: cleared %d times", company, n)
			}
			if company && (heard.Sub(written) < 1700*time.Millisecond || heard.Sub(written) > 2*time.Second) {
				t.Errorf("it begins anew with what is heard %v later", heard.Sub(written))
			}
			if company {
				h.sound(player.Packets()) // who notices nothing
			} else {
				h.sound(slow.Packets())
			}
		})
	}
}

// A track of another rate is another stream: the device is told to load it when
// it is time, not when it is ready.
func TestPulledMemberTurnsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 30, 0), ramp("b", 16000, 30, 1<<20))
		defer h.stop()
		two := []audio.Format{
			{Codec: audio.PCM, Rate: 8000, Channels: 2, Bits: 24}, {Codec: audio.PCM, Rate: 16000, Channels: 2, Bits: 24},
		}
		s := &slowStarter{Output: zonetest.NewOutput(h.clock, zone.Caps{Formats: two, Buffer: 8 * time.Second, Clears: true, Pulled: true})}
		s.delay.Store(int64(time.Second))
		h.attach("slow", s)
		h.add(zone.AtNow, "a", "b")
		time.Sleep(45 * time.Second)
		packets := s.Packets()
		h.sound(packets)
		i := slices.IndexFunc(packets, func(p zonetest.Written) bool { return p.Stream != packets[0].Stream })
		if i < 0 {
			t.Fatal("there is one stream")
		}
		if ahead := packets[i].At.Sub(packets[i].When); ahead < 800*time.Millisecond || ahead > 1100*time.Millisecond {
			t.Errorf("the new stream begins %v before its time", ahead)
		}
	})
}

package zone_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

const fadeRate = 8000

// tone is a track of one frequency and of an amplitude of 0.5.
func tone(id string, seconds, hz float64) zonetest.Sound {
	return zonetest.Sound{
		Track: zone.Track{ID: id}, Rate: fadeRate, Frames: int64(seconds * fadeRate), At: zonetest.Sine(fadeRate, hz),
	}
}

// levels is how loud frequencies are in the half second around a time, each as
// an amplitude.
func levels(pcm []int32, at float64, hz ...float64) (out []float64) {
	const n = fadeRate / 2
	from := int(at*fadeRate) - n/2
	for _, f := range hz {
		var re, im float64
		for i, v := range pcm[from : from+n] {
			x := float64(v) / (1 << 23)
			re += x * math.Cos(2*math.Pi*f*float64(i)/fadeRate)
			im += x * math.Sin(2*math.Pi*f*float64(i)/fadeRate)
		}
		out = append(out, 2*math.Hypot(re, im)/n)
	}
	return out
}

// sounds fails where a frequency is not as loud as wanted.
func sounds(t *testing.T, pcm []int32, at float64, want map[float64]float64) {
	t.Helper()
	for hz, level := range want {
		if got := levels(pcm, at, hz)[0]; math.Abs(got-level) > 0.03 {
			t.Errorf("at %v s %v Hz has a level of %.3f, want %.3f", at, hz, got, level)
		}
	}
}

// fading plays tracks one after another with a crossfade of 4 s; during is called
// when 24 s were heard. It returns all that was heard in the end.
func fading(t *testing.T, during func(h *house), queue []string, tracks ...zonetest.Sound) (*house, []int32) {
	t.Helper()
	h := newHouse(t, func(c *zone.Config) { c.Crossfade = 4 * time.Second }, tracks...)
	out := h.pcm(fadeRate, 100*time.Millisecond)
	h.attach("o", out)
	h.add(zone.AtEnd, queue...)
	h.must(h.zone.Play(t.Context()))
	time.Sleep(24 * time.Second)
	during(h)
	time.Sleep(2 * time.Minute)
	return h, h.sound(out.Packets())
}

var half = 0.5 / math.Sqrt2 // of each in the middle of a fade

func TestCrossfade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown []string
		h, pcm := fading(t, func(h *house) {
			for range 3 {
				shown = append(shown, h.state().Track.ID)
				time.Sleep(2500 * time.Millisecond)
			}
		}, []string{"a", "b"}, tone("a", 30, 400), tone("b", 30, 1000))
		defer h.stop()
		if len(pcm) != 56*fadeRate {
			t.Errorf("%.3f s were heard, want 56", float64(len(pcm))/fadeRate)
		}
		sounds(t, pcm, 25.5, map[float64]float64{400: 0.5, 1000: 0})
		sounds(t, pcm, 28, map[float64]float64{400: half, 1000: half})
		sounds(t, pcm, 30.5, map[float64]float64{400: 0, 1000: 0.5})
		sounds(t, pcm, 55.5, map[float64]float64{1000: 0.5})
		at := zonetest.Sine(fadeRate, 1000)
		for i := 30 * fadeRate; i < len(pcm); i++ { // b's own samples, in their places
			if want := int32(at(int64(i-26*fadeRate), 0) * (1 << 23)); pcm[i] != want {
				t.Fatalf("frame %d is %d, want %d", i, pcm[i], want)
			}
		}
		if shown[0] != "a" || shown[1] != "b" || shown[2] != "b" {
			t.Errorf("shown at 24, 26.5 and 29 s: %v", shown)
		}
		var ended []string
		for _, p := range h.journal.Plays() {
			if p.End != "playing" {
				ended = append(ended, p.Track+" "+p.End)
			}
		}
		if !slices.Equal(ended, []string{"a complete", "b complete"}) {
			t.Errorf("plays: %v", ended)
		}
	})
}

// What follows is changed when the end of the track that plays lies behind the
// point where it was to be left: it fades into whatever follows, or ends by
// itself.
func TestCrossfadeIntoAnother(t *testing.T) {
	tracks := []zonetest.Sound{tone("a", 30, 400), tone("b", 30, 1000), tone("c", 30, 1600)}
	broken := tone("d", 30, 2000)
	broken.Fails = errors.New("damaged")
	for _, test := range []struct {
		name    string
		during  func(h *house)
		seconds int
		at28    map[float64]float64
	}{
		{"another", func(h *house) { h.add(zone.AtNext, "c") }, 26 + 26 + 30, map[float64]float64{400: half, 1000: 0, 1600: half}},
		{"one that is broken", func(h *house) { h.add(zone.AtNext, "d") }, 26 + 30, map[float64]float64{400: half, 1000: half}},
		{"nothing", func(h *house) { h.must(remove(h, 1)) }, 30, map[float64]float64{400: 0.5, 1000: 0}},
		{"no crossfade any more", func(h *house) { h.must(h.zone.SetCrossfade(h.t.Context(), 0)) }, 26 + 30, map[float64]float64{400: half, 1000: half}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, pcm := fading(t, test.during, []string{"a", "b"}, append(tracks, broken)...)
				defer h.stop()
				sounds(t, pcm, 28, test.at28)
				if s := float64(len(pcm)) / fadeRate; math.Abs(s-float64(test.seconds)) > 0.5 {
					t.Errorf("%.3f s were heard, want %d", s, test.seconds)
				}
				for _, p := range h.journal.Plays() {
					if p.Track == "a" && p.End != "playing" && (p.End != "complete" || p.Heard < 25*time.Second) {
						t.Errorf("the first track: %+v", p)
					}
				}
			})
		})
	}
}

// remove takes the entry of an index out of the queue.
func remove(h *house, index int) error {
	page, err := h.zone.Queue(h.t.Context(), index, 1)
	if err != nil {
		return err
	}
	return h.zone.Remove(h.t.Context(), []zone.EntryID{page.Entries[0].ID})
}

// Where nothing is faded, nothing is lost either.
func TestNoCrossfade(t *testing.T) {
	neighbour := func(s zonetest.Sound, number int) zonetest.Sound {
		s.Track.AlbumID, s.Track.Number = "album", number
		return s
	}
	short := tone("b", 0.3, 1000)
	early := tone("a", 30, 400)
	early.Breaks, early.Broken = 20*fadeRate, errors.New("damaged")
	for _, test := range []struct {
		name    string
		a, b    zonetest.Sound
		seconds float64
	}{
		{"neighbours on an album", neighbour(tone("a", 30, 400), 4), neighbour(tone("b", 30, 1000), 5), 60},
		{"a track that is too short", tone("a", 30, 400), short, 30.3},
		{"a track that breaks off", early, tone("b", 30, 1000), 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, pcm := fading(t, func(*house) {}, []string{"a", "b"}, test.a, test.b)
				defer h.stop()
				if got := float64(len(pcm)) / fadeRate; math.Abs(got-test.seconds) > 0.01 {
					t.Errorf("%.3f s were heard, want %v", got, test.seconds)
				}
			})
		})
	}
}

// A fade takes at most a quarter of a track, of another rate too; next cuts at
// once, and a pause in the middle goes on with what is shown.
func TestCrossfadeOfShortTracks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := tone("b", 8, 1000)
		other.Rate, other.Frames, other.At = 2*fadeRate, 16*fadeRate, zonetest.Sine(2*fadeRate, 1000)
		h := newHouse(t, func(c *zone.Config) { c.Crossfade = zone.MaxCrossfade }, tone("a", 30, 400), other, tone("c", 30, 1600))
		defer h.stop()
		out := h.pcm(fadeRate, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtEnd, "a", "b", "c")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(29 * time.Second)
		if s := h.state(); s.Track.ID != "b" || s.Offset < 500*time.Millisecond || s.Offset > 1500*time.Millisecond {
			t.Errorf("%s at %v, want b at about 1 s: the fade takes 2 s", s.Track.ID, s.Offset)
		}
		h.must(h.zone.Pause(t.Context()))
		h.must(h.zone.Play(t.Context()))
		time.Sleep(time.Second)
		if s := h.state(); s.Track.ID != "b" || s.Offset < 1500*time.Millisecond {
			t.Errorf("after a pause: %s at %v", s.Track.ID, s.Offset)
		}
		h.must(h.zone.Next(t.Context()))
		time.Sleep(200 * time.Millisecond)
		now := h.clock.Now()
		time.Sleep(time.Second)
		if s := h.state(); s.Track.ID != "c" {
			t.Errorf("after next: %s", s.Track.ID)
		}
		var last []int32
		for _, p := range out.Packets() {
			if p.At >= now {
				last = append(last, zonetest.Samples(p.Packet)...)
			}
		}
		sounds(t, last, 0.3, map[float64]float64{1600: 0.5, 1000: 0, 400: 0})
	})
}

// A device that leads cannot fade: the timeline takes over, and leads on where
// that is switched on in the middle. One that is to lead always does.
func TestCrossfadeLedByTimeline(t *testing.T) {
	for way, leads := range map[zone.Way]bool{zone.AnyWay: false, zone.QueueWay: true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, withOrigin, album("a", 1, 40_000), album("b", 5, 40_000), album("c", 9, 40_000))
			defer h.stop()
			h.cast(way)
			h.add(zone.AtEnd, "a", "b", "c")
			h.must(h.zone.Play(t.Context()))
			time.Sleep(5 * time.Second)
			if s := h.state(); s.Leader != "cast" {
				t.Fatalf("%q: without a crossfade %q leads", way, s.Leader)
			}
			h.must(h.zone.SetCrossfade(t.Context(), 3*time.Second))
			time.Sleep(30 * time.Second)
			if s := h.state(); (s.Leader == "cast") != leads || s.State != zone.Playing || s.Track.ID != "b" || s.Crossfade != 3*time.Second {
				t.Errorf("%q: %q leads, %s plays %s", way, s.Leader, s.State, s.Track.ID)
			}
		})
	}
}

func TestCrossfadeBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		defer h.stop()
		for _, d := range []time.Duration{-1, zone.MaxCrossfade + 1} {
			if err := h.zone.SetCrossfade(t.Context(), d); !errors.Is(err, zone.ErrCrossfade) {
				t.Errorf("%v: %v", d, err)
			}
		}
	})
}

package zone_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// house is a zone with everything around it, in a synctest bubble.
type house struct {
	t       *testing.T
	clock   audio.Clock
	tracks  *zonetest.Tracks
	flow    *zonetest.Flow
	journal *zonetest.Journal
	zone    *zone.Zone
	stop    func()
}

// ramp is a track of whole seconds whose frames are numbered from first on.
func ramp(id string, rate int, seconds float64, first int64) zonetest.Sound {
	return zonetest.Sound{
		Track: zone.Track{ID: id}, Rate: rate, Frames: int64(float64(rate) * seconds),
		At: zonetest.Ramp(first),
	}
}

func newHouse(t *testing.T, change func(*zone.Config), sounds ...zonetest.Sound) *house {
	t.Helper()
	h := &house{
		t: t, clock: audio.NewClock(), tracks: zonetest.NewTracks(sounds...),
		journal: zonetest.NewJournal(),
	}
	h.open(change)
	return h
}

// open starts the zone, again after stop.
func (h *house) open(change func(*zone.Config)) {
	h.t.Helper()
	cfg := zone.Config{
		ID: "z", Name: "Kitchen", Clock: h.clock, Tracks: h.tracks, Journal: h.journal,
		NewEncoder: zonetest.NewEncoder, Rand: rand.New(rand.NewPCG(1, 2)),
	}
	if h.flow != nil {
		cfg.Flow = h.flow
	}
	if change != nil {
		change(&cfg)
	}
	z, err := zone.New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- z.Run(ctx) }()
	h.zone = z
	h.stop = func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	}
}

// pcm is an output of PCM at a rate.
func (h *house) pcm(rate int, lead time.Duration) *zonetest.Output {
	return zonetest.NewOutput(h.clock, zone.Caps{
		Formats: []audio.Format{{Codec: audio.PCM, Rate: rate, Channels: 2, Bits: 24}},
		Lead:    lead, Buffer: 5 * time.Second, Clears: true,
	})
}

func (h *house) attach(id string, o zone.Output) {
	h.t.Helper()
	h.must(h.zone.Attach(h.t.Context(), zone.Member{ID: id, Name: id, Output: o}))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(at zone.Place, tracks ...string) []zone.EntryID {
	h.t.Helper()
	ids, err := h.zone.Add(h.t.Context(), zone.AddRequest{Tracks: tracks, At: at})
	h.must(err)
	return ids
}

func (h *house) state() zone.State {
	h.t.Helper()
	s, err := h.zone.State(h.t.Context())
	h.must(err)
	return s
}

// sound puts packets together; it fails where they are not contiguous.
func (h *house) sound(packets []zonetest.Written) []int32 {
	h.t.Helper()
	var out []int32
	for i, p := range packets {
		if i > 0 {
			if gap := p.At.Sub(packets[i-1].End()); gap > 2*time.Microsecond || gap < -2*time.Microsecond {
				h.t.Fatalf("packet %d begins %v after the one before ended", i, gap)
			}
		}
		out = append(out, zonetest.Samples(p.Packet)...)
	}
	return out
}

func TestGaplessJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 3.00125, 0), ramp("b", 8000, 2.5, 24010), ramp("c", 8000, 4, 44010))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtEnd, "a", "b", "c")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(15 * time.Second)
		pcm := h.sound(out.Packets())
		if want := 24010 + 20000 + 32000; len(pcm) != want {
			t.Fatalf("%d frames were heard, want %d", len(pcm), want)
		}
		for i, v := range pcm {
			if v != int32(i) {
				t.Fatalf("frame %d is %d", i, v)
			}
		}
		if s := h.state(); s.State != zone.Stopped {
			t.Errorf("state %v, want stopped", s.State)
		}
	})
}

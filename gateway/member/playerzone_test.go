package member

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// TestPlayerInAZone drives a whole zone into a player over loopback and prints
// how long it takes from a press until the first audio is there, and until it
// is to be heard; after a pause the player holds nothing.
func TestPlayerInAZone(t *testing.T) {
	p, raw, clock := newPlayerRig(t)
	tracks := zonetest.NewTracks()
	var ids []string
	for _, id := range []string{"a", "b", "c", "d"} {
		tracks.Put(zonetest.Sound{
			Track: zone.Track{ID: id, Title: id}, Rate: 44100, Frames: 30 * 44100, At: zonetest.Sine(44100, 440),
		})
		ids = append(ids, id)
	}
	z, err := zone.New(zone.Config{
		ID: "z", Clock: clock, Tracks: tracks, Journal: zonetest.NewJournal(), Flow: zonetest.NewFlow(ids...),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- z.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if _, err := z.Add(ctx, zone.AddRequest{Tracks: ids}); err != nil {
		t.Fatal(err)
	}
	if err := z.Attach(ctx, zone.Member{ID: "raw", Name: "Raw", Output: p, Shows: p}); err != nil {
		t.Fatal(err)
	}
	var sent, heard []time.Duration
	for _, press := range []func(context.Context) error{z.Play, z.Next, jump(z), z.Previous, jump(z), z.Next} {
		before := raw.streams()
		pressed := clock.Now()
		if err := press(ctx); err != nil {
			t.Fatal(err)
		}
		first := raw.first(t, before)
		sent = append(sent, first.got.Sub(pressed))
		heard = append(heard, first.At.Sub(pressed))
	}
	slices.Sort(sent)
	slices.Sort(heard)
	t.Logf("lead %v: press to the first chunk at the player p50 %v, max %v; to its time p50 %v, max %v",
		p.caps.Lead, sent[3], sent[5], heard[3], heard[5])
	if heard[3] > 250*time.Millisecond {
		t.Errorf("press to sound p50 %v", heard[3])
	}
	if err := z.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	raw.said(t, `"stream/end"`)
	if left := raw.received(); len(left) > 0 {
		t.Errorf("%d chunks are left after a pause", len(left))
	}
	raw.said(t, `"group/update"`, `"stopped"`)
}

func jump(z *zone.Zone) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := z.Jump(ctx)
		return err
	}
}

// arrival is a chunk, when it came, and the how manieth stream it is of.
type arrival struct {
	audio.Packet
	got    audio.Time
	stream int
}

func (r *rawPlayer) streams() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.starts)
}

// first waits for the first chunk of a stream behind the given one.
func (r *rawPlayer) first(t *testing.T, behind int) arrival {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		r.mu.Lock()
		i := slices.IndexFunc(r.arrivals, func(a arrival) bool { return a.stream > behind })
		var a arrival
		if i >= 0 {
			a = r.arrivals[i]
		}
		r.mu.Unlock()
		if i >= 0 {
			return a
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no audio came")
		}
	}
}

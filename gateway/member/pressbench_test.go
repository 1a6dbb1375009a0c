//go:build bench

package member

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

const presses = 20 // of each kind

// TestPressToSound prints how long after a press the first sample of the new
// audio is to be heard from a player that asks for 100 ms of lead, and how long
// before its time the chunk with it was there: what is less than the lead that the
// player asked for would be late.
func TestPressToSound(t *testing.T) {
	const lead = 100 * time.Millisecond
	p, raw, clock := newPlayerRig(t)
	err := raw.conn.WriteMessage(websocket.TextMessage, []byte(
		`{"type":"client/state","payload":{"state":"synchronized","player":{"volume":50,"muted":false,"required_lead_time_ms":100}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for p.cfg.Player.State().RequiredLead != lead {
		time.Sleep(time.Millisecond)
	}
	if p, err = NewPlayer(PlayerConfig{Player: p.cfg.Player, Clock: clock, Group: "z"}); err != nil {
		t.Fatal(err)
	}
	z := pressZone(t, clock)
	if err := z.Attach(t.Context(), zone.Member{ID: "raw", Name: "Raw", Output: p, Shows: p}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []struct {
		name  string
		press func(context.Context) error
	}{{"play", z.Play}, {"JUMP", jump(z)}, {"next", z.Next}, {"seek", func(ctx context.Context) error { return z.Seek(ctx, 10*time.Second) }}} {
		var heard, ahead []time.Duration
		for range presses {
			if kind.name == "play" {
				if err := z.Pause(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(300 * time.Millisecond)
			before := raw.streams()
			pressed := clock.Now()
			if err := kind.press(t.Context()); err != nil {
				t.Fatal(err)
			}
			first := raw.first(t, before)
			heard = append(heard, first.At.Sub(pressed))
			ahead = append(ahead, first.At.Sub(first.got))
		}
		slices.Sort(heard)
		slices.Sort(ahead)
		t.Logf("%s | press to sound p50 %v, p95 %v, most %v | there before its time: least %v, p50 %v",
			kind.name, heard[presses/2], heard[presses*95/100], heard[presses-1], ahead[0], ahead[presses/2])
	}
}

func pressZone(t *testing.T, clock audio.Clock) *zone.Zone {
	t.Helper()
	tracks := zonetest.NewTracks()
	var ids []string
	for i := range 3 * presses {
		id := string(rune('A' + i))
		tracks.Put(zonetest.Sound{Track: zone.Track{ID: id, Title: id}, Rate: 44100, Frames: 60 * 44100, At: zonetest.Sine(44100, 440)})
		ids = append(ids, id)
	}
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: tracks, Journal: zonetest.NewJournal(), Flow: zonetest.NewFlow(ids...)})
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
	return z
}

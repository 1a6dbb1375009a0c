package zone_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// The click is heard at once, once a second, and the music after it goes on
// where it would have been.
func TestClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *zone.Config) { c.NewEncoder = nil },
			zonetest.Sound{Track: zone.Track{ID: "a"}, Rate: 44100, Frames: 44100 * 60, At: zonetest.Ramp(1)})
		defer h.stop()
		out := zonetest.NewOutput(h.clock, zone.Caps{
			Formats: []audio.Format{{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 24}},
			Lead:    100 * time.Millisecond, BufferBytes: 4 << 20, Clears: true,
		})
		c := &caught{}
		c.watch(out)
		h.attach("player", out)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(3 * time.Second)
		h.must(h.zone.SetClick(t.Context(), true))
		if !h.state().Click {
			t.Error("the state does not tell")
		}
		on := h.clock.Now()
		time.Sleep(10 * time.Second)
		clicks, silent := 0, true
		for _, p := range c.all() {
			if p.At < on.Add(200*time.Millisecond) || p.At > h.clock.Now() {
				continue
			}
			for i := 0; i+5 < len(p.Data); i += 6 {
				loud := p.Data[i+2] != 0 && p.Data[i+2] != 0xFF
				if loud && silent {
					clicks++
				}
				silent = !loud && (silent || i%600 == 0)
			}
		}
		if clicks < 9 || clicks > 11 {
			t.Errorf("%d clicks in 10 s", clicks)
		}
		h.must(h.zone.SetClick(t.Context(), false))
		if st := h.state(); st.Click || st.Offset < 12500*time.Millisecond || st.Offset > 13500*time.Millisecond {
			t.Errorf("after it: %+v", st)
		}
	})
}

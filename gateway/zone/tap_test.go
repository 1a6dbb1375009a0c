package zone_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Who taps a zone gets the samples that its members get, at the same times, and
// hears of every cut.
func TestTap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, ramp("a", 8000, 60, 0))
		defer h.stop()
		out := h.pcm(8000, 100*time.Millisecond)
		h.attach("o", out)
		h.add(zone.AtEnd, "a")
		tap, err := h.zone.Tap(t.Context())
		h.must(err)
		h.must(h.zone.Play(t.Context()))
		time.Sleep(2 * time.Second)
		h.must(h.zone.Seek(t.Context(), 30*time.Second))
		time.Sleep(2 * time.Second)
		synctest.Wait() // the zone wakes in the same instant
		cuts, at := 0, audio.Time(0)
		seen := 0
		for len(tap) > 0 {
			m := <-tap
			if m.Cut {
				cuts++
				at = m.At
				continue
			}
			if m.At != at {
				t.Fatalf("a piece at %v, want %v", m.At, at)
			}
			at = m.At.Add(time.Duration(len(m.PCM)/2) * time.Second / time.Duration(m.Rate))
			if v, ok := heardAt(out.Packets(), m.At); ok && cuts > 1 && seen < 50 {
				seen++
				if got := int32(m.PCM[0] * (1 << 23)); got != v {
					t.Fatalf("at %v %d is heard and %d was handed out", m.At, v, got)
				}
			}
		}
		if cuts != 2 || seen == 0 {
			t.Errorf("%d cuts, %d samples compared", cuts, seen)
		}
		h.must(h.zone.Pause(t.Context()))
		synctest.Wait()
		if m, ok := <-tap; !ok || !m.Cut {
			t.Errorf("a pause hands out a piece at %v", m.At)
		}
	})
}

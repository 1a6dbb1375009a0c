//go:build bench

package zone_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// TestDecodedHour is a soak: an hour of FLAC files, decoded, resampled for one
// member, and encoded as FLAC and as PCM, in simulated time. It prints what that
// took.
func TestDecodedHour(t *testing.T) {
	const length = time.Hour
	files := files{}
	var ids []string
	for i, seconds := range []int{61, 17, 143, 29, 5, 88} {
		id := string(rune('a' + i))
		files[id] = flacFile(t, music(44100*seconds+i*997))
		ids = append(ids, id)
	}
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *zone.Config) {
			c.Tracks, c.NewEncoder, c.Flow = files, nil, zonetest.NewFlow(ids...)
		})
		defer h.stop()
		for name, format := range map[string]audio.Format{
			"flac": cd,
			"pcm":  {Codec: audio.PCM, Rate: 48000, Channels: 2, Bits: 16},
		} {
			var mu sync.Mutex
			var last audio.Packet
			out := zonetest.NewOutput(h.clock, zone.Caps{Formats: []audio.Format{format}, Lead: 200 * time.Millisecond, Buffer: 2 * time.Second, Clears: true})
			out.Watch(func(w zonetest.Written) {
				mu.Lock()
				defer mu.Unlock()
				if last.Stream != nil {
					if gap := w.At - last.End(); w.Stream != last.Stream || gap < -1 || gap > 1 {
						t.Errorf("%s: a break of %v at %v", name, time.Duration(gap)*time.Microsecond, w.At)
					}
				}
				last = w.Packet
				last.Data = nil
			}, nil)
			h.attach(name, out)
		}
		h.must(h.zone.Play(t.Context()))
		time.Sleep(length)
		if s := h.state(); s.Epoch != 1 || !s.Problem.IsZero() {
			t.Errorf("after an hour: %+v", s)
		}
	})
	took := time.Since(began)
	t.Logf("one decoded hour for two members: %v, %.0f times real time", took.Round(time.Millisecond), length.Seconds()/took.Seconds())
}

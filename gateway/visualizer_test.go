package gateway_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// shown collects what a client was shown.
type shown struct {
	mu  sync.Mutex
	all []wire.Visual
}

func (s *shown) add(v wire.Visual) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, v)
}

func (s *shown) take() []wire.Visual {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// A speaker with lights is shown the tone that it plays: its loudness, its
// frequency, the bar that it lies in, when it is heard, at no more than the rate
// that the lights asked for; and nothing while the zone is paused.
func TestSoundIsShown(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, 40*time.Second)) // 200 Hz at -12.2 dB
	var lights shown
	_, path := o.player(t, 3, client.Config{
		Name: "Lights",
		Visualizer: &wire.Visualizer{
			Types: []string{"spectrum", "loudness", "f_peak", "colour"}, RateMax: 25,
			Spectrum: &wire.Spectrum{Bins: 8, Scale: "log", Min: 50, Max: 12_800}, // an octave each
		},
		Visual: lights.add,
	})
	o.play(1)
	zone := o.zone().ID
	o.must("PATCH", path, map[string]any{"zone": zone}, nil)
	var all []wire.Visual
	o.until("four seconds of lights", 30*time.Second, func() bool {
		all = append(all, lights.take()...)
		return len(all) > 3*20*4
	})
	kinds := map[byte]int{}
	last := int64(0)
	for _, v := range all {
		kinds[v.Kind]++
		if v.At < last {
			t.Fatalf("%d is shown behind %d", v.At, last)
		}
		last = v.At
	}
	seconds := float64(last-all[0].At) / 1e6
	for _, kind := range []byte{wire.VisualLoudness, wire.VisualPeakFreq, wire.VisualSpectrum} {
		if rate := float64(kinds[kind]) / seconds; rate < 18 || rate > 25 {
			t.Errorf("message %d comes %.1f times a second, 20 are due", kind, rate)
		}
	}
	for _, v := range all[len(all)/2:] {
		switch v.Kind {
		case wire.VisualLoudness:
			// -12.2 dB, and A-weighting takes 10.8 dB more off 200 Hz.
			if db := float64(v.Values[0])/65535*60 - 60; db < -24 || db > -22 {
				t.Fatalf("the loudness is %.1f dB", db)
			}
		case wire.VisualPeakFreq:
			if v.Values[0] < 197 || v.Values[0] > 203 {
				t.Fatalf("the peak is at %d Hz", v.Values[0])
			}
		case wire.VisualSpectrum:
			if len(v.Values) != 8 || max(v.Values[1], v.Values[2]) <= max(v.Values[0], v.Values[4]) {
				t.Fatalf("the bars are %v", v.Values)
			}
		}
	}
	o.must("POST", "/zones/"+zone+"/pause", nil, nil)
	o.until("darkness", 10*time.Second, func() bool {
		time.Sleep(300 * time.Millisecond)
		return len(lights.take()) == 0
	})
}

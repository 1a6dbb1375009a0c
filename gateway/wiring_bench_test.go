package gateway

import (
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// The figures of the whole composition: a request over HTTP, the zone, the
// store's fsync, the built-in player over its WebSocket, its meter.

// percentiles reports a benchmark's own durations in milliseconds.
func percentiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	ms := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.95), "p95-ms")
	b.ReportMetric(ms(1), "max-ms")
	b.ReportMetric(0, "ns/op")
}

// wait lets time pass where that itself is wanted: a listener's pause.
func wait(d time.Duration) { <-time.After(d) }

// BenchmarkPressToSound measures from the press of play, over HTTP, to the
// first sound at the meter of the built-in player.
func BenchmarkPressToSound(b *testing.B) {
	r := runGateway(b, b.TempDir(), musicFolder(b))
	r.ready()
	path := "/zones/" + r.zone().id
	r.do("POST", path+"/play", nil, nil)
	r.heard()
	var took []time.Duration
	for b.Loop() {
		r.do("POST", path+"/pause", nil, nil)
		wait(300 * time.Millisecond) // the meter hears silence
		pressed := r.g.clock.Now()
		r.do("POST", path+"/play", nil, nil)
		took = append(took, r.heard().Sub(pressed))
	}
	percentiles(b, took)
}

// BenchmarkJumpToFirstAudio measures from the press of JUMP, over HTTP, to the
// first packet of the new audio handed to a member.
func BenchmarkJumpToFirstAudio(b *testing.B) {
	r := runGateway(b, b.TempDir(), musicFolder(b))
	r.ready()
	out := zonetest.NewOutput(r.g.clock, zone.Caps{Lead: 20 * time.Millisecond, Buffer: time.Second, Clears: true})
	// The first packet behind a clear is the new audio: sent has its time.
	sent := make(chan audio.Time, 64)
	fresh := true
	out.Watch(func(w zonetest.Written) {
		if fresh {
			sent <- w.When
		}
		fresh = false
	}, func(audio.Time) { fresh = true })
	if err := r.zone().Attach(b.Context(), zone.Member{ID: "bench", Name: "bench", Output: out}); err != nil {
		b.Fatal(err)
	}
	path := "/zones/" + r.zone().id
	r.do("POST", path+"/play", nil, nil)
	<-sent
	var took []time.Duration
	for b.Loop() {
		wait(time.Second) // the listener hears where it led
		for len(sent) > 0 {
			<-sent
		}
		pressed := r.g.clock.Now()
		r.do("POST", path+"/jump", nil, nil)
		took = append(took, (<-sent).Sub(pressed))
	}
	percentiles(b, took)
}

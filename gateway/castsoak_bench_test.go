//go:build bench

package gateway

import (
	"testing"
	"time"
)

// TestCastSoak prints the figures of docs/benchmarks.md: 50 Chromecasts in 20
// zones for ten minutes, each disturbed every 20 s on average.
func TestCastSoak(t *testing.T) {
	s := startSoak(t, 50, 20)
	s.run(time.Minute, 400*time.Millisecond, func() {}) // to be warm
	begin, computed, memory := time.Now(), processor(t), resident(t)
	s.run(10*time.Minute, 400*time.Millisecond, func() {
		took := time.Since(begin)
		t.Logf("%4.0f s: %.1f %% of a core, %.0f MB", took.Seconds(), 100*float64(processor(t)-computed)/float64(took), resident(t))
	})
	took := time.Since(begin)
	t.Logf("in all %.1f %% of a core, the HTTP client of this test included; from %.0f to %.0f MB",
		100*float64(processor(t)-computed)/float64(took), memory, resident(t))
	s.recovers(90 * time.Second)
}

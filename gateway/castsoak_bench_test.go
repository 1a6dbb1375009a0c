//go:build bench

package gateway

import (
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// TestCastSoak prints the figures of docs/benchmarks.md: 50 Chromecasts in 20
// zones for ten minutes, each disturbed every 20 s on average, while somebody skips or
// jumps every 5 s. JUMPGATE_SOAK is another time, as in "3m".
func TestCastSoak(t *testing.T) {
	length := 10 * time.Minute
	if text := os.Getenv("JUMPGATE_SOAK"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	s := startSoak(t, 50, 20)
	s.run(length/5, 400*time.Millisecond, func() {}) // to be warm, and the library measured
	begin, computed, memory := time.Now(), processor(t), resident(t)
	s.run(length, 400*time.Millisecond, func() {
		took := time.Since(begin)
		t.Logf("%4.0f s: %.1f %% of a core, %.0f MB, of them %.1f MB of live objects, %d goroutines, %d zones on the stream",
			took.Seconds(), 100*float64(processor(t)-computed)/float64(took), resident(t), live(), runtime.NumGoroutine(), s.streaming())
	})
	took := time.Since(begin)
	t.Logf("in all %.1f %% of a core, the HTTP client of this test included; from %.0f to %.0f MB",
		100*float64(processor(t)-computed)/float64(took), memory, resident(t))
	if name := os.Getenv("JUMPGATE_HEAP"); name != "" {
		file, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := pprof.Lookup("heap").WriteTo(file, 0); err != nil {
			t.Fatal(err)
		}
	}
	s.recovers(90 * time.Second)
}

// live is the size of what is still used, in MB.
func live() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

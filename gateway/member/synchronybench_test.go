//go:build bench

package member_test

import (
	"testing"
	"time"
)

// The long runs of the synchrony bench, in simulated time: see docs/benchmarks.md
// for the method.

func (r result) print(t *testing.T, name string, took time.Duration) {
	t.Helper()
	line := func(span string, from, to time.Duration) {
		s := r.skews(from, to)
		if len(s) > 0 {
			t.Logf("%s | %s | p50 %.3f ms | p95 %.3f ms | max %.3f ms", name, span,
				quantile(s, 0.5)/1000, quantile(s, 0.95)/1000, quantile(s, 1)/1000)
		}
	}
	line("seconds 15 to 60", 15*time.Second, time.Minute)
	line("minutes 1 to 6", time.Minute, 6*time.Minute)
	line("from minute 10", 10*time.Minute, time.Hour)
	off := r.filterError(time.Minute)
	underruns, resyncs := r.breaks()
	t.Logf("%s | from the filter, from minute 1: p95 %.3f ms, max %.3f ms | speed off by %.2f %% at most | underruns %d, resyncs %d | %v to simulate",
		name, quantile(off, 0.95)/1000, quantile(off, 1)/1000, r.speed()*100, underruns, resyncs, took.Round(time.Second))
}

func (r result) within(t *testing.T, early, late float64) {
	t.Helper()
	if p := quantile(r.skews(time.Minute, 6*time.Minute), 0.95); p > early {
		t.Errorf("skew p95 %.0f µs in minutes 1 to 6, want %.0f", p, early)
	}
	if s := r.skews(10*time.Minute, time.Hour); len(s) > 0 && quantile(s, 0.95) > late {
		t.Errorf("skew p95 %.0f µs from minute 10, want %.0f", quantile(s, 0.95), late)
	}
	if most := quantile(r.filterError(time.Minute), 1); most > 500 {
		t.Errorf("%.0f µs from what the filter says", most)
	}
	if n, _ := r.breaks(); r.speed() > 0.005 || n > 0 {
		t.Errorf("speed off by %.3f %%, %d underruns", r.speed()*100, n)
	}
}

func TestSynchronySimulated(t *testing.T) {
	rough := weather{base: time.Millisecond, jitter: 40 * time.Millisecond}
	broken := rough
	broken.loss, broken.again = 0.005, 200*time.Millisecond
	broken.stallEvery, broken.stall = time.Minute, 2*time.Second
	for _, test := range []struct {
		name        string
		run         synchrony
		early, late float64 // µs
	}{
		{"no drift, no jitter", synchrony{players: 8, length: 7 * time.Minute, weather: weather{base: 200 * time.Microsecond}}, 100, 100},
		{"±100 ppm, 0-40 ms", synchrony{players: 8, drift: 100, length: 30 * time.Minute, weather: rough}, 700, 150},
		{"the same, loss, stalls of 2 s", synchrony{players: 8, drift: 100, length: 30 * time.Minute, weather: broken}, 700, 150},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run.seed = 11
			began := time.Now()
			r := test.run.simulate(t)
			r.print(t, test.name, time.Since(began))
			r.within(t, test.early, test.late)
		})
	}
}

package client

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// simulate runs the filter for the given minutes against a server whose clock
// drifts by ppm, over a network that delays each way by base plus a uniform
// jitter, all µs, and returns the error of the offset once a second.
func simulate(seed uint64, minutes int, ppm, base, jitter float64, f *filter) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	truth := func(local float64) float64 { return 5e12 + local*(1+ppm/1e6) }
	var errs []float64
	for i := range minutes * 600 {
		sent := float64(i) * 100_000
		there := sent + base + rng.Float64()*jitter
		answered := there + 50
		back := answered + base + rng.Float64()*jitter
		f.exchange(int64(sent), int64(truth(there)), int64(truth(answered)), int64(back))
		if i%10 == 9 && f.synced() {
			now := int64(back)
			errs = append(errs, math.Abs(float64(f.toServer(now))-truth(float64(now))))
		}
	}
	return errs
}

func p95(errs []float64) float64 {
	s := slices.Sorted(slices.Values(errs))
	return s[len(s)*95/100]
}

func TestFilterAccuracy(t *testing.T) {
	tests := []struct {
		name              string
		ppm, base, jitter float64
		early, late       float64 // bounds on p95: seconds 60 to 360, and from minute 10
	}{
		{"quiet network", 0, 100, 50, 10, 5},
		{"quiet network, drift", 100, 100, 50, 10, 5},
		{"wifi", -50, 1000, 5_000, 30, 30},
		{"40 ms of jitter, drift", 100, 1000, 40_000, 220, 75},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var early, late []float64
			for seed := range uint64(5) {
				var f filter
				errs := simulate(seed, 15, test.ppm, test.base, test.jitter, &f)
				early = append(early, errs[60:360]...)
				late = append(late, errs[600:]...)
			}
			e, l := p95(early), p95(late)
			t.Logf("p95 %.0f µs in minutes 1 to 6, %.0f µs from minute 10", e, l)
			if e > test.early || l > test.late {
				t.Errorf("p95 %.0f and %.0f µs, want at most %.0f and %.0f", e, l, test.early, test.late)
			}
		})
	}
}

func TestFilterFirstExchangeCounts(t *testing.T) {
	var f filter
	if f.synced() {
		t.Error("synced before anything")
	}
	if !f.exchange(1000, 501_200, 501_250, 1450) || !f.synced() {
		t.Fatal("the first exchange did not count")
	}
	// 200 µs there, 200 back: the offset is 500,000.
	if got := f.toServer(1450); got != 501_450 {
		t.Errorf("server time %d", got)
	}
	if got := f.toLocal(501_450); got != 1450 {
		t.Errorf("local time %d", got)
	}
}

func TestFilterFollowsAClockThatJumps(t *testing.T) {
	var f filter
	at := int64(0)
	step := func(offset int64, n int) {
		for range n {
			at += 100_000
			f.exchange(at, at+offset+150, at+offset+200, at+350)
		}
	}
	step(1e9, 300)
	step(2e9, 20)
	if off := f.toServer(at) - at; off < 2e9-1000 || off > 2e9+1000 {
		t.Errorf("offset %d two seconds after the server's clock jumped", off)
	}
}

func TestFilterRefusesNonsense(t *testing.T) {
	var f filter
	if f.exchange(1000, 5, 4, 1100) || f.exchange(1000, 5, 6, 900) {
		t.Error("took an exchange that runs backwards")
	}
}

// Converting there and back is the identity to the microsecond.
func FuzzFilterRoundTrip(f *testing.F) {
	f.Add(int64(0), int64(1_000_000), int64(77))
	f.Add(int64(-3e14), int64(20_000), int64(40_000))
	f.Fuzz(func(t *testing.T, offset, spacing, delay int64) {
		offset %= 1 << 50
		spacing = max(spacing%10_000_000, 1000)
		delay = max(delay%spacing, 1)
		var flt filter
		at := int64(0)
		for range 30 {
			at += spacing + delay
			flt.exchange(at, at+offset+delay, at+offset+delay, at+2*delay)
		}
		if back := flt.toLocal(flt.toServer(at)); back < at-1 || back > at+1 {
			t.Errorf("%d came back as %d", at, back)
		}
	})
}

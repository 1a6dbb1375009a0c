package api

import (
	"net/netip"
	"sync"
	"time"
)

// throttle slows down guessing: a bucket of tries for each address, and one
// for all together. It remembers at most maxBuckets addresses; when there are
// more, those that are full again go, and the common bucket holds the rest.
type throttle struct {
	now   func() time.Time
	burst float64       // tries at once
	every time.Duration // one more after this

	mu      sync.Mutex
	all     bucket
	buckets map[netip.Addr]bucket
}

type bucket struct {
	tries float64 // left
	at    time.Time
}

const (
	maxBuckets  = 4096
	commonShare = 10 // the common bucket holds this many addresses' tries
)

func newThrottle(now func() time.Time, burst int, every time.Duration) *throttle {
	return &throttle{
		now: now, burst: float64(burst), every: every,
		all:     bucket{tries: commonShare * float64(burst), at: now()},
		buckets: make(map[netip.Addr]bucket),
	}
}

// take uses up a try; wait is how long until there is one, 0 if this was one.
func (t *throttle) take(addr netip.Addr) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	addr = network(addr)
	t.all = t.all.filled(now, commonShare*t.burst, t.every/commonShare)
	b, ok := t.buckets[addr]
	if !ok {
		if len(t.buckets) >= maxBuckets {
			t.forget(now)
		}
		b = bucket{tries: t.burst, at: now}
	}
	b = b.filled(now, t.burst, t.every)
	if b.tries < 1 {
		return time.Duration((1 - b.tries) * float64(t.every))
	}
	if t.all.tries < 1 {
		return time.Duration((1 - t.all.tries) * float64(t.every) / commonShare)
	}
	b.tries--
	t.all.tries--
	if len(t.buckets) < maxBuckets {
		t.buckets[addr] = b
	}
	return 0
}

// forgive gives a try back, for one that was right.
func (t *throttle) forgive(addr netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	addr = network(addr)
	if b, ok := t.buckets[addr]; ok {
		b.tries = min(b.tries+1, t.burst)
		t.buckets[addr] = b
	}
	t.all.tries = min(t.all.tries+1, commonShare*t.burst)
}

func (t *throttle) forget(now time.Time) {
	for addr, b := range t.buckets {
		if b.filled(now, t.burst, t.every).tries >= t.burst {
			delete(t.buckets, addr)
		}
	}
}

func (b bucket) filled(now time.Time, most float64, every time.Duration) bucket {
	if passed := now.Sub(b.at); passed > 0 {
		b.tries = min(most, b.tries+float64(passed)/float64(every))
	}
	b.at = now
	return b
}

// network is what counts as one guesser: an IPv4 address, or an IPv6 /64,
// which every host can fill with addresses.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

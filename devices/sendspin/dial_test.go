package sendspin

import (
	"testing"
	"time"
)

func TestWaitAfterLoss(t *testing.T) {
	const from = 500 * time.Millisecond
	for _, x := range []struct{ wait, lasted, want time.Duration }{
		{8 * time.Second, 0, 8 * time.Second},               // it was not there
		{8 * time.Second, 7 * time.Second, 8 * time.Second}, // it comes and goes
		{8 * time.Second, 9 * time.Second, from},
		{time.Second, 4 * time.Second, time.Second},
		{time.Second, 6 * time.Second, from},
		{30 * time.Second, time.Hour, from},
	} {
		if got := afterLoss(x.wait, x.lasted, from); got != x.want {
			t.Errorf("a wait of %v, then a connection of %v: %v, want %v", x.wait, x.lasted, got, x.want)
		}
	}
}

//go:build bench && peers

package gateway

import (
	"testing"
	"time"
)

// How far behind the newest sample the page's player plays what it is pushed, by the
// length of parts and by how much of them it is told to hold back.
func TestBehindPushed(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct{ part, holdBack time.Duration }{{20 * ms, 180 * ms}, {20 * ms, 200 * ms}, {40 * ms, 200 * ms}, {100 * ms, 300 * ms}} {
		t.Logf("parts of %v, %v held back, 40 s: %v", c.part, c.holdBack, pushToChromium(t, c.part, c.holdBack, 40))
	}
}

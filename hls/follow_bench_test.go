//go:build bench && peers && linux

package hls

import (
	"testing"
	"time"
)

// How far behind the newest sample hls.js plays, on a connection without loss.
func TestBehindLive(t *testing.T) {
	for _, c := range []struct {
		codec string
		part  time.Duration
	}{{"flac", 200 * time.Millisecond}, {"opus", 200 * time.Millisecond}, {"opus", 100 * time.Millisecond}} {
		seen := follow(t, following{codec: c.codec, part: c.part, seconds: 60})
		t.Logf("%s, parts of %v, 60 s, load %s: %v", c.codec, c.part, loadAverage(), seen)
	}
}

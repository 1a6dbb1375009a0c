//go:build peers

package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// The page's own player in Chromium is pushed a stream that is made in real time, by a
// certificate that it knows by its hash, and plays it. How close behind its making is
// TestBehindPushed's to measure.
func TestChromiumIsPushed(t *testing.T) {
	seen := pushToChromium(t, 100*time.Millisecond, 300*time.Millisecond, 10)
	if n := len(seen.Latencies); n == 0 || seen.PlayedMs < 7000 || !seen.Refused || seen.sent < 70 {
		t.Fatalf("%+v", seen)
	}
	t.Log(seen)
}

// pushedTo is what the page's player tells of a stream.
type pushedTo struct {
	Latencies         []float64 // ms behind the newest sample, sorted
	Stalls            int
	StartMs, PlayedMs float64
	Refused           bool // a session for what is not there
	sent              int64
}

func (p pushedTo) String() string {
	n := len(p.Latencies)
	return fmt.Sprintf("begins after %.0f ms; behind live p50 %.0f ms, p95 %.0f ms; %d stalls",
		p.StartMs, p.Latencies[n/2], p.Latencies[n*95/100], p.Stalls)
}

// pushToChromium pushes Opus in parts of a length for so many seconds, to a page that
// stays so far behind the newest one.
func pushToChromium(t *testing.T, part, holdBack time.Duration, seconds int) (seen pushedTo) {
	t.Helper()
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.Opus, Rate: 48000, Channels: 2, Bitrate: 128_000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = enc.Close() }()
	live, err := hls.NewLive(hls.LiveConfig{
		Codec: codecConfig(enc.Stream(), 0), FrameSamples: 960, Part: part, Segment: time.Second, Epoch: time.Now(),
		HoldBack: holdBack,
	})
	if err != nil {
		t.Fatal(err)
	}
	port := startPushing(t, live)
	ctx, cancel := context.WithCancel(t.Context())
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feedOpus(ctx, t, live, enc)
	}()
	defer func() {
		cancel()
		<-fed
	}()
	script, err := filepath.Abs("testdata/push.mjs")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(ctx, "node", script, port.url, base64.StdEncoding.EncodeToString(port.hash), strconv.Itoa(seconds))
	node.Dir, node.Stderr = "web", os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("Chromium (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	slices.Sort(seen.Latencies)
	seen.sent = port.sent.Load()
	return seen
}

// feedOpus writes each frame when its last sample has been heard.
func feedOpus(ctx context.Context, t *testing.T, live *hls.Live, enc audio.Encoder) {
	start, pts := time.Now(), int64(0)
	due := time.NewTimer(0)
	defer due.Stop()
	block := make([]float32, 960*2)
	for {
		due.Reset(time.Until(start.Add(time.Duration(pts+960) * time.Second / 48000)))
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
		for time.Since(start) > time.Duration(pts+960)*time.Second/48000 {
			for i := range block {
				block[i] = float32(i%109)/300 - 0.18
			}
			frames, err := enc.Encode(block)
			if err != nil {
				t.Error(err)
				return
			}
			for _, f := range frames {
				if err := live.WriteFrame(pts, uint32(f.Samples), f.Data); err != nil {
					t.Error(fmt.Errorf("frame at %d: %w", pts, err))
					return
				}
				pts += int64(f.Samples)
			}
		}
	}
}

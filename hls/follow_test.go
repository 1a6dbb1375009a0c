//go:build peers

package hls

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// hls.js follows a stream that is made in real time, without a stall.
func TestHLSJSFollowsLive(t *testing.T) {
	const seconds = 15
	for _, codec := range []string{"flac", "opus"} {
		t.Run(codec, func(t *testing.T) {
			seen := follow(t, codec, 200*time.Millisecond, seconds)
			if len(seen.Errors) > 0 || seen.Stalls > 0 || seen.PlayedMs < 1000*(seconds-1) || len(seen.Latencies) == 0 || seen.Parts == 0 {
				t.Fatalf("%+v", seen)
			}
			t.Log(seen)
		})
	}
}

// followed is what hls.js in Chromium tells of a stream.
type followed struct {
	Errors            []string
	Stalls, Parts     int
	Latencies         []float64 // ms behind the newest sample, by playingDate, sorted
	StartMs, PlayedMs float64
}

func (f followed) String() string {
	n := len(f.Latencies)
	return fmt.Sprintf("begins after %.0f ms; behind live p50 %.0f ms, p95 %.0f ms; %d parts, %d stalls",
		f.StartMs, f.Latencies[n/2], f.Latencies[n*95/100], f.Parts, f.Stalls)
}

// follow plays a stream that is made in real time, parts of a length, for so many
// seconds.
func follow(t *testing.T, codec string, part time.Duration, seconds int) (seen followed) {
	t.Helper()
	track := encode(t, codec, seconds+15, peerCodecs[codec]...)
	track.codec.PreSkip, track.codec.Padding = 0, 0
	live, err := NewLive(LiveConfig{
		Codec: track.codec, FrameSamples: int(track.frames[0].dur), Part: part, Segment: time.Second, Epoch: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feedInTime(ctx, t, live, track)
	}()
	defer func() {
		cancel()
		<-fed
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html>") })
	mux.Handle("/", live)
	server := httptest.NewServer(mux)
	defer server.Close()
	script, err := filepath.Abs("testdata/follow.mjs")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(ctx, "node", script, server.URL+"/live.m3u8", strconv.Itoa(seconds))
	node.Dir, node.Stderr = "../gateway/web", os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("hls.js in Chromium (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	slices.Sort(seen.Latencies)
	return seen
}

// feedInTime writes each frame when it has been heard, as an encoder would.
func feedInTime(ctx context.Context, t *testing.T, live *Live, track peerTrack) {
	start, pts := time.Now(), int64(0)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i, f := range track.frames {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		data := make([]byte, f.size)
		if _, err := track.ReadAt(data, f.off); err != nil {
			t.Error(err)
			return
		}
		if err := live.WriteFrame(pts, f.dur, data); err != nil {
			t.Errorf("frame %d: %v", i, err)
			return
		}
		pts += int64(f.dur)
		timer.Reset(time.Until(start.Add(live.codec.duration(pts))))
	}
}

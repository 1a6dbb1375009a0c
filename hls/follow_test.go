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
	"strings"
	"testing"
	"time"
)

// patient is what zones have players hold back: also a busy machine keeps up. How
// near to the newest part they can play is TestBehindLive's to measure.
const patient = 1500 * time.Millisecond

// hls.js follows a stream that is made in real time.
func TestHLSJSFollowsLive(t *testing.T) {
	const seconds = 10
	for _, codec := range []string{"flac", "opus"} {
		t.Run(codec, func(t *testing.T) {
			seen := follow(t, following{codec: codec, part: 200 * time.Millisecond, holdBack: patient, seconds: seconds})
			seen.follows(t, seconds)
		})
	}
}

// followed is what hls.js in Chromium tells of a stream.
type followed struct {
	Errors            []string
	Stalls, Parts     int
	Skips             int       // over what the start took
	Latencies         []float64 // ms behind the newest sample, by playingDate, sorted
	StartMs, PlayedMs float64
	Protocols         []string // by which things came, as ALPN names them
}

func (f followed) String() string {
	n := len(f.Latencies)
	return fmt.Sprintf("begins after %.0f ms; behind live p50 %.0f ms, p95 %.0f ms; %d parts, %d stalls, %d skips",
		f.StartMs, f.Latencies[n/2], f.Latencies[n*95/100], f.Parts, f.Stalls, f.Skips)
}

// follows demands that it plays, part by part. A machine that is busy for longer than
// players hold back may stall it: TestBehindLive and TestLossyFollowing count that.
func (f followed) follows(t *testing.T, seconds int) {
	t.Helper()
	fatal := slices.ContainsFunc(f.Errors, func(e string) bool { return strings.HasPrefix(e, "fatal") })
	if fatal || f.PlayedMs < 500*float64(seconds) || len(f.Latencies) == 0 || f.Parts < seconds {
		t.Fatalf("%+v", f)
	}
	t.Log(f)
}

// following is what hls.js is given to follow.
type following struct {
	codec string
	part  time.Duration
	// holdBack is three parts if zero.
	holdBack time.Duration
	seconds  int
	// serve serves the stream, and returns its URL and what Chromium has to be
	// told; nil serves it by HTTP/1.1.
	serve func(*testing.T, http.Handler) (url string, switches []string)
}

func serveHTTP1(t *testing.T, h http.Handler) (string, []string) {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, nil
}

// inTime makes a stream in real time until the test ends.
func inTime(t *testing.T, f following) *Live {
	t.Helper()
	args := peerCodecs[f.codec]
	if f.codec == "flac" {
		args = append(slices.Clone(args), "-frame_size", "1764") // as a zone's
	}
	track := encode(t, f.codec, f.seconds+15, args...)
	track.codec.PreSkip, track.codec.Padding = 0, 0
	live, err := NewLive(LiveConfig{
		Codec: track.codec, FrameSamples: int(track.frames[0].dur), Part: f.part, HoldBack: f.holdBack, Segment: time.Second,
		Epoch: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feedInTime(ctx, t, live, track, 0)
	}()
	t.Cleanup(func() {
		cancel()
		<-fed
	})
	return live
}

// follow plays a stream that is made in real time in Chromium.
func follow(t *testing.T, f following) (seen followed) {
	t.Helper()
	if f.serve == nil {
		f.serve = serveHTTP1
	}
	live := inTime(t, f)
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html>") })
	mux.Handle("/", live)
	url, switches := f.serve(t, mux)
	script, err := filepath.Abs("testdata/follow.mjs")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", append([]string{script, url + "/live.m3u8", strconv.Itoa(f.seconds)}, switches...)...)
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

// feedInTime writes each frame when it has been heard, as an encoder would; the first
// one begins at pts.
func feedInTime(ctx context.Context, t *testing.T, live *Live, track peerTrack, pts int64) {
	start := time.Now()
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

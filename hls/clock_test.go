package hls

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A source whose clock jumps, by a second, an hour, years, forth and back, makes
// discontinuities and nothing else: every playlist keeps the rules, decode times and
// numbers go on, and dates are those of what is heard. A time that no clock shows is
// refused, and the stream goes on.
func TestClockThatJumps(t *testing.T) {
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, Window: 20, Epoch: testEpoch})
	if err != nil {
		t.Fatal(err)
	}
	second := int64(44100)
	var before *listing
	pts := feed(t, live, 0, 40)
	for i, jump := range []int64{second, -second, 3600 * second, -3600 * second, 50 * 365 * 86400 * second, -60 * 365 * 86400 * second, 10 * 365 * 86400 * second, 1} {
		pts = feed(t, live, pts+jump, 30)
		before = obeys(t, live, before)
		open := before.open
		if len(open.parts) == 0 {
			open = before.segments[len(before.segments)-1]
		}
		if open.date.IsZero() || open.date.After(live.wall(pts)) || live.wall(pts).Sub(open.date) > 2*time.Second {
			t.Errorf("jump %d: what is newest is dated %v, heard at %v", i, open.date, live.wall(pts))
		}
	}
	times := decodeTimes(t, live)
	for i := 1; i < len(times); i++ {
		if times[i] <= times[i-1] {
			t.Fatalf("decode times go back: %v", times)
		}
	}
	for _, absurd := range []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 / 2, 200 * 365 * 86400 * second, -200 * 365 * 86400 * second} {
		if err := live.WriteFrame(absurd, 4096, []byte("frame")); !errors.Is(err, ErrFrame) {
			t.Errorf("a frame at %d: %v", absurd, err)
		}
	}
	feed(t, live, pts, 30)
	obeys(t, live, before)
}

// A source that ends within a frame gives a short one, or none: what was gathered is
// published, whoever waits is told, and players find the end.
func TestSourceThatEndsInMidFrame(t *testing.T) {
	for name, last := range map[string]uint32{"short": 1234, "one sample": 1, "none": 0} {
		t.Run(name, func(t *testing.T) {
			live := newLive(t)
			pts := feed(t, live, 0, 45) // a segment and parts, and half a part
			before := obeys(t, live, nil)
			if last > 0 {
				if err := live.WriteFrame(pts, last, []byte("rest")); err != nil {
					t.Fatal(err)
				}
			}
			if err := live.Close(); err != nil {
				t.Fatal(err)
			}
			body := get(t, live, "/live.m3u8?_HLS_msn=7&_HLS_part=3")
			if body.Code != http.StatusOK && body.Code != http.StatusBadRequest {
				t.Errorf("asked for what will never come: %d", body.Code)
			}
			ended := readListing(get(t, live, "/live.m3u8").Body.String())
			ended.follows(before)
			if ended.broken != nil {
				t.Fatal(strings.Join(ended.broken, "\n"))
			}
			samples := int64(0)
			for _, s := range ended.segments {
				w := get(t, live, "/"+s.uri)
				fragments, err := ReadFragments(w.Body.Bytes())
				if err != nil {
					t.Fatalf("%s: %v", s.uri, err)
				}
				for _, f := range fragments {
					for _, sample := range f.Frames {
						samples += int64(sample.Duration)
					}
				}
			}
			if want := pts + int64(last); samples != want {
				t.Errorf("%d samples can be had, %d were written", samples, want)
			}
		})
	}
}

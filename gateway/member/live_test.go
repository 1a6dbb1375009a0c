package member_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// counted counts the encoders that run.
type counted struct {
	audio.Encoder
	running *atomic.Int64
	once    sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.running.Add(-1) })
	return c.Encoder.Close()
}

// twoOf are a lossless and a lossy rendition, where this build has both.
func twoOf(all []member.Rendition) []member.Rendition { return all[:min(2, len(all))] }

// liveZone plays tracks in simulated time to nobody yet.
func liveZone(ctx context.Context, t *testing.T, wg *sync.WaitGroup, clock audio.Clock, encoders *atomic.Int64, sounds ...zonetest.Sound) *zone.Zone {
	t.Helper()
	z, err := zone.New(zone.Config{
		ID: "z", Clock: clock, Tracks: zonetest.NewTracks(sounds...), Journal: zonetest.NewJournal(),
		NewEncoder: func(f audio.Format) (audio.Encoder, error) {
			enc, err := audio.NewEncoder(f)
			if err != nil {
				return nil, err
			}
			encoders.Add(1)
			return &counted{Encoder: enc, running: encoders}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { _ = z.Run(ctx) })
	var ids []string
	for _, s := range sounds {
		ids = append(ids, s.Track.ID)
	}
	if _, err := z.Add(ctx, zone.AddRequest{Tracks: ids}); err != nil {
		t.Fatal(err)
	}
	if err := z.Play(ctx); err != nil {
		t.Fatal(err)
	}
	return z
}

// part waits for the part behind a place.
func part(ctx context.Context, t *testing.T, live *member.Live, at hls.Cursor) (hls.Pushed, hls.Cursor) {
	t.Helper()
	stream, err := live.Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p, next, err := stream.Next(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	return p, next
}

// A zone that plays to nobody's stream encodes nothing for it. The first part is
// there within the length of a part of the first request, and its encoder ends with the
// last listener.
func TestLiveStreamThatNobodyWatches(t *testing.T) {
	for _, r := range twoOf(member.Renditions(audio.Encoders{})) {
		t.Run(r.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				defer wg.Wait()
				defer cancel()
				clock, encoders := audio.NewClock(), &atomic.Int64{}
				z := liveZone(ctx, t, &wg, clock, encoders,
					zonetest.Sound{Track: zone.Track{ID: "long"}, Rate: 44100, Frames: 44100 * 600, At: zonetest.Sine(44100, 440)})
				shared := member.NewLiveStream(clock, nil)
				time.Sleep(5 * time.Second)
				if n := encoders.Load(); n != 0 {
					t.Fatalf("%d encoders run for nobody", n)
				}
				live := shared.Rendition(r)
				asked := time.Now()
				if err := z.Attach(ctx, zone.Member{ID: "live", Output: live, Shows: live}); err != nil {
					t.Fatal(err)
				}
				p, at := part(ctx, t, live, hls.Cursor{})
				if took := time.Since(asked); took > 200*time.Millisecond {
					t.Errorf("the first part came after %v", took)
				}
				// It is heard in step with the zone, a lead ahead of now.
				if ahead := p.Wall.Sub(asked); ahead < 0 || ahead > 2*time.Second {
					t.Errorf("the first part is heard %v after it was asked for", ahead)
				}
				for range 10 {
					p, at = part(ctx, t, live, at)
				}
				if n := encoders.Load(); n != 1 {
					t.Errorf("%d encoders run for one rendition", n)
				}
				if err := z.Detach(ctx, "live"); err != nil {
					t.Fatal(err)
				}
				_ = live.Close()
				synctest.Wait()
				if n := encoders.Load(); n != 0 {
					t.Errorf("%d encoders run when nobody listens any more", n)
				}
			})
		})
	}
}

// A source that ends within a frame, as a connection that is cut does, costs the
// stream nothing: the frame is filled up, and what plays next follows it.
func TestLiveStreamOfASourceThatIsCutShort(t *testing.T) {
	for _, r := range twoOf(member.Renditions(audio.Encoders{})) {
		t.Run(r.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				defer wg.Wait()
				defer cancel()
				clock, encoders := audio.NewClock(), &atomic.Int64{}
				z := liveZone(ctx, t, &wg, clock, encoders,
					zonetest.Sound{
						Track: zone.Track{ID: "cut"}, Rate: 44100, Frames: 44100 * 60, At: zonetest.Sine(44100, 440),
						Breaks: 44100*2 + 1234, Broken: io.ErrUnexpectedEOF,
					},
					zonetest.Sound{Track: zone.Track{ID: "next"}, Rate: 44100, Frames: 44100 * 60, At: zonetest.Sine(44100, 660)})
				live := member.NewLiveStream(clock, nil).Rendition(r)
				if err := z.Attach(ctx, zone.Member{ID: "live", Output: live, Shows: live}); err != nil {
					t.Fatal(err)
				}
				var at hls.Cursor
				var p hls.Pushed
				next := int64(0)
				begun := time.Now()
				for time.Since(begun) < 6*time.Second {
					p, at = part(ctx, t, live, at)
					if p.Time < next {
						t.Fatalf("a part begins at %d, the one before ended at %d", p.Time, next)
					}
					next = p.Time + p.Samples
					if _, err := hls.ReadFragments(p.Data); err != nil {
						t.Fatal(err)
					}
				}
				// It is not behind: what was lost was not waited for.
				if late := time.Until(p.Wall); late < 0 {
					t.Errorf("the newest part is heard %v ago", -late)
				}
				state, err := z.State(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if state.Entry == nil || state.Track.ID != "next" {
					t.Errorf("what plays is %+v", state.Entry)
				}
			})
		})
	}
}

// Every segment begins where the one before it ends, to the microsecond, for all
// that dates are in milliseconds: hls.js waits for seconds where they disagree.
func TestLivePlaylistIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		time.Sleep(1234567 * time.Microsecond) // no round time to begin at
		clock := audio.NewClock()
		z := liveZone(ctx, t, &wg, clock, &atomic.Int64{},
			zonetest.Sound{Track: zone.Track{ID: "long"}, Rate: 44100, Frames: 44100 * 600, At: zonetest.Sine(44100, 440)})
		live := member.NewLive(clock)
		if err := z.Attach(ctx, zone.Member{ID: "live", Output: live, Shows: live}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Second)
		answer := httptest.NewRecorder()
		live.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/live.m3u8", nil))
		segments := regexp.MustCompile(`DATE-TIME:(\S+)\n((?:#EXT-X-PART:.*\n)*)#EXTINF:([\d.]+),`).FindAllStringSubmatch(answer.Body.String(), -1)
		if len(segments) < 5 {
			t.Fatalf("%d segments:\n%s", len(segments), answer.Body)
		}
		seconds := func(s string) time.Duration {
			d, err := time.ParseDuration(s + "s")
			if err != nil {
				t.Error(err)
			}
			return d
		}
		var ends time.Time
		for _, s := range segments {
			begins, err := time.Parse(time.RFC3339Nano, s[1])
			if err != nil {
				t.Fatal(err)
			}
			if !ends.IsZero() && !begins.Equal(ends) {
				t.Errorf("a segment begins at %v, the one before ends at %v", begins, ends)
			}
			ends = begins.Add(seconds(s[3]))
			parts := time.Duration(0)
			for _, p := range regexp.MustCompile(`DURATION=([\d.]+)`).FindAllStringSubmatch(s[2], -1) {
				parts += seconds(p[1])
			}
			if s[2] != "" && parts != seconds(s[3]) {
				t.Errorf("a segment of %s s has parts of %v", s[3], parts)
			}
		}
		if err := z.Detach(ctx, "live"); err != nil {
			t.Error(err)
		}
		_ = live.Close()
	})
}

package member

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// A request waits for the first packet of a zone that plays as long as a busy
// machine may take, and is soon refused by one that rests.
func TestLiveRequestsWait(t *testing.T) {
	packets := tone(t, 20)
	for _, c := range []struct {
		name   string
		state  zone.Transport
		packet time.Duration // after the request; 0: never
		code   int
		within time.Duration
	}{
		{"a zone that rests", zone.Paused, 0, http.StatusServiceUnavailable, 2 * time.Second},
		{"a zone whose encoder is slow", zone.Playing, 8 * time.Second, http.StatusOK, 9 * time.Second},
		{"a zone whose encoder never starts", zone.Playing, 0, http.StatusServiceUnavailable, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := audio.NewClock()
				live := NewLiveStream(clock, nil).Rendition(Rendition{Format: castStreamFormat})
				live.Show(zone.NowPlaying{State: c.state, Track: zone.Track{ID: "t"}})
				if c.packet > 0 {
					time.AfterFunc(c.packet, func() {
						at := clock.Now()
						for _, p := range packets {
							p.At = at
							at += audio.Time(p.Samples * 1e6 / castStreamFormat.Rate)
							if err := live.Write(p); err != nil {
								t.Error(err)
							}
						}
					})
				}
				asked, answer := time.Now(), httptest.NewRecorder()
				live.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/live.m3u8", nil))
				if took := time.Since(asked); answer.Code != c.code || took > c.within {
					t.Errorf("%d after %v, wanted %d within %v", answer.Code, took, c.code, c.within)
				}
				synctest.Wait() // the writer may not be through
				_ = live.Close()
			})
		})
	}
}

package hls

import (
	"net/http"
	"testing"
	"time"
)

// sink is a ResponseWriter that keeps nothing, so that what is counted is the
// handler's.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

// What a client costs a part: nothing is allocated for it.
func BenchmarkClientPerPart(b *testing.B) {
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, Window: 10, Epoch: testEpoch})
	if err != nil {
		b.Fatal(err)
	}
	for pts := int64(0); pts < 400*4096; pts += 4096 {
		_ = live.WriteFrame(pts, 4096, make([]byte, 8000))
	}
	for name, path := range map[string]string{
		"playlist": "/live.m3u8?_HLS_msn=30&_HLS_part=1",
		"delta":    "/live.m3u8?_HLS_msn=30&_HLS_part=1&_HLS_skip=YES",
		"part":     "/30.1." + token + ".m4s",
	} {
		b.Run(name, func(b *testing.B) {
			r, _ := http.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			w := &sink{header: http.Header{}}
			live.ServeHTTP(w, r)
			b.ReportAllocs()
			for b.Loop() {
				live.ServeHTTP(w, r)
			}
		})
	}
}

// A segment in the middle of ten hours answers as the first one does.
func BenchmarkVODSegment(b *testing.B) {
	vod, err := NewVOD(memoryTrack{codec: flacConfig(), frames: 10 * 3600 * 44100 / 4096, dur: 4096}, "")
	if err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"first": "/0.m4s", "last": "/6055.m4s"} {
		b.Run(name, func(b *testing.B) {
			r, _ := http.NewRequest(http.MethodGet, path, nil)
			w := &sink{header: http.Header{}}
			for b.Loop() {
				vod.ServeHTTP(w, r)
			}
		})
	}
	if n := len(vod.starts) - 1; n < 6000 {
		b.Fatalf("%d segments", n)
	}
}

func BenchmarkPublish(b *testing.B) {
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Segment: time.Second, Window: 10, Epoch: testEpoch})
	if err != nil {
		b.Fatal(err)
	}
	data, pts := make([]byte, 8000), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		_ = live.WriteFrame(pts, 4096, data)
		pts += 4096
	}
}

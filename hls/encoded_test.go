package hls

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

type mapCache struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (c *mapCache) Get(name string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, ok := c.m[name]
	return data, ok
}

func (c *mapCache) Put(name string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[name] = data
}

func TestEncodedOnDemand(t *testing.T) {
	var calls atomic.Int32
	fail := false
	begun, release := make(chan bool, 1), make(chan bool)
	cfg := EncodedConfig{
		Codec: readable()[1], FrameSamples: 960, Samples: 48000*20 + 7, Peak: 192_000, Average: 128_000, Version: "1",
		Encode: func(_ context.Context, first, n int) (out [][]byte, err error) {
			if calls.Add(1) == 1 {
				begun <- true
				<-release
			}
			if fail {
				return nil, errors.New("no")
			}
			for i := range n {
				out = append(out, fmt.Appendf(nil, "%d", first+i))
			}
			return out, nil
		},
		Cache: &mapCache{m: map[string][]byte{}},
	}
	vod, err := NewEncoded(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if body := get(t, vod, "/index.m3u8").Body.String(); strings.Count(body, "#EXTINF") != 4 || calls.Load() != 0 {
		t.Errorf("the playlist is not whole before anything is encoded:\n%s", body)
	}
	// Many ask for one segment, one of whom leaves: it is encoded once.
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, _ = vod.encodedSegment(ctx, 3) }()
	<-begun
	answers := make(chan int, 5)
	for range 5 {
		go func() { answers <- get(t, vod, "/3.m4s").Code }()
	}
	cancel()
	close(release)
	for range 5 {
		if code := <-answers; code != http.StatusOK {
			t.Errorf("got %d", code)
		}
	}
	total := int64(0)
	for i := range 4 {
		data := get(t, vod, fmt.Sprintf("/%d.m4s", i)).Body.Bytes()
		fragments, err := ReadFragments(data)
		if err != nil || fragments[0].Time != total {
			t.Fatalf("%+v %v", fragments, err)
		}
		for _, f := range fragments[0].Frames {
			total += int64(f.Duration)
		}
	}
	if want := 312 + cfg.Samples; total != want || calls.Load() != 4 {
		t.Errorf("%d samples, want %d; %d encodings", total, want, calls.Load())
	}
	cfg.Cache, fail = nil, true
	vod, _ = NewEncoded(cfg)
	if w := get(t, vod, "/0.m4s"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("what cannot be encoded: %d", w.Code)
	}
}

func TestIndexReadsBack(t *testing.T) {
	track := memoryTrack{codec: readable()[2], frames: 1000, dur: 1024}
	data := AppendIndex(nil, track)
	got, err := OpenIndex(data, track)
	if err != nil || !reflect.DeepEqual(got.Config(), track.codec) || got.NumFrames() != 1000 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, path := range []string{"/index.m3u8", "/0.m4s", "/3.m4s"} {
		want, now := get(t, newVOD(t, track), path).Body, get(t, newVOD(t, got), path).Body
		if !bytes.Equal(want.Bytes(), now.Bytes()) {
			t.Errorf("%s differs", path)
		}
	}
	if len(data) > 1000*4 {
		t.Errorf("%d bytes for 1000 frames", len(data))
	}
	for i := range data {
		if _, err := OpenIndex(data[:i], track); !errors.Is(err, ErrIndex) {
			t.Fatalf("%d bytes of %d: %v", i, len(data), err)
		}
	}
}

func FuzzOpenIndex(f *testing.F) {
	track := memoryTrack{codec: readable()[0], frames: 20, dur: 4096}
	f.Add(AppendIndex(nil, track))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := OpenIndex(data, track)
		if err != nil {
			return
		}
		again, err := OpenIndex(AppendIndex(nil, got), track)
		if err != nil || again.NumFrames() != got.NumFrames() || !reflect.DeepEqual(again.Config(), got.Config()) {
			t.Errorf("%+v became %+v (%v)", got, again, err)
		}
	})
}

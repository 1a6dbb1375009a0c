package hls

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafov/m3u8"
)

func newVOD(t *testing.T, track Track) *VOD {
	t.Helper()
	vod, err := NewVOD(track, "1")
	if err != nil {
		t.Fatal(err)
	}
	return vod
}

// Every frame is in one segment, in order, and the times follow each other;
// what the codec adds around the sound is taken out by the edit list and the
// last frame's duration.
func TestVODHoldsEveryFrameOnce(t *testing.T) {
	for name, c := range map[string]struct {
		codec  CodecConfig
		frames int
		dur    uint32
		last   int // frames that are needed
	}{
		"flac":           {flacConfig(), 200, 4096, 200},
		"aac":            {CodecConfig{Codec: "aac", Rate: 44100, Channels: 2, Header: []byte{0x12, 0x10}, PreSkip: 1024, Padding: 700}, 1000, 1024, 1000},
		"padding frames": {CodecConfig{Codec: "mp3", Rate: 44100, Channels: 2, PreSkip: 1105, Padding: 3000}, 1000, 1152, 998},
	} {
		t.Run(name, func(t *testing.T) {
			vod := newVOD(t, memoryTrack{codec: c.codec, frames: c.frames, dur: c.dur})
			codec, err := ReadInit(get(t, vod, "/init.mp4").Body.Bytes())
			if err != nil || codec.PreSkip != c.codec.PreSkip {
				t.Fatalf("edit list %d, want %d (%v)", codec.PreSkip, c.codec.PreSkip, err)
			}
			total, frames := int64(0), 0
			body := get(t, vod, "/mp4.m3u8").Body.String()
			for i := range strings.Count(body, "#EXTINF") {
				data := get(t, vod, fmt.Sprintf("/%d.m4s", i)).Body.Bytes()
				fragments, err := ReadFragments(data)
				if err != nil || len(fragments) != 1 || fragments[0].Time != total || fragments[0].Sequence != uint32(i+1) {
					t.Fatalf("segment %d: %+v %v", i, fragments, err)
				}
				for _, f := range fragments[0].Frames {
					if want := byte(frames); data[f.Offset] != want || f.Size != 8 {
						t.Fatalf("frame %d holds %d", frames, data[f.Offset])
					}
					total += int64(f.Duration)
					frames++
				}
			}
			if want := int64(c.frames)*int64(c.dur) - c.codec.Padding; total != want || frames != c.last {
				t.Errorf("%d samples in %d frames, want %d in %d", total, frames, want, c.last)
			}
		})
	}
}

// The playlist library is a second reader: what it knows of playlists it must
// find in ours.
func TestVODPlaylist(t *testing.T) {
	vod := newVOD(t, memoryTrack{codec: flacConfig(), frames: 400_000, dur: 4096})
	list, kind, err := m3u8.DecodeFrom(get(t, vod, "/index.m3u8").Body, true)
	if err != nil || kind != m3u8.MEDIA {
		t.Fatal(kind, err)
	}
	p := list.(*m3u8.MediaPlaylist)
	sum := 0.0
	for _, s := range p.Segments[:p.Count()] {
		sum += s.Duration
		if s.Duration > p.TargetDuration {
			t.Fatalf("%s lasts %v", s.URI, s.Duration)
		}
	}
	if !p.Closed || p.MediaType != m3u8.VOD || p.Map == nil {
		t.Errorf("%+v", p)
	}
	// Ten hours, and the rounding of 6,000 durations has not added up.
	if want := vod.Duration().Seconds(); sum < want-2e-6 || sum > want+2e-6 {
		t.Errorf("durations sum up to %f, the track lasts %f", sum, want)
	}
	list, kind, err = m3u8.DecodeFrom(get(t, vod, "/master.m3u8").Body, true)
	if err != nil || kind != m3u8.MASTER {
		t.Fatal(kind, err)
	}
	v := list.(*m3u8.MasterPlaylist).Variants[0]
	if v.Codecs != "fLaC" || v.Bandwidth < v.AverageBandwidth || v.AverageBandwidth == 0 || v.URI != "index.m3u8" {
		t.Errorf("%+v", v)
	}
}

func TestVODSegmentsByHTTP(t *testing.T) {
	vod := newVOD(t, memoryTrack{codec: flacConfig(), frames: 200, dur: 4096})
	server := httptest.NewServer(vod)
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	whole := get(t, vod, "/1.m4s")
	request, _ := http.NewRequest(http.MethodGet, server.URL+"/1.m4s", nil)
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", 100, whole.Body.Len()-3))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusPartialContent || !bytes.Equal(got, whole.Body.Bytes()[100:whole.Body.Len()-2]) {
		t.Errorf("a range over the head and frames: %d, %d bytes, %v", response.StatusCode, len(got), err)
	}
	for _, path := range []string{"/99.m4s", "/-1.m4s", "/01.m4s", "/1.mp3", "/1.m4s/", "/a.m4s", "/1", "/packed.m3u8"} {
		if w := get(t, vod, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	other := newVOD(t, memoryTrack{codec: flacConfig(), frames: 200, dur: 4096})
	changed, _ := NewVOD(memoryTrack{codec: flacConfig(), frames: 200, dur: 4096}, "2")
	tag := whole.Header().Get("ETag")
	if same := get(t, other, "/1.m4s").Header().Get("ETag"); same != tag {
		t.Errorf("the same file has %s and %s", tag, same)
	}
	if now := get(t, changed, "/1.m4s").Header().Get("ETag"); now == tag {
		t.Error("a changed file has the same ETag")
	}
}

// A file that became shorter is an error before the first byte, not a segment
// that ends early.
func TestVODOfAFileThatShrank(t *testing.T) {
	track := &shrinking{memoryTrack: memoryTrack{codec: flacConfig(), frames: 200, dur: 4096}}
	vod := newVOD(t, track)
	track.frames = 100
	if w := get(t, vod, "/2.m4s"); w.Code != http.StatusInternalServerError || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

type shrinking struct{ memoryTrack }

func (s *shrinking) Frame(i int) (int64, int, uint32) { return int64(i * 8), 8, s.dur }

func TestPackedAudio(t *testing.T) {
	vod := newVOD(t, memoryTrack{codec: CodecConfig{Codec: "mp3", Rate: 44100, Channels: 2}, frames: 1000, dur: 1152})
	data := get(t, vod, "/1.mp3").Body.Bytes()
	at := bytes.Index(data, []byte("Timestamp\x00"))
	if at < 0 {
		t.Fatal("no time stamp")
	}
	got := binary.BigEndian.Uint64(data[at+10:])
	if want := uint64(vod.starts[1].time) * 90000 / 44100; got != want {
		t.Errorf("time %d, want %d", got, want)
	}
	// AAC gets a header of 7 bytes each frame: LC, 44.1 kHz, two channels, 15
	// bytes.
	vod = newVOD(t, memoryTrack{codec: CodecConfig{Codec: "aac", Rate: 44100, Channels: 2, Header: []byte{0x12, 0x10}}, frames: 1000, dur: 1024})
	w := get(t, vod, "/0.aac")
	want := []byte{0xff, 0xf1, 0x50, 0x80, 0x01, 0xff, 0xfc}
	if at := bytes.Index(w.Body.Bytes(), want); at < 0 || w.Header().Get("Content-Type") != "audio/aac" || w.Body.Bytes()[at+15] != 0xff {
		t.Errorf("no ADTS frame: % x", w.Body.Bytes()[:100])
	}
	if body := get(t, vod, "/packed.m3u8").Body.String(); !strings.Contains(body, "\n0.aac\n") || strings.Contains(body, "EXT-X-MAP") {
		t.Errorf("%s", body)
	}
}

// Packed audio is made of fragments, live and where they are encoded on request, with
// every frame in its place.
func TestPackedOfFragments(t *testing.T) {
	aac := CodecConfig{Codec: "aac", Rate: 44100, Channels: 2, Header: []byte{0x12, 0x10}}
	live, err := NewLive(LiveConfig{Codec: aac, FrameSamples: 1024, Segment: time.Second, Epoch: testEpoch})
	if err != nil {
		t.Fatal(err)
	}
	bodyOf := func(i int) []byte { return fmt.Appendf(nil, "frame %d", i) }
	for i := range 100 {
		if err := live.WriteFrame(int64(i*1024), 1024, bodyOf(i)); err != nil {
			t.Fatal(err)
		}
	}
	encoded, err := NewEncoded(EncodedConfig{
		Codec: aac, FrameSamples: 1024, Samples: 44100 * 8, Version: "1",
		Encode: func(_ context.Context, first, n int) (out [][]byte, err error) {
			for i := range n {
				out = append(out, bodyOf(first+i))
			}
			return out, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stream http.Handler
		uri    string
		first  int
		frames int
	}{
		"live":    {live, "/1." + token + ".aac", 44, 43},
		"encoded": {encoded, "/1.aac", encoded.starts[1].frame, encoded.starts[2].frame - encoded.starts[1].frame},
	} {
		got := get(t, c.stream, c.uri)
		want := timestampTag(aac, int64(c.first)*1024)
		for i := range c.frames {
			body := bodyOf(c.first + i)
			size := len(body) + 7
			want = append(append(want, 0xff, 0xf1, 0x50, 0x80|byte(size>>11), byte(size>>3), byte(size<<5)|0x1f, 0xfc), body...)
		}
		if !bytes.Equal(got.Body.Bytes(), want) || got.Header().Get("Content-Type") != "audio/aac" {
			t.Errorf("%s: %s, %d bytes, want %d\n%.200q\n%.200q", name, got.Header().Get("Content-Type"), got.Body.Len(), len(want), got.Body.Bytes(), want)
		}
		if get(t, c.stream, "/packed.m3u8").Code != http.StatusOK || get(t, c.stream, "/99.aac").Code != http.StatusNotFound ||
			get(t, c.stream, strings.Replace(c.uri, "/1", "/98", 1)).Code != http.StatusNotFound {
			t.Errorf("%s: what is there is not, or what is not", name)
		}
	}
	// A frame that no ADTS header can tell of is not cut.
	huge := fragment(1, 0, []frame{{data: make([]byte, maxPackedFrame), duration: 1024}})
	if _, err := live.packed.pack(aac, 0, huge); !errors.Is(err, ErrFrame) {
		t.Errorf("a frame of 8 KiB: %v", err)
	}
}

func TestCodecsThatCannotBePackaged(t *testing.T) {
	for _, c := range []CodecConfig{
		{Codec: "flac", Rate: 44100, Channels: 2},
		{Codec: "vorbis", Rate: 44100, Channels: 2},
		{Codec: "aac", Rate: 0, Channels: 2, Header: []byte{0x12, 0x10}},
		{Codec: "mp3", Rate: 44100, Channels: 2, PreSkip: -1},
		{Codec: "mp3", Rate: 44100, Channels: 2, Padding: 1152},
		{Codec: "opus", Rate: 48000, Channels: 2, Header: []byte("OpusHead")},
	} {
		if _, err := NewVOD(memoryTrack{codec: c, frames: 1, dur: 1}, ""); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

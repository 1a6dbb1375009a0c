package hls

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// flacConfig is a stream of 4096-sample FLAC frames at 44.1 kHz.
func flacConfig() CodecConfig {
	header := make([]byte, flacHeaderSize)
	copy(header, "fLaC\x80\x00\x00\x22")
	binary.BigEndian.PutUint16(header[8:], 4096)
	binary.BigEndian.PutUint16(header[10:], 4096)
	return CodecConfig{Codec: "flac", Rate: 44100, Channels: 2, Bits: 16, Header: header}
}

func newLive(t *testing.T) *Live {
	t.Helper()
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Epoch: time.Unix(1_800_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func feed(t *testing.T, live *Live, from int64, frames int) int64 {
	t.Helper()
	for i := range frames {
		if err := live.WriteFrame(from, 4096, fmt.Appendf(nil, "frame %d", i)); err != nil {
			t.Fatal(err)
		}
		from += 4096
	}
	return from
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestLivePlaylist(t *testing.T) {
	live := newLive(t)
	next := feed(t, live, 0, 2*20+3)
	body := get(t, live, "/live.m3u8").Body.String()
	for _, want := range []string{
		"#EXT-X-VERSION:9\n",
		"#EXT-X-TARGETDURATION:2\n",
		"#EXT-X-PART-INF:PART-TARGET=0.18576\n",
		"PART-HOLD-BACK=0.55728\n",
		"#EXT-X-MEDIA-SEQUENCE:0\n",
		"#EXT-X-PART:DURATION=0.18576,URI=\"1.9.m4s\",INDEPENDENT=YES\n",
		"#EXTINF:1.85759,\n1.m4s\n",
		"#EXT-X-PART:DURATION=0.18576,URI=\"2.0.m4s\",INDEPENDENT=YES\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"2.1.m4s\"\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("playlist lacks %q:\n%s", want, body)
		}
	}
	// A gap is a discontinuity, and what was before it is not shortened.
	feed(t, live, next+44100, 20)
	body = get(t, live, "/live.m3u8").Body.String()
	if n := strings.Count(body, "#EXT-X-DISCONTINUITY\n"); n != 1 {
		t.Errorf("%d discontinuities, want 1:\n%s", n, body)
	}
}

func TestDiscontinuitiesAreCountedWhenTheySlideOut(t *testing.T) {
	live := newLive(t)
	next := feed(t, live, 0, 20)
	next = feed(t, live, next+1000, 20)
	feed(t, live, next, 20*20)
	body := get(t, live, "/live.m3u8").Body.String()
	if strings.Contains(body, "#EXT-X-DISCONTINUITY\n") || !strings.Contains(body, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n") {
		t.Errorf("want the discontinuity counted and gone:\n%s", body)
	}
}

func TestWhatWasPublishedIsNeverTakenBack(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 40)
	feed(t, live, 4096*30, 40) // ten frames lie before what was published
	times := decodeTimes(t, live)
	for i := 1; i < len(times); i++ {
		if times[i] <= times[i-1] {
			t.Fatalf("decode times go back: %v", times)
		}
	}
}

// decodeTimes collects tfdt of every fragment that the stream still holds.
func decodeTimes(t *testing.T, live *Live) []uint64 {
	t.Helper()
	var times []uint64
	for msn := live.segments[0].msn; msn < live.open.msn; msn++ {
		body := get(t, live, fmt.Sprintf("/%d.m4s", msn)).Body.Bytes()
		for {
			i := bytes.Index(body, []byte("tfdt"))
			if i < 0 {
				break
			}
			times = append(times, binary.BigEndian.Uint64(body[i+8:]))
			body = body[i+4:]
		}
	}
	return times
}

func TestBlockingReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		feed(t, live, 0, 22)
		answer := make(chan *httptest.ResponseRecorder, 1)
		go func() { answer <- get(t, live, "/live.m3u8?_HLS_msn=1&_HLS_part=1") }()
		synctest.Wait()
		select {
		case <-answer:
			t.Fatal("answered before the part was there")
		default:
		}
		feed(t, live, 22*4096, 2)
		if w := <-answer; w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `URI="1.1.m4s"`) {
			t.Errorf("got %d:\n%s", w.Code, w.Body)
		}
		// msn without part waits for the whole segment.
		go func() { answer <- get(t, live, "/live.m3u8?_HLS_msn=1") }()
		next := feed(t, live, 24*4096, 14)
		synctest.Wait()
		select {
		case <-answer:
			t.Fatal("answered before the segment was whole")
		default:
		}
		feed(t, live, next, 2)
		if w := <-answer; !strings.Contains(w.Body.String(), "\n1.m4s\n") {
			t.Errorf("segment is not listed:\n%s", w.Body)
		}
		// The hinted part is held open until it is there.
		go func() { answer <- get(t, live, "/2.0.m4s") }()
		feed(t, live, 40*4096, 2)
		if w := <-answer; w.Code != http.StatusOK || !bytes.Contains(w.Body.Bytes(), []byte("mdat")) {
			t.Errorf("hinted part: %d", w.Code)
		}
	})
}

func TestBlockedRequestsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		feed(t, live, 0, 20)
		start := time.Now()
		if w := get(t, live, "/live.m3u8?_HLS_msn=1"); w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d", w.Code)
		}
		if took := time.Since(start); took != 6*time.Second {
			t.Errorf("gave up after %v, want three target durations", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			live.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/1.0.m4s", nil).WithContext(ctx))
		}()
		cancel()
		<-done
		if err := live.Close(); err != nil {
			t.Fatal(err)
		}
		if body := get(t, live, "/live.m3u8").Body.String(); !strings.HasSuffix(body, "#EXT-X-ENDLIST\n") {
			t.Errorf("closed playlist has no end:\n%s", body)
		}
	})
}

func TestRefusals(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 20)
	for path, code := range map[string]int{
		"/":                                  404,
		"/nothing.m3u8":                      404,
		"/99.m4s":                            404,
		"/0.99.m4s":                          404,
		"/-1.m4s":                            404,
		"/0.x.m4s":                           404,
		"/live.m3u8?_HLS_part=1":             400,
		"/live.m3u8?_HLS_msn=x":              400,
		"/live.m3u8?_HLS_msn=9":              400,
		"/live.m3u8?_HLS_msn=0&_HLS_part=-1": 400,
		"/0.m4s":                             200,
		"/0.0.m4s":                           200,
		"/init.mp4":                          200,
		"/master.m3u8":                       200,
	} {
		if w := get(t, live, path); w.Code != code {
			t.Errorf("%s: got %d, want %d", path, w.Code, code)
		}
	}
}

// memoryTrack is a Track of equal frames.
type memoryTrack struct {
	codec  CodecConfig
	frames int
	dur    uint32
}

func (m memoryTrack) Config() CodecConfig { return m.codec }
func (m memoryTrack) NumFrames() int      { return m.frames }
func (m memoryTrack) Frame(i int) (int64, int, uint32) {
	return int64(i * 8), 8, m.dur
}

func (m memoryTrack) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(m.frames*8) {
		return 0, io.ErrUnexpectedEOF
	}
	for i := range p {
		p[i] = byte((off + int64(i)) / 8)
	}
	return len(p), nil
}

func TestVOD(t *testing.T) {
	vod, err := NewVOD(memoryTrack{codec: flacConfig(), frames: 200, dur: 4096})
	if err != nil {
		t.Fatal(err)
	}
	body := get(t, vod, "/index.m3u8").Body.String()
	if !strings.Contains(body, "#EXT-X-PLAYLIST-TYPE:VOD") || !strings.Contains(body, "#EXT-X-ENDLIST") {
		t.Errorf("not a VOD playlist:\n%s", body)
	}
	total := 0
	for i := range strings.Count(body, "#EXTINF") {
		segment := get(t, vod, fmt.Sprintf("/%d.m4s", i))
		if segment.Code != http.StatusOK {
			t.Fatalf("segment %d: %d", i, segment.Code)
		}
		data := segment.Body.Bytes()
		total += len(data) - bytes.Index(data, []byte("mdat")) - 4
	}
	if total != 200*8 {
		t.Errorf("segments hold %d bytes of frames, want %d", total, 200*8)
	}
	if w := get(t, vod, "/99.m4s"); w.Code != http.StatusNotFound {
		t.Errorf("a segment that is not there: %d", w.Code)
	}
}

func TestPackedAudioCarriesItsTime(t *testing.T) {
	codec := CodecConfig{Codec: "mp3", Rate: 44100, Channels: 2}
	vod, err := NewVOD(memoryTrack{codec: codec, frames: 1000, dur: 1152})
	if err != nil {
		t.Fatal(err)
	}
	data := get(t, vod, "/1.mp3").Body.Bytes()
	at := bytes.Index(data, []byte("Timestamp\x00"))
	if at < 0 {
		t.Fatal("no time stamp")
	}
	got := binary.BigEndian.Uint64(data[at+10:])
	if want := uint64(vod.starts[1].time) * 90000 / 44100; got != want {
		t.Errorf("time %d, want %d", got, want)
	}
}

func TestCodecsThatCannotBePackaged(t *testing.T) {
	for _, c := range []CodecConfig{
		{Codec: "flac", Rate: 44100, Channels: 2},
		{Codec: "vorbis", Rate: 44100, Channels: 2},
		{Codec: "aac", Rate: 0, Channels: 2, Header: []byte{0x12, 0x10}},
		{Codec: "opus", Rate: 48000, Channels: 2, Header: []byte("OpusHead")},
	} {
		if _, err := NewVOD(memoryTrack{codec: c, frames: 1, dur: 1}); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func FuzzMediaName(f *testing.F) {
	f.Add("12.3.m4s")
	f.Add("0.m4s")
	f.Add("..m4s")
	f.Fuzz(func(t *testing.T, name string) {
		msn, part, ok := mediaName(name)
		if ok && part >= 0 && part > 1<<16 {
			t.Errorf("%q gave part %d of %d", name, part, msn)
		}
	})
}

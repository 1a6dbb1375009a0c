package hls

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// flacConfig is a stream of 4096-sample FLAC frames at 44.1 kHz.
func flacConfig() CodecConfig {
	header := make([]byte, flacHeaderSize)
	copy(header, "fLaC\x80\x00\x00\x22")
	binary.BigEndian.PutUint16(header[8:], 4096)
	binary.BigEndian.PutUint16(header[10:], 4096)
	return CodecConfig{Codec: "flac", Rate: 44100, Channels: 2, Bits: 16, Header: header}
}

// testEpoch's token is what files of test streams are called by.
var (
	testEpoch = time.Unix(1_800_000_000, 0)
	token     = strconv.FormatInt(testEpoch.UnixMilli(), 36)
)

func newLive(t *testing.T) *Live {
	t.Helper()
	live, err := NewLive(LiveConfig{Codec: flacConfig(), FrameSamples: 4096, Epoch: testEpoch})
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
	live.Mark(DateRange{
		ID: "track-1", Class: "org.example.track", Start: testEpoch, Planned: 3 * time.Second,
		Attributes: map[string]string{"X-TITLE": "A \"quoted\"\ntitle", "title": "dropped"},
	})
	next := feed(t, live, 0, 2*22+3)
	golden(t, "testdata/live.m3u8", get(t, live, "/live.m3u8").Body.Bytes())
	// A gap is a discontinuity, and what was before it is not shortened.
	feed(t, live, next+44100, 20)
	golden(t, "testdata/live-break.m3u8", get(t, live, "/live.m3u8").Body.Bytes())
}

// golden compares with a file that is written when it is missing, and then
// looked at by a person.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		err = os.WriteFile(path, got, 0o644)
		t.Errorf("%s was missing and has been written", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if want != nil && !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
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

// decodeTimes collects the decode time of every fragment that the stream holds.
func decodeTimes(t *testing.T, live *Live) []int64 {
	t.Helper()
	var times []int64
	e := live.now.Load()
	for msn := e.segments[0].msn; msn < e.open.msn; msn++ {
		fragments, err := ReadFragments(get(t, live, fmt.Sprintf("/%d.%s.m4s", msn, token)).Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fragments {
			times = append(times, f.Time)
		}
	}
	return times
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

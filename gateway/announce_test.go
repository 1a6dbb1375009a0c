package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// A clip goes to the player with an announcement role in its own format, quieter
// music asked for, while the zone plays on.
func TestAnnouncement(t *testing.T) {
	music := tones(t, 1, 40*time.Second)
	clips := tones(t, 1, time.Second)
	files, err := filepath.Glob(filepath.Join(clips, "*.wav"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	clip, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	o := observe(t, t.TempDir(), music)
	var mu sync.Mutex
	var start *wire.AnnouncementStream
	var pcm []byte
	ended := false
	c, path := o.player(t, 4, client.Config{
		Name:          "Hall",
		Announcements: &wire.AnnouncementSupport{Formats: []wire.Format{{Codec: "pcm", Channels: 1, Rate: 16000, Bits: 16}}, BufferCapacity: 1 << 20},
		Announced: func(s *wire.AnnouncementStream) {
			mu.Lock()
			defer mu.Unlock()
			if ended = s == nil; !ended {
				start = s
			}
		},
		AnnouncementData: func(data []byte) {
			mu.Lock()
			defer mu.Unlock()
			pcm = append(pcm, data...)
		},
	})
	o.play(1)
	zone := o.zone().ID
	announce := func(query string, body []byte) (int, []string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", o.url+"/announcements?"+query, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "audio/wav")
		req.Header.Set("Authorization", "Bearer "+faultToken)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		var answer struct{ Devices []string }
		_ = json.Unmarshal(text, &answer)
		return res.StatusCode, answer.Devices
	}
	if status, _ := announce("zone="+zone, clip); status != 422 {
		t.Errorf("a zone without a device that can: %d", status)
	}
	o.must("PATCH", path, map[string]any{"zone": zone}, nil)
	o.until("music", 20*time.Second, func() bool { _, ok := c.Take(); return ok })
	if status, _ := announce("zone="+zone, []byte("RIFF and no more")); status != 422 {
		t.Errorf("a clip that is none: %d", status)
	}
	status, devices := announce("duck=30&volume=25&zone="+zone, clip)
	if status != 202 || len(devices) != 1 || path != "/devices/"+devices[0] {
		t.Fatalf("%d, %v", status, devices)
	}
	o.until("its end", 10*time.Second, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return ended
	})
	mu.Lock()
	defer mu.Unlock()
	if start.Rate != 16000 || start.Duck != 30 || *start.Volume != 25 {
		t.Errorf("it was told %+v", start)
	}
	if n := len(pcm) / 2; n < 15_900 || n > 16_100 {
		t.Fatalf("%d samples of a second", n)
	}
	// 200 Hz at 8000: its crossings of zero and its level.
	crossings, power := 0, 0.0
	for i := 2; i < len(pcm); i += 2 {
		before, now := int16(pcm[i-2])|int16(pcm[i-1])<<8, int16(pcm[i])|int16(pcm[i+1])<<8
		if before < 0 != (now < 0) {
			crossings++
		}
		power += float64(now) * float64(now)
	}
	level := math.Sqrt(2 * power / float64(len(pcm)/2))
	if crossings < 395 || crossings > 405 || level < 7800 || level > 8200 {
		t.Errorf("%d crossings, level %.0f", crossings, level)
	}
}

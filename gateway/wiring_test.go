package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// These tests run the whole composition in this process: store, library,
// zones, the built-in player over its real connection, REST over a real port.

const testToken = "jg_wiring-tests-only"

// running is a gateway under test.
type running struct {
	t      testing.TB
	g      *Gateway
	client *http.Client
	sounds chan audio.Time // when the player's meter heard sound after silence
	end    func()          // ends it and waits; may be called twice
}

// musicFolder is six albums of three tracks each.
func musicFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 18 {
		name := fmt.Sprintf("Artist %c/Album %c/%02d - Tone %d.wav", 'A'+i/3, 'A'+i/3, i%3+1, i)
		WriteTone(t, filepath.Join(dir, name), 200+40*i, 20*time.Second)
	}
	return dir
}

// soundLog takes the player's sounds out of the log.
type soundLog struct {
	slog.Handler
	sounds chan audio.Time
}

func (l soundLog) Enabled(context.Context, slog.Level) bool { return true }

func (l soundLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "sound" {
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "heard" {
			select {
			case l.sounds <- audio.Time(a.Value.Int64()):
			default:
			}
		}
		return true
	})
	return nil
}

func (l soundLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l soundLog) WithGroup(string) slog.Handler      { return l }

// runGateway runs a gateway on the given data folder and music.
func runGateway(t testing.TB, data string, music ...string) *running {
	t.Helper()
	sounds := make(chan audio.Time, 64)
	ctx, cancel := context.WithCancel(context.Background())
	g, err := New(ctx, Config{
		Data: data, Listen: "127.0.0.1:0", Music: music, Name: "Jumpgate", Player: "meter", Token: testToken,
		Version: "test", Log: slog.New(soundLog{slog.DiscardHandler, sounds}), Say: func(string, ...any) {},
	})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	r := &running{t: t, g: g, sounds: sounds, client: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}}
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	ended := false
	r.end = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the gateway did not end")
		}
		r.client.CloseIdleConnections()
	}
	t.Cleanup(r.end)
	return r
}

// call asks the API over its port.
func (r *running) call(method, path string, body any, result any) int {
	r.t.Helper()
	var text []byte
	var err error
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			r.t.Fatal(err)
		}
	}
	request, err := http.NewRequest(method, r.g.URL()+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+testToken)
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err = io.ReadAll(answer.Body); err != nil {
		r.t.Fatal(err)
	}
	if result != nil && answer.StatusCode < 300 {
		if err := json.Unmarshal(text, result); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return answer.StatusCode
}

// do is a call that has to go well.
func (r *running) do(method, path string, body any, result any) {
	r.t.Helper()
	if status := r.call(method, path, body, result); status >= 300 {
		r.t.Fatalf("%s %s: status %d", method, path, status)
	}
}

func (r *running) zone() *runningZone {
	r.t.Helper()
	var z *runningZone
	r.until("the first zone", func() bool {
		if len(r.g.zones.List()) == 0 {
			return false
		}
		var ok bool
		z, ok = r.g.zones.get(r.g.zones.first())
		return ok
	})
	return z
}

func (r *running) state() zone.State {
	r.t.Helper()
	s, err := r.zone().State(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// until polls what other goroutines bring about.
func (r *running) until(what string, holds func() bool) {
	r.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			r.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ready waits for the music and the player.
func (r *running) ready() {
	r.t.Helper()
	r.until("the player and the tracks", func() bool {
		var tracks struct{ Total int }
		r.do("GET", "/tracks?limit=1", nil, &tracks)
		return tracks.Total == 18 && len(r.state().Members) == 1
	})
}

// heard is the next sound after silence.
func (r *running) heard() audio.Time {
	r.t.Helper()
	select {
	case at := <-r.sounds:
		return at
	case <-time.After(20 * time.Second):
		r.t.Fatal("no sound")
		return 0
	}
}

func TestWholeGatewayLeavesNothingBehind(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	r := runGateway(t, t.TempDir(), musicFolder(t))
	r.ready()
	z := r.zone().id
	r.do("POST", "/zones/"+z+"/play", nil, nil)
	r.heard()
	before := r.state()
	r.do("POST", "/zones/"+z+"/jump", nil, nil)
	if after := r.state(); after.Epoch == before.Epoch || after.Context.Name == "" {
		t.Errorf("JUMP led from %+v to %+v", before, after)
	}
	// Zones come and go under devices that are in them.
	var second struct{ ID string }
	r.do("POST", "/zones", map[string]any{"name": "Kitchen"}, &second)
	player := r.state().Members[0]
	r.do("PATCH", "/devices/"+player, map[string]any{"zone": second.ID}, nil)
	r.do("POST", "/zones/"+second.ID+"/play", nil, nil)
	r.do("DELETE", "/zones/"+second.ID, nil, nil)
	r.do("PATCH", "/devices/"+player, map[string]any{"zone": z}, nil)
	r.until("the player to be back", func() bool { return len(r.state().Members) == 1 })
	if status := r.call("DELETE", "/zones/"+z, nil, nil); status != http.StatusConflict {
		t.Errorf("the last zone was deleted: %d", status)
	}
	begin := time.Now()
	r.end()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v to end", took)
	}
	goleak.VerifyNone(t, leaks)
}

// What one client does, another sees over the WebSocket.
func TestChangesAreSeenByOthers(t *testing.T) {
	r := runGateway(t, t.TempDir(), musicFolder(t))
	r.ready()
	url := strings.Replace(r.g.URL(), "http:", "ws:", 1) + "/api/v1/ws"
	conn, answer, err := websocket.DefaultDialer.Dial(url, http.Header{"Authorization": {"Bearer " + testToken}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	defer answer.Body.Close()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	key := "zones/" + r.zone().id
	// awaitState reads until the zone is shown in a state.
	seq := 0
	awaitState := func(want string) {
		t.Helper()
		for {
			var m struct {
				Type       string
				Seq        int
				State, Set map[string]json.RawMessage
			}
			if err := conn.ReadJSON(&m); err != nil {
				t.Fatalf("waiting for %s: %v", want, err)
			}
			if m.Type == "snapshot" {
				m.Set = m.State
			} else if m.Type == "delta" && m.Seq <= seq {
				t.Errorf("delta %d after %d", m.Seq, seq)
			}
			seq = max(seq, m.Seq)
			var z struct{ State string }
			if text := m.Set[key]; text != nil && json.Unmarshal(text, &z) == nil && z.State == want {
				return
			}
		}
	}
	if err := conn.WriteJSON(map[string]any{"id": "c1", "cmd": "subscribe", "session": "wiring-tests"}); err != nil {
		t.Fatal(err)
	}
	awaitState("stopped")
	r.do("POST", "/"+key+"/play", nil, nil)
	awaitState("playing")
	if err := conn.WriteJSON(map[string]any{"id": "c2", "cmd": "zone.pause", "zone": r.zone().id}); err != nil {
		t.Fatal(err)
	}
	awaitState("paused")
}

// A gateway can be ended at any moment, also while it starts.
func TestEndsAtAnyMoment(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	data, music := t.TempDir(), musicFolder(t)
	for i := range 12 {
		r := runGateway(t, data, music)
		timer := time.NewTimer(time.Duration(i*i) * 3 * time.Millisecond)
		if i > 6 {
			go func() { _ = r.g.zones.List() }()
			r.call("POST", "/zones/"+r.zone().id+"/play", nil, nil)
		}
		<-timer.C
		r.end()
	}
	goleak.VerifyNone(t, leaks)
}

// It goes on where it was, playing.
func TestGoesOnAfterARestart(t *testing.T) {
	data, music := t.TempDir(), musicFolder(t)
	r := runGateway(t, data, music)
	r.ready()
	r.do("POST", "/zones/"+r.zone().id+"/play", nil, nil)
	r.do("POST", "/zones/"+r.zone().id+"/seek", map[string]any{"offsetMs": 9000}, nil)
	r.until("a second of playing", func() bool { return r.state().Offset > 10*time.Second })
	before := r.state()
	r.end()
	r = runGateway(t, data, music)
	at := r.heard()
	after := r.state()
	if after.Entry == nil || after.Entry.ID != before.Entry.ID || after.State != zone.Playing {
		t.Fatalf("it was at %+v, it goes on at %+v", before, after)
	}
	if gone := after.Offset - before.Offset; gone < -100*time.Millisecond || gone > 1500*time.Millisecond {
		t.Errorf("left at %v, goes on at %v", before.Offset, after.Offset)
	}
	t.Logf("sound %v after the restart", time.Duration(at)*time.Microsecond)
}

// Playback follows the monotonic clock: a wall clock that jumps moves nothing.
// What reads the wall clock in the rooms of playback stands here, with why.
func TestPlaybackReadsNoWallClock(t *testing.T) {
	allowed := map[string]string{
		"zone/flow.go":        "the hour is told to the recommender",
		"audio/aacencoder.go": "how long ffmpeg may take: a deadline by the monotonic reading",
		"zone/plays.go":       "the date of a play is kept",
		"audio/time.go":       "the origin of the monotonic clock",
		"player/card.go":      "how long the sound card's program runs: a difference of monotonic readings",
	}
	for _, room := range []string{"zone", "audio", "player"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte("time.Now")) && allowed[filepath.ToSlash(file)] == "" {
				t.Errorf("%s reads the wall clock", file)
			}
			for _, strips := range []string{".Unix(", ".UnixMicro(", ".UnixMilli(", ".UnixNano(", ".Round(0)"} {
				if bytes.Contains(text, []byte(strips)) {
					t.Errorf("%s takes the monotonic reading away: %s", file, strips)
				}
			}
		}
	}
}

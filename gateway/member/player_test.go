package member

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// rawPlayer is a device that does no more than the protocol's bytes: it says
// hello and notes what comes.
type rawPlayer struct {
	conn   *websocket.Conn
	closed chan struct{}

	mu       sync.Mutex
	stalled  chan struct{} // not nil: wait for it before reading on
	starts   []json.RawMessage
	packets  []audio.Packet
	arrivals []arrival // since the last stream/clear
	clock    audio.Clock
	texts    []string
}

const rawHello = `{"type":"client/hello","payload":{"client_id":"raw","name":"Raw","version":1,
	"supported_roles":["player@v1","metadata@v1","controller@v1"],
	"player@v1_support":{"buffer_capacity":1000000,"supported_commands":["volume","mute"],
	"supported_formats":[{"codec":"flac","channels":2,"sample_rate":44100,"bit_depth":16},
		{"codec":"vorbis","channels":2,"sample_rate":44100,"bit_depth":16},
		{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":24}]}}}`

// newPlayerRig connects a rawPlayer to a real server over loopback and makes
// the adapter of it.
func newPlayerRig(t *testing.T) (*Player, *rawPlayer, audio.Clock) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t, goleak.IgnoreCurrent()) })
	clock := audio.NewClock()
	server, err := sendspin.New(sendspin.Config{ID: "house", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	web := httptest.NewServer(server.Handler())
	conn, res, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(rawHello)); err != nil {
		t.Fatal(err)
	}
	raw := &rawPlayer{conn: conn, closed: make(chan struct{}), clock: clock}
	go raw.read()
	t.Cleanup(func() {
		raw.resume()
		cancel()
		for range server.Events() {
		}
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = conn.Close()
		<-raw.closed
		web.Close()
	})
	var player *sendspin.Player
	select {
	case e := <-server.Events():
		player = e.Player
	case <-time.After(5 * time.Second):
		t.Fatal("not connected")
	}
	p, err := NewPlayer(PlayerConfig{Player: player, Clock: clock, Group: "z1", GroupName: "Kitchen"})
	if err != nil {
		t.Fatal(err)
	}
	return p, raw, clock
}

func (r *rawPlayer) read() {
	defer close(r.closed)
	for {
		r.mu.Lock()
		stalled := r.stalled
		r.mu.Unlock()
		if stalled != nil {
			<-stalled
		}
		kind, data, err := r.conn.ReadMessage()
		if err != nil {
			return
		}
		r.mu.Lock()
		if kind == websocket.BinaryMessage && data[0] == 4 {
			at := audio.Time(binary.BigEndian.Uint64(data[1:]))
			r.packets = append(r.packets, audio.Packet{At: at, Data: data[9:]})
			r.arrivals = append(r.arrivals, arrival{r.packets[len(r.packets)-1], r.clock.Now(), len(r.starts)})
		} else {
			r.text(data)
		}
		r.mu.Unlock()
	}
}

func (r *rawPlayer) text(data []byte) {
	var m struct {
		Type    string
		Payload json.RawMessage
	}
	if json.Unmarshal(data, &m) != nil {
		return
	}
	r.texts = append(r.texts, string(data))
	switch m.Type {
	case "stream/start":
		r.starts = append(r.starts, m.Payload)
	case "stream/clear", "stream/end":
		r.packets, r.arrivals = nil, nil
	}
}

func (r *rawPlayer) received() []audio.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.packets)
}

func (r *rawPlayer) stall() {
	r.mu.Lock()
	r.stalled = make(chan struct{})
	r.mu.Unlock()
}

func (r *rawPlayer) resume() {
	r.mu.Lock()
	if r.stalled != nil {
		close(r.stalled)
		r.stalled = nil
	}
	r.mu.Unlock()
}

// said waits until the device was told something that contains all of parts.
func (r *rawPlayer) said(t *testing.T, parts ...string) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		r.mu.Lock()
		found := slices.ContainsFunc(r.texts, func(s string) bool {
			return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
		})
		texts := r.texts
		r.mu.Unlock()
		if found {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the device was never told %q, only %q", parts, texts)
		}
	}
}

func TestPlayerIsAnOutput(t *testing.T) {
	zonetest.TestOutput(t, func(t *testing.T) zonetest.OutputRig {
		p, raw, clock := newPlayerRig(t)
		return zonetest.OutputRig{Output: p, Clock: clock, Received: raw.received, Stall: raw.stall}
	})
}

func TestPlayerCaps(t *testing.T) {
	p, _, _ := newPlayerRig(t)
	caps := p.Caps()
	want := []audio.Format{
		{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16, AsIs: true},
		{Codec: audio.PCM, Rate: 48000, Channels: 2, Bits: 24},
	}
	if !slices.Equal(caps.Formats, want) {
		t.Errorf("formats %v", caps.Formats)
	}
	if caps.BufferBytes != 1_000_000 {
		t.Errorf("buffer of %d bytes", caps.BufferBytes)
	}
	if caps.Lead != defaultLead || !caps.Clears || caps.Pulled {
		t.Errorf("caps %+v", caps)
	}
}

func TestPlayerPrefersAFormat(t *testing.T) {
	p, _, _ := newPlayerRig(t)
	all := p.Caps().Formats
	for _, test := range []struct {
		want    wire.FormatDelta
		changes bool
		formats []audio.Format
	}{
		{wire.FormatDelta{Codec: "pcm"}, true, all[1:]},
		{wire.FormatDelta{Codec: "pcm", Bits: 24}, false, all[1:]},
		{wire.FormatDelta{Codec: "opus"}, false, all[1:]}, // it does not offer that
		{wire.FormatDelta{Rate: 44100}, true, all[:1]},
		{wire.FormatDelta{}, true, all},
	} {
		if got := p.Prefer(test.want); got != test.changes || !slices.Equal(p.Caps().Formats, test.formats) {
			t.Errorf("%+v: %v, %v", test.want, got, p.Caps().Formats)
		}
	}
}

func TestPlayerShowsAndEnds(t *testing.T) {
	p, raw, clock := newPlayerRig(t)
	show := zone.NowPlaying{
		State: zone.Playing, At: clock.Now(), Offset: 3 * time.Second, Repeat: zone.RepeatAll,
		Track: zone.Track{ID: "t", Title: "봄날", Artist: "A", Duration: time.Minute},
	}
	p.Show(show)
	raw.said(t, `"server/state"`, `"title":"봄날"`, `"artist":"A"`, `"album":null`, `"track_progress":3000`,
		`"track_duration":60000`, `"playback_speed":1000`, `"repeat":"all"`)
	raw.said(t, `"group/update"`, `"playing"`, `"Kitchen"`)
	raw.said(t, `"controller"`, `"supported_commands":[]`) // nobody has approved it

	stream := &audio.Stream{Format: audio.Format{Codec: audio.PCM, Rate: 48000, Channels: 2, Bits: 24}}
	k := audio.Packet{Stream: stream, At: clock.Now().Add(time.Second), Samples: 480, Data: make([]byte, 480*6)}
	if err := p.Write(k); err != nil {
		t.Fatal(err)
	}
	raw.said(t, `"stream/start"`, `"codec":"pcm"`, `"sample_rate":48000`, `"bit_depth":24`)
	k.At = clock.Now().Add(-time.Second)
	if err := p.Write(k); !errors.Is(err, zone.ErrBehind) {
		t.Errorf("a packet of the past: %v", err)
	}
	if err := p.Clear(clock.Now()); err != nil {
		t.Fatal(err)
	}
	raw.said(t, `"stream/clear"`, `"player"`)
	show.State = zone.Paused
	p.Show(show)
	raw.said(t, `"stream/end"`)
	raw.said(t, `"playback_speed":0`)
}

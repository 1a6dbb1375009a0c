package certify

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// badDevice is a player written for these tests alone, that does one thing
// wrong.
type badDevice struct {
	mute         bool // says no hello
	noPlayer     bool // has no player role
	noVolume     bool // reports no volume
	deaf         bool // reports another volume than was asked for
	muteIsVolume bool // sets the volume to 0 where it is asked to mute
	ignoresMute  bool
	outOfStep    bool  // with each stream
	outOfStepAt  int32 // with this stream, and each after it
	once         bool  // takes no connection after the first
	otherID      bool  // is somebody else at each connection
	shy          bool  // turns every other server away; without it, none

	connections, streams, live atomic.Int32
}

func (d *badDevice) serve(w http.ResponseWriter, r *http.Request) {
	n := d.connections.Add(1)
	if d.once && n > 1 {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	var up websocket.Upgrader
	c, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	if d.mute {
		_, _, _ = c.ReadMessage()
		return
	}
	d.say(c, "client/hello", d.hello(n))
	other := d.live.Add(1) > 1
	defer d.live.Add(-1)
	volume, muted := 40, false
	report := func(state string) {
		player := map[string]any{"muted": muted, "required_lead_time_ms": 200}
		if !d.noVolume {
			player["volume"] = volume
		}
		d.say(c, "client/state", map[string]any{"state": state, "player": player})
	}
	for {
		kind, text, err := c.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			continue
		}
		var m struct {
			Type    string
			Payload struct {
				Player struct {
					Command string
					Volume  int
					Mute    bool
				}
			}
		}
		if json.Unmarshal(text, &m) != nil {
			return
		}
		switch m.Type {
		case "server/hello":
			if other && d.shy {
				d.say(c, "client/goodbye", map[string]string{"reason": "another_server"})
				return
			}
			report("synchronized")
		case "stream/start":
			if d.outOfStep || d.outOfStepAt > 0 && d.streams.Add(1) >= d.outOfStepAt {
				report("error")
			}
		case "stream/end":
			report("synchronized")
		case "server/command":
			switch p := m.Payload.Player; {
			case p.Command == "volume" && d.deaf:
				volume = 40
			case p.Command == "volume":
				volume = p.Volume
			case d.ignoresMute:
			case d.muteIsVolume && p.Mute:
				muted, volume = true, 0
			default:
				muted = p.Mute
			}
			report("synchronized")
		}
	}
}

func (d *badDevice) hello(connection int32) map[string]any {
	id := "bad"
	if d.otherID {
		id += strings.Repeat("!", int(connection))
	}
	hello := map[string]any{"client_id": id, "name": "Bad", "version": 1, "supported_roles": []string{"player@v1"}}
	if d.noPlayer {
		hello["supported_roles"] = []string{"metadata@v1"}
		return hello
	}
	hello["player@v1_support"] = map[string]any{
		"supported_formats": []map[string]any{{"codec": "pcm", "channels": 2, "sample_rate": 48000, "bit_depth": 16}},
		"buffer_capacity":   100000, "supported_commands": []string{"volume", "mute"},
	}
	return hello
}

func (d *badDevice) say(c *websocket.Conn, kind string, payload any) {
	_ = c.WriteJSON(map[string]any{"type": kind, "payload": payload})
}

// TestEachScoreFails: every score goes to fail where its device does what it is
// about, and says what was wrong.
func TestEachScoreFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		device *badDevice
		check  func(*bench, context.Context) // after the handshake
		score  string
		why    string
	}{
		{"no hello", &badDevice{mute: true}, nil, "handshake", "no hello within"},
		{"no volume", &badDevice{noVolume: true}, nil, "handshake", "has not reported its volume"},
		{"no player", &badDevice{noPlayer: true}, nil, "player role", "it has none"},
		{"out of step", &badDevice{outOfStep: true}, (*bench).everyFormat, "plays pcm 48000 Hz 16 bit 2 ch", "out of step"},
		{"deaf", &badDevice{deaf: true}, (*bench).volume, "volume and mute", "was asked for and 40 reported"},
		{"cannot mute", &badDevice{ignoresMute: true}, (*bench).volume, "volume and mute", "mute true is not reported"},
		{"mutes by volume", &badDevice{muteIsVolume: true}, (*bench).volume, "volume and mute", "mute changes the volume"},
		{"jitter", &badDevice{outOfStepAt: 1}, (*bench).badNetwork, "40 ms of jitter each way", "out of step"},
		{"stall", &badDevice{outOfStepAt: 2}, (*bench).badNetwork, "stall of the network", "out of step"},
		{"does not come back", &badDevice{once: true}, (*bench).cut, "comes back after a cut", "did not take a new connection"},
		{"comes back as another", &badDevice{otherID: true}, (*bench).cut, "comes back after a cut", "another id"},
		{"keeps every server", &badDevice{}, (*bench).servers, "turns a second server away", "did not say another_server"},
		{"stays", &badDevice{shy: true}, (*bench).servers, "goes over to a server that plays", "was not told another_server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewServer(http.HandlerFunc(test.device.serve))
			defer web.Close()
			report, err := run(t.Context(), Config{Address: strings.TrimPrefix(web.URL, "http://"), Tone: 100 * time.Millisecond}, func(b *bench, ctx context.Context) {
				b.wait = 3 * time.Second
				if b.handshake(ctx) && test.check != nil {
					test.check(b, ctx)
				}
				b.cancelDial()
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range report.Checks {
				if c.Name == test.score {
					if c.Result != Fail || !strings.Contains(c.Why, test.why) || report.Passed() {
						t.Errorf("%+v", c)
					}
					return
				}
			}
			t.Errorf("no score %q in %+v", test.score, report.Checks)
		})
	}
}

package gateway_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// A remote without a speaker, of the cleartext dialect, with our own buttons: it
// shows what plays, and likes and jumps once it is approved.
func TestRemoteWithOwnButtons(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 3, 60*time.Second))
	url := o.players()
	var conn *websocket.Conn
	o.until("players to be taken", 10*time.Second, func() bool {
		c, res, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
		if res != nil {
			_ = res.Body.Close()
		}
		conn = c
		return err == nil
	})
	defer conn.Close()
	say := func(text string) {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Error(err)
		}
	}
	say(`{"type":"client/hello","payload":{"client_id":"remote","name":"Remote","version":1,
		"supported_roles":["controller@v1","metadata@v1","_jumpgate@v1"]}}`)
	states := make(chan wire.ServerState, 256)
	go func() {
		defer close(states)
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				return
			}
			m, err := wire.Parse(data)
			if err != nil || m.Type != wire.TypeServerState {
				continue
			}
			var st wire.ServerState
			if json.Unmarshal(m.Payload, &st) == nil {
				states <- st
			}
		}
	}()
	shows := func(what string, ok func(wire.ServerState) bool) {
		t.Helper()
		end := time.After(20 * time.Second)
		for {
			select {
			case st, open := <-states:
				if !open {
					t.Fatalf("the connection ended before %s", what)
				}
				if ok(st) {
					return
				}
			case <-end:
				t.Fatalf("it never showed %s", what)
			}
		}
	}
	o.play(3)
	o.until("the remote", 10*time.Second, func() bool { return o.device("remote").Present })
	o.must("PATCH", "/devices/remote", map[string]any{"zone": o.zone().ID}, nil)
	shows("a title", func(st wire.ServerState) bool { return st.Metadata != nil && st.Metadata.Title != nil })
	say(`{"type":"client/command","payload":{"_jumpgate":{"command":"like"}}}`)
	o.until("the refusal to be shown", 10*time.Second, func() bool { return o.device("remote").Problem != "" })
	o.must("PATCH", "/devices/remote", map[string]any{"approved": true}, nil)
	shows("its buttons", func(st wire.ServerState) bool { return st.Jumpgate != nil && len(st.Jumpgate.Commands) == 3 })
	say(`{"type":"client/command","payload":{"_jumpgate":{"command":"like"}}}`)
	shows("the liking", func(st wire.ServerState) bool { return st.Jumpgate != nil && st.Jumpgate.Rating == "like" })
	say(`{"type":"client/command","payload":{"_jumpgate":{"command":"like"}}}`)
	shows("that it was taken back", func(st wire.ServerState) bool { return st.Jumpgate != nil && st.Jumpgate.Rating == "none" })
	before := o.zone()
	say(`{"type":"client/command","payload":{"controller":{"command":"next"}}}`)
	o.until("the next track", 10*time.Second, func() bool { z := o.zone(); return z.Entry != nil && z.Entry.ID != before.Entry.ID })
	before = o.zone()
	say(`{"type":"client/command","payload":{"_jumpgate":{"command":"jump"}}}`)
	o.until("a jump", 10*time.Second, func() bool { z := o.zone(); return z.Entry != nil && z.Entry.ID != before.Entry.ID })
}

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
)

// message is whatever the gateway sends.
type message struct {
	Type    string                     `json:"type"`
	Seq     uint64                     `json:"seq"`
	State   map[string]json.RawMessage `json:"state"`
	Set     map[string]json.RawMessage `json:"set"`
	ID      string                     `json:"id"`
	OK      bool                       `json:"ok"`
	Result  json.RawMessage            `json:"result"`
	Problem *Problem                   `json:"problem"`
}

// page is a WebSocket's client.
type page struct {
	t    *testing.T
	conn *websocket.Conn
	seen []message
}

func (h *house) connect() *page {
	h.t.Helper()
	url := "ws" + strings.TrimPrefix(h.server.URL, "http") + "/api/v1/ws"
	conn, res, err := websocket.DefaultDialer.Dial(url, http.Header{"Authorization": {"Bearer " + h.token}})
	if err != nil {
		h.t.Fatalf("dial: %v (%v)", err, res)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	return &page{t: h.t, conn: conn}
}

func (p *page) say(format string, args ...any) {
	p.t.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) hear() (message, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var m message
	_, raw, err := p.conn.ReadMessage()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(raw, &m)
}

// until hears messages until one fits, and returns it.
func (p *page) until(what string, fits func(message) bool) message {
	p.t.Helper()
	for {
		m, err := p.hear()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", what, err)
		}
		p.seen = append(p.seen, m)
		if fits(m) {
			return m
		}
	}
}

func (p *page) reply(id string) message {
	p.t.Helper()
	return p.until("the reply to "+id, func(m message) bool { return m.Type == "reply" && m.ID == id })
}

func (p *page) snapshot() message {
	p.t.Helper()
	return p.until("a snapshot", func(m message) bool { return m.Type == "snapshot" })
}

// closed hears until the connection ends, and returns its code.
func (p *page) closed() int {
	p.t.Helper()
	for {
		_, err := p.hear()
		var end *websocket.CloseError
		if errors.As(err, &end) {
			return end.Code
		}
		if err != nil {
			p.t.Fatalf("waiting for the end: %v", err)
		}
	}
}

func TestSnapshotDeltasAndResume(t *testing.T) {
	h := newHouse(t).claimed()
	h.api.SetScan(library.Progress{Done: 1})
	h.api.SetDevice(Device{ID: "d1"})
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	if m := p.reply("1"); !m.OK {
		t.Fatalf("subscribe: %+v", m)
	}
	first := p.snapshot()
	for _, key := range []string{"server", "playlists"} {
		if first.State[key] == nil {
			t.Errorf("no %s in the snapshot: %v", key, first.State)
		}
	}
	h.api.SetDevice(Device{ID: "d2"})
	last := p.until("d2", func(m message) bool { return m.Set["devices/d2"] != nil })
	h.api.DropDevice("d1")
	last = p.until("the end of d1", func(m message) bool { return string(m.Set["devices/d1"]) == "null" && m.Seq > last.Seq })
	// What did not change is not sent.
	h.api.SetDevice(Device{ID: "d2"})
	h.api.SetDevice(Device{ID: "d3"})
	if m := p.until("d3", func(m message) bool { return m.Set["devices/d3"] != nil }); m.Set["devices/d2"] != nil {
		t.Errorf("d2 was sent again: %v", m.Set)
	}
	_ = p.conn.Close()

	h.api.DropDevice("d2")
	h.api.SetDevice(Device{ID: "d4"})
	h.api.SetDevice(Device{ID: "d4", Name: "four"})
	again := h.connect()
	again.say(`{"id":"1","cmd":"subscribe","session":"session-1","since":%d}`, last.Seq)
	got := map[string]json.RawMessage{}
	again.until("what was missed", func(m message) bool {
		if m.Type == "snapshot" {
			t.Errorf("a snapshot where deltas would do")
		}
		for key, v := range m.Set {
			got[key] = v
		}
		return string(got["devices/d2"]) == "null" && strings.Contains(string(got["devices/d4"]), "four")
	})
	if got["devices/d3"] == nil || got["server"] != nil {
		t.Errorf("missed: %v", got)
	}
}

func TestTooOldOrForeignSequenceNumbersGetASnapshot(t *testing.T) {
	h := newHouse(t).claimed()
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	old := p.snapshot()
	for i := range 2 * ringSize {
		h.api.SetDevice(Device{ID: "d", DelayMs: i})
		h.api.hub.do(func() {}) // so that each is a delta
	}
	for _, since := range []string{fmt.Sprint(old.Seq), "0", "18446744073709551615"} {
		again := h.connect()
		again.say(`{"id":"1","cmd":"subscribe","session":"session-1","since":%s}`, since)
		again.snapshot()
	}
}

func TestARepeatedCommandIsCarriedOutOnce(t *testing.T) {
	h := newHouse(t).claimed()
	z := h.zones.all[0]
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	p.snapshot()
	p.say(`{"id":"add","cmd":"queue.add","zone":"z1","album":"al-0"}`)
	added := p.reply("add")
	p.say(`{"id":"n","cmd":"zone.next","zone":"z1"}`)
	first := p.reply("n")
	p.say(`{"id":"n","cmd":"zone.next","zone":"z1"}`)
	if second := p.reply("n"); string(second.Result) != string(first.Result) {
		t.Errorf("another reply: %s", second.Result)
	}
	_ = p.conn.Close()

	// Over a new connection too, but not for another session.
	again := h.connect()
	again.say(`{"id":"x","cmd":"subscribe","session":"session-1"}`)
	again.say(`{"id":"n","cmd":"zone.next","zone":"z1"}`)
	again.say(`{"id":"add","cmd":"queue.add","zone":"z1","album":"al-0"}`)
	if m := again.reply("add"); string(m.Result) != string(added.Result) {
		t.Errorf("added again: %s", m.Result)
	}
	z.set(func() {
		if z.nexts != 1 || len(z.entries) != 3 {
			t.Errorf("%d times next, %d entries", z.nexts, len(z.entries))
		}
	})
	other := h.connect()
	other.say(`{"id":"x","cmd":"subscribe","session":"session-2"}`)
	other.say(`{"id":"n","cmd":"zone.next","zone":"z1"}`)
	other.reply("n")
	z.set(func() {
		if z.nexts != 2 {
			t.Errorf("%d times next", z.nexts)
		}
	})
}

func TestCommandsAndTheirProblems(t *testing.T) {
	h := newHouse(t).claimed()
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	for _, c := range []struct{ args, want string }{
		{`"cmd":"zone.play","zone":"z9"`, "/problems/not-found"},
		{`"cmd":"zone.play","zone":"z1"`, "/problems/nothing-to-play"},
		{`"cmd":"zone.play","zone":"z1","loud":true`, "/problems/invalid"},
		{`"cmd":"zone.seek","zone":"z1"`, "/problems/invalid"},
		{`"cmd":"zone.fly","zone":"z1"`, "/problems/not-found"},
		{`"cmd":"track.list"`, "/problems/not-found"},
		{`"cmd":"device.patch","device":"d","volume":500`, "/problems/invalid"},
		{`"cmd":"listen","zone":"z1","mode":"telepathy"`, "/problems/invalid"},
		{`"cmd":"queue.add","zone":"z1","artist":"ar-ahn","at":"now"`, ""},
		{`"cmd":"queue.get","zone":"z1","limit":2`, ""},
		{`"cmd":"queue.move","zone":"z1","ids":["e2"],"before":"e1"`, ""},
		{`"cmd":"queue.remove","zone":"z1","entry":"e1"`, ""},
		{`"cmd":"zone.jump","zone":"z1"`, ""},
		{`"cmd":"track.rate","track":"` + h.tracks[0].ID + `","value":-1`, ""},
		{`"cmd":"playlist.create","name":"Dusk","zone":"z1"`, ""},
	} {
		id := fmt.Sprint(len(p.seen), c.want)
		p.say(`{"id":%q,%s}`, id, c.args)
		m := p.reply(id)
		got := ""
		if m.Problem != nil {
			got = m.Problem.Type
		}
		if got != c.want || m.OK != (c.want == "") {
			t.Errorf("%s: %+v, want %q", c.args, m, c.want)
		}
	}
}

func TestATabListensUntilItIsGone(t *testing.T) {
	h := newHouse(t).claimed()
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	p.say(`{"id":"2","cmd":"listen","zone":"z1","mode":"hls","name":"Phone"}`)
	m := p.reply("2")
	var l Listening
	if err := json.Unmarshal(m.Result, &l); err != nil || l.Device == "" {
		t.Fatalf("listen: %+v", m)
	}
	key := strings.TrimPrefix(l.Device, "tab-")
	if strings.Contains(key, "session-1") {
		t.Error("the tab's session can be guessed")
	}
	for _, c := range []struct {
		name  string
		leave func()
		grace time.Duration
	}{
		{"lost", func() { _ = p.conn.Close() }, listenGrace},
		{"closed", func() {
			bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
			_ = p.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
		}, closedGrace},
	} {
		if c.name == "closed" {
			p = h.connect()
			p.say(`{"id":"3","cmd":"subscribe","session":"session-1"}`)
			p.say(`{"id":"4","cmd":"listen","zone":"z1","mode":"hls","name":"Phone"}`)
			p.reply("4")
		}
		c.leave()
		for left := false; !left; runtime.Gosched() {
			h.api.sessions.mu.Lock()
			left = h.api.sessions.all[key].connections == 0
			h.api.sessions.mu.Unlock()
		}
		h.api.sweepOnce(t.Context())
		if len(h.tabs.gone) != 0 {
			t.Errorf("%s: it is gone at once, and could have come back", c.name)
		}
		h.later.Add(int64(c.grace))
		h.api.sweepOnce(t.Context())
		if gone := <-h.tabs.gone; gone != key {
			t.Errorf("%s: %s is gone, want %s", c.name, gone, key)
		}
	}
}

func TestSlowReadersAreCut(t *testing.T) {
	h := newHouse(t).claimed()
	slow, quick := h.connect(), h.connect()
	for _, p := range []*page{slow, quick} {
		p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
		p.snapshot()
	}
	// Large, so that the buffers on the way are full long before the writer
	// loses its patience.
	big := strings.Repeat("x", 512<<10)
	for i := range 500 {
		h.api.SetDevice(Device{ID: "d", Name: big, DelayMs: i})
		h.api.hub.do(func() {})
		if i%5 == 0 { // the quick one reads all the while
			quick.until("news", func(m message) bool {
				var d Device
				return json.Unmarshal(m.Set["devices/d"], &d) == nil && d.DelayMs == i
			})
		}
		if h.api.hub.size() == 1 {
			break
		}
	}
	if h.api.hub.size() != 1 {
		t.Fatal("the slow reader is still there")
	}
	if code := slow.closed(); code != closeSlow {
		t.Errorf("closed with %d", code)
	}
	quick.say(`{"id":"2","cmd":"queue.get","zone":"z1"}`)
	quick.reply("2")
}

func TestClientsThatMakeNoSense(t *testing.T) {
	h := newHouse(t).claimed()
	for _, c := range []struct {
		say  string
		code int
	}{
		{`{"id":"1","cmd":"zone.play","zone":"z1"}`, websocket.ClosePolicyViolation}, // not subscribed
		{`{"id":"1","cmd":"subscribe","session":"short"}`, websocket.ClosePolicyViolation},
		{`{"cmd":"subscribe"}`, websocket.ClosePolicyViolation},
		{`[]`, websocket.ClosePolicyViolation},
		{`hello`, websocket.ClosePolicyViolation},
		{`"` + strings.Repeat("x", maxFrame) + `"`, websocket.CloseMessageTooBig},
	} {
		p := h.connect()
		p.say("%s", c.say)
		if code := p.closed(); code != c.code {
			t.Errorf("%.40s: closed with %d, want %d", c.say, code, c.code)
		}
	}
}

func TestSigningOutEndsItsSockets(t *testing.T) {
	h := newHouse(t).claimed()
	url := "ws" + strings.TrimPrefix(h.server.URL, "http") + "/api/v1/ws"
	cookie := http.Header{"Cookie": {h.api.cookie + "=" + h.session}, "Origin": {h.server.URL}}
	conn, _, err := websocket.DefaultDialer.Dial(url, cookie)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	p := &page{t: t, conn: conn}
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	p.snapshot()
	other := h.connect()
	other.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	other.snapshot()
	req, _ := http.NewRequest(http.MethodDelete, h.server.URL+"/api/v1/session", nil)
	req.AddCookie(&http.Cookie{Name: h.api.cookie, Value: h.session})
	h.send(req)
	if code := p.closed(); code != closeSignedOut {
		t.Errorf("closed with %d", code)
	}
	other.say(`{"id":"2","cmd":"queue.get","zone":"z1"}`)
	other.reply("2")
}

func TestStoppingSaysGoodbye(t *testing.T) {
	h := newHouse(t).claimed()
	joined, silent := h.connect(), h.connect()
	joined.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	joined.snapshot()
	go h.stop()
	for _, p := range []*page{joined, silent} {
		if code := p.closed(); code != websocket.CloseGoingAway {
			t.Errorf("closed with %d", code)
		}
	}
	h.stop()
}

func TestARatingIsShownWhereTheTrackPlays(t *testing.T) {
	h := newHouse(t).claimed()
	p := h.connect()
	p.say(`{"id":"1","cmd":"subscribe","session":"session-1"}`)
	p.say(`{"id":"2","cmd":"queue.add","zone":"z1","tracks":[%q],"at":"now"}`, h.tracks[0].ID)
	p.reply("2")
	state, err := h.zones.all[0].State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.api.SetZone(t.Context(), state)
	h.ask(http.MethodPut, "/api/v1/tracks/"+h.tracks[0].ID+"/rating", `{"value":1}`)
	p.until("the heart", func(m message) bool {
		var z ZoneView
		return json.Unmarshal(m.Set["zones/z1"], &z) == nil && z.Track != nil && z.Track.Rating == 1
	})
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		`{"id":"c1","cmd":"zone.play","zone":"z1"}`, `{"id":"","cmd":"x"}`, `{"id":1,"cmd":"x"}`, `null`, `[]`, `{`,
		`{"id":"a","cmd":"b","id":"c"}`, `{"ID":"a","CMD":"b"}`, "{\"id\":\"\\ud800\",\"cmd\":\"b\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseCommand(raw)
		if err != nil {
			return
		}
		if c.id == "" || c.name == "" || len(c.id) > 64 || len(c.name) > 64 {
			t.Errorf("took %+v", c)
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(c.args, &all); err != nil {
			t.Errorf("arguments %s: %v", c.args, err)
		}
		if _, ok := all["cmd"]; ok {
			t.Errorf("arguments %s hold the command", c.args)
		}
	})
}

// A client that names no session has one for as long as its connection.
func TestSubscribeWithoutASession(t *testing.T) {
	h := newHouse(t).claimed()
	p := h.connect()
	for _, id := range []string{"c1", "c2"} {
		p.say(`{"id":%q,"cmd":"subscribe"}`, id)
		for {
			m, err := p.hear()
			if err != nil {
				t.Fatal(err)
			}
			if m.Type == "reply" && m.ID == id {
				break
			}
		}
	}
}

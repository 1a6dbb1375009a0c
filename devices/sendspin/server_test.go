package sendspin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// dialRaw opens a WebSocket and sends the given texts.
func (h *house) dialRaw(t *testing.T, texts ...string) *websocket.Conn {
	t.Helper()
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	for _, text := range texts {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

func rawHello(id string) string {
	return fmt.Sprintf(`{"type":"client/hello","payload":{"client_id":%q,"name":"Raw","version":1,
		"supported_roles":["player@v1","controller@v1"],"player@v1_support":{"buffer_capacity":100000,
		"supported_commands":["volume"],"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":16}]}}}`, id)
}

// read returns the next message of the type; other ones are skipped.
func read(t *testing.T, conn *websocket.Conn, want wire.Type) json.RawMessage {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		if m, err := wire.Parse(data); err == nil && m.Type == want {
			return m.Payload
		}
	}
}

func TestMalformedMessagesEndTheConnection(t *testing.T) {
	h := newHouse(t, nil)
	hello := rawHello("a")
	tests := map[string][]string{
		"not JSON":             {`hello`},
		"not a hello":          {`{"type":"client/time","payload":{"client_transmitted":1}}`},
		"no id":                {`{"type":"client/hello","payload":{"version":1}}`},
		"version":              {`{"type":"client/hello","payload":{"client_id":"a","version":2}}`},
		"time without a time":  {hello, `{"type":"client/time"}`},
		"volume beyond 100":    {hello, `{"type":"client/state","payload":{"player":{"volume":200}}}`},
		"volume of no number":  {hello, `{"type":"client/command","payload":{"controller":{"command":"volume"}}}`},
		"a message of no type": {hello, `{}`},
	}
	go func() {
		for range h.Events() {
		}
	}()
	for name, texts := range tests {
		t.Run(name, func(t *testing.T) {
			conn := h.dialRaw(t, texts...)
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			for {
				_, _, err := conn.ReadMessage()
				var closed *websocket.CloseError
				if errors.As(err, &closed) {
					if closed.Code != websocket.ClosePolicyViolation || !strings.Contains(closed.Text, "malformed") {
						t.Errorf("closed with %v", closed)
					}
					return
				}
				if err != nil {
					t.Fatalf("no close frame: %v", err)
				}
			}
		})
	}
	conn := h.dialRaw(t, hello)
	read(t, conn, wire.TypeServerHello)
	if err := conn.WriteMessage(websocket.TextMessage, make([]byte, wire.MaxText+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("a text of %d bytes: %v", wire.MaxText+1, err)
	}
}

func TestUnknownMessagesAreIgnored(t *testing.T) {
	h := newHouse(t, nil)
	conn := h.dialRaw(t, rawHello("a"), `{"type":"client/new","payload":{}}`, `{"type":"client/time","payload":{"client_transmitted":5}}`)
	var st wire.ServerTime
	if err := json.Unmarshal(read(t, conn, wire.TypeServerTime), &st); err != nil || st.ClientTransmitted != 5 || st.Transmitted < st.Received {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestNewestConnectionWins(t *testing.T) {
	h := newHouse(t, nil)
	first := h.dialRaw(t, rawHello("a"))
	old := h.next(t, sendspin.Connected).Player
	second := h.dialRaw(t, rawHello("a"))
	if e := h.next(t, sendspin.Gone); e.Player != old {
		t.Error("the wrong one went")
	}
	fresh := h.next(t, sendspin.Connected).Player
	if h.Player("a") != fresh || len(h.Players()) != 1 {
		t.Error("the newest is not the player")
	}
	read(t, second, wire.TypeServerHello)
	read(t, first, wire.TypeServerHello)
	if _, _, err := first.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the first one ended with %v", err)
	}
	if err := old.SetVolume(1); !errors.Is(err, sendspin.ErrGone) {
		t.Errorf("the old player: %v", err)
	}
}

func TestApproval(t *testing.T) {
	h := newHouse(t, func(c *sendspin.Config) {
		c.Access = func(id string) sendspin.Access {
			if id == "known" {
				return sendspin.Full
			}
			return sendspin.Held
		}
	})
	for _, id := range []string{"stranger", "known"} {
		conn := h.dialRaw(t, rawHello(id))
		p := h.next(t, sendspin.Connected).Player
		if err := p.SetController(sendspin.Controller{Commands: []string{"play"}, Volume: 3}); err != nil {
			t.Fatal(err)
		}
		offer := string(read(t, conn, wire.TypeServerState))
		if got := strings.Contains(offer, `"play"`); got != (id == "known") {
			t.Errorf("%s was offered %s", id, offer)
		}
		press := `{"type":"client/command","payload":{"controller":{"command":"play"}}}`
		for range 2 {
			_ = conn.WriteMessage(websocket.TextMessage, []byte(press))
		}
		if id == "stranger" {
			h.next(t, sendspin.Refused)
			if err := p.SetAccess(sendspin.Full); err != nil {
				t.Fatal(err)
			}
			if offer := string(read(t, conn, wire.TypeServerState)); !strings.Contains(offer, `"play"`) {
				t.Errorf("after the tap: %s", offer)
			}
			_ = conn.WriteMessage(websocket.TextMessage, []byte(press))
		}
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"client/command","payload":{"controller":{"command":"stop"}}}`))
		if e := h.next(t, sendspin.Commanded); e.Command.Command != "play" {
			t.Errorf("%s: %+v", id, e.Command)
		}
	}
}

func TestHandlerRefusesForeignPages(t *testing.T) {
	h := newHouse(t, nil)
	_, res, err := websocket.DefaultDialer.DialContext(t.Context(), h.url, http.Header{"Origin": {"http://evil.example"}})
	if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another host: %v", err)
	}
	_ = res.Body.Close()
}

func TestConnectionsAreBounded(t *testing.T) {
	h := newHouse(t, func(c *sendspin.Config) { c.MaxPlayers = 2 })
	for _, id := range []string{"a", "b"} {
		h.dialRaw(t, rawHello(id))
		h.next(t, sendspin.Connected)
	}
	_, res, err := websocket.DefaultDialer.DialContext(t.Context(), h.url, nil)
	if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("a third connection: %v", err)
	}
	_ = res.Body.Close()
}

// serveClient has a client listen for servers.
func serveClient(t *testing.T, c *client.Client) (url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	web := httptest.NewServer(c.Handler(ctx))
	t.Cleanup(func() {
		cancel()
		c.Wait()
		web.Close()
	})
	return "ws" + strings.TrimPrefix(web.URL, "http") + sendspin.Path
}

func TestDialComesBackAndStaysAway(t *testing.T) {
	h := newHouse(t, func(c *sendspin.Config) {
		c.Timing = sendspin.Timing{BackoffFrom: 5 * time.Millisecond, BackoffTo: 20 * time.Millisecond}
	})
	c := newClient(t, "kitchen", nil)
	url := serveClient(t, c)
	dialled := make(chan error, 1)
	go func() { dialled <- h.Dial(h.ctx, url, sendspin.Discovery) }()
	h.next(t, sendspin.Connected).Player.Close() // a loss
	p := h.next(t, sendspin.Connected).Player
	if p.ID() != "kitchen" {
		t.Error(p.ID())
	}
	// Another server wants it for playing: it goes, and must not be fetched back.
	other := newHouse(t, func(c *sendspin.Config) { c.ID = "other" })
	go func() { _ = other.Dial(other.ctx, url, sendspin.Playback) }()
	other.next(t, sendspin.Connected)
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.AnotherServer {
		t.Errorf("gone: %+v", e)
	}
	var bye *sendspin.GoodbyeError
	select {
	case err := <-dialled:
		if !errors.As(err, &bye) || bye.Reason != wire.AnotherServer {
			t.Errorf("Dial: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Dial goes on")
	}
	// Without a claim it stays with the one that plays; with one it comes.
	err := h.Dial(h.ctx, url, sendspin.Discovery)
	if !errors.As(err, &bye) || bye.Reason != wire.AnotherServer {
		t.Errorf("Dial for discovery: %v", err)
	}
	go func() { dialled <- h.Dial(h.ctx, url, sendspin.Playback) }()
	h.next(t, sendspin.Connected)
	eventually(t, "a switch", func() bool { return c.Status().Server.ID == "house" })
}

func TestArtwork(t *testing.T) {
	h := newHouse(t, nil)
	conn := h.dialRaw(t, `{"type":"client/hello","payload":{"client_id":"screen","version":1,"supported_roles":["artwork@v1"],
		"artwork@v1_support":{"channels":[{"source":"album","format":"jpeg","media_width":100,"media_height":100},
		{"source":"none","format":"png","media_width":1,"media_height":1}]}}}`)
	p := h.next(t, sendspin.Connected).Player
	pic := sendspin.Picture{Format: "jpeg", Width: 100, Height: 80, Data: []byte("picture")}
	if err := p.SetArtwork(0, 0x0102, pic); err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, conn, wire.TypeStreamStart)); !strings.Contains(got, `"width":100,"height":80`) {
		t.Errorf("start: %s", got)
	}
	pic.Data = nil
	if err := p.SetArtwork(0, 3, pic); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x08\x00\x00\x00\x00\x00\x00\x01\x02picture", "\x08\x00\x00\x00\x00\x00\x00\x00\x03"} {
		if kind, data, err := conn.ReadMessage(); err != nil || kind != websocket.BinaryMessage || string(data) != want {
			t.Errorf("%d %q %v, want %q", kind, data, err, want)
		}
	}
	for _, channel := range []int{-1, 1, 2} {
		if err := p.SetArtwork(channel, 1, pic); !errors.Is(err, sendspin.ErrNoRole) {
			t.Errorf("channel %d: %v", channel, err)
		}
	}
	if err := p.Start(sendspin.StreamFormat{Codec: "pcm"}); !errors.Is(err, sendspin.ErrNoRole) {
		t.Errorf("Start at a screen: %v", err)
	}
}

package sendspin_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func readSession(t *testing.T, path string) []line {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for text := range strings.Lines(string(data)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%s: %v in %s", path, err, text)
		}
		lines = append(lines, l)
	}
	return lines
}

// TestSessions plays the client's part of sessions that foreign clients had with
// our server, and expects the server to say what it said then.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/sessions/*.jsonl")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d sessions, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			t.Parallel()
			replay(t, readSession(t, file))
		})
	}
}

func replay(t *testing.T, lines []line) {
	dialect := wire.Cleartext
	if lines[0].From == "server" { // in the current dialect the server says hello first
		dialect = wire.Current
	}
	s := newSession(t, dialect)
	c := s.connect(t)
	var p *sendspin.Player
	player := func() *sendspin.Player {
		if p == nil {
			p = s.h.next(t, sendspin.Connected).Player
		}
		return p
	}
	for _, l := range lines {
		switch l.From {
		case "client":
			c.say(t, l)
		case "server":
			if l.JSON != nil && l.clock() {
				continue // asked for by us, in other numbers
			}
			if got := c.next(t, l.key()); got.same() != l.same() {
				t.Errorf("the server says\n%s\nwhere it said\n%s", got.same(), l.same())
			}
		case "house":
			c.settle(t) // what the client said before has been heard
			s.do(t, player(), l.Do)
		case "event":
			player()
			if got := told(s.h.next(t, kindOf(l.What))); got != l.What {
				t.Errorf("the server tells of %q, where it told of %q", got, l.What)
			}
		}
	}
	for _, l := range c.left() {
		t.Errorf("the server says beside that: %s", l.same())
	}
}

// puppet is a client that says what it is told to, in either dialect.
type puppet struct {
	s    *session
	conn *transport.Conn
	in   chan line
	wait []line // read, and not asked for yet
	sent int64
}

func (s *session) connect(t *testing.T) *puppet {
	t.Helper()
	ws, res, err := websocket.DefaultDialer.DialContext(t.Context(), s.h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	c := &puppet{s: s, conn: transport.New(ws, 5*time.Second), in: make(chan line, 256), sent: 1 << 40}
	if s.dialect == wire.Current {
		c.shake(t)
	}
	go func() {
		defer close(c.in)
		for {
			m, ok, err := c.conn.Read(wire.MaxBinary)
			if err != nil {
				return
			}
			if l, known := s.heard("server", m); ok && known {
				c.in <- l
			}
		}
	}()
	return c
}

// shake is the client's side of the handshake.
func (c *puppet) shake(t *testing.T) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func() []byte {
		_, data, err := c.conn.ReadMessage()
		must(err)
		return data
	}
	id := fixedIdentity(t, 0x41)
	clientInit, err := noise.EncodeClientInit(id.ID(), noise.ChaChaPoly)
	must(err)
	must(c.conn.WriteJSON(clientInit))
	serverInit := read()
	_, remote, err := noise.ParseServerInit(serverInit)
	must(err)
	first, err := noise.ParseHandshakeMessage(read())
	must(err)
	nobody := func(string, noise.Category) (noise.PSK, bool, error) { return noise.PSK{}, false, nil }
	keys, answer, err := noise.Respond(noise.Terms{
		Suite: noise.ChaChaPoly, Local: id, Remote: remote, Prologue: noise.Prologue(clientInit, serverInit),
	}, first, nobody, true)
	must(err)
	text, err := noise.HandshakeMessage(answer)
	must(err)
	must(c.conn.WriteJSON(text))
	c.conn.Secure(keys)
}

// say sends a line. What came in at an input was not kept: it is silence.
func (c *puppet) say(t *testing.T, l line) {
	t.Helper()
	var err error
	if l.JSON != nil {
		err = c.conn.WriteJSON(l.JSON)
	} else {
		err = c.conn.WriteBinary(append(wire.AppendHeader(nil, l.Kind, c.s.now()), make([]byte, l.Size)...))
	}
	if err != nil {
		t.Fatalf("say %s: %v", l.key(), err)
	}
}

// settle returns when the server has heard what was said.
func (c *puppet) settle(t *testing.T) {
	t.Helper()
	c.sent++
	m, err := wire.EncodeIn(c.s.dialect, wire.TypeClientTime, wire.ClientTime{Transmitted: c.sent})
	if err != nil {
		t.Fatal(err)
	}
	c.say(t, line{JSON: m})
	for {
		var at wire.ServerTime
		m, _ := wire.Parse(c.next(t, string(wire.TypeServerTime)).JSON)
		if m.Decode(&at) == nil && at.ClientTransmitted == c.sent {
			return
		}
	}
}

// next waits for the server's next line of a key.
func (c *puppet) next(t *testing.T, key string) line {
	t.Helper()
	for i, l := range c.wait {
		if l.key() == key {
			c.wait = slices.Delete(c.wait, i, i+1)
			return l
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		select {
		case l, open := <-c.in:
			switch {
			case !open:
				t.Fatalf("the connection ended before %s", key)
			case l.key() == key:
				return l
			}
			c.wait = append(c.wait, l)
		case <-ctx.Done():
			t.Fatalf("the server does not say %s", key)
		}
	}
}

// left is what nobody asked for, once the connection has ended.
func (c *puppet) left() []line {
	for l := range c.in {
		c.wait = append(c.wait, l)
	}
	return slices.DeleteFunc(c.wait, func(l line) bool { return l.JSON != nil && l.clock() })
}

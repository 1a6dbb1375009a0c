package sendspin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// line is one of testdata/sessions: a message of a connection between a foreign
// client and our server, in clear; or what our side was told to do, or what the
// server told of it.
type line struct {
	From string          `json:"from"` // "client", "server"; "house" and "event" for the latter two
	JSON json.RawMessage `json:"json,omitempty"`
	Kind byte            `json:"kind,omitempty"` // of a binary message
	Size int             `json:"size,omitempty"` // its bytes behind the header
	Sum  string          `json:"sha256,omitempty"`
	At   int64           `json:"at,omitempty"` // µs, from when sound begins
	Do   string          `json:"do,omitempty"`
	What string          `json:"what,omitempty"`
}

// key is what lines are told apart by: those of one key are in order.
func (l line) key() string {
	if l.JSON == nil {
		return fmt.Sprint(l.From, " binary ", l.Kind)
	}
	m, _ := wire.Parse(l.JSON)
	var parts map[string]json.RawMessage
	_ = json.Unmarshal(m.Payload, &parts)
	if m.Type == wire.TypeServerState || m.Type == wire.TypeServerCommand {
		return fmt.Sprint(m.Type, slices.Sorted(maps.Keys(parts)))
	}
	return string(m.Type)
}

// clock tells whether the line is of the exchanges that clocks are read by.
func (l line) clock() bool {
	return strings.HasSuffix(l.key(), "/time")
}

// same is a line with what differs from run to run left out.
func (l line) same() string {
	if l.JSON == nil {
		return fmt.Sprintf("%s: %d bytes, %s, at %d", l.key(), l.Size, l.Sum, l.At)
	}
	var v any
	_ = json.Unmarshal(l.JSON, &v)
	text, _ := json.Marshal(withoutTimes(v))
	return string(text)
}

func withoutTimes(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if k == "timestamp" || strings.HasSuffix(k, "transmitted") || strings.HasSuffix(k, "received") {
				v[k] = "time"
			} else {
				v[k] = withoutTimes(v[k])
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutTimes(v[i])
		}
	}
	return v
}

// session is our side of a connection: a script that is carried out on it, and
// what was said, in order.
type session struct {
	h       *house
	dialect wire.Dialect
	now     func() int64

	mu     sync.Mutex
	lines  []line
	begun  int64 // when sound begins
	clocks int
}

func newSession(t *testing.T, dialect wire.Dialect) *session {
	t.Helper()
	s := &session{dialect: dialect, now: testClock()}
	s.h = newWatchedHouse(t, func(c *sendspin.Config) {
		if dialect == wire.Current {
			currentHouse(t, c, &keyring{})
		}
		c.Now = s.now
	}, s.take)
	return s
}

// take takes down a message.
func (s *session) take(sent bool, m transport.Message) {
	from := "client"
	if sent {
		from = "server"
	}
	if l, ok := s.heard(from, m); ok {
		s.add(l)
	}
}

func testClock() func() int64 {
	start := time.Now()
	return func() int64 { return time.Since(start).Microseconds() + 5e9 }
}

func (s *session) add(l line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.JSON != nil && l.clock() {
		if s.clocks++; s.clocks > 6 { // three of each side will do
			return
		}
	}
	s.lines = append(s.lines, l)
}

// heard makes a line of a message.
func (s *session) heard(from string, m transport.Message) (l line, ok bool) {
	if m.JSON {
		parsed, err := wire.Parse(m.Data)
		if err != nil || strings.HasSuffix(string(parsed.Type), "/init") || parsed.Type == wire.TypeHandshake {
			return line{}, false // the handshake is never the same
		}
		return line{From: from, JSON: bytes.Clone(m.Data)}, true
	}
	n := wire.HeaderLen
	if m.Data[0] == wire.AudioChunk {
		n = wire.ChunkHeader(s.dialect)
	}
	_, at, _, err := wire.ParseBinary(m.Data)
	if err != nil {
		return line{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l = line{From: from, Kind: m.Data[0], Size: len(m.Data) - n, At: at - s.begun}
	if from == "server" {
		sum := sha256.Sum256(m.Data[n:])
		l.Sum = hex.EncodeToString(sum[:8])
	} else {
		l.At = 0 // its own clock says it
	}
	return l, true
}

// do has our side do something: "access full", "start", "send", and so on.
func (s *session) do(t *testing.T, p *sendspin.Player, what string) {
	t.Helper()
	s.add(line{From: "house", Do: what})
	word, arg, _ := strings.Cut(what, " ")
	var err error
	switch word {
	case "access":
		err = p.SetAccess(map[string]sendspin.Access{"listens": sendspin.Listens, "full": sendspin.Full}[arg])
	case "group":
		err = p.SetGroup("zone", arg, true)
	case "start":
		err = p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16})
	case "send":
		s.mu.Lock()
		s.begun = s.now() + 1_000_000
		at := s.begun
		s.mu.Unlock()
		for i, part := range slices.Collect(slices.Chunk(packPCM(sine(5*882, 44100)), 882*4)) {
			if err == nil {
				err = p.Send(at+int64(i)*20_000, part)
			}
		}
	case "metadata":
		err = p.SetMetadata(wire.Metadata{Timestamp: s.now(), Title: &arg})
	case "color":
		err = p.SetColor(wire.Color{Timestamp: s.now(), Primary: &wire.RGB{201, 2, 3}})
	case "volume":
		volume, _ := strconv.Atoi(arg)
		err = p.SetVolume(volume)
	case "controller":
		err = p.SetController(wire.Controller{Commands: []string{arg}, Volume: 34})
	case "input":
		err = p.StartInput()
	case "clear":
		err = p.Clear()
	case "end":
		err = p.End()
	default:
		t.Fatalf("nobody knows how to do %q", what)
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// event waits for what the server tells, in words.
func (s *session) event(t *testing.T, kind sendspin.EventKind) {
	t.Helper()
	s.add(line{From: "event", What: told(s.h.next(t, kind))})
}

func told(e sendspin.Event) string {
	switch e.Kind {
	case sendspin.Commanded:
		return "commanded " + e.Command.Command
	case sendspin.Refused:
		return "refused " + e.Command.Command
	case sendspin.InputStarted:
		return fmt.Sprint("input of ", e.Input.Codec, " ", e.Input.Rate)
	case sendspin.InputEnded:
		return "input over"
	case sendspin.Left:
		return "left"
	case sendspin.Gone:
		return "gone " + string(e.Goodbye)
	default:
		return fmt.Sprint("event ", e.Kind)
	}
}

func kindOf(what string) sendspin.EventKind {
	word, _, _ := strings.Cut(what, " ")
	return map[string]sendspin.EventKind{
		"commanded": sendspin.Commanded, "refused": sendspin.Refused, "left": sendspin.Left, "gone": sendspin.Gone,
		"input": map[bool]sendspin.EventKind{true: sendspin.InputEnded, false: sendspin.InputStarted}[what == "input over"],
	}[word]
}

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

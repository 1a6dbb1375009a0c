package sendspin_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
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

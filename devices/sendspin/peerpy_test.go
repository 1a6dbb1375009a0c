//go:build peers312

package sendspin_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// pyEvent is one line of testdata/peer-aiosendspin/peer.py.
type pyEvent struct {
	Event    string
	Server   string
	Codec    string
	Rate     int
	At       int64
	Size     int
	Clock    int64
	Title    string
	Name     string
	Volume   int
	Commands []string
	Roles    []string
	Code     string
	Ahead    int64

	received int64 // by our clock
}

// pyPeer is aiosendspin in its own process.
type pyPeer struct {
	stdin  io.WriteCloser
	events chan pyEvent
}

func newPyPeer(t *testing.T, now func() int64, args ...string) *pyPeer {
	t.Helper()
	return startPyPeer(t, now, "JUMPGATE_PYTHON312", "peer.py", args...)
}

// newPyPeerNow is aiosendspin of the current dialect.
func newPyPeerNow(t *testing.T, now func() int64, args ...string) *pyPeer {
	t.Helper()
	return startPyPeer(t, now, "JUMPGATE_PYTHON312_NOW", "now.py", args...)
}

func startPyPeer(t *testing.T, now func() int64, interpreter, script string, args ...string) *pyPeer {
	t.Helper()
	python := os.Getenv(interpreter)
	if python == "" {
		t.Fatalf("%s is not set: devices/sendspin/testdata/peer-aiosendspin/setup.sh makes one and prints it", interpreter)
	}
	code, err := os.ReadFile("testdata/peer-aiosendspin/" + script)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	// By -c, because the interpreter may live in a folder of its own.
	cmd := exec.CommandContext(ctx, python, append([]string{"-c", string(code)}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &pyPeer{stdin: stdin, events: make(chan pyEvent, 4096)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			e := pyEvent{received: now()}
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				p.events <- e
			}
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		cancel()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("aiosendspin said:\n%s", said.String())
		}
	})
	return p
}

func (p *pyPeer) please(t *testing.T, ask string) {
	t.Helper()
	if _, err := fmt.Fprintln(p.stdin, ask); err != nil {
		t.Fatal(err)
	}
}

// next waits for an event and skips others.
func (p *pyPeer) next(t *testing.T, event string) pyEvent {
	t.Helper()
	timeout := time.After(time.Minute) // Python takes its time to start
	for {
		select {
		case e := <-p.events:
			if e.Event == event {
				return e
			}
		case <-timeout:
			t.Fatalf("aiosendspin did not say %q", event)
		}
	}
}

// TestPeerAiosendspinConnects: the reference client connects to our endpoint.
func TestPeerAiosendspinConnects(t *testing.T) {
	now := testClock()
	h := newHouse(t, func(c *sendspin.Config) { c.Now = now })
	peer := newPyPeer(t, now, "client", h.url)
	pyPlays(t, h, peer, now)
}

// TestPeerAiosendspinIsDialled: the reference client listens, we connect.
func TestPeerAiosendspinIsDialled(t *testing.T) {
	now := testClock()
	h := newHouse(t, func(c *sendspin.Config) { c.Now = now })
	var free net.ListenConfig
	l, err := free.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	peer := newPyPeer(t, now, "listen", fmt.Sprint(port))
	peer.next(t, "listening")
	dialled := make(chan error, 1)
	go func() {
		dialled <- h.Dial(h.ctx, fmt.Sprintf("ws://127.0.0.1:%d%s", port, sendspin.Path), sendspin.Playback)
	}()
	pyPlays(t, h, peer, now)
	if err := <-dialled; err == nil || err.Error() != (&sendspin.GoodbyeError{Reason: wire.UserRequest}).Error() {
		t.Errorf("Dial: %v", err)
	}
}

func pyPlays(t *testing.T, h *house, peer *pyPeer, now func() int64) {
	t.Helper()
	if e := peer.next(t, "hello"); e.Server != "house" {
		t.Errorf("hello %+v", e)
	}
	p := h.next(t, sendspin.Connected).Player
	if st := h.next(t, sendspin.StateChanged).State; st.Volume != 80 {
		t.Errorf("state %+v", st)
	}
	if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
		t.Fatal(err)
	}
	// Two seconds are more than its buffer of 200,000 bytes may hold at once.
	at := now() + 1_000_000
	for i, part := range slices.Collect(slices.Chunk(packPCM(sine(88200, 44100)), 882*4)) {
		if err := p.Send(at+int64(i)*20_000, part); err != nil {
			t.Fatal(err)
		}
	}
	if e := peer.next(t, "start"); e.Codec != "pcm" || e.Rate != 44100 {
		t.Errorf("start %+v", e)
	}
	// Telling takes a while, and its first estimates are wild: the best counts.
	behind := int64(math.MaxInt64)
	for i := range int64(100) {
		e := peer.next(t, "chunk")
		if e.At != at+i*20_000 || e.Size != 3528 {
			t.Fatalf("chunk %d: %+v", i, e)
		}
		if d := e.received - e.Clock; max(d, -d) < max(behind, -behind) {
			behind = d
		}
		played := max((e.received-at)/20_000, 0)
		if held := (i + 1 - played) * 3528; held > 200_000 {
			t.Errorf("with chunk %d the client has %d bytes in its buffer", i, held)
		}
	}
	if behind < -3000 || behind > 10_000 {
		t.Errorf("its clock is %d µs behind ours when a chunk was told", behind)
	}
	title := "Überall"
	_ = p.SetMetadata(wire.Metadata{Timestamp: now(), Title: &title})
	if e := peer.next(t, "metadata"); e.Title != title {
		t.Errorf("metadata %+v", e)
	}
	_ = p.SetVolume(33)
	if e := peer.next(t, "volume"); e.Volume != 33 {
		t.Errorf("volume %+v", e)
	}
	peer.please(t, `{"volume": 34}`)
	eventually(t, "its volume", func() bool { return p.State().Volume == 34 })
	peer.please(t, `{"press": "next"}`)
	h.next(t, sendspin.Refused)
	_ = p.SetController(wire.Controller{Commands: []string{"next"}})
	_ = p.SetAccess(sendspin.Full)
	peer.please(t, `{"press": "next"}`)
	if e := h.next(t, sendspin.Commanded); e.Command.Command != "next" {
		t.Errorf("command %+v", e)
	}
	_ = p.Clear()
	peer.next(t, "clear")
	_ = p.End()
	peer.next(t, "end")
	peer.please(t, `{"bye": "user_request"}`)
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.UserRequest {
		t.Errorf("gone %+v", e)
	}
}

// foreign is the peer as a session's script has it.
func (p *pyPeer) foreign(t *testing.T) foreign {
	return foreign{
		saw: func(what string) {
			t.Helper()
			for {
				if e := p.next(t, what); what != "buttons" || len(e.Commands) > 0 {
					return
				}
			}
		},
		ask: func(what string) {
			t.Helper()
			p.please(t, map[string]string{
				"volume": `{"volume": 34}`, "press": `{"press": "next"}`, "capture": `{"capture": 5}`,
				"leave": `{"leave": true}`, "bye": `{"bye": "user_request"}`,
			}[what])
		},
	}
}

// TestPeerAiosendspinSession takes down a session for TestSessions.
func TestPeerAiosendspinSession(t *testing.T) {
	s := newSession(t, wire.Cleartext)
	s.record(t, "aiosendspin-6.1.1", func() foreign { return newPyPeer(t, s.now, "client", s.h.url).foreign(t) })
}

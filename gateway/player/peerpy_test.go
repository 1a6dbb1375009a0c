//go:build peers312

package player

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// pyServer is aiosendspin's server in its own process.
type pyServer struct {
	ask   func(string)
	lines chan map[string]any
}

func newPyServer(t *testing.T, args ...string) *pyServer {
	t.Helper()
	python := os.Getenv("JUMPGATE_PYTHON312")
	if python == "" {
		t.Fatal("JUMPGATE_PYTHON312 is not set: devices/sendspin/testdata/peer-aiosendspin/setup.sh FOLDER makes one and prints it")
	}
	script, err := os.ReadFile("../../devices/sendspin/testdata/peer-aiosendspin/peer.py")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, python, append([]string{"-c", string(script)}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &pyServer{lines: make(chan map[string]any, 4096)}
	s.ask = func(line string) {
		if _, err := fmt.Fprintln(in, line); err != nil {
			t.Error(err)
		}
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			var m map[string]any
			if json.Unmarshal(sc.Bytes(), &m) == nil {
				s.lines <- m
			}
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		cancel()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("aiosendspin said:\n%s", said.String())
		}
	})
	return s
}

func (s *pyServer) next(t *testing.T, event string) map[string]any {
	t.Helper()
	timeout := time.After(time.Minute) // Python takes its time to start
	for {
		select {
		case m := <-s.lines:
			if m["event"] == event {
				return m
			}
		case <-timeout:
			t.Fatalf("aiosendspin did not say %q", event)
		}
	}
}

// TestPeerAiosendspinServer: our player plays what the reference server sends,
// in each codec; it connects, and it is connected to.
func TestPeerAiosendspinServer(t *testing.T) {
	for _, codec := range []audio.Codec{audio.PCM, audio.FLAC, audio.Opus} {
		t.Run(string(codec)+" connects", func(t *testing.T) { playsPython(t, codec, false) })
	}
	t.Run("pcm is reached", func(t *testing.T) { playsPython(t, audio.PCM, true) })
}

func playsPython(t *testing.T, codec audio.Codec, reached bool) {
	path := filepath.Join(t.TempDir(), "out.wav")
	sounds := make(chan Sound, 64)
	cfg := Config{
		ID: "p1", Clock: audio.NewClock(), Output: NewWAV(path), Codecs: []audio.Codec{codec}, Volume: 100,
		OnSound: func(s Sound) { sounds <- s }, OnProblem: func(err error) { t.Error(err) },
	}
	var py *pyServer
	if !reached {
		port := freePort(t)
		py = newPyServer(t, "server", fmt.Sprint(port))
		py.next(t, "listening")
		cfg.Server = fmt.Sprintf("ws://127.0.0.1:%d%s", port, sendspin.Path)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if reached {
		web := httptest.NewServer(p.Handler(ctx))
		defer web.Close()
		defer p.Client().Wait()
		py = newPyServer(t, "reach", "ws"+strings.TrimPrefix(web.URL, "http")+sendspin.Path)
		py.next(t, "listening")
	}
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()

	py.ask(`{"tone": 10}`)
	first := int64(py.next(t, "sent")["at"].(float64))
	select {
	case s := <-sounds:
		if off := p.Client().Server(int64(s.Heard)) - first; math.Abs(float64(off)) > 40_000 {
			t.Errorf("heard %d µs from its time", off)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no sound")
	}
	py.ask(`{"volume": 100}`)
	until(t, "the end of the tone", func() bool { return p.Stats().Underruns >= 1 })
	st := p.Stats()
	// A frame or two at the start, where the clock's estimate has moved since the
	// silence before it was put in.
	if st.Broken > 0 || st.Dropped > 0 || st.Late > 0 || st.Skipped > 2 {
		t.Errorf("%+v", st)
	}
	py.ask(`{"stop": 1}`)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	rate, frames, crossings := countTone(t, path)
	t.Logf("%s: %d frames of tone at %d Hz, %d crossings; %+v", codec, frames, rate, crossings, st)
	// A second of 441 Hz; Opus fades in and out around it.
	if math.Abs(float64(frames-rate)) > 0.02*float64(rate) || crossings < 439 || crossings > 443 {
		t.Errorf("%d frames of tone with %d upward crossings", frames, crossings)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	var cfg net.ListenConfig
	l, err := cfg.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// countTone returns the rate of a 16-bit stereo file, how many frames there are
// from the first to the last loud one, and how often the left channel rises.
func countTone(t *testing.T, path string) (rate, frames, crossings int) {
	t.Helper()
	wav, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const loud = 300
	first, last := -1, -1
	low := true
	for i := wavHeader; i+4 <= len(wav); i += 4 {
		v := int16(binary.LittleEndian.Uint16(wav[i:]))
		if v > loud || v < -loud {
			if first < 0 {
				first = i
			}
			last = i
		}
		switch {
		case v > loud && low:
			crossings++
			low = false
		case v < -loud:
			low = true
		}
	}
	return int(binary.LittleEndian.Uint32(wav[24:])), (last - first) / 4, crossings
}

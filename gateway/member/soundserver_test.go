//go:build peersound

package member_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

const soundRate = 48000 // of the sound server, and the only one that sendspin-rs has

// soundServer is a PulseAudio of the test's own: one sink of four channels that
// takes samples at a card's pace, seen as two stereo sinks, "a" and "b". What is
// recorded of it tells to the sample what sounds together.
type soundServer struct {
	dir string
	env []string

	mu    sync.Mutex
	heard []moment
}

// moment is one frame that the sink took: which frames of the music sounded on a
// and on b, -1 for silence, and when, µs of the server's clock.
type moment struct {
	a, b int64
	at   audio.Time
}

// ended runs a program until the test is over, and lists what it said as errors if
// that failed.
func ended(t *testing.T, env []string, name string, args ...string) io.Reader {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (make test-peers installs what is needed)", err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, said.String())
		}
	})
	return out
}

func newSoundServer(t *testing.T) *soundServer {
	t.Helper()
	s := &soundServer{dir: t.TempDir()}
	socket := filepath.Join(s.dir, "socket")
	s.env = []string{"HOME=" + s.dir, "XDG_RUNTIME_DIR=" + s.dir, "PULSE_SERVER=unix:" + socket}
	remap := "module-remap-sink master=house channels=2 channel_map=front-left,front-right remix=no "
	ended(t, s.env, "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", fmt.Sprint("module-null-sink sink_name=house format=s32le channels=4 channel_map=front-left,front-right,rear-left,rear-right rate=", soundRate),
		"-L", remap+"sink_name=a sink_properties=device.description=a master_channel_map=front-left,front-right",
		"-L", remap+"sink_name=b sink_properties=device.description=b master_channel_map=rear-left,rear-right")
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		cmd := exec.CommandContext(t.Context(), "pactl", "info")
		cmd.Env = append(os.Environ(), s.env...)
		if cmd.Run() == nil {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatal("PulseAudio does not answer")
		}
	}
}

// record notes what sounds, once a millisecond.
func (s *soundServer) record(t *testing.T, clock audio.Clock) {
	t.Helper()
	const frame, keep = 4 * 4, soundRate / 1000
	out := ended(t, s.env, "parec", "--raw", "--device=house.monitor", "--format=float32le", "--channels=4",
		fmt.Sprint("--rate=", soundRate), "--channel-map=front-left,front-right,rear-left,rear-right", "--no-remix", "--latency-msec=10")
	go func() {
		b, held, frames := make([]byte, 64<<10), 0, 0
		for {
			n, err := out.Read(b[held:])
			if err != nil {
				return
			}
			held += n
			now, whole := clock.Now(), held/frame
			s.mu.Lock()
			for i := range whole {
				if frames++; frames%keep == 0 {
					f := b[i*frame:]
					ago := time.Duration(whole-i) * time.Second / soundRate
					s.heard = append(s.heard, moment{a: number32(f), b: number32(f[8:]), at: now.Add(-ago)})
				}
			}
			s.mu.Unlock()
			held = copy(b, b[whole*frame:held])
		}
	}()
}

// shortBits are the low bits of a frame's number that the left channel carries, so
// that 16 bits a sample are enough.
const shortBits = 15

func numberedShort(i int64, c int) float32 {
	if c == 0 {
		return float32(i&(1<<shortBits-1)) / (1 << 15)
	}
	return float32(i>>shortBits+1) / (1 << 15)
}

// number32 is the number of a stereo frame (see numberedShort), -1 where it has none:
// in silence, and where a player mixed two frames.
func number32(f []byte) int64 {
	const most = 20 * 60 * soundRate // more than there is
	part := func(b []byte) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) * (1 << 15)
	}
	low, high := part(f), part(f[4:])
	if high < 1 || low != math.Trunc(low) || high != math.Trunc(high) {
		return -1
	}
	if n := int64(low) + (int64(high)-1)<<shortBits; n < most {
		return n
	}
	return -1
}

// last is what sounded in the last so long.
func (s *soundServer) last(d time.Duration) []moment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard[max(0, len(s.heard)-int(d.Milliseconds())):])
}

// apart is by how much b is behind a, in ms, in the middle and for 95 of 100
// moments at most; n is how many moments had both.
func apart(heard []moment) (middle, most float64, n int) {
	var d, abs []float64
	for _, m := range heard {
		if m.a >= 0 && m.b >= 0 {
			d = append(d, float64(m.a-m.b)*1000/soundRate)
			abs = append(abs, math.Abs(d[len(d)-1]))
		}
	}
	slices.Sort(d)
	slices.Sort(abs)
	return quantile(d, 0.5), quantile(abs, 0.95), len(d)
}

// late is by how much a sounds after its time, in ms, in the middle: the recording
// comes in pieces of 10 ms.
func late(heard []moment, z zone.State) float64 {
	var d []float64
	for _, m := range heard {
		if m.a >= 0 {
			due := int64(z.At) - z.Offset.Microseconds() + m.a*1_000_000/soundRate
			d = append(d, float64(int64(m.at)-due)/1000)
		}
	}
	slices.Sort(d)
	return quantile(d, 0.5)
}

// to is the environment of a program that plays to one of the sinks.
func (s *soundServer) to(t *testing.T, sink string) []string {
	t.Helper()
	conf := filepath.Join(s.dir, "alsa.conf")
	text := "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(s.env), "ALSA_CONFIG_PATH="+conf, "PULSE_SINK="+sink)
}

// start runs a program that plays to one of the sinks, by PulseAudio's own library
// or ALSA's, with 200 ms between: a busy machine is late at times.
func (s *soundServer) start(t *testing.T, sink, program string, args ...string) <-chan string {
	t.Helper()
	return s.run(t, append(s.to(t, sink), "PULSE_LATENCY_MSEC=200"), program, args...)
}

// run runs a program; what it says goes to the channel.
func (s *soundServer) run(t *testing.T, env []string, program string, args ...string) <-chan string {
	t.Helper()
	// One pipe for all that it says.
	out := ended(t, env, "sh", append([]string{"-c", `exec "$0" "$@" 2>&1`, program}, args...)...)
	lines := make(chan string, 1<<16)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

// says waits until a program says something.
func says(t *testing.T, lines <-chan string, what string) {
	t.Helper()
	var said []string
	for timeout := time.After(time.Minute); ; {
		select {
		case line := <-lines:
			if strings.Contains(line, what) {
				return
			}
			said = append(said, line)
		case <-timeout:
			t.Fatalf("it did not say %q, but:\n%s", what, strings.Join(said, "\n"))
		}
	}
}

//go:build peersrust

package member_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

const rustRate = 48000 // the only one that the example has

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

// ended runs a program until the test is over, and lists what it said if that
// failed.
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
		"-L", fmt.Sprint("module-null-sink sink_name=house format=s32le channels=4 channel_map=front-left,front-right,rear-left,rear-right rate=", rustRate),
		"-L", remap+"sink_name=a master_channel_map=front-left,front-right",
		"-L", remap+"sink_name=b master_channel_map=rear-left,rear-right")
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
	const frame, keep = 4 * 4, rustRate / 1000
	out := ended(t, s.env, "parec", "--raw", "--device=house.monitor", "--format=float32le", "--channels=4",
		fmt.Sprint("--rate=", rustRate), "--channel-map=front-left,front-right,rear-left,rear-right", "--no-remix", "--latency-msec=10")
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
					ago := time.Duration(whole-i) * time.Second / rustRate
					s.heard = append(s.heard, moment{a: number32(f), b: number32(f[8:]), at: now.Add(-ago)})
				}
			}
			s.mu.Unlock()
			held = copy(b, b[whole*frame:held])
		}
	}()
}

// number32 is the number of a stereo frame (see numbered), -1 where it has none:
// in silence, and where a player mixed two frames.
func number32(f []byte) int64 {
	const most = 20 * 60 * rustRate // more than there is
	part := func(b []byte) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) * (1 << 23)
	}
	low, high := part(f), part(f[4:])
	if high < 1 || low != math.Trunc(low) || high != math.Trunc(high) {
		return -1
	}
	if n := int64(low) + (int64(high)-1)<<lowBits; n < most {
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
			d = append(d, float64(m.a-m.b)*1000/rustRate)
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
			due := int64(z.At) - z.Offset.Microseconds() + m.a*1_000_000/rustRate
			d = append(d, float64(int64(m.at)-due)/1000)
		}
	}
	slices.Sort(d)
	return quantile(d, 0.5)
}

// startRust starts sendspin-rs's example player on one of the sinks; what it says
// goes to the channel.
func (s *soundServer) startRust(t *testing.T, id, url string, args ...string) <-chan string {
	t.Helper()
	player := os.Getenv("JUMPGATE_SENDSPIN_RS")
	if player == "" {
		t.Fatal("JUMPGATE_SENDSPIN_RS is not set: devices/sendspin/testdata/peer-rust/setup.sh FOLDER builds one and prints it")
	}
	conf := filepath.Join(s.dir, "alsa.conf")
	if err := os.WriteFile(conf, []byte("pcm.!default { type pulse }\nctl.!default { type pulse }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := ended(t, append(s.env, "ALSA_CONFIG_PATH="+conf, "PULSE_SINK="+id, "PULSE_LATENCY_MSEC=200"), player,
		append([]string{"--server", url, "--id", id, "--name", id}, args...)...)
	lines := make(chan string, 1<<16)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

func saysRust(t *testing.T, lines <-chan string, what string) {
	t.Helper()
	for timeout := time.After(time.Minute); ; {
		select {
		case line := <-lines:
			if strings.Contains(line, what) {
				return
			}
		case <-timeout:
			t.Fatalf("sendspin-rs did not say %q", what)
		}
	}
}

// TestPeerSendspinRust: two of sendspin-rs's example player, one for FLAC and one for
// PCM, play a zone to a sound server, in step with each other and with the zone.
func TestPeerSendspinRust(t *testing.T) {
	clock := audio.NewClock()
	sound := newSoundServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	server, err := sendspin.New(sendspin.Config{ID: "house", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	wg.Go(func() { _ = web.Serve(l) })
	wg.Go(func() { _ = server.Run(ctx) })
	defer web.Close()
	z := syncZone(ctx, t, &wg, clock, rustRate, 9*time.Minute)

	url := "ws://" + l.Addr().String() + sendspin.Path
	a := sound.startRust(t, "a", url, "--codec", "flac")
	b := sound.startRust(t, "b", url, "--codec", "pcm")
	players := synchrony{players: 2}.gather(t, server, clock, z)
	wg.Go(func() {
		for range server.Events() {
		}
	})
	if err := z.Play(ctx); err != nil {
		t.Fatal(err)
	}
	saysRust(t, a, "codec='flac' 48000Hz 2ch 24bit")
	saysRust(t, b, "codec='pcm' 48000Hz 2ch 24bit")
	sound.record(t, clock)
	state := func() zone.State {
		st, err := z.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	// hears waits until the players, which move by 0.5 % at most while they settle,
	// are so close to where they should be, and tells how they then hold it for 10 s.
	hears := func(what string, delay, within float64) {
		began := time.Now()
		time.Sleep(5 * time.Second) // what sounded before is over
		for in := 0; in < 10; {
			middle, _, n := apart(sound.last(time.Second))
			if in++; n < 900 || math.Abs(middle-delay) > within {
				in = 0
			}
			if time.Since(began) > 2*time.Minute {
				t.Fatalf("%s: b is %.1f ms after a in %d of the last 1,000 ms, want %.0f", what, middle, n, delay)
			}
			time.Sleep(time.Second)
		}
		heard := sound.last(10 * time.Second)
		middle, most, _ := apart(heard)
		t.Logf("%s: settled after %.0f s; then b is %.2f ms after a, p95 of the distance %.2f ms; a is heard %.0f ms after its time",
			what, time.Since(began).Seconds()-10, middle, most, late(heard, state()))
	}
	hears("play", 0, 10)

	if err := players["a"].SetOutputDelay(100 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	saysRust(t, a, "Static delay set to 100 ms")
	hears("a earlier by 100 ms", 100, 20)

	if err := z.Seek(ctx, 4*time.Minute); err != nil {
		t.Fatal(err)
	}
	saysRust(t, a, "Stream cleared")
	// Each then holds itself to 3 ms by its own account, which is no better than what
	// ALSA tells it of the sound server's buffer, 200 ms long.
	hears("seek", 100, 250)

	if err := z.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	saysRust(t, b, "Stream ended")
	time.Sleep(2 * time.Second)
	if _, _, n := apart(sound.last(time.Second)); n > 0 {
		t.Errorf("%d ms of music after a pause", n)
	}
}

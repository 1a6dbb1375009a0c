//go:build peersound

package member_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// twoForeign are two players that somebody else wrote, a and b, in a zone, and what
// they play to a sound server.
type twoForeign struct {
	server  *sendspin.Server
	addr    string // of the server
	sound   *soundServer
	zone    *zone.Zone
	players map[string]*sendspin.Player
	said    map[string]<-chan string
}

// program is a player that an environment variable names.
func program(t *testing.T, variable, how string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("%s is not set: %s", variable, how)
	}
	return path
}

// playForeign starts the two by start, and the zone.
func playForeign(t *testing.T, start func(f *twoForeign, id string) <-chan string) *twoForeign {
	t.Helper()
	clock := audio.NewClock()
	sound := newSoundServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	server, err := sendspin.New(sendspin.Config{ID: "house", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &twoForeign{server: server, addr: l.Addr().String(), sound: sound, said: map[string]<-chan string{}}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	wg.Go(func() { _ = web.Serve(l) })
	wg.Go(func() { _ = server.Run(ctx) })
	t.Cleanup(func() { cancel(); _ = web.Close() })
	f.zone = syncZone(ctx, t, &wg, clock, zonetest.Sound{Rate: soundRate, At: numberedShort}, 9*time.Minute)

	for _, id := range []string{"a", "b"} {
		f.said[id] = start(f, id)
	}
	f.players = gather(t, &wg, server, clock, f.zone, 2)
	for _, p := range f.players {
		if err := p.SetVolume(100); err != nil && !errors.Is(err, sendspin.ErrNoRole) {
			t.Fatal(err)
		}
	}
	if err := f.zone.Play(ctx); err != nil {
		t.Fatal(err)
	}
	f.sound.record(t, clock)
	return f
}

// hears waits until b has been so many ms after a, give or take what is allowed, for
// 10 s: players that are off move by 0.5 % at most. It logs how they then hold it.
func (f *twoForeign) hears(t *testing.T, what string, delay, within float64) {
	t.Helper()
	began := time.Now()
	time.Sleep(5 * time.Second) // what sounded before is over
	for in := 0; in < 10; {
		middle, _, n := apart(f.sound.last(time.Second))
		if in++; n < 900 || math.Abs(middle-delay) > within {
			in = 0
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%s: b is %.1f ms after a in %d of the last 1,000 ms, want %.0f", what, middle, n, delay)
		}
		time.Sleep(time.Second)
	}
	st, err := f.zone.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heard := f.sound.last(10 * time.Second)
	middle, most, _ := apart(heard)
	t.Logf("%s: settled after %.0f s; then b is %.2f ms after a, p95 of the distance %.2f ms; a is heard %.0f ms after its time",
		what, time.Since(began).Seconds()-10, middle, most, late(heard, st))
}

// seeks moves the zone to its fourth minute.
func (f *twoForeign) seeks(t *testing.T, cleared string) {
	t.Helper()
	if err := f.zone.Seek(t.Context(), 4*time.Minute); err != nil {
		t.Fatal(err)
	}
	if cleared != "" {
		says(t, f.said["a"], cleared)
	}
}

// pauses ends the stream, and hears nothing any more.
func (f *twoForeign) pauses(t *testing.T, ended string) {
	t.Helper()
	if err := f.zone.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ended != "" {
		says(t, f.said["b"], ended)
	}
	time.Sleep(2 * time.Second)
	if _, _, n := apart(f.sound.last(time.Second)); n > 0 {
		t.Errorf("%d ms of music after a pause", n)
	}
}

var codecOf = map[string]string{"a": "flac", "b": "pcm"}

// TestPeerSendspinRust: two of sendspin-rs's example player, one for FLAC and one for
// PCM, play a zone to a sound server, in step with each other and with the zone.
func TestPeerSendspinRust(t *testing.T) {
	cli := program(t, "JUMPGATE_SENDSPIN_RS", "devices/sendspin/testdata/peer-rust/setup.sh FOLDER builds it and prints it")
	f := playForeign(t, func(f *twoForeign, id string) <-chan string {
		return f.sound.start(t, id, cli, "--server", "ws://"+f.addr+sendspin.Path, "--id", id, "--name", id, "--codec", codecOf[id])
	})
	says(t, f.said["a"], "codec='flac' 48000Hz 2ch 24bit")
	says(t, f.said["b"], "codec='pcm' 48000Hz 2ch 24bit")
	f.hears(t, "play", 0, 10)
	if err := f.players["a"].SetOutputDelay(100 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	says(t, f.said["a"], "Static delay set to 100 ms")
	f.hears(t, "a earlier by 100 ms", 100, 20)
	// Each then holds itself to 3 ms by its own account, which is no better than what
	// ALSA tells it of the sound server's buffer, 200 ms long.
	f.seeks(t, "Stream cleared")
	f.hears(t, "seek", 100, 250)
	f.pauses(t, "Stream ended")
}

// TestPeerSendspinGo: the same of sendspin-go 1.8.1's player. It hands chunks to the
// sound server up to 50 ms before their time and corrects nothing afterwards.
func TestPeerSendspinGo(t *testing.T) {
	cli := program(t, "JUMPGATE_SENDSPIN_GO", "the player of a checkout of the tag v1.8.1, "+
		"by CGO_ENABLED=1 go build (apt-get install libopus-dev libopusfile-dev pkg-config)")
	f := playForeign(t, func(f *twoForeign, id string) <-chan string {
		return f.sound.start(t, id, cli, "-daemon", "-server", f.addr, "-client-id", id, "-name", id, "-preferred-codec", codecOf[id], "-audio-device", id,
			"-max-sample-rate", fmt.Sprint(soundRate), "-max-bit-depth", "24")
	})
	says(t, f.said["a"], "Stream starting: flac 48000Hz 2ch")
	says(t, f.said["b"], "Stream starting: pcm 48000Hz 2ch")
	f.hears(t, "play", 0, 150)
	f.seeks(t, "Stream clear received")
	f.hears(t, "seek", 0, 150)
	f.pauses(t, "Stream end received")
}

// TestPeerSendspinCpp: sendspin-cpp-cli's player, which is ESPHome's code on Linux,
// dialled by the server, and our own on the same sound server. Two of the former on
// one machine would have one client_id, its network card's.
func TestPeerSendspinCpp(t *testing.T) {
	cli := program(t, "JUMPGATE_SENDSPIN_CPP", "sendspin-cli of a checkout of sendspin-cpp-cli, built by cmake "+
		"(apt-get install g++ cmake pkg-config libasound2-dev)")
	f := playForeign(t, func(f *twoForeign, id string) <-chan string {
		if id == "b" {
			f.startOwn(t, id)
			return nil
		}
		port := freePort(t)
		go func() { _ = f.server.Dial(t.Context(), "ws://127.0.0.1:"+port+sendspin.Path, wire.Discovery) }()
		return f.sound.start(t, id, cli, "-n", id, "--port", port, "-o", "default", "--no-mdns", "--no-control",
			"--state-dir", t.TempDir(), "-d", "debug")
	})
	f.hears(t, "play", 0, 30)
	f.seeks(t, "")
	f.hears(t, "seek", 0, 30)
	f.pauses(t, "")
}

// startOwn starts our own player, by aplay.
func (f *twoForeign) startOwn(t *testing.T, id string) {
	t.Helper()
	for _, v := range f.sound.to(t, id) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	card, err := player.NewCard(t.Context(), "aplay", nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := player.New(player.Config{ID: id, Server: "ws://" + f.addr + sendspin.Path, Clock: audio.NewClock(), Output: card, Volume: 100})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.Run(t.Context()) }()
}

// TestSnapcastOnASoundServer: two of our own players, and then two of Snapcast's, on
// such a sound server, each as it is by default.
func TestSnapcastOnASoundServer(t *testing.T) {
	t.Run("Jumpgate", func(t *testing.T) {
		f := playForeign(t, func(f *twoForeign, id string) <-chan string {
			return f.sound.run(t, f.sound.to(t, id), "../../bin/jumpgate", "player", f.addr, "--name", id, "--data", t.TempDir())
		})
		f.hears(t, "play", 0, 30)
		f.seeks(t, "")
		f.hears(t, "seek", 0, 30)
	})
	t.Run("Snapcast", func(t *testing.T) {
		s, port := newSoundServer(t), freePort(t)
		in, config := filepath.Join(s.dir, "in"), filepath.Join(s.dir, "snapserver.conf")
		text := fmt.Sprintf("[http]\nenabled = false\n[tcp]\nenabled = false\n[stream]\nport = %s\n"+
			"source = pipe://%s?name=t&sampleformat=%d:16:2&codec=flac&mode=create\n", port, in, soundRate)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(in, 0o600); err != nil {
			t.Fatal(err)
		}
		s.run(t, s.env, "snapserver", "-c", config)
		for _, id := range []string{"a", "b"} {
			s.run(t, s.to(t, id), "snapclient", "-h", "127.0.0.1", "-p", port, "--hostID", id)
		}
		s.record(t, audio.NewClock())
		numberInto(t, in, 70*time.Second)
		middle, most, n := apart(s.last(30 * time.Second))
		if n < 10_000 {
			t.Fatalf("they played together for %d of the last 30,000 ms", n)
		}
		t.Logf("Snapcast, seconds 40 to 70: b is %.2f ms after a, p95 of the distance %.2f ms, of %d ms", middle, most, n)
	})
}

// numberInto writes numbered frames into a pipe at their pace.
func numberInto(t *testing.T, path string, length time.Duration) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const piece = soundRate / 50
	began := time.Now()
	for n := int64(0); n < int64(length.Seconds())*soundRate; n += piece {
		var b []byte
		for i := n; i < n+piece; i++ {
			for c := range 2 {
				b = binary.LittleEndian.AppendUint16(b, uint16(numberedShort(i, c)*(1<<15)))
			}
		}
		if _, err := f.Write(b); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / soundRate)))
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

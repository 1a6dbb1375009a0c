// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// house is Jumpgate's server for players on a loopback socket.
type house struct {
	*sendspin.Server
	address string
	clock   func() int64
}

func newHouse(t *testing.T, id string) *house {
	t.Helper()
	return newHouseWith(t, sendspin.Config{ID: id, Name: id})
}

func newHouseWith(t *testing.T, cfg sendspin.Config) *house {
	t.Helper()
	start := time.Now()
	h := &house{clock: func() int64 { return time.Since(start).Microseconds() + 5_000_000 }}
	cfg.Now, cfg.Access = h.clock, func(string) sendspin.Access { return sendspin.Full }
	s, err := sendspin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	web := httptest.NewServer(s.Handler())
	h.address = strings.TrimPrefix(web.URL, "http://")
	t.Cleanup(func() {
		cancel()
		for range s.Events() {
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return h
}

func (h *house) next(t *testing.T, kind sendspin.EventKind) sendspin.Event {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-h.Events():
			if e.Kind == kind {
				return e
			}
		case <-timeout:
			t.Fatalf("no event of kind %d", kind)
		}
	}
}

// music is something that no decoder gets right by accident, with a loud start
// and end to find it by.
func music(seconds float64, rate, bits int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out []byte
	full := float64(int(1) << (bits - 1))
	for i := range int(seconds * float64(rate)) {
		at := float64(i) / float64(rate)
		tone := 0.4*math.Sin(2*math.Pi*220*at) + 0.2*math.Sin(2*math.Pi*1330.7*at)
		for c := range 2 {
			v := int32((tone + 0.05*float64(c)*math.Sin(2*math.Pi*97*at) + 0.03*r.Float64() + 0.1) * full)
			out = append(out, byte(v), byte(v>>8))
			if bits == 24 {
				out = append(out, byte(v>>16))
			}
		}
	}
	return out
}

type chunk struct {
	at   int64 // µs from the beginning
	data []byte
}

func pcmChunks(pcm []byte, rate, bits int) []chunk { return pcmChunksOf(pcm, rate, bits, 25) }

func pcmChunksOf(pcm []byte, rate, bits, ms int) []chunk {
	frame := 2 * bits / 8
	size := rate * ms / 1000 * frame
	var out []chunk
	for at := 0; at < len(pcm); at += size {
		out = append(out, chunk{int64(at/frame) * 1_000_000 / int64(rate), pcm[at:min(at+size, len(pcm))]})
	}
	return out
}

// flacChunks has ffmpeg encode, and returns STREAMINFO as the protocol wants it.
func flacChunks(t *testing.T, pcm []byte, rate, bits int) (header []byte, chunks []chunk) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.flac")
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", fmt.Sprintf("s%dle", bits), "-ar", fmt.Sprint(rate), "-ac", "2", "-i", "-",
		"-c:a", "flac", "-frame_size", "1152", file)
	cmd.Stdin = bytes.NewReader(pcm)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v %s", err, out)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	track, err := container.Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var past int64
	for i := range track.NumFrames() {
		off, size, dur := track.Frame(i)
		chunks = append(chunks, chunk{past * 1_000_000 / int64(rate), whole[off : off+int64(size)]})
		past += int64(dur)
	}
	return append([]byte("fLaC\x80"), whole[5:42]...), chunks
}

// stream sends chunks in time, at most a second ahead, and ends the stream when
// the last was heard.
func (h *house) stream(t *testing.T, p *sendspin.Player, f sendspin.StreamFormat, chunks []chunk) {
	t.Helper()
	if err := p.Start(f); err != nil {
		t.Fatal(err)
	}
	start := h.clock() + 600_000
	for _, c := range chunks {
		if wait := start + c.at - h.clock() - 500_000; wait > 0 {
			time.Sleep(time.Duration(wait) * time.Microsecond)
		}
		if err := p.Send(start+c.at, c.data); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(700 * time.Millisecond)
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
}

// TestDeviceFollowsWithoutTrim: a device that cannot trim its clock stays in
// step by single frames.
func TestDeviceFollowsWithoutTrim(t *testing.T) {
	h := newHouse(t, "house")
	d := newDevice(t, "--server", h.address, "--wav", filepath.Join(t.TempDir(), "o.wav"), "--formats", "pcm:48000:16", "--ppm", "200")
	p := h.next(t, sendspin.Connected).Player
	pcm := music(8, 48000, 16)
	h.stream(t, p, sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}, pcmChunks(pcm, 48000, 16))
	s := d.next(t, "a status after the end", func(e event) bool { return e.Event == "status" && e.Playing == 0 && e.Added+e.Removed > 0 })
	t.Logf("%+v", s)
	// 200 ppm of 8 s are 77 frames; the first 100 µs are let be.
	if s.Added < 40 || s.Added > 110 || s.Removed > 20 || s.Underruns > 1 || s.Resyncs > 0 {
		t.Errorf("%+v", s)
	}
}

// TestDeviceControl: text, volume both ways, buttons, goodbye and coming back.
func TestDeviceControl(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "house")
	state := filepath.Join(t.TempDir(), "state")
	d := newDevice(t, "--server", h.address, "--state", state, "--wav", filepath.Join(t.TempDir(), "o.wav"))
	p := h.next(t, sendspin.Connected).Player
	if p.ID() != "jumpgate-device" || !p.Has(wire.ControllerV1) || !p.Has(wire.MetadataV1) {
		t.Errorf("hello %+v", p.Hello())
	}
	d.next(t, "its server", func(e event) bool { return e.Event == "server" && e.Name == "house" })
	title, artist := "Täst \"two\"\n한국어 🎵", "A\\B"
	if err := p.SetMetadata(wire.Metadata{Timestamp: h.clock(), Title: &title, Artist: &artist}); err != nil {
		t.Fatal(err)
	}
	m := d.next(t, "the title", named("metadata"))
	if m.Title != title || m.Artist != artist {
		t.Errorf("%+v", m)
	}
	if err := p.SetVolume(31); err != nil {
		t.Fatal(err)
	}
	for p.State().Volume != 31 {
		h.next(t, sendspin.StateChanged)
	}
	d.ask(t, "volume 64")
	for p.State().Volume != 64 {
		h.next(t, sendspin.StateChanged)
	}
	if err := p.SetController(wire.Controller{Commands: []string{"next", "play"}, Volume: 50}); err != nil {
		t.Fatal(err)
	}
	d.next(t, "its buttons", func(e event) bool { return e.Event == "group" })
	d.ask(t, "press next")
	if e := h.next(t, sendspin.Commanded); e.Command.Command != "next" {
		t.Errorf("%+v", e)
	}
	if err := p.SetJumpgate(wire.Jumpgate{Commands: []string{"jump"}, Rating: "none"}); err != nil {
		t.Fatal(err)
	}
	d.next(t, "its own buttons", func(e event) bool { return e.Event == "group" && e.Commands == fmt.Sprint(1|8|128) })
	d.ask(t, "press jump")
	if e := h.next(t, sendspin.Commanded); e.Jumpgate != "jump" {
		t.Errorf("%+v", e)
	}
	d.ask(t, "press stop")
	if e := d.next(t, "an answer", func(e event) bool { return e.Event == "pressed" && e.Button == "stop" }); e.Error == "" {
		t.Error("a button that was not offered went out")
	}
	time.Sleep(2200 * time.Millisecond) // until the settings are written
	d.ask(t, "leave restart")
	h.next(t, sendspin.Gone)
	p = h.next(t, sendspin.Connected).Player
	for p.State().Volume != 64 {
		h.next(t, sendspin.StateChanged)
	}
	d.stop(t)
	h.next(t, sendspin.Gone)
	newDevice(t, "--server", h.address, "--state", state)
	p = h.next(t, sendspin.Connected).Player
	for p.State().Volume != 64 {
		h.next(t, sendspin.StateChanged)
	}
	saved, err := os.ReadFile(state + ".0")
	if err != nil || len(saved) != 16 || binary.LittleEndian.Uint16(saved) != 'J'|'G'<<8 {
		t.Errorf("saved %x, %v", saved, err)
	}
}

// TestDeviceChoosesServer: a second server gets the device only when it wants
// to play.
func TestDeviceChoosesServer(t *testing.T) {
	t.Parallel()
	one, two := newHouse(t, "one"), newHouse(t, "two")
	port := freePort(t)
	url := fmt.Sprintf("ws://127.0.0.1:%d/sendspin", port)
	d := newDevice(t, "--listen", fmt.Sprint(port), "--no-mdns", "--wav", filepath.Join(t.TempDir(), "o.wav"))
	d.next(t, "that it listens", named("listening"))
	dial := func(h *house, reason wire.Reason) chan error {
		ended := make(chan error, 1)
		go func() { ended <- h.Dial(t.Context(), url, reason) }()
		return ended
	}
	first := dial(one, wire.Discovery)
	one.next(t, sendspin.Connected)
	refused := dial(two, wire.Discovery)
	sentAway(t, "the second server", refused)
	_ = dial(two, wire.Playback)
	sentAway(t, "the first server", first)
	d.next(t, "the second server", func(e event) bool { return e.Event == "server" && e.Name == "two" })
}

func sentAway(t *testing.T, who string, ended chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "another_server") {
			t.Errorf("%s: %v", who, err)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%s was not sent away", who)
	}
}

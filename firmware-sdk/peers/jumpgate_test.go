// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// TestDeviceFollowsWithoutTrim: a device that cannot trim its clock stays in
// step by single frames.
func TestDeviceFollowsWithoutTrim(t *testing.T) {
	t.Parallel()
	pcm := music(8, 48000, 16)
	_, s := patiently(t, func() ([]byte, event, bool) {
		return exact{codec: "pcm", rate: 48000, bits: 16, moves: true, args: []string{"--ppm", "200"}}.play(
			t, sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}, pcmChunks(pcm, 48000, 16, 25))
	})
	t.Logf("%+v", s)
	// 200 ppm of 8 s are 77 frames; the first 100 µs are let be.
	if s.Added < 40 || s.Added > 110 || s.Removed > 20 {
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
	d.next(t, "that the settings are written", func(e event) bool {
		kept, err := os.ReadFile(state + ".0")
		return e.Event == "saved" && err == nil && kept[3] == 64
	})
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

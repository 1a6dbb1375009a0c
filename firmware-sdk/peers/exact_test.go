// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// exact is one way in which a device is to play what was sent, bit for bit.
type exact struct {
	codec      string
	rate, bits int
	accepted   bool // the server dials
	chunk      int  // ms of PCM; FLAC comes by frames
	args       []string
	encrypted  bool
}

// TestDevicePlaysBitExact: what comes out is what went in, in both codecs and
// widths, whoever connects to whom, also where the device's clock is 100 ppm
// off. It can trim its audio clock; where it cannot, frames are left out.
func TestDevicePlaysBitExact(t *testing.T) {
	for _, x := range []exact{
		{"pcm", 44100, 16, false, 25, nil, false},
		{"pcm", 48000, 24, true, 25, nil, false},
		{"flac", 44100, 16, true, 0, []string{"--clock-ppm", "100", "--clock-offset", "-99999999", "--ppm", "-100"}, false},
		{"flac", 96000, 24, false, 0, []string{"--clock-ppm", "-100", "--ppm", "100"}, false},
	} {
		t.Run(x.String(), x.check)
	}
}

// TestDeviceEncryptedBitExact: as in cleartext, whoever connects, and with
// messages that come in fragments.
func TestDeviceEncryptedBitExact(t *testing.T) {
	for _, x := range []exact{
		{"pcm", 44100, 16, false, 25, nil, true},
		{"flac", 44100, 16, true, 0, []string{"--clock-ppm", "100", "--clock-offset", "-99999999", "--ppm", "-100"}, true},
		{"pcm", 96000, 24, false, 250, nil, true}, // 144,000 bytes: three fragments
	} {
		t.Run(x.String(), x.check)
	}
}

func (x exact) String() string {
	return fmt.Sprintf("%s %d/%d %d ms", x.codec, x.rate, x.bits, x.chunk)
}

func (x exact) check(t *testing.T) {
	t.Parallel()
	pcm := music(3, x.rate, x.bits)
	got, status := x.play(t, pcm)
	// Both sides run in real time: where the machine stands still for longer
	// than the buffer, the device says so, and nothing is learned.
	for again := 0; again < 5 && status.starved(); again++ {
		t.Logf("the device was starved, again: %+v", status)
		got, status = x.play(t, pcm)
	}
	t.Logf("%+v", status)
	sameBytes(t, got, pcm)
	if status.Damaged+status.Dropped+status.Added+status.Removed > 0 || status.starved() || (status.Encrypted == 1) != x.encrypted || status.Paired != 0 {
		t.Errorf("%+v", status)
	}
}

// starved tells whether audio came too late. The end of the music looks like an
// underrun until stream/end comes.
func (e event) starved() bool { return e.Underruns > 1 || e.Resyncs > 0 || e.Late > 0 }

// start starts the device and a server for it, and waits until it takes audio.
func (x exact) start(t *testing.T, wav string) (*house, *device, *sendspin.Player) {
	t.Helper()
	args := append([]string{
		"--wav", wav, "--no-mdns", "--trims", "--formats", fmt.Sprintf("%s:%d:%d", x.codec, x.rate, x.bits),
	}, x.args...)
	h, run := (*house)(nil), newDevice
	if x.encrypted {
		h, _ = newHouseNow(t, true)
		run, args = newDeviceNow, append(args, "--buffer", "2000000", "--no-cleartext")
	} else {
		h, args = newHouse(t, "house"), append(args, "--buffer", "262144")
	}
	if x.accepted {
		port := freePort(t)
		args = append(args, "--listen", fmt.Sprint(port))
		ctx, cancel := context.WithCancel(t.Context())
		dialled := make(chan error, 1)
		go func() { dialled <- h.Dial(ctx, fmt.Sprintf("ws://127.0.0.1:%d/sendspin", port), wire.Playback) }()
		t.Cleanup(func() { cancel(); <-dialled })
	} else {
		args = append(args, "--server", h.address)
	}
	d := run(t, args...)
	p := h.next(t, sendspin.Connected).Player
	h.available(t, p)
	return h, d, p
}

// play returns what a device played, and the last status that it gave.
func (x exact) play(t *testing.T, pcm []byte) (got []byte, last event) {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "out.wav")
	h, d, p := x.start(t, wav)
	format := sendspin.StreamFormat{Codec: x.codec, Rate: x.rate, Channels: 2, Bits: x.bits}
	var chunks []chunk
	if x.codec == "flac" {
		format.Header, chunks = flacChunks(t, pcm, x.rate, x.bits)
	} else {
		chunks = pcmChunksOf(pcm, x.rate, x.bits, x.chunk)
	}
	h.stream(t, p, format, chunks)
	played := false
	last = d.next(t, "a status after the end", func(e event) bool {
		played = played || e.Event == "status" && e.Playing == 1
		return played && e.Event == "status" && e.Playing == 0 && e.Connected == 1
	})
	d.stop(t)
	return heard(t, wav, 2*x.bits/8), last
}

func sameBytes(t *testing.T, got, want []byte) {
	t.Helper()
	switch at := bytes.Index(want, got); {
	case bytes.Equal(got, want):
	case at >= 0 && len(got) > 0:
		t.Errorf("heard %d of %d bytes, from %d on", len(got), len(want), at)
	default:
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		t.Errorf("heard %d bytes, which differ from the %d sent at %d", len(got), len(want), n)
	}
}

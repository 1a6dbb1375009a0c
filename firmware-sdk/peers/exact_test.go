// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// exact is one way in which a device is to play what was sent, bit for bit.
type exact struct {
	codec      string
	rate, bits int
	accepted   bool // the server dials
	encrypted  bool
	chunk      int  // ms of PCM; 0 is 25
	moves      bool // it cannot trim its audio clock
	args       []string
}

// TestDevicePlaysBitExact: what comes out is what went in, in both codecs and
// widths, whoever connects to whom, also where the device's clock is 100 ppm
// off. It can trim its audio clock; where it cannot, frames are left out.
func TestDevicePlaysBitExact(t *testing.T) {
	for _, x := range []exact{
		{codec: "pcm", rate: 44100, bits: 16},
		{codec: "pcm", rate: 48000, bits: 24, accepted: true},
		{codec: "flac", rate: 44100, bits: 16, accepted: true, args: []string{"--clock-ppm", "100", "--clock-offset", "-99999999", "--ppm", "-100"}},
		{codec: "flac", rate: 96000, bits: 24, args: []string{"--clock-ppm", "-100", "--ppm", "100"}},
		{codec: "opus", rate: 48000, bits: 16},
	} {
		t.Run(x.String(), x.check)
	}
}

// TestDeviceEncryptedBitExact: as in cleartext, with both ciphers, whoever
// connects, and with messages that come in fragments.
func TestDeviceEncryptedBitExact(t *testing.T) {
	for _, x := range []exact{
		{codec: "pcm", rate: 44100, bits: 16, encrypted: true},
		{codec: "flac", rate: 44100, bits: 16, encrypted: true, accepted: true, args: []string{"--clock-ppm", "100", "--clock-offset", "-99999999", "--ppm", "-100"}},
		{codec: "pcm", rate: 96000, bits: 24, encrypted: true, chunk: 250}, // 144,000 bytes: three fragments
		{codec: "pcm", rate: 48000, bits: 16, encrypted: true, chunk: 400, args: []string{"--aes"}},
		{codec: "flac", rate: 48000, bits: 24, encrypted: true, accepted: true, args: []string{"--aes"}},
	} {
		t.Run(x.String(), x.check)
	}
}

func (x exact) String() string {
	return strings.Join(append([]string{fmt.Sprintf("%s %d/%d accepted=%v encrypted=%v", x.codec, x.rate, x.bits, x.accepted, x.encrypted)}, x.args...), " ")
}

func (x exact) check(t *testing.T) {
	t.Parallel()
	pcm := music(3, x.rate, x.bits)
	format := sendspin.StreamFormat{Codec: x.codec, Rate: x.rate, Channels: 2, Bits: x.bits}
	want, chunks := pcm, pcmChunks(pcm, x.rate, x.bits, max(x.chunk, 25))
	switch x.codec {
	case "flac":
		format.Header, chunks = flacChunks(t, pcm, x.rate, x.bits)
	case "opus":
		want, chunks = opusChunks(t, pcm)
	}
	got, status := patiently(t, func() ([]byte, event, bool) { return x.play(t, format, chunks) })
	t.Logf("%+v", status)
	if x.codec == "opus" {
		// The reference leaves out what an encoder puts before the music.
		if at := bytes.Index(got, want); at < 0 || at > 4*1000 {
			t.Errorf("heard %d bytes, and the %d of the reference decoder are not in them (%d)", len(got), len(want), at)
		}
	} else {
		sameBytes(t, got, want)
	}
	if status.Damaged+status.Dropped+status.Added+status.Removed > 0 || (status.Encrypted == 1) != x.encrypted || status.Paired != 0 {
		t.Errorf("%+v", status)
	}
}

// play returns what a device played, and the last status that it gave.
func (x exact) play(t *testing.T, format sendspin.StreamFormat, chunks []chunk) (got []byte, last event, ok bool) {
	t.Helper()
	h := newHouse(t, "house")
	args := append([]string{"--buffer", "262144"}, x.args...)
	if x.encrypted {
		h, _ = newHouseNow(t, true)
		args = append([]string{"--buffer", "2000000", "--no-cleartext"}, x.args...)
	}
	if !x.moves {
		args = append(args, "--trims")
	}
	wav := filepath.Join(t.TempDir(), "out.wav")
	args = append(args, "--wav", wav, "--formats", fmt.Sprintf("%s:%d:%d", x.codec, x.rate, x.bits))
	d := h.reach(t, x.encrypted, x.accepted, args...)
	p := h.next(t, sendspin.Connected).Player
	h.available(t, p)
	last, ok = h.stream(t, d, p, format, chunks)
	d.stop(t)
	return heard(t, wav, 2*x.bits/8), last, ok
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

type chunk struct {
	at   int64 // µs from the beginning
	data []byte
}

func pcmChunks(pcm []byte, rate, bits, ms int) []chunk {
	frame := 2 * bits / 8
	size := rate * ms / 1000 * frame
	var out []chunk
	for at := 0; at < len(pcm); at += size {
		out = append(out, chunk{int64(at/frame) * 1_000_000 / int64(rate), pcm[at:min(at+size, len(pcm))]})
	}
	return out
}

func ffmpeg(t *testing.T, in []byte, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v %s", err, out)
	}
}

// fileChunks reads a file's coded frames.
func fileChunks(t *testing.T, file string, rate int) (whole []byte, chunks []chunk) {
	t.Helper()
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
		data := make([]byte, size)
		if _, err := track.ReadAt(data, off); err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, chunk{past * 1_000_000 / int64(rate), data})
		past += int64(dur)
	}
	return whole, chunks
}

// flacChunks has ffmpeg encode, and returns STREAMINFO as the protocol wants it.
func flacChunks(t *testing.T, pcm []byte, rate, bits int) (header []byte, chunks []chunk) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.flac")
	ffmpeg(t, pcm, "-f", fmt.Sprintf("s%dle", bits), "-ar", fmt.Sprint(rate), "-ac", "2", "-i", "-", "-c:a", "flac", "-frame_size", "1152", file)
	whole, chunks := fileChunks(t, file, rate)
	return append([]byte("fLaC\x80"), whole[5:42]...), chunks
}

// opusChunks has ffmpeg encode with libopus, and decode what the device should
// play.
func opusChunks(t *testing.T, pcm []byte) (want []byte, chunks []chunk) {
	t.Helper()
	file, raw := filepath.Join(t.TempDir(), "a.opus"), filepath.Join(t.TempDir(), "a.raw")
	ffmpeg(t, pcm, "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "-", "-c:a", "libopus", "-b:a", "128k", file)
	ffmpeg(t, nil, "-c:a", "libopus", "-i", file, "-f", "s16le", raw)
	want, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, chunks = fileChunks(t, file, 48000)
	return bytes.Trim(want, "\x00"), chunks
}

// stream sends chunks in time, somewhat ahead, and ends the stream when the
// device has played the last. It returns what the device said then, and false
// where this machine could not keep up.
func (h *house) stream(t *testing.T, d *device, p *sendspin.Player, f sendspin.StreamFormat, chunks []chunk) (last event, ok bool) {
	t.Helper()
	if err := p.Start(f); err != nil {
		t.Fatal(err)
	}
	const ahead = 1_200_000
	start := h.clock() + ahead + 100_000
	for _, c := range chunks {
		h.sleepUntil(start + c.at - ahead)
		err := p.Send(start+c.at, c.data)
		if errors.Is(err, sendspin.ErrBehind) {
			t.Logf("the sender was late: %v", err)
			return event{}, false
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// The end of the music looks like an underrun until stream/end comes.
	h.sleepUntil(start + chunks[len(chunks)-1].at)
	for len(d.events) > 0 { // what it said on the way is no end
		<-d.events
	}
	d.next(t, "the end of the music", func(e event) bool { return e.Event == "status" && e.Underruns > 0 && e.Buffered == 0 })
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	last = d.next(t, "that it is silent", func(e event) bool { return e.Event == "status" && e.Playing == 0 && e.Connected == 1 })
	return last, last.Underruns == 1 && last.Resyncs+last.Late == 0
}

func (h *house) sleepUntil(at int64) {
	if wait := at - h.clock(); wait > 0 {
		timer := time.NewTimer(time.Duration(wait) * time.Microsecond)
		<-timer.C
	}
}

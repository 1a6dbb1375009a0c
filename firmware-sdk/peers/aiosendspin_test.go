// SPDX-License-Identifier: Apache-2.0

//go:build peers312

package peers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
)

// tone is what peer.py sends: a second of 441 Hz in stereo, 16 bits, 48 kHz.
func tone(frames int) []byte {
	var out []byte
	for i := range frames {
		v := uint16(int16(12000 * math.Sin(2*math.Pi*441*float64(i)/48000)))
		out = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(out, v), v)
	}
	return out
}

// TestPeerAiosendspinServer: the device plays what the reference server sends
// bit for bit, in both codecs, whoever connects; volume and the goodbye too.
func TestPeerAiosendspinServer(t *testing.T) {
	for _, test := range []struct {
		format  string
		reached bool
	}{{"flac:48000:16", false}, {"pcm:48000:16", false}, {"flac:48000:16", true}} {
		t.Run(fmt.Sprintf("%s reached=%v", test.format, test.reached), func(t *testing.T) {
			wav := filepath.Join(t.TempDir(), "out.wav")
			args := []string{"--id", "p1", "--wav", wav, "--no-mdns", "--formats", test.format, "--trims", "--clock-ppm", "100"}
			port := freePort(t)
			var ask func(string)
			var next func(string)
			var d *device
			if test.reached {
				d = newDevice(t, append(args, "--listen", fmt.Sprint(port))...)
				d.next(t, "that it listens", named("listening"))
				ask, next = pyServer(t, "reach", fmt.Sprintf("ws://127.0.0.1:%d/sendspin", port))
			} else {
				ask, next = pyServer(t, "server", fmt.Sprint(port))
				next("listening")
				d = newDevice(t, append(args, "--server", fmt.Sprintf("127.0.0.1:%d", port))...)
			}
			d.next(t, "its server", func(e event) bool { return e.Event == "server" && e.Name == "Python server" })
			ask(`{"tone": 10}`)
			next("sent")
			d.next(t, "that it plays", func(e event) bool { return e.Event == "status" && e.Playing == 1 })
			s := d.next(t, "the end of the tone", func(e event) bool { return e.Event == "status" && e.Underruns == 1 })
			ask(`{"volume": 37}`)
			d.next(t, "the volume", func(e event) bool { return e.Event == "status" && e.Volume == 37 })
			ask(`{"stop": 1}`)
			d.stop(t)
			if s.Damaged+s.Dropped+s.Late+s.Added+s.Removed > 0 {
				t.Errorf("%+v", s)
			}
			// The tone begins with a sample of 0 and ends near one.
			want := bytes.Trim(tone(48000), "\x00")
			if got := bytes.Trim(heard(t, wav, 4), "\x00"); !bytes.Equal(got, want) {
				t.Errorf("heard %d bytes, not the %d sent", len(got), len(want))
			}
		})
	}
}

// TestPeerAiosendspinEncrypted: the reference server's newest release, which takes
// nothing but the current dialect, plays to the device, pairs with it by the code
// that it shows, and drops the pairing.
func TestPeerAiosendspinEncrypted(t *testing.T) {
	got, s := patiently(t, func() ([]byte, event, bool) { return playEncrypted(t) })
	if s.Damaged+s.Dropped+s.Late+s.Added+s.Removed > 0 {
		t.Errorf("%+v", s)
	}
	if want := bytes.Repeat([]byte{5, 0, 6, 0}, 20*4800); !bytes.Equal(got, want) {
		t.Errorf("heard %d bytes, not the %d sent", len(got), len(want))
	}
}

// playEncrypted returns what the device played and what it counted, and false where
// this machine could not keep up.
func playEncrypted(t *testing.T) (got []byte, s event, ok bool) {
	t.Helper()
	port := freePort(t)
	ask, next := runPython(t, "JUMPGATE_PYTHON312_NOW", "now.py", "server", fmt.Sprint(port))
	next("listening")
	wav := filepath.Join(t.TempDir(), "out.wav")
	d := newDeviceNow(t, "--server", fmt.Sprintf("127.0.0.1:%d", port), "--wav", wav, "--state", filepath.Join(t.TempDir(), "state"),
		"--formats", "pcm:48000:16", "--trims", "--clock-ppm", "-100", "--no-cleartext")
	token, err := pair.ParseToken(d.next(t, "its token", named("token")).Text)
	if err != nil {
		t.Fatal(err)
	}
	id := token.Client.ID()
	d.next(t, "its server", func(e event) bool { return e.Event == "server" && e.Name == "Python server" })
	ask(`{"trust": "` + id + `"}`)
	next("trusted")
	ask(`{"id": "` + id + `", "tone": 20}`)
	d.next(t, "that it plays", func(e event) bool { return e.Event == "status" && e.Playing == 1 && e.Encrypted == 1 && e.Paired == 0 })
	s = d.next(t, "the end", func(e event) bool { return e.Event == "status" && e.Underruns > 0 && e.Buffered == 0 })
	ask(`{"id": "` + id + `", "pair": "dynamic_pairing_code"}`)
	next("wanted")
	ask(`{"code": "` + d.next(t, "its code", named("code")).Text + `"}`)
	next("paired")
	d.next(t, "that it is paired", func(e event) bool { return e.Event == "status" && e.Paired == 1 })
	ask(`{"unpair": "` + id + `"}`)
	d.next(t, "that it is not", func(e event) bool { return e.Event == "status" && e.Paired == 0 })
	ask(`{"stop": true}`)
	d.stop(t)
	return heard(t, wav, 4), s, s.Underruns == 1 && s.Late+s.Resyncs == 0
}

package gateway

import (
	"errors"
	"strings"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
)

func TestDiagnosisOfThisMachine(t *testing.T) {
	for _, c := range []struct {
		name string
		m    machine
		want string
	}{
		{"all there", machine{sound: "pw-play", opus: true, page: true}, `
Machine
  ok       ffmpeg is there: AAC, ALAC and Vorbis files play
  ok       a sound card is there: the built-in player plays through pw-play
  ok       the Opus encoder is built in
  ok       the page is built in
`},
		{"nothing there", machine{ffmpeg: errors.New("none"), card: errors.New("no sound card: aplay is not installed")}, `
Machine
  note     there is no ffmpeg: AAC, ALAC and Vorbis files are listed, and do not play
           -> install it, on Debian with ` + "`apt install ffmpeg`" + `
  note     the built-in player has a level meter only: no sound card: aplay is not installed
           -> if this machine has speakers, install pipewire-bin or alsa-utils and look whether its user may use the sound card
  note     there is no Opus encoder in this build: browsers listen by HLS only
           -> build with ` + "`make`" + `, which puts it in place, for a 64-bit system
  problem  there is no page in this build: only the API answers
           -> build with ` + "`make`" + `, which needs Node.js
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := writeFindings(&b, "Machine", c.m.findings()); err != nil || b.String() != c.want {
				t.Errorf("%v, written:\n%s", err, b.String())
			}
		})
	}
}

func TestDiagnosisOfTheGateway(t *testing.T) {
	for _, c := range []struct {
		name string
		r    selfReport
		want string
	}{
		{"absent", selfReport{absent: true}, `
Gateway
  note     does not run
           -> start it, or name its folder with --data DIR
`},
		{"with a device in trouble", selfReport{URL: "http://h:1", Discovery: true, Devices: []api.Device{
			{Name: "Bath", Present: true}, {Name: "Kitchen", Problem: "It is not answering at 1.2.3.4:8009: connection refused."},
		}}, `
Gateway
  ok       answers at http://h:1
  problem  Kitchen: It is not answering at 1.2.3.4:8009: connection refused.
  ok       devices it knows: 2, here now: 1
`},
		{"behind a firewall", selfReport{URL: "http://h:1", portDead: errors.New("timeout")}, `
Gateway
  problem  runs, but does not answer at http://h:1: timeout
           -> look for a firewall on this machine, and at the gateway's log
  note     does not look for devices
           -> leave --no-discovery out, or add devices by address
  ok       devices it knows: 0, here now: 0
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := writeFindings(&b, "Gateway", c.r.findings()); err != nil || b.String() != c.want {
				t.Errorf("%v, written:\n%s", err, b.String())
			}
		})
	}
}

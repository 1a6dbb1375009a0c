// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/certify"
)

// certified runs the kit until nothing is wrong, at most four times: a machine
// that stands still for longer than the device's lead makes every player fail.
func certified(t *testing.T, port int, cfg certify.Config, wrong func(certify.Report) string) {
	t.Helper()
	cfg.Address = net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	cfg.Tone, cfg.Version = 500*time.Millisecond, "test"
	why := ""
	for range 4 {
		report, err := certify.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := report.Text(&text); err != nil {
			t.Fatal(err)
		}
		t.Log(text.String())
		if why = wrong(report); why == "" {
			return
		}
	}
	t.Error(why)
}

// TestDevicePassesCertification: the kit's own sequences find nothing.
func TestDevicePassesCertification(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	d := newDevice(t, "--listen", fmt.Sprint(port), "--no-mdns", "--formats", "flac:44100:16,pcm:44100:16",
		"--wav", filepath.Join(t.TempDir(), "o.wav"))
	d.next(t, "that it listens", named("listening"))
	certified(t, port, certify.Config{}, func(r certify.Report) string {
		if !r.Passed() || len(r.Checks) < 10 || r.Player != "jumpgate-device" {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
}

// TestDevicePassesEncrypted: a device that takes encrypted connections alone, and
// plays for paired servers alone, is paired by the code that it shows; it is
// switched off and on, remembers, and has forgotten everything at the end.
func TestDevicePassesEncrypted(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	args := []string{
		"--listen", fmt.Sprint(port), "--no-mdns", "--formats", "flac:44100:16", "--no-cleartext", "--pair-only",
		"--state", filepath.Join(t.TempDir(), "state"), "--wav", filepath.Join(t.TempDir(), "o.wav"),
	}
	d := newDeviceNow(t, args...)
	d.next(t, "that it listens", named("listening"))
	certified(t, port, certify.Config{
		Code: func(context.Context, uint32) (string, error) { return d.next(t, "its code", named("code")).Text, nil },
		Restart: func(context.Context) error {
			d.stop(t)
			d = newDeviceNow(t, args...)
			d.next(t, "that it listens again", named("listening"))
			return nil
		},
	}, func(r certify.Report) string {
		passed := map[string]bool{}
		for _, c := range r.Checks {
			passed[c.Name] = c.Result == certify.Pass
		}
		for _, name := range []string{"pairs by a code that it shows", "memory of a pairing", "turns a second server away", "drops a pairing"} {
			if !passed[name] {
				return name + " did not pass"
			}
		}
		if !r.Passed() || r.Dialect == "cleartext" {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
}

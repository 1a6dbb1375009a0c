// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/certify"
)

// TestDevicePassesCertification: the kit's own sequences find nothing.
func TestDevicePassesCertification(t *testing.T) {
	port := freePort(t)
	d := newDevice(t, "--listen", fmt.Sprint(port), "--no-mdns", "--formats", "flac:44100:16,pcm:44100:16",
		"--wav", filepath.Join(t.TempDir(), "o.wav"))
	d.next(t, "that it listens", named("listening"))
	report, err := certify.Run(t.Context(), certify.Config{
		Address: net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), Tone: 500 * time.Millisecond, Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.Text(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	if !report.Passed() || len(report.Checks) < 10 || report.Player != "jumpgate-device" {
		t.Errorf("%+v", report)
	}
}

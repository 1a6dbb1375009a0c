// SPDX-License-Identifier: Apache-2.0

//go:build peers312

package peers

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/certify"
)

// TestCertifyForeignPlayer: the kit on a player that we did not write, the
// reference implementation's client as the test script uses it. It plays through a
// bad network and comes back; the script reports no volume that it is told, and
// lets every server in, and the kit finds both.
func TestCertifyForeignPlayer(t *testing.T) {
	port := freePort(t)
	_, next := pyServer(t, "listen", fmt.Sprint(port))
	next("listening")
	report, err := certify.Run(t.Context(), certify.Config{
		Address: net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), Tone: 300 * time.Millisecond, Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.Text(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	results := map[string]certify.Result{}
	for _, c := range report.Checks {
		name, _, _ := strings.Cut(c.Name, " 4")
		results[name] = c.Result
	}
	for name, want := range map[string]certify.Result{
		"handshake": certify.Pass, "player role": certify.Pass, "plays flac": certify.Pass, "plays pcm": certify.Pass,
		"stall of the network": certify.Pass, "comes back after a cut": certify.Pass,
		"volume and mute": certify.Fail, "turns a second server away": certify.Fail, "goes over to a server that plays": certify.Fail,
	} {
		if results[name] != want {
			t.Errorf("%s: %v", name, results[name])
		}
	}
}

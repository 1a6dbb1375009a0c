//go:build bench && peers && linux

package hls

import (
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

const (
	// lossyEnv tells this test binary that it runs in the network that it asked for.
	lossyEnv = "JUMPGATE_HLS_LOSSY"
	// lossyFor is how many seconds each run lasts, where not the 25 of a short one.
	lossyFor = "JUMPGATE_HLS_LOSSY_SECONDS"
)

// In a network of its own, whose one link has the MTU of Ethernet, sends no larger
// pieces than that, and loses one packet in a hundred each way, hls.js in Chromium
// follows a lossless stream by HTTP/1.1 and by HTTP/3.
func TestLossyFollowing(t *testing.T) {
	if os.Getenv(lossyEnv) == "" {
		if os.Geteuid() != 0 {
			t.Skip("NOT MEASURED: a network of its own needs root")
		}
		cmd := exec.Command("unshare", "--net", os.Args[0], "-test.run", "^TestLossyFollowing$", "-test.v")
		cmd.Env = append(os.Environ(), lossyEnv+"=1")
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, args := range [][]string{
		{"ip", "link", "set", "lo", "mtu", "1500", "up"},
		{"ip", "link", "set", "lo", "gso_max_segs", "1"},
		{"iptables", "-A", "INPUT", "-m", "statistic", "--mode", "random", "--probability", "0.01", "-j", "DROP"},
	} {
		run(t, args[0], args[1:]...)
	}
	seconds, err := strconv.Atoi(os.Getenv(lossyFor))
	if err != nil {
		seconds = 25
	}
	for name, serve := range map[string]func(*testing.T, http.Handler) (string, []string){"HTTP/1.1": serveHTTP1, "HTTP/3": serveHTTP3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := follow(t, following{codec: "flac", part: 200 * time.Millisecond, holdBack: patient, seconds: seconds, serve: serve})
			t.Logf("1 %% loss, %d s, load %s: %v, errors %v", seconds, loadAverage(), seen, seen.Errors)
		})
	}
	t.Cleanup(func() { t.Logf("%s", run(t, "iptables", "-vnL", "INPUT")) })
}

//go:build peers

package listen

import (
	"context"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ngtcp2's client speaks HTTP/3 to the port that plain HTTP is on.
func TestNgtcp2Client(t *testing.T) {
	client, err := exec.LookPath("gtlsclient")
	if err != nil {
		t.Fatal("gtlsclient is missing: apt-get install ngtcp2-client")
	}
	p, _ := started(t, http.HandlerFunc(echoProto))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	port := strconv.Itoa(p.Address().Port)
	out, err := exec.CommandContext(ctx, client, "--exit-on-all-streams-close", "--timeout=5s",
		"127.0.0.1", port, "https://127.0.0.1:"+port+"/").CombinedOutput()
	if err != nil {
		t.Fatalf("gtlsclient: %v\n%s", err, out)
	}
	// The body stands in a hex dump, 16 bytes a line.
	if !strings.Contains(string(out), "[:status: 200]") || !strings.Contains(string(out), "|HTTP/3.0 tls=tru|") {
		t.Errorf("gtlsclient got\n%s", out)
	}
}

//go:build e2e

package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// decoded returns the checksum of what ffmpeg decodes of an input.
func decoded(t *testing.T, input string, options ...string) string {
	t.Helper()
	args := append([]string{"-v", "error", "-i", input}, options...)
	out, err := exec.Command("ffmpeg", append(args, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg (Debian's package ffmpeg): %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// A track's playlist holds the very samples of its file, and the zone's live
// playlist is one that ffmpeg can follow.
func TestFFmpegHearsTheStreams(t *testing.T) {
	g := demo(t, t.TempDir())
	g.await("first sound", `first sound after`, 30*time.Second, nil)
	var tracks struct{ Items []struct{ ID string } }
	g.call("GET", "/tracks?limit=1", nil, &tracks)
	var track struct{ HLS, Original string }
	g.call("GET", "/tracks/"+tracks.Items[0].ID+"/stream", nil, &track)
	if original, vod := decoded(t, g.url+track.Original), decoded(t, g.url+track.HLS); original != vod {
		t.Errorf("the playlist decodes to %s, the file to %s", vod, original)
	}

	var live struct{ HLS, WHEP string }
	g.call("GET", "/zones/"+g.zone().ID+"/stream", nil, &live)
	out, err := exec.Command("ffmpeg", "-v", "info", "-i", g.url+live.HLS, "-t", "4", "-af", "volumedetect", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("follow the live playlist: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "44100 Hz, stereo, s16, ") || strings.Contains(string(out), "mean_volume: -91") {
		t.Errorf("the live playlist is not music:\n%s", out)
	}
}

// The same page by HTTP/1.1, 2 and 3 on one port, with the local CA.
func TestEveryHTTP(t *testing.T) {
	g := demo(t, t.TempDir())
	ca := string(get(t, http.DefaultClient, g.url+"/ca.crt", 1))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca)) {
		t.Fatalf("no certificate at /ca.crt: %.60q", ca)
	}
	secure := strings.Replace(g.url, "http:", "https:", 1)
	trust := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
	h2 := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true}
	defer h2.CloseIdleConnections()
	h3 := &http3.Transport{TLSClientConfig: trust.Clone()}
	defer h3.Close()
	for version, transport := range map[int]http.RoundTripper{2: h2, 3: h3} {
		body := get(t, &http.Client{Transport: transport, Timeout: 10 * time.Second}, secure+"/api/v1/server", version)
		if !strings.Contains(string(body), `"claimed":false`) {
			t.Errorf("HTTP/%d: %s", version, body)
		}
	}
}

func get(t *testing.T, client *http.Client, url string, version int) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatalf("HTTP/%d: %v", version, err)
	}
	defer answer.Body.Close()
	if answer.ProtoMajor != version {
		t.Errorf("asked by HTTP/%d, answered by %s", version, answer.Proto)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, answer.Status, err)
	}
	return body
}

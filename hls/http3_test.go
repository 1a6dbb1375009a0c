//go:build peers

package hls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// newSelfSigned is a certificate for the loopback address.
func newSelfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// serveHTTP3 serves by QUIC alone: nothing answers on TCP. What Chromium has to be
// told is that it may, and that it knows the certificate.
func serveHTTP3(t *testing.T, h http.Handler) (url string, switches []string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := newSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	server := &http3.Server{Handler: h, TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{cert}})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(conn)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = conn.Close()
		<-ended
	})
	spki := sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)
	address := conn.LocalAddr().String()
	return "https://" + address, []string{
		"--origin-to-force-quic-on=" + address,
		"--ignore-certificate-errors-spki-list=" + base64.StdEncoding.EncodeToString(spki[:]),
	}
}

// hls.js in Chromium follows a stream over HTTP/3 alone.
func TestHLSJSFollowsByHTTP3(t *testing.T) {
	const seconds = 6
	seen := follow(t, following{codec: "opus", part: 200 * time.Millisecond, holdBack: patient, seconds: seconds, serve: serveHTTP3})
	seen.follows(t, seconds)
	if !slices.Equal(seen.Protocols, []string{"h3"}) {
		t.Errorf("it came by %v", seen.Protocols)
	}
}

// aioquic, another's QUIC and HTTP/3, follows a stream as low-latency players do:
// reloads that are held, the part that a hint names, conditional requests, ranges,
// and what is refused.
func TestAioquicFollowsLive(t *testing.T) {
	live := inTime(t, following{codec: "opus", part: 200 * time.Millisecond, seconds: 45})
	url, _ := serveHTTP3(t, live)
	out, err := exec.CommandContext(t.Context(), "testdata/peer-py/.venv/bin/python", "testdata/peer-py/follow.py", url, "20").CombinedOutput()
	if err != nil {
		t.Fatalf("aioquic (make test installs it into hls/testdata/peer-py/.venv): %v\n%s", err, out)
	}
	var seen struct {
		Parts, Held int
		Statuses    map[string]int
		Media       []byte // the initialisation section and all parts
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]int{"again": 304, "range": 206, "absurd": 400, "nothing": 404, "dots": 404, "slash": 404}
	if fmt.Sprint(seen.Statuses) != fmt.Sprint(want) {
		t.Errorf("answers %v, want %v", seen.Statuses, want)
	}
	if seen.Parts != 20 || seen.Held == 0 {
		t.Errorf("%d parts, %d of them by requests that were held", seen.Parts, seen.Held)
	}
	fragments, err := ReadFragments(seen.Media)
	if err != nil || len(fragments) != seen.Parts {
		t.Fatalf("%d fragments: %v", len(fragments), err)
	}
	for i := 1; i < len(fragments); i++ {
		if step := fragments[i].Time - fragments[i-1].Time; step != 9600 {
			t.Errorf("part %d begins %d samples behind the one before", i, step)
		}
	}
}

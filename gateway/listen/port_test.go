package listen

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// started runs a port on loopback until the test ends, and returns it with
// what its clients trust.
func started(t *testing.T, handler http.Handler) (*Port, *x509.CertPool) {
	t.Helper()
	ca, err := OpenLocalCA(LocalConfig{Dir: t.TempDir(), Names: []string{"den.local"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(Config{Address: "127.0.0.1:0", Handler: handler, Certificates: ca})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate())
	return p, pool
}

func echoProto(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "%s tls=%v", r.Proto, r.TLS != nil)
}

func TestOnePortSpeaksEverything(t *testing.T) {
	p, pool := started(t, http.HandlerFunc(echoProto))
	trust := &tls.Config{RootCAs: pool}
	h1 := &http.Transport{TLSClientConfig: trust.Clone()}
	h2 := &http.Transport{TLSClientConfig: trust.Clone(), ForceAttemptHTTP2: true}
	h3 := &http3.Transport{TLSClientConfig: trust.Clone()}
	t.Cleanup(func() {
		h1.CloseIdleConnections()
		h2.CloseIdleConnections()
		_ = h3.Close()
	})
	for _, c := range []struct {
		scheme string
		client http.RoundTripper
		want   string
	}{
		{"http", h1, "HTTP/1.1 tls=false"},
		{"https", h1, "HTTP/1.1 tls=true"},
		{"https", h2, "HTTP/2.0 tls=true"},
		{"https", h3, "HTTP/3.0 tls=true"},
	} {
		url := fmt.Sprintf("%s://127.0.0.1:%d/", c.scheme, p.Address().Port)
		res, err := (&http.Client{Transport: c.client, Timeout: 10 * time.Second}).Get(url)
		if err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(body) != c.want {
			t.Errorf("got %q, %v; want %q", body, err, c.want)
		}
		if alt := res.Header.Get("Alt-Svc"); alt != "" {
			t.Errorf("%s: announces %q with a certificate that browsers do not take for it", c.want, alt)
		}
	}
}

func TestSilentConnectionsAreSentAway(t *testing.T) {
	p, _ := started(t, http.HandlerFunc(echoProto))
	conn, err := net.Dial("tcp", p.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// Others are served all the while.
	res, err := http.Get("http://" + p.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	start := time.Now()
	_ = conn.SetReadDeadline(start.Add(2 * firstBytePatience))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("after %v: %v, want the gateway to hang up", time.Since(start), err)
	}
	if took := time.Since(start); took < firstBytePatience/2 {
		t.Errorf("hung up after %v already", took)
	}
}

func TestTooManyConnectionsAreRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(l, 2)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	var inside []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("G")); err != nil {
			t.Fatal(err)
		}
		accepted, err := d.plain.Accept()
		if err != nil {
			t.Fatal(err)
		}
		inside = append(inside, c, accepted)
	}
	third, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = third.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := third.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the third connection: %v, want it closed", err)
	}
	for _, c := range append(inside, third) {
		_ = c.Close()
	}
}

// from is a connection that says where it comes from.
type from struct {
	net.Conn
	addr string
}

func (f from) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr))
}

func TestNoHostTakesAllPlaces(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	d := newDoor(l, 8) // two for each host
	var free []func()
	for _, c := range []struct {
		addr string
		want bool
	}{
		{"192.168.1.66:1", true},
		{"192.168.1.66:2", true},
		{"192.168.1.66:3", false},
		{"192.168.1.7:1", true},
		{"[::ffff:192.168.1.66]:4", false},
		{"[fd00::1]:1", true},
		{"[fd00::2]:1", true},
		{"[fd00::3]:1", false},
		{"[fd00:0:0:1::1]:1", true},
		{"127.0.0.1:1", true},
		{"[::1]:1", true},
		{"127.0.0.1:3", false}, // all eight are taken
	} {
		leave, ok := d.admit(from{addr: c.addr})
		if ok != c.want {
			t.Errorf("%s: let in: %v", c.addr, ok)
		}
		if ok {
			free = append(free, leave)
		}
	}
	for _, leave := range free {
		leave()
	}
	if len(d.places) != 0 || len(d.hosts) != 0 {
		t.Errorf("when all have left: %d places, %v", len(d.places), d.hosts)
	}
	if _, ok := d.admit(from{addr: "192.168.1.66:9"}); !ok {
		t.Error("not let in again")
	}
}

func TestPortInUseSaysWhatToDo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, err = Open(Config{Address: l.Addr().String(), Handler: http.NotFoundHandler()})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("got %v, want ErrInUse", err)
	}
	port := fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	if !strings.Contains(err.Error(), port) || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("%q does not name the port and what to do", err)
	}
}

func TestTakenUDPPortCostsOnlyHTTP3(t *testing.T) {
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	ca, err := OpenLocalCA(LocalConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	p, err := Open(Config{
		Address: udp.LocalAddr().String(), Handler: http.NotFoundHandler(), Certificates: ca,
		Log: slog.New(slog.NewTextHandler(&said, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	if p.HTTP3() || !strings.Contains(said.String(), "no HTTP/3") {
		t.Errorf("HTTP3() = %v, log %q", p.HTTP3(), said.String())
	}
}

func TestStopsWithinItsGrace(t *testing.T) {
	ca, err := OpenLocalCA(LocalConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	told := make(chan struct{})
	p, err := Open(Config{Address: "127.0.0.1:0", Certificates: ca, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		close(told)
	})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	conn, err := net.Dial("tcp", p.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-entered
	start := time.Now()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > grace+time.Second {
		t.Errorf("took %v to stop", took)
	}
	select {
	case <-told:
	case <-time.After(time.Second):
		t.Error("a request that would not end was not told to")
	}
}

func TestGarbageDoesNotHurt(t *testing.T) {
	p, _ := started(t, http.HandlerFunc(echoProto))
	for _, bytes := range []string{"\x16", "\x16\x03\x01\xff\xff", "\x00\x00\x00", "GET", "\x80\x2e\x01"} {
		conn, err := net.Dial("tcp", p.Address().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, bytes)
		_ = conn.(*net.TCPConn).CloseWrite()
		_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
	conn, err := net.Dial("tcp", p.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "200") {
		t.Errorf("afterwards: %q, %v", line, err)
	}
}

// Ending the port while somebody is connected and has not said anything yet
// ends; their closing gives places back, which takes the same lock.
func TestStopsWhileConnectionsAreSilent(t *testing.T) {
	p, err := Open(Config{Address: "127.0.0.1:0", Handler: http.NotFoundHandler()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	for range 20 {
		conn, err := net.Dial("tcp", p.Address().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for known := 0; known < 20; runtime.Gosched() {
		p.door.mu.Lock()
		known = len(p.door.mute)
		p.door.mu.Unlock()
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
}

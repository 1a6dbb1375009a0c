//go:build peers

package cast

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// The peer is a receiver on npm castv2's Server: see testdata/peer.

type peer struct {
	t     *testing.T
	addr  netip.AddrPort
	stdin io.Writer
	lines chan peerLine
}

type peerLine struct {
	Port    int             `json:"port"`
	Got     string          `json:"got"`
	To      string          `json:"to"`
	Message json.RawMessage `json:"message"`
	Fetched string          `json:"fetched"`
	Code    int             `json:"code"`
	Bytes   int             `json:"bytes"`
	Mark    bool            `json:"mark"`
}

func startPeer(t *testing.T) *peer {
	t.Helper()
	if _, err := os.Stat("testdata/peer/node_modules/castv2"); err != nil {
		t.Fatal("npm's castv2 is missing: run `npm ci` in cast/testdata/peer, as make test does")
	}
	cert, key := selfSigned(t)
	cmd := exec.Command("node", "testdata/peer/receiver.js", cert, key)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the receiver (node is needed): %v", err)
	}
	p := &peer{t: t, stdin: stdin, lines: make(chan peerLine, 4096)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var line peerLine
			if json.Unmarshal(scanner.Bytes(), &line) == nil {
				p.lines <- line
			}
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-read
		_ = cmd.Wait()
	})
	first := p.await("the receiver's port", func(l peerLine) bool { return l.Port != 0 })
	p.addr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(first.Port))
	return p
}

func (p *peer) order(what string) {
	if _, err := io.WriteString(p.stdin, what+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) await(what string, match func(peerLine) bool) peerLine {
	p.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line := <-p.lines:
			if match(line) {
				return line
			}
		case <-timeout:
			p.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// seen returns what the receiver got since the last look, heartbeats left out.
func (p *peer) seen() []string {
	p.t.Helper()
	p.order("mark")
	var kinds []string
	p.await("the mark", func(line peerLine) bool {
		if line.Got != "" && line.Got != "PING" && line.Got != "PONG" {
			kinds = append(kinds, line.Got)
		}
		return line.Mark
	})
	return kinds
}

func selfSigned(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER)
}

// startSender connects a Sender to the peer.
func startSender(t *testing.T, p *peer, cfg Config) *Sender {
	t.Helper()
	s := NewSender(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	s.Presence(p.addr)
	awaitStatus(t, s, "a connection", func(st Status) bool { return st.Connected })
	return s
}

func awaitStatus(t *testing.T, s *Sender, what string, match func(Status) bool) Status {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if st := s.Status(); match(st) {
			return st
		}
		select {
		case <-s.Statuses():
		case <-timeout:
			t.Fatalf("waited in vain for %s; status is %+v", what, s.Status())
		}
	}
}

// tracks serves audio the way a gateway would.
func tracks(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "track.flac", time.Time{}, bytes.NewReader(make([]byte, 1000)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func items(base string, ids ...string) []Item {
	out := make([]Item, len(ids))
	for i, id := range ids {
		out[i] = Item{ID: id, URL: base + "/" + id, ContentType: "audio/flac", Title: "Title " + id, Duration: time.Minute}
	}
	return out
}

func TestPeerPlaysAQueue(t *testing.T) {
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	ctx := t.Context()

	p.seen()
	if err := s.Load(ctx, items(base, "a", "b", "c"), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	var fetched peerLine
	var sent []string
	p.await("the device's fetch", func(l peerLine) bool {
		if l.Got != "" && l.Got != "PING" {
			sent = append(sent, l.Got)
		}
		fetched = l
		return l.Fetched != ""
	})
	if want := []string{"LAUNCH", "CONNECT", "QUEUE_LOAD"}; !slices.Equal(sent, want) {
		t.Errorf("a cold play sent %v, want %v", sent, want)
	}
	st := awaitStatus(t, s, "item a", func(st Status) bool { return st.Item == "a" && st.State == Playing })
	if st.Position < 5*time.Second || st.Foreign {
		t.Errorf("status %+v", st)
	}
	if fetched.Code != http.StatusPartialContent || fetched.Bytes != 1000 {
		t.Errorf("fetched %+v", fetched)
	}

	for i, do := range []func() error{
		func() error { return s.Pause(ctx) },
		func() error { return s.Seek(ctx, 30*time.Second) },
		func() error { return s.SetMuted(ctx, true) },
		func() error { return s.SetVolume(ctx, 0) },
	} {
		if err := do(); err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
	st = awaitStatus(t, s, "volume 0", func(st Status) bool { return st.Volume == 0 && st.Muted })
	if st.State != Paused || st.Position != 30*time.Second {
		t.Errorf("status %+v", st)
	}
	if err := s.Play(ctx); err != nil {
		t.Fatal(err)
	}

	// What follows is replaced while a goes on; then b's successor plays.
	if err := s.Follow(ctx, "a", items(base, "x", "y"), false); err != nil {
		t.Fatal(err)
	}
	p.order("finish")
	awaitStatus(t, s, "item x", func(st Status) bool { return st.Item == "x" })
	// A cut is heard at once.
	if err := s.Follow(ctx, "", items(base, "z"), true); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "item z", func(st Status) bool { return st.Item == "z" && st.State == Playing })

	p.seen()
	if err := s.Load(ctx, items(base, "warm"), 0); err != nil {
		t.Fatal(err)
	}
	if got, want := p.seen(), []string{"QUEUE_LOAD"}; !slices.Equal(got, want) {
		t.Errorf("a warm play sent %v, want %v", got, want)
	}
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "idle", func(st Status) bool { return st.State == Idle })
}

func TestPeerRefuses(t *testing.T) {
	p := startPeer(t)
	s := startSender(t, p, Config{})
	err := s.Load(t.Context(), items("http://127.0.0.1:1/unsupported", "a"), 0)
	var refused *RequestError
	if !errors.As(err, &refused) || refused.Type != "LOAD_FAILED" || refused.Code != 104 {
		t.Errorf("got %v", err)
	}
	if err := s.Pause(t.Context()); !errors.Is(err, ErrIdle) {
		t.Errorf("pause with nothing loaded: %v", err)
	}
}

func TestPeerIsTakenOver(t *testing.T) {
	for _, order := range []string{"takeover", "foreign"} {
		t.Run(order, func(t *testing.T) {
			p := startPeer(t)
			s := startSender(t, p, Config{})
			if err := s.Load(t.Context(), items(tracks(t), "a"), 0); err != nil {
				t.Fatal(err)
			}
			p.order(order)
			awaitStatus(t, s, "the takeover", func(st Status) bool { return st.Foreign && st.Item == "" })
			p.seen()
			if err := s.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if got := p.seen(); len(got) != 0 {
				t.Errorf("somebody else's playback was sent %v", got)
			}
		})
	}
}

func TestPeerComesBack(t *testing.T) {
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	if err := s.Load(t.Context(), items(base, "a", "b"), 0); err != nil {
		t.Fatal(err)
	}
	// After a drop the music is adopted, not loaded again.
	p.seen()
	p.order("drop")
	awaitStatus(t, s, "the drop", func(st Status) bool { return !st.Connected })
	awaitStatus(t, s, "adoption", func(st Status) bool { return st.Connected && st.Item == "a" })
	if got := p.seen(); slices.Contains(got, "QUEUE_LOAD") || slices.Contains(got, "LAUNCH") {
		t.Errorf("the reconnect interrupted: %v", got)
	}
	// After a reboot nothing is loaded, and a load works.
	p.order("reboot")
	awaitStatus(t, s, "the reboot", func(st Status) bool { return !st.Connected })
	awaitStatus(t, s, "the return", func(st Status) bool { return st.Connected && st.Item == "" })
	if err := s.Load(t.Context(), items(base, "c"), 0); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "item c", func(st Status) bool { return st.Item == "c" })
}

func TestPeerSaysNothing(t *testing.T) {
	p := startPeer(t)
	s := startSender(t, p, Config{})
	p.order("mute-replies")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	if err := s.Load(ctx, items("http://127.0.0.1:1", "a"), 0); !errors.Is(err, ErrSilent) && !errors.Is(err, ErrOffline) {
		t.Errorf("got %v, want a device that is silent or given up", err)
	}
}

func TestPeerCertificateIsShown(t *testing.T) {
	p := startPeer(t)
	seen := make(chan [sha256.Size]byte, 1)
	startSender(t, p, Config{Trust: func(fp [sha256.Size]byte) error { replace(seen, fp); return nil }})
	if fp := <-seen; fp == ([sha256.Size]byte{}) {
		t.Error("no fingerprint")
	}
	refusing := NewSender(Config{Trust: func([sha256.Size]byte) error { return ErrCertificate }})
	if _, err := refusing.dial(t.Context(), p.addr); !errors.Is(err, ErrCertificate) {
		t.Errorf("got %v", err)
	}
}

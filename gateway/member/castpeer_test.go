//go:build peers

package member

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// receiver is the Cast device on npm's castv2: see cast/testdata/peer.
const receiver = "../../cast/testdata/peer"

// castPeer is a running receiver.
type castPeer struct {
	addr  netip.AddrPort
	stdin io.WriteCloser
}

func startReceiver(t *testing.T) castPeer {
	t.Helper()
	if _, err := os.Stat(filepath.Join(receiver, "node_modules/castv2")); err != nil {
		t.Fatalf("npm's castv2 is missing: run `npm ci` in %s, as make test does", receiver)
	}
	cert, key := selfSigned(t)
	cmd := exec.Command("node", filepath.Join(receiver, "receiver.js"), cert, key)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the receiver (node is needed): %v", err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	var first struct{ Port uint16 }
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &first) != nil || first.Port == 0 {
		t.Fatalf("the receiver began with %q", lines.Text())
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-read
		_ = cmd.Wait()
	})
	return castPeer{addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), first.Port), stdin: stdin}
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A Chromecast leads over a real connection.
func TestPeerCastLeads(t *testing.T) {
	zonetest.TestLeader(t, func(t *testing.T) zonetest.LeaderRig {
		peer := startReceiver(t)
		order := func(what string) func() {
			return func() {
				if _, err := io.WriteString(peer.stdin, what+"\n"); err != nil {
					t.Fatal(err)
				}
			}
		}
		sender := cast.NewSender(cast.Config{})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = sender.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		sender.Presence(peer.addr)
		for !sender.Status().Connected {
			select {
			case <-sender.Statuses():
			case <-time.After(10 * time.Second):
				t.Fatal("no connection")
			}
		}
		clock := audio.NewClock()
		return zonetest.LeaderRig{
			Leader: runCast(t, CastConfig{Sender: sender, Statuses: sender.Statuses(), Clock: clock}), Clock: clock,
			Release: order("takeover"), Gone: func() { _ = peer.stdin.Close() },
			Refuse: func(int) zone.Item {
				return zone.Item{Entry: "bad", URL: "http://127.0.0.1:1/unsupported", MIME: "audio/x-none", Track: zone.Track{ID: "bad"}}
			},
		}
	})
}

// When our address changes, what the device holds is given to it at the new one:
// what plays at its position, what is paused when it goes on.
func TestPeerCastIsGivenANewAddress(t *testing.T) {
	peer := startReceiver(t)
	sender := cast.NewSender(cast.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = sender.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	sender.Presence(peer.addr)
	if err := sender.Connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	var host atomic.Pointer[string]
	move := func(to string) { host.Store(&to) }
	move("http://127.0.0.1:1/")
	c := runCast(t, CastConfig{
		Sender: sender, Statuses: sender.Statuses(), Clock: audio.NewClock(),
		Item: func(_ context.Context, i zone.Item) (cast.Item, error) {
			out := CastItem(i)
			out.URL = *host.Load() + string(i.Entry)
			return out, nil
		},
	})
	var items []zone.Item
	for _, e := range []zone.EntryID{"a", "b", "c"} {
		items = append(items, zone.Item{Entry: e, MIME: "audio/flac", Track: zone.Track{ID: string(e), Duration: 10 * time.Minute}})
	}
	if err := c.Load(t.Context(), items, zone.Position{Offset: 3 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	awaitHost := func(what string) {
		t.Helper()
		limit := time.After(10 * time.Second)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			queue, err := sender.Queue(t.Context())
			moved := err == nil && len(queue) == 3
			for _, q := range queue {
				moved = moved && strings.HasPrefix(q.URL, *host.Load())
			}
			if s := sender.Status(); moved && s.Item == "a" && s.State == cast.Playing && s.Position >= 3*time.Minute {
				return
			}
			select {
			case <-tick.C:
			case <-limit:
				t.Fatalf("%s: the queue is %+v, %v; %+v", what, queue, err, sender.Status())
			}
		}
	}
	awaitHost("loaded")
	move("http://127.0.0.1:2/")
	c.Reload()
	awaitHost("moved while it plays")
	if err := c.Transport(t.Context(), zone.Paused); err != nil {
		t.Fatal(err)
	}
	move("http://127.0.0.1:3/")
	c.Reload()
	if err := c.Transport(t.Context(), zone.Playing); err != nil {
		t.Fatal(err)
	}
	awaitHost("moved while it was paused")
}

//go:build e2e

package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The Chromecast of these tests is a program on npm's castv2: see
// cast/testdata/peer.
const receiver = "../../cast/testdata/peer"

// chromecast is a receiver in a process of its own.
type chromecast struct {
	t     *testing.T
	stdin io.WriteCloser
	cmd   *exec.Cmd
	port  int
	ended chan struct{}

	mu   sync.Mutex
	said []castLine
}

// castLine is what the receiver prints: what it was told, or what it fetches.
type castLine struct {
	Port     int    `json:"port"`
	Got      string `json:"got"`
	Did      string `json:"did"`
	Message  castMessage
	Fetching string `json:"fetching"`
	Fetched  string `json:"fetched"`
	Code     int    `json:"code"`
	Bytes    int    `json:"bytes"`
	// Due is for what is fetched ahead: how many seconds before it plays.
	Due *float64 `json:"due"`
}

type castMessage struct {
	Volume      struct{ Level *float64 }
	CurrentTime float64
	Items       []struct {
		Media struct {
			ContentID   string `json:"contentId"`
			ContentType string `json:"contentType"`
			StreamType  string `json:"streamType"`
		}
	}
}

// certificate makes what a Chromecast signs for itself.
func certificate(t *testing.T) (cert, key string) {
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

// startChromecast starts a receiver; port 0 means any.
func startChromecast(t *testing.T, cert, key string, port int) *chromecast {
	t.Helper()
	if _, err := os.Stat(filepath.Join(receiver, "node_modules/castv2")); err != nil {
		t.Fatalf("npm's castv2 is missing: run `npm ci` in %s, as make test does", receiver)
	}
	c := &chromecast{
		t: t, ended: make(chan struct{}),
		cmd: exec.Command("node", filepath.Join(receiver, "receiver.js"), cert, key, strconv.Itoa(port)),
	}
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd.Stderr = os.Stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatalf("start the receiver (node is needed): %v", err)
	}
	go func() {
		defer close(c.ended)
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var line castLine
			if json.Unmarshal(scanner.Bytes(), &line) == nil {
				c.mu.Lock()
				c.said = append(c.said, line)
				c.mu.Unlock()
			}
		}
	}()
	t.Cleanup(c.end)
	c.await("its port", 10*time.Second, func(l castLine) bool {
		c.port = l.Port
		return l.Port != 0
	})
	return c
}

// end switches the device off.
func (c *chromecast) end() {
	_ = c.stdin.Close()
	<-c.ended
	_ = c.cmd.Wait()
}

func (c *chromecast) order(what string) {
	c.t.Helper()
	if _, err := io.WriteString(c.stdin, what+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

// await waits for a line, and forgets those up to it.
func (c *chromecast) await(what string, limit time.Duration, match func(castLine) bool) castLine {
	c.t.Helper()
	var found castLine
	eventually(c.t, what, limit, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, line := range c.said {
			if match(line) {
				found, c.said = line, c.said[i+1:]
				return true
			}
		}
		return false
	})
	return found
}

func (c *chromecast) awaitGot(kind string) castMessage {
	c.t.Helper()
	return c.await(kind, 15*time.Second, func(l castLine) bool { return l.Got == kind }).Message
}

// got counts what the device was told since what was awaited last.
func (c *chromecast) got(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, l := range c.said {
		if l.Got == kind {
			n++
		}
	}
	return n
}

//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// home is a network of its own: machines on one bridge, each a network
// namespace, as those of devices/mdns.
type home struct {
	t      *testing.T
	prefix string
	ports  int
}

func newHome(t *testing.T) *home {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: network namespaces need root")
	}
	h := &home{t: t, prefix: fmt.Sprintf("jge%d-", os.Getpid())}
	h.namespace("sw")
	h.ip("-n", h.prefix+"sw", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
	h.ip("-n", h.prefix+"sw", "link", "set", "br0", "up")
	return h
}

func (h *home) ip(args ...string) {
	h.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		h.t.Fatalf("ip %s: %v: %s (Debian's package iproute2, and CAP_SYS_ADMIN)", strings.Join(args, " "), err, out)
	}
}

func (h *home) namespace(name string) {
	h.t.Helper()
	h.ip("netns", "add", h.prefix+name)
	h.t.Cleanup(func() { h.ip("netns", "del", h.prefix+name) })
	h.ip("-n", h.prefix+name, "link", "set", "lo", "up")
}

// machine adds one with an address.
func (h *home) machine(name, address string) {
	h.t.Helper()
	h.namespace(name)
	h.ports++
	port := fmt.Sprintf("p%d", h.ports)
	h.ip("-n", h.prefix+name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", h.prefix+"sw")
	h.ip("-n", h.prefix+"sw", "link", "set", port, "master", "br0", "up")
	h.ip("-n", h.prefix+name, "addr", "add", address+"/24", "dev", "eth0")
	h.ip("-n", h.prefix+name, "link", "set", "eth0", "up")
}

// start runs the binary on a machine.
func (h *home) start(machine string, args ...string) *running {
	h.t.Helper()
	cmd := exec.Command("ip", append([]string{"netns", "exec", h.prefix + machine, binary}, args...)...)
	r := &running{t: h.t, cmd: cmd, done: make(chan struct{}), news: make(chan struct{}, 1)}
	cmd.Env = append(os.Environ(), "JUMPGATE_TOKEN="+token)
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		h.t.Fatalf("start %s on %s: %v", binary, machine, err)
	}
	go func() {
		defer close(r.done)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			r.mu.Lock()
			r.lines = append(r.lines, scanner.Text())
			r.mu.Unlock()
			select {
			case r.news <- struct{}{}:
			default:
			}
		}
	}()
	h.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-r.done
		_ = cmd.Wait()
		if h.t.Failed() {
			h.t.Logf("on %s it said:\n%s", machine, r.output())
		}
	})
	return r
}

// call asks a gateway's API from a machine.
func (h *home) call(machine, method, url string, body, result any) {
	h.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, url, bytes.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	if body == nil {
		request.Body, request.ContentLength = http.NoBody, 0
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, to string) (conn net.Conn, err error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			conn, err = h.dialFrom(ctx, machine, network, to)
		}()
		<-done
		return conn, err
	}}
	answer, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		h.t.Fatalf("%s %s: %s: %s %v", method, url, answer.Status, text, err)
	}
	if result != nil {
		if err := json.Unmarshal(text, result); err != nil {
			h.t.Fatalf("%s %s: %v in %s", method, url, err, text)
		}
	}
}

// dialFrom connects from a machine; it moves its thread there.
func (h *home) dialFrom(ctx context.Context, machine, network, to string) (net.Conn, error) {
	space, err := os.Open("/run/netns/" + h.prefix + machine)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, to)
}

// listed waits until `jumpgate devices` says of a gateway's device what it
// should.
func (h *home) listed(data, what string, limit time.Duration, words ...string) {
	h.t.Helper()
	eventually(h.t, what, limit, func() bool {
		out, err := exec.Command(binary, "devices", "--data", data).CombinedOutput()
		if err != nil {
			return false
		}
		for line := range strings.SplitSeq(string(out), "\n") {
			fits := true
			for _, word := range words {
				fits = fits && strings.Contains(line, word)
			}
			if fits {
				return true
			}
		}
		return false
	})
}

// A player on another machine is found by mDNS by two gateways, dialled, put
// into a zone, and sounds; when it says goodbye it is absent.
func TestPlayerOnTheNetwork(t *testing.T) {
	h := newHome(t)
	h.machine("a", "10.77.0.1")
	h.machine("b", "10.77.0.2")
	h.machine("p", "10.77.0.3")
	first, second := t.TempDir(), t.TempDir()
	gateway := func(machine, data, name string) *running {
		g := h.start(machine, "demo", "--data", data, "--listen", ":4600", "--player", "meter", "--name", name)
		g.await("where it is", `is at (http://\S+)`, 15*time.Second, nil)
		return g
	}
	g := gateway("a", first, "First")
	gateway("b", second, "Second")

	wav := filepath.Join(t.TempDir(), "heard.wav")
	begin := time.Now()
	p := h.start("p", "player", "--data", t.TempDir(), "--name", "Bath", "--output", wav)
	h.listed(first, "the player at the first gateway", 15*time.Second, "Bath", "player", "10.77.0.3:8928", "here")
	t.Logf("found %v after its start", time.Since(begin).Round(10*time.Millisecond))
	h.listed(second, "the player at the second gateway", 15*time.Second, "Bath", "player", "10.77.0.3:8928", "here")

	g.await("first sound", `first sound after`, 30*time.Second, nil)
	const api = "http://10.77.0.1:4600/api/v1"
	var bath deviceState
	eventually(t, "the player under its own id", 15*time.Second, func() bool {
		var list struct{ Items []deviceState }
		h.call("b", "GET", api+"/devices", nil, &list)
		i := slices.IndexFunc(list.Items, func(d deviceState) bool { return d.Name == "Bath" && d.ID != "player:Bath" })
		if i >= 0 {
			bath = list.Items[i]
		}
		return i >= 0
	})
	var zones struct{ Items []zoneState }
	h.call("b", "GET", api+"/zones", nil, &zones)
	begin = time.Now()
	h.call("b", "PATCH", api+"/devices/"+bath.ID, map[string]any{"zone": zones.Items[0].ID}, nil)
	p.await("that it sounds", `Sound at`, 15*time.Second, nil)
	t.Logf("sounds %v after it was put into the zone", time.Since(begin).Round(10*time.Millisecond))
	eventually(t, "a second of sound in the file", 15*time.Second, func() bool {
		info, err := os.Stat(wav)
		return err == nil && info.Size() > 200_000
	})

	begin = time.Now()
	p.end(syscall.SIGTERM)
	h.listed(first, "its absence", 15*time.Second, "Bath", "gone")
	t.Logf("absent %v after its end", time.Since(begin).Round(10*time.Millisecond))
	h.listed(second, "its absence at the second gateway", 15*time.Second, "Bath", "gone")
}

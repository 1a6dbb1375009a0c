//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast/emulated"
)

// castCLI runs `jumpgate cast` against a device and returns what it printed.
func castCLI(t *testing.T, c *chromecast, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"cast"}, append(args, "--address", c.address())...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return stderr.String(), err
	}
	return string(out), nil
}

func (c *chromecast) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

func mustCLI(t *testing.T, c *chromecast, args ...string) string {
	t.Helper()
	out, err := castCLI(t, c, args...)
	if err != nil {
		t.Fatalf("jumpgate cast %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func statusCLI(t *testing.T, c *chromecast) castState {
	t.Helper()
	var s castState
	if err := json.Unmarshal([]byte(mustCLI(t, c, "status", "--json")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCastCommands(t *testing.T) {
	t.Parallel()
	cert, key := emulated.Certificate(t)
	c := startChromecast(t, cert, key, 0)
	if s := statusCLI(t, c); !s.Connected || s.Item != "" || s.Volume != 40 {
		t.Errorf("at first it is %+v", s)
	}
	// Files of this machine: it serves them, and goes on with the next.
	dir := t.TempDir()
	var files []string
	for i := range 2 {
		name := filepath.Join(dir, "Tone "+strconv.Itoa(i+1)+".wav")
		if err := os.WriteFile(name, toneWAV(440, 3*time.Second), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	begin := time.Now()
	out := mustCLI(t, c, append([]string{"play"}, files...)...)
	if took := time.Since(begin); took < 5*time.Second {
		t.Errorf("two files of 3 s have played after %v: %s", took, out)
	}
	load := c.awaitGot("QUEUE_LOAD")
	if len(load.Items) != 2 || load.Items[0].Media.ContentType != "audio/wav" || !strings.HasPrefix(load.Items[0].Media.ContentID, "http://127.0.0.1:") {
		t.Errorf("loaded %+v", load.Items)
	}
	if l := c.await("the whole file", 5*time.Second, func(l castLine) bool { return l.Fetched != "" }); l.Bytes != 44+4*48000*3 {
		t.Errorf("fetched %+v", l)
	}

	// A file that is interrupted is stopped.
	long := filepath.Join(dir, "long.wav")
	if err := os.WriteFile(long, toneWAV(440, time.Minute), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "cast", "play", long, "--address", c.address())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "that it plays", 10*time.Second, func() bool { return statusCLI(t, c).State == "playing" })
	if s := statusCLI(t, c); s.Foreign || s.Duration != 60 {
		t.Errorf("another command sees %+v", s)
	}
	if out := mustCLI(t, c, "queue"); !strings.Contains(out, "> ") || !strings.Contains(out, "long") {
		t.Errorf("the queue is %q", out)
	}
	mustCLI(t, c, "pause")
	if s := statusCLI(t, c); s.State != "paused" {
		t.Errorf("paused it is %+v", s)
	}
	mustCLI(t, c, "resume")
	if out := mustCLI(t, c, "volume", "25"); !strings.Contains(out, "volume 25") {
		t.Errorf("the volume: %q", out)
	}
	if out := mustCLI(t, c, "volume", "+10", "--mute"); !strings.Contains(out, "volume 35 (muted)") {
		t.Errorf("the volume: %q", out)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted it ends with %v", err)
	}
	if s := statusCLI(t, c); s.State != "idle" {
		t.Errorf("after the interrupt it is %+v", s)
	}

	// What cannot be done is said.
	for _, bad := range []struct {
		args []string
		says string
	}{
		{[]string{"play", "http://192.0.2.1/what"}, "--type"},
		{[]string{"play", filepath.Join(dir, "nothing.wav")}, "no such file"},
		{[]string{"play", "http://192.0.2.1/x.mp3", long}, "not both"},
		{[]string{"volume", "loud"}, "0 to 100"},
		{[]string{"pause"}, "nothing is loaded"},
	} {
		out, err := castCLI(t, c, bad.args...)
		if err == nil || !strings.Contains(out, bad.says) {
			t.Errorf("%v says %q, %v; want a word on %q", bad.args, out, err, bad.says)
		}
	}
	c.order("takeover")
	if out := mustCLI(t, c, "status"); !strings.Contains(out, "somebody else plays") {
		t.Errorf("taken over: %q", out)
	}
	if out, err := castCLI(t, c, "record", filepath.Join(dir, "x.jsonl")); err == nil || !strings.Contains(out, "somebody uses") {
		t.Errorf("a device that is used is recorded: %q, %v", out, err)
	}
}

// A transcript that is made now is replayed, and holds nothing private.
func TestCastRecord(t *testing.T) {
	t.Parallel()
	cert, key := emulated.Certificate(t)
	c := startChromecast(t, cert, key, 0)
	file := filepath.Join(t.TempDir(), "session.jsonl")
	t.Log(mustCLI(t, c, "record", file))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"127.0.0.1", "sender-jumpgate", "Default Media Receiver", "tone1"} {
		if bytes.Contains(raw, []byte(private)) {
			t.Errorf("%q is in the transcript", private)
		}
	}
	replayed(t, raw)
	if keep := os.Getenv("JUMPGATE_KEEP_TRANSCRIPT"); keep != "" {
		if err := os.WriteFile(keep, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

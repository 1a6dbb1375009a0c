// SPDX-License-Identifier: Apache-2.0

//go:build peers || peers312

package peers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The device with the cleartext dialect alone, and with both.
var (
	build    = sync.OnceValues(func() (string, error) { return buildDevice("-DJG_MBEDTLS=OFF") })
	buildNow = sync.OnceValues(func() (string, error) { return buildDevice("-DJG_MBEDTLS=ON") })
	folders  []string
)

func buildDevice(options ...string) (string, error) {
	dir, err := os.MkdirTemp("", "jumpgate-device")
	if err != nil {
		return "", err
	}
	folders = append(folders, dir)
	for _, args := range [][]string{
		append([]string{"cmake", "-S", "..", "-B", dir, "-DJG_SANITIZE=ON", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1 -g1"}, options...),
		{"cmake", "--build", dir, "--parallel", "--target", "jumpgate-device"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	return filepath.Join(dir, "ports/posix/jumpgate-device"), nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range folders {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// event is a line of the device.
type event struct {
	Event, Codec, Rate, Bits, Name, Why, Title, Artist, Button, Error, State, Text, Commands string
	Volume, Muted, Buffered, Underruns, Late, Dropped, Damaged                               int
	Added, Removed, Resyncs                                                                  int
	ErrorUs                                                                                  int `json:"error_us"`
	EarlyUs                                                                                  int `json:"early_us"`
	LaterUs                                                                                  int `json:"later_us"`
	Ppb                                                                                      int `json:"clock_ppb"`
	Playing, Connected, Encrypted, Paired                                                    int
}

// device is a running jumpgate-device, built with sanitizers.
type device struct {
	events chan event
	in     io.Writer
	cancel context.CancelFunc
	ended  chan error
	said   bytes.Buffer
}

func newDevice(t *testing.T, args ...string) *device {
	t.Helper()
	return runDevice(t, build, args...)
}

// newDeviceNow is one that speaks the current dialect, too.
func newDeviceNow(t *testing.T, args ...string) *device {
	t.Helper()
	return runDevice(t, buildNow, args...)
}

func runDevice(t *testing.T, build func() (string, error), args ...string) *device {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	// A real output holds less; on a loaded machine a process waits longer.
	cmd := exec.CommandContext(ctx, path, append([]string{"--output-ms", "250"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	d := &device{events: make(chan event, 4096), cancel: cancel, ended: make(chan error, 1)}
	cmd.Stderr = &d.said
	if d.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var e event
			if err := json.Unmarshal(lines.Bytes(), &e); err == nil {
				d.events <- e
			}
		}
		d.ended <- cmd.Wait()
		close(d.events)
	}()
	t.Cleanup(func() { d.stop(t) })
	return d
}

// stop ends the device and fails the test where a sanitizer had something to
// say.
func (d *device) stop(t *testing.T) {
	d.cancel()
	if err, ok := <-d.ended; ok {
		close(d.ended)
		if d.said.Len() > 0 {
			t.Errorf("the device ended with %v and said:\n%s", err, d.said.String())
		}
	}
}

func (d *device) ask(t *testing.T, line string) {
	t.Helper()
	if _, err := fmt.Fprintln(d.in, line); err != nil {
		t.Fatal(err)
	}
}

// next waits for an event that fits.
func (d *device) next(t *testing.T, what string, fits func(event) bool) event {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e, ok := <-d.events:
			if !ok {
				t.Fatalf("the device ended before %s", what)
			}
			if e.Event == "log" {
				t.Logf("device: %s", e.Text)
			}
			if fits(e) {
				return e
			}
		case <-timeout:
			t.Fatalf("the device did not say: %s", what)
		}
	}
}

func named(name string) func(event) bool { return func(e event) bool { return e.Event == name } }

func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// patiently tries again where the machine stood still for longer than the
// buffer: both sides run in real time, and nothing is learned then.
func patiently(t *testing.T, try func() (got []byte, last event, ok bool)) ([]byte, event) {
	t.Helper()
	for range 8 {
		got, last, ok := try()
		if ok {
			return got, last
		}
		t.Logf("starved, again: %+v", last)
	}
	t.Fatal("this machine is too busy")
	return nil, event{}
}

// heard returns a WAV file's samples without the silence around them.
func heard(t *testing.T, path string, frame int) []byte {
	t.Helper()
	wav, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data := wav[44:]
	zero := make([]byte, frame)
	for len(data) >= frame && bytes.Equal(data[:frame], zero) {
		data = data[frame:]
	}
	for len(data) >= frame && bytes.Equal(data[len(data)-frame:], zero) {
		data = data[:len(data)-frame]
	}
	return data
}

// SPDX-License-Identifier: Apache-2.0

//go:build peers || peers312

package peers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// pyServer starts aiosendspin's server and returns how to ask it, and what it
// said of the kind that is asked for.
func pyServer(t *testing.T, args ...string) (ask func(string), next func(event string)) {
	t.Helper()
	return runPython(t, "JUMPGATE_PYTHON312", "peer.py", args...)
}

func runPython(t *testing.T, interpreter, name string, args ...string) (ask func(string), next func(event string)) {
	t.Helper()
	python := os.Getenv(interpreter)
	if python == "" {
		t.Fatalf("%s is not set: devices/sendspin/testdata/peer-aiosendspin/setup.sh makes one and prints it", interpreter)
	}
	script, err := os.ReadFile("../../devices/sendspin/testdata/peer-aiosendspin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", string(script)}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 4096)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			var e struct{ Event string }
			if json.Unmarshal(sc.Bytes(), &e) == nil {
				lines <- e.Event
			}
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		for range lines {
		}
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("aiosendspin said:\n%s", said.String())
		}
	})
	ask = func(line string) {
		if _, err := fmt.Fprintln(in, line); err != nil {
			t.Error(err)
		}
	}
	next = func(event string) {
		timeout := time.After(time.Minute) // Python takes its time to start
		for {
			select {
			case e, ok := <-lines:
				if !ok {
					t.Fatalf("aiosendspin ended before %q", event)
				}
				if e == event {
					return
				}
			case <-timeout:
				t.Fatalf("aiosendspin did not say %q", event)
			}
		}
	}
	return ask, next
}

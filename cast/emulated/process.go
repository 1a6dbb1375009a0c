package emulated

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The programs that there are. Each takes the files of a certificate and its key,
// Receiver then a port (none: any), Fleet how many devices it is to be.
const (
	Receiver = "receiver.js"
	Fleet    = "fleet.js"
)

// Process is a program that runs.
type Process struct {
	t     testing.TB
	cmd   *exec.Cmd
	stdin io.WriteCloser
	read  chan struct{} // closed when all was heard that it said
	over  bool
}

// Start starts a program, which ends with the test at the latest. heard is given
// each line that it prints, in order, on a goroutine of its own, and must not keep
// it. It fails the test where node or castv2 is missing.
func Start(t testing.TB, heard func(line []byte), program string, args ...string) *Process {
	t.Helper()
	folder := programs(t)
	if _, err := os.Stat(filepath.Join(folder, "node_modules/castv2")); err != nil {
		t.Fatalf("npm's castv2 is missing: run `npm ci` in %s, as make test does", folder)
	}
	//nolint:gosec,noctx // a program of ours, ended by End
	p := &Process{t: t, read: make(chan struct{}), cmd: exec.Command("node", append([]string{filepath.Join(folder, program)}, args...)...)}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s (node is needed): %v", program, err)
	}
	go func() {
		defer close(p.read)
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			heard(lines.Bytes())
		}
	}()
	t.Cleanup(p.End)
	return p
}

// Order has the device do something: see the program.
func (p *Process) Order(format string, args ...any) {
	if _, err := fmt.Fprintf(p.stdin, format+"\n", args...); err != nil {
		p.t.Errorf("order %q: %v", format, err)
	}
}

// End switches the device off and waits until it is gone.
func (p *Process) End() {
	if p.over {
		return
	}
	p.over = true
	_ = p.stdin.Close()
	<-p.read
	_ = p.cmd.Wait()
}

// programs is the folder of the programs, seen from wherever the test runs.
func programs(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		folder := filepath.Join(dir, "cast/testdata/peer")
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("cast/testdata/peer is not above here")
		}
		dir = up
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build peers || peers312

package peers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// buildLockstep compiles the program; encrypted: for the current dialect alone.
func buildLockstep(t *testing.T, encrypted bool) string {
	t.Helper()
	sources, err := filepath.Glob("../src/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	program := filepath.Join(t.TempDir(), "lockstep")
	args := append([]string{
		"-O2", "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-I../include", "-I../ports/posix", "-o", program, "../tests/lockstep.c", "../tests/kept.c", "../ports/posix/sink.c",
	}, sources...)
	if encrypted {
		args = append(args, "-DJG_CRYPTO=1", "-I../ports/mbedtls", "../ports/mbedtls/jg_mbedtls.c", "-lmbedcrypto")
	}
	if out, err := exec.CommandContext(t.Context(), "cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// lockstep is the core behind two pipes, in a program whose time is ours.
type lockstep struct {
	cmd         *exec.Cmd
	in, answers *os.File
	said        bytes.Buffer
	heard       chan sound
}

// sound is what a sound card played: silence, and in it pieces of the music that
// was sent over and over.
type sound struct {
	pieces []piece
	err    error
}

// piece is music without a gap, in frames: where it began in all that was played
// and where in the music, and how long it was.
type piece struct{ at, music, frames int }

// startLockstep runs the program; what it plays is compared with music.
func startLockstep(t *testing.T, program string, music []byte, frame int, args ...string) *lockstep {
	t.Helper()
	d := &lockstep{cmd: exec.CommandContext(t.Context(), program, args...), heard: make(chan sound, 1)}
	steps, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.in, d.answers = in, answers
	d.cmd.Stdin, d.cmd.ExtraFiles, d.cmd.Stderr = steps, []*os.File{theirs}, &d.said
	sound, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = steps.Close()
	_ = theirs.Close()
	t.Cleanup(func() {
		_ = in.Close()
		_ = answers.Close()
	})
	go func() {
		heard := listen(sound, music, frame)
		_, _ = io.Copy(io.Discard, sound) // it must not wait for us
		d.heard <- heard
	}()
	return d
}

// told is one thing that was said or done at a time of the server's, in µs.
type told struct {
	Event, Title, Codec         string
	At                          int64
	Volume, Order, Times, Steps int
}

// end lets the device end, and returns what it played, said and counted.
func (d *lockstep) end(t *testing.T) (pieces []piece, said []told, last event) {
	t.Helper()
	_ = d.in.Close()
	heard := <-d.heard
	if heard.err != nil {
		t.Error(heard.err)
	}
	if err := d.cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, d.said.String())
	}
	lines := bytes.Split(bytes.TrimSpace(d.said.Bytes()), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		t.Error(err)
	}
	return heard.pieces, events(t, lines[:len(lines)-1]), last
}

func events(t *testing.T, lines [][]byte) (out []told) {
	t.Helper()
	for _, line := range lines {
		var e told
		if err := json.Unmarshal(line, &e); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		out = append(out, e)
	}
	return out
}

// listen reads all of what was played, and ends with an error at a sound that
// music does not have.
func listen(r io.Reader, music []byte, frame int) (s sound) {
	in := bufio.NewReaderSize(r, 1<<20)
	const look = 16 // frames that say where in the music we are
	round := append(bytes.Clone(music), music[:look*frame]...)
	next := -1 // in the music; none in silence
	for at := 0; ; {
		buf, err := in.Peek(frame << 14)
		buf = buf[:len(buf)-len(buf)%frame]
		if len(buf) == 0 {
			if err != io.EOF {
				s.err = err
			}
			return s
		}
		n := 0
		if next >= 0 {
			n = same(buf, music[next:], frame)
			s.pieces[len(s.pieces)-1].frames += n / frame
			next = (next + n) % len(music)
			if n == 0 {
				next = -1
			}
		} else if n = len(buf) - len(bytes.TrimLeft(buf, "\x00")); n < frame {
			if next = find(round, buf[:min(len(buf), look*frame)], frame); next < 0 {
				s.err = fmt.Errorf("frame %d is neither silent nor what was sent", at)
				return s
			}
			s.pieces = append(s.pieces, piece{at: at, music: next / frame})
		}
		n -= n % frame
		_, _ = in.Discard(n)
		at += n / frame
	}
}

// same returns how many bytes of whole frames a and b have in common.
func same(a, b []byte, frame int) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	at := 0
	for a[at] == b[at] {
		at++
	}
	return at - at%frame
}

// find returns where frames stand in music, or -1.
func find(music, frames []byte, frame int) int {
	for from := 0; ; {
		at := bytes.Index(music[from:], frames)
		if at < 0 {
			return -1
		}
		if (from+at)%frame == 0 {
			return from + at
		}
		from += at + 1
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
)

// TestHourBitExact plays for soak to the core in simulated time, through the
// whole server and the whole client: its clock is 100 ppm off, its sound card's
// 100 ppm more, and every sample that comes out is what went in.
func TestHourBitExact(t *testing.T) {
	program := buildLockstep(t)
	for _, x := range []struct {
		codec      string
		rate, bits int
		clock      string // ppm
	}{
		{"flac", 44100, 16, "100"},
		{"pcm", 48000, 24, "-100"},
	} {
		t.Run(fmt.Sprintf("%s %d/%d", x.codec, x.rate, x.bits), func(t *testing.T) {
			t.Parallel()
			const frames = 1152 * 2297 // a minute of whole FLAC blocks
			pcm := music(61, x.rate, x.bits)[:frames*2*x.bits/8]
			format := sendspin.StreamFormat{Codec: x.codec, Rate: x.rate, Channels: 2, Bits: x.bits}
			chunks := pcmChunks(pcm, x.rate, x.bits, 25)
			if x.codec == "flac" {
				format.Header, chunks = flacChunks(t, pcm, x.rate, x.bits)
			}
			times := int(soak*time.Duration(x.rate)/time.Second)/frames + 1
			began := time.Now()
			d := startLockstep(t, program, repeated{t: t, part: pcm, times: times, frame: 2 * x.bits / 8},
				x.codec, fmt.Sprint(x.rate), fmt.Sprint(x.bits), x.clock, x.clock)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				h := d.connect(ctx, t)
				h.available(t, h.next(t, sendspin.Connected).Player)
				h.repeat(t, h.Players()[0], format, chunks, times, frames)
				cancel()
			})
			s := d.end(t)
			if s.Damaged+s.Dropped+s.Late+s.Added+s.Removed+s.Resyncs > 0 || s.Underruns > 1 { // its end looks like one
				t.Errorf("%+v", s)
			}
			t.Logf("%d frames bit for bit in %v: %+v", times*frames, time.Since(began).Round(time.Second), s)
		})
	}
}

func buildLockstep(t *testing.T) string {
	t.Helper()
	sources, err := filepath.Glob("../src/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	program := filepath.Join(t.TempDir(), "lockstep")
	args := append([]string{
		"-O2", "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-I../include", "-I../ports/posix", "-o", program, "../tests/lockstep.c", "../ports/posix/sink.c",
	}, sources...)
	if out, err := exec.CommandContext(t.Context(), "cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// repeated is what a sound card should play: silence, part so many times, silence.
type repeated struct {
	t     *testing.T
	part  []byte
	times int
	frame int // bytes
}

// check reads all of it, and says what is wrong.
func (w repeated) check(r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<20)
	frame, silent := make([]byte, w.frame), make([]byte, w.frame)
	for bytes.Equal(frame, silent) {
		if _, err := io.ReadFull(in, frame); err != nil {
			return fmt.Errorf("nothing but silence: %w", err)
		}
	}
	got := make([]byte, len(w.part))
	for n := range w.times {
		rest := got
		if n == 0 {
			rest = got[copy(got, frame):]
		}
		if _, err := io.ReadFull(in, rest); err != nil {
			return fmt.Errorf("it ends in part %d of %d: %w", n, w.times, err)
		}
		if !bytes.Equal(got, w.part) {
			return fmt.Errorf("part %d of %d is not what was sent", n, w.times)
		}
	}
	rest, err := io.ReadAll(in)
	if err == nil && len(bytes.Trim(rest, "\x00")) > 0 {
		err = fmt.Errorf("sound behind the end")
	}
	return err
}

// lockstep is the core behind two pipes, in a program that does nothing but answer.
type lockstep struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    bytes.Buffer
	checked chan error
	mu      sync.Mutex
	came    []byte // from the server
}

func startLockstep(t *testing.T, program string, want repeated, args ...string) *lockstep {
	t.Helper()
	d := &lockstep{cmd: exec.CommandContext(t.Context(), program, args...), checked: make(chan error, 1)}
	answers, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.cmd.ExtraFiles, d.cmd.Stderr, d.out = []*os.File{theirs}, &d.said, bufio.NewReaderSize(answers, 1<<16)
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	sound, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	t.Cleanup(func() { _ = answers.Close() })
	go func() {
		err := want.check(sound)
		_, _ = io.Copy(io.Discard, sound) // it must not wait for us
		d.checked <- err
	}()
	return d
}

// end lets the device end, and returns what it counted.
func (d *lockstep) end(t *testing.T) (last event) {
	t.Helper()
	_ = d.in.Close()
	if err := <-d.checked; err != nil {
		t.Error(err)
	}
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, d.said.String())
	} else if err := json.Unmarshal(d.said.Bytes(), &last); err != nil {
		t.Error(err)
	}
	return last
}

// connect joins the device to a server in memory, and lets it live by the
// bubble's time until ctx ends.
func (d *lockstep) connect(ctx context.Context, t *testing.T) *house {
	t.Helper()
	start := time.Now()
	h := &house{clock: func() int64 { return time.Since(start).Microseconds() + 5_000_000 }}
	s, err := sendspin.New(sendspin.Config{ID: "house", Now: h.clock, Access: func(string) sendspin.Access { return sendspin.Full }})
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	near, far := net.Pipe()
	web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Run(ctx) })
	wg.Go(func() { _ = web.Serve(&oneConn{conn: far, ctx: ctx}) })
	wg.Go(func() { d.receive(near) })
	wg.Go(func() { d.live(ctx, t, near, h.clock) })
	t.Cleanup(func() {
		for range s.Events() {
		}
		_ = web.Close()
		wg.Wait()
	})
	return h
}

// receive keeps what the server sends until the device's next step.
func (d *lockstep) receive(conn net.Conn) {
	buf := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buf)
		d.mu.Lock()
		d.came = append(d.came, buf[:n]...)
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// live takes one step after another. Between them all that the server does at an
// instant is done.
func (d *lockstep) live(ctx context.Context, t *testing.T, conn net.Conn, now func() int64) {
	defer func() { _ = conn.Close() }()
	for ctx.Err() == nil {
		synctest.Wait()
		d.mu.Lock()
		in := d.came
		d.came = nil
		d.mu.Unlock()
		wait, out, err := d.step(now(), in)
		if err == nil && len(out) > 0 {
			_, err = conn.Write(out)
			wait = 0
		}
		if err != nil {
			if ctx.Err() == nil {
				t.Errorf("the device: %v", err)
			}
			return
		}
		if wait > 0 {
			time.Sleep(wait)
		}
	}
}

func (d *lockstep) step(now int64, in []byte) (wait time.Duration, out []byte, err error) {
	request := binary.NativeEndian.AppendUint64(binary.NativeEndian.AppendUint64(nil, uint64(now)), uint64(len(in)))
	if _, err := d.in.Write(append(request, in...)); err != nil {
		return 0, nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(d.out, head[:]); err != nil {
		return 0, nil, err
	}
	out = make([]byte, binary.NativeEndian.Uint32(head[4:]))
	_, err = io.ReadFull(d.out, out)
	return time.Duration(binary.NativeEndian.Uint32(head[:])) * time.Microsecond, out, err
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn net.Conn
	ctx  context.Context
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.ctx.Done()
	return nil, net.ErrClosed
}

func (*oneConn) Close() error   { return nil }
func (*oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// repeat sends chunks, frames long, so many times over, in time, and waits until
// the device has played them.
func (h *house) repeat(t *testing.T, p *sendspin.Player, f sendspin.StreamFormat, chunks []chunk, times, frames int) {
	t.Helper()
	if err := p.Start(f); err != nil {
		t.Fatal(err)
	}
	const ahead = 500_000
	start := h.clock() + ahead + 100_000
	for n := range times {
		from := start + int64(n)*int64(frames)*1_000_000/int64(f.Rate)
		for _, c := range chunks {
			h.sleepUntil(from + c.at - ahead)
			if err := p.Send(from+c.at, c.data); err != nil {
				t.Fatalf("part %d: %v", n, err)
			}
		}
	}
	h.sleepUntil(h.clock() + 2*ahead)
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	h.sleepUntil(h.clock() + ahead)
}

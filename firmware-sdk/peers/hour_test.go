// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
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
	program := buildLockstep(t, false)
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
			d := &bubble{
				lockstep: startLockstep(t, program, pcm, 2*x.bits/8, x.clock, x.clock, x.codec, fmt.Sprint(x.rate), fmt.Sprint(x.bits)),
			}
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				h := d.connect(ctx, t)
				h.available(t, h.next(t, sendspin.Connected).Player)
				h.repeat(t, h.Players()[0], format, chunks, times, frames)
				cancel()
			})
			heard, _, s := d.end(t)
			if len(heard) != 1 || heard[0].music != 0 || heard[0].frames != times*frames {
				t.Errorf("of %d frames these came out: %+v", times*frames, heard)
			}
			if s.Damaged+s.Dropped+s.Late+s.Added+s.Removed+s.Resyncs > 0 || s.Underruns > 1 { // its end looks like one
				t.Errorf("%+v", s)
			}
			t.Logf("%d frames bit for bit in %v: %+v", times*frames, time.Since(began).Round(time.Second), s)
		})
	}
}

// bubble is a device that lives by the time of [synctest].
type bubble struct {
	*lockstep
	mu      sync.Mutex
	came    []byte // from the server
	started bool
}

// connect joins the device to a server in memory, and lets it live by the
// bubble's time until ctx ends.
func (d *bubble) connect(ctx context.Context, t *testing.T) *house {
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
func (d *bubble) receive(conn net.Conn) {
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
func (d *bubble) live(ctx context.Context, t *testing.T, conn net.Conn, now func() int64) {
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

// step gives the device in, and returns what it says and when it is to be asked again.
func (d *bubble) step(now int64, in []byte) (wait time.Duration, out []byte, err error) {
	var request []byte
	if !d.started {
		d.started = true
		request = binary.NativeEndian.AppendUint64(request, uint64(now))
	}
	for range 2 { // it is asked again at the first deadline, not later
		request = binary.NativeEndian.AppendUint64(request, uint64(now))
	}
	request = binary.NativeEndian.AppendUint32(request, uint32(len(in)))
	request = binary.NativeEndian.AppendUint32(request, 0)
	if _, err := d.in.Write(append(request, in...)); err != nil {
		return 0, nil, err
	}
	var head [16]byte
	if _, err := io.ReadFull(d.answers, head[:]); err != nil {
		return 0, nil, err
	}
	out = make([]byte, binary.NativeEndian.Uint32(head[8:]))
	_, err = io.ReadFull(d.answers, out)
	return time.Duration(int64(binary.NativeEndian.Uint64(head[:]))-now) * time.Microsecond, out, err
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

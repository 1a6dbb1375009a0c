//go:build bench

package member_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// real plays over real sockets of this machine, through a proxy where there is
// any weather.
func (s synchrony) real(t *testing.T) result {
	s.holds = 200 * time.Millisecond // what a sound server holds: the machine may be busy
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	house := listen()
	addr := house.Addr().String()
	if s.weather != (weather{}) {
		l := listen()
		addr = l.Addr().String()
		var wg sync.WaitGroup
		wg.Go(func() { newNetwork(s.weather, s.seed).proxy(l, house.Addr().String()) })
		defer wg.Wait()
		defer l.Close()
	}
	return s.play(t, house, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	})
}

// TestSynchronyReal plays on this machine's own sockets and clock, and has
// Snapcast play at the same time.
func TestSynchronyReal(t *testing.T) {
	const length = 75 * time.Second
	var snap []*pipe
	var wg sync.WaitGroup
	wg.Go(func() { snap = snapcast(t, 8, length) })
	quiet := synchrony{players: 8, length: length, seed: 5}.real(t)
	wg.Wait()
	quiet.printReal(t, "loopback", 15*time.Second, length)
	for name, settle := range map[string]bool{"as written": false, "the earliest of each second": true} {
		var r result
		for _, p := range snap {
			r.scores = append(r.scores, p.score(settle))
		}
		skews := r.skews(15*time.Second, length)
		t.Logf("Snapcast, loopback, %s | from second 15 | p50 %.3f ms | p95 %.3f ms | max %.3f ms | %d pairs of frames",
			name, quantile(skews, 0.5)/1000, quantile(skews, 0.95)/1000, quantile(skews, 1)/1000, len(skews))
	}
}

// TestSynchronyProxy plays for 16 minutes each on this machine's own sockets and
// clock, through a proxy that delays, and one that loses and stalls too.
func TestSynchronyProxy(t *testing.T) {
	const length = 16 * time.Minute
	jitter := weather{base: time.Millisecond, jitter: 40 * time.Millisecond}
	broken := jitter
	broken.loss, broken.again = 0.005, 200*time.Millisecond
	broken.stallEvery, broken.stall = time.Minute, 2*time.Second
	for _, test := range []struct {
		name    string
		weather weather
	}{{"0-40 ms", jitter}, {"0-40 ms, loss, stalls of 2 s", broken}} {
		t.Run(test.name, func(t *testing.T) {
			r := synchrony{players: 8, drift: 100, length: length, seed: 5, weather: test.weather}.real(t)
			r.printReal(t, test.name, 15*time.Second, time.Minute)
			r.printReal(t, test.name, time.Minute, 6*time.Minute)
			r.printReal(t, test.name, 10*time.Minute, length)
		})
	}
}

func (r result) printReal(t *testing.T, name string, from, to time.Duration) {
	t.Helper()
	skews, off := r.skews(from, to), r.filterError(from)
	underruns, resyncs := r.breaks()
	dry := int64(0)
	for _, s := range r.scores {
		dry += s.dry.Load()
	}
	t.Logf("%s | %v to %v | p50 %.3f ms | p95 %.3f ms | max %.3f ms | from the filter p95 %.3f ms, max %.3f ms | speed off by %.2f %% at most | underruns %d, resyncs %d, outputs dry %d",
		name, from, to, quantile(skews, 0.5)/1000, quantile(skews, 0.95)/1000, quantile(skews, 1)/1000,
		quantile(off, 0.95)/1000, quantile(off, 1)/1000, r.speed()*100, underruns, resyncs, dry)
}

// pipe is what one Snapcast client wrote: the number of the first frame of each
// piece, and when that came.
type pipe struct {
	frames []int64
	times  []float64 // µs
	pieces []int     // frames
}

// snapPiece is how many frames Snapcast's client writes at once: 50 ms.
const snapPiece = syncRate / 20

// score puts every kept frame at its piece's time and so much after it. With
// settle a piece counts as written at the earliest time that the pieces of the
// second around it give: what came later waited for the scheduler.
func (p *pipe) score(settle bool) *score {
	s := &score{}
	for i, first := range p.frames {
		at := p.times[i] - float64(first)*1e6/syncRate
		if settle {
			for k := max(0, i-10); k < min(len(p.frames), i+10); k++ {
				at = min(at, p.times[k]-float64(p.frames[k])*1e6/syncRate)
			}
		}
		for n := (first + gridStep - 1) / gridStep * gridStep; n < first+int64(p.pieces[i]); n += gridStep {
			for int64(len(s.devs)) <= n/gridStep {
				s.devs = append(s.devs, float32(math.NaN()))
			}
			s.devs[n/gridStep] = float32(at)
		}
	}
	return s
}

// snapcast has so many of its clients play numbered frames into pipes.
func snapcast(t *testing.T, clients int, length time.Duration) []*pipe {
	dir := t.TempDir()
	fifo := func(name string) string {
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Error(err)
		}
		return path
	}
	const port = "21704"
	in, config := fifo("in"), filepath.Join(dir, "conf")
	text := fmt.Sprintf("[http]\nenabled = false\n[tcp]\nenabled = false\n[stream]\nport = %s\n"+
		"source = pipe://%s?name=t&sampleformat=44100:16:2&codec=pcm&mode=read\n", port, in)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Error(err)
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), length+5*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	run := func(name string, args ...string) {
		if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); ctx.Err() == nil {
			t.Errorf("%s ended: %v: %s", name, err, out)
		}
	}
	wg.Go(func() { run("snapserver", "-c", config) })
	origin := time.Now()
	pipes := make([]*pipe, clients)
	for i := range pipes {
		pipes[i] = &pipe{}
		out := fifo(fmt.Sprint("out", i))
		wg.Go(func() { pipes[i].read(ctx, out, origin) })
		wg.Go(func() {
			run("snapclient", "-h", "127.0.0.1", "-p", port, "--hostID", fmt.Sprint("c", i), "--player", "file:filename="+out+",mode=w")
		})
	}
	wg.Go(func() { number(ctx, in, int64(length.Seconds())*syncRate) })
	wg.Wait()
	return pipes
}

// number writes numbered frames: 16 low bits on the left, the rest on the right.
func number(ctx context.Context, path string, frames int64) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	defer context.AfterFunc(ctx, func() { _ = f.Close() })()
	const piece = syncRate / 50
	began := time.Now()
	for n := int64(0); n < frames; n += piece {
		var b []byte
		for i := range int64(piece) {
			b = binary.LittleEndian.AppendUint32(b, uint32(n+i+1<<16))
		}
		if _, err := f.Write(b); err != nil {
			return
		}
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / syncRate)))
	}
}

func (p *pipe) read(ctx context.Context, path string, origin time.Time) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	defer context.AfterFunc(ctx, func() { _ = f.Close() })()
	b := make([]byte, 64<<10)
	held := 0
	for {
		n, err := f.Read(b[held:])
		at := truth(origin)
		if err != nil {
			return
		}
		held += n
		whole := held / 4 * 4
		p.piece(b[:whole], at)
		held = copy(b, b[whole:held])
	}
}

// piece notes the first numbered frame of what came at once.
func (p *pipe) piece(b []byte, at float64) {
	for i := 0; i+4 <= len(b); i += 4 {
		n := int64(binary.LittleEndian.Uint32(b[i:])) - 1<<16
		if n < 0 {
			continue // silence
		}
		// A pipe may hand out one write in two reads.
		if k := len(p.frames) - 1; k >= 0 && p.frames[k]+int64(p.pieces[k]) == n && p.pieces[k]%snapPiece != 0 {
			p.pieces[k] += (len(b) - i) / 4
			return
		}
		p.frames = append(p.frames, n)
		p.times = append(p.times, at+float64(i/4)*1e6/syncRate)
		p.pieces = append(p.pieces, (len(b)-i)/4)
		return
	}
}

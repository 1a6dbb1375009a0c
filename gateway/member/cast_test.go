package member

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// castTap listens to every run of a Cast's stream, as a device would.
type castTap struct {
	cast     *Cast
	run      *endless
	listener chan audio.Packet
	heard    []audio.Packet
	stalled  bool
}

func (t *castTap) received() []audio.Packet {
	t.cast.mu.Lock()
	run := t.cast.stream.run
	t.cast.mu.Unlock()
	if run != nil && run != t.run && !t.stalled {
		t.run, t.listener = run, run.listen()
	}
	for {
		select {
		case p, ok := <-t.listener:
			if !ok {
				t.listener = nil
				return t.heard
			}
			t.heard = append(t.heard, p)
		default:
			return t.heard
		}
	}
}

// runCast runs a Cast for a test.
func runCast(t *testing.T, cfg CastConfig) *Cast {
	t.Helper()
	if cfg.StreamURL == nil {
		cfg.StreamURL = func(run string) (string, error) { return "http://127.0.0.1:1/" + run, nil }
	}
	c := NewCast(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return c
}

func TestCastOutput(t *testing.T) {
	zonetest.TestOutput(t, func(t *testing.T) zonetest.OutputRig {
		clock := audio.NewClock()
		sender := cast.NewSender(cast.Config{})
		tap := &castTap{cast: runCast(t, CastConfig{Sender: sender, Statuses: sender.Statuses(), Clock: clock})}
		return zonetest.OutputRig{
			Output: tap.cast, Clock: clock, Received: tap.received,
			Stall: func() { tap.received(); tap.stalled = true },
		}
	})
}

func tone(t *testing.T, n int) []audio.Packet {
	t.Helper()
	enc, err := audio.NewEncoder(castStreamFormat)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = enc.Close() }()
	coded, err := enc.Encode(make([]float32, 2*n*enc.Stream().FrameSamples))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]audio.Packet, len(coded))
	for i, c := range coded {
		out[i] = audio.Packet{Stream: enc.Stream(), Samples: c.Samples, Data: c.Data}
	}
	return out
}

// A device that reads gets the header and every frame; an old run is gone.
func TestCastServesTheNewestRun(t *testing.T) {
	sender := cast.NewSender(cast.Config{})
	c := runCast(t, CastConfig{Sender: sender, Statuses: sender.Statuses(), Clock: audio.NewClock()})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.ServeRun(r.URL.Path[1:], w, r) }))
	defer server.Close()
	packets := tone(t, 3)
	write := func(p audio.Packet) {
		if err := c.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	write(packets[0])
	answer, err := http.Get(server.URL + "/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, p := range packets[1:] {
		write(p)
	}
	if err := c.Clear(0); err != nil { // ends the run
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	want := len(packets[0].Stream.Header)
	for _, p := range packets {
		want += len(p.Data)
	}
	if err != nil || len(body) != want {
		t.Errorf("read %d bytes and %v, want %d", len(body), err, want)
	}
	write(tone(t, 1)[0])
	// One that did not play it gets a length.
	c.mu.Lock()
	c.stream.again()
	name := c.stream.name()
	c.mu.Unlock()
	head, err := http.Head(server.URL + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	head.Body.Close()
	if answer.ContentLength != -1 || head.ContentLength != endlessSize || head.Header.Get("Content-Type") != "audio/flac" {
		t.Errorf("lengths %d and %d, headers %v", answer.ContentLength, head.ContentLength, head.Header)
	}
	again, err := http.Get(server.URL + "/1")
	if err != nil {
		t.Fatal(err)
	}
	again.Body.Close()
	if again.StatusCode != http.StatusNotFound {
		t.Errorf("an old run is answered with %s", again.Status)
	}
}

// What a device reports while it should stream decides whether it is loaded
// again, and when it leaves.
func TestCastStreamReports(t *testing.T) {
	item := streamItem + "1"
	idle := func(why string) cast.Status { return cast.Status{Item: item, State: cast.Idle, IdleReason: why} }
	for _, c := range []struct {
		name  string
		said  []cast.Status
		back  bool
		loads bool
		err   error
	}{
		{"plays", []cast.Status{{Item: item, State: cast.Playing}}, false, false, nil},
		{"buffers", []cast.Status{{Item: item, State: cast.Buffering}}, false, false, nil},
		{"lost the stream", []cast.Status{idle("FINISHED")}, false, true, nil},
		{"could not play", []cast.Status{idle("ERROR")}, false, true, nil},
		{"stopped there", []cast.Status{idle("CANCELLED")}, false, false, ErrStopped},
		{"closed there", []cast.Status{{Item: item, State: cast.Playing, App: cast.DefaultMediaReceiver}, {State: cast.Idle}}, false, false, ErrStopped},
		{"not there yet", []cast.Status{{State: cast.Idle}, {State: cast.Idle, App: cast.DefaultMediaReceiver}}, false, false, nil},
		{"another run", []cast.Status{{Item: streamItem + "7", State: cast.Idle, IdleReason: "CANCELLED"}}, false, false, nil},
		{"back, and plays on", []cast.Status{{Item: item, State: cast.Playing}}, true, false, nil},
		{"back after a restart", []cast.Status{{}}, true, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := castStream{run: newEndless(nil), id: 1}
			loads := false
			for _, status := range c.said {
				loads = s.follow(status, c.back)
			}
			if loads != c.loads || !errors.Is(s.err, c.err) {
				t.Errorf("loads %v, error %v; want %v, %v", loads, s.err, c.loads, c.err)
			}
		})
	}
	s := castStream{run: newEndless(nil), id: 1}
	for range streamTries {
		s.load = false // as tellStream does it
		s.follow(cast.Status{Item: s.item(), State: cast.Idle, IdleReason: "ERROR"}, false)
	}
	if !errors.Is(s.err, ErrRefused) {
		t.Errorf("after %d failures the error is %v", streamTries, s.err)
	}
}

// A device that is never reached is gone after its grace.
func TestCastThatIsNeverReached(t *testing.T) {
	packet := tone(t, 1)[0]
	synctest.Test(t, func(t *testing.T) {
		sender := cast.NewSender(cast.Config{})
		c := NewCast(CastConfig{Sender: sender, Statuses: make(chan cast.Status), Clock: audio.NewClock()})
		begin := time.Now()
		if err := c.Run(t.Context()); !errors.Is(err, zone.ErrGone) {
			t.Errorf("Run returned %v", err)
		}
		if took := time.Since(begin); took != castGrace {
			t.Errorf("it was gone after %v", took)
		}
		if _, open := <-c.Positions(); open {
			t.Error("Positions is open")
		}
		if err := c.Write(packet); !errors.Is(err, zone.ErrGone) {
			t.Errorf("Write returned %v", err)
		}
	})
}

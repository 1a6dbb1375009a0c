package sendspin_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a server on a loopback socket, with what ends it.
type house struct {
	*sendspin.Server
	ctx context.Context
	url string
	web *httptest.Server
}

func newHouse(t *testing.T, change func(*sendspin.Config)) *house {
	t.Helper()
	return newWatchedHouse(t, change, nil)
}

func newWatchedHouse(t *testing.T, change func(*sendspin.Config), watch func(bool, transport.Message)) *house {
	t.Helper()
	cfg := sendspin.Config{ID: "house", Name: "House"}
	if change != nil {
		change(&cfg)
	}
	s, err := sendspin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Watch(watch)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		cancel()
		for range s.Events() { // what nobody read
		}
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		web.Close()
	})
	return &house{Server: s, ctx: ctx, url: "ws" + strings.TrimPrefix(web.URL, "http") + sendspin.Path, web: web}
}

// next waits for an event of the given kind and skips others.
func (h *house) next(t *testing.T, kind sendspin.EventKind) sendspin.Event {
	t.Helper()
	return h.nextWithin(t, kind, 5*time.Second)
}

func (h *house) nextWithin(t *testing.T, kind sendspin.EventKind, limit time.Duration) sendspin.Event {
	t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case e := <-h.Events():
			if e.Kind == kind {
				return e
			}
		case <-timeout:
			t.Fatalf("no event of kind %d", kind)
		}
	}
}

// eventually waits for what the other side's goroutine will do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(5 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}

func newClient(t *testing.T, id string, change func(*client.Config)) *client.Client {
	t.Helper()
	cfg := client.Config{
		ID: id, Name: "Kitchen", Volume: 40, Control: true, Text: true,
		Formats: []wire.Format{{Codec: "flac", Channels: 2, Rate: 44100, Bits: 16}, {Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// runs starts the client against the house until the returned function.
func (h *house) runs(t *testing.T, c *client.Client) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, h.url) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("client: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestStreamOverLoopback(t *testing.T) {
	start := time.Now()
	now := func() int64 { return time.Since(start).Microseconds() + 7_000_000 }
	h := newHouse(t, func(c *sendspin.Config) { c.Now = now })
	c := newClient(t, "kitchen", nil)
	stop := h.runs(t, c)

	first := h.next(t, sendspin.Connected)
	p, st := first.Player, first.State
	if p.ID() != "kitchen" || p.Hello().Name != "Kitchen" || !p.Has(wire.PlayerV1) {
		t.Fatalf("connected: %+v", p.Hello())
	}
	if st.Volume < 0 { // its first state had not come yet
		st = h.next(t, sendspin.StateChanged).State
	}
	if st.Volume != 40 || st.Muted || st.Access != sendspin.Held {
		t.Fatalf("state: %+v", st)
	}
	if err := p.Send(now()+1e6, []byte{1}); !errors.Is(err, sendspin.ErrNoStream) {
		t.Errorf("Send before Start: %v", err)
	}
	if err := p.Start(sendspin.StreamFormat{Codec: "flac", Rate: 44100, Channels: 2, Bits: 16, Header: []byte("fLaC")}); err != nil {
		t.Fatal(err)
	}
	at := now() + 1e6
	for i := range int64(5) {
		if err := p.Send(at+i*20_000, []byte{byte(i), 2, 3}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Send(now()-1, []byte{9}); !errors.Is(err, sendspin.ErrBehind) {
		t.Errorf("late Send: %v", err)
	}
	var got []client.Chunk
	eventually(t, "five chunks", func() bool {
		if k, ok := c.Take(); ok {
			got = append(got, k)
		}
		return len(got) == 5
	})
	for i, k := range got {
		if k.At != at+int64(i)*20_000 || k.Data[0] != byte(i) || string(k.Stream.Header) != "fLaC" {
			t.Errorf("chunk %d: %+v", i, k)
		}
	}
	eventually(t, "a clock", c.Synced)
	if d := c.Local(at) - c.Local(at-1000); d < 990 || d > 1010 {
		t.Errorf("a millisecond lasts %d µs", d)
	}

	epoch := c.Epoch()
	if err := p.Clear(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a clear", func() bool { return c.Epoch() > epoch })
	if err := p.SetVolume(25); err != nil {
		t.Fatal(err)
	}
	if st := h.next(t, sendspin.StateChanged).State; st.Volume != 25 {
		t.Errorf("volume %d", st.Volume)
	}
	title := "봄날"
	if err := p.SetMetadata(wire.Metadata{Timestamp: at, Title: &title}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a title", func() bool { m := c.Status().Metadata; return m.Title != nil && *m.Title == title })
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end", func() bool { return c.Stream() == nil })
	stop()
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.Shutdown {
		t.Errorf("gone: %+v", e)
	}
	if err := p.SetVolume(3); !errors.Is(err, sendspin.ErrGone) {
		t.Errorf("SetVolume after the end: %v", err)
	}
}

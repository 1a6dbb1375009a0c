package sendspin_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// pipes is a listener in memory, so that time can be simulated.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// deaf is the server's end of a connection whose writes fail from some time on,
// as they do once the peer has closed.
type deaf struct {
	net.Conn
	from   chan struct{} // closed: writes fail
	failed chan struct{} // closed by the first one
	once   *sync.Once
}

func (d deaf) Write(b []byte) (int, error) {
	select {
	case <-d.from:
		d.once.Do(func() { close(d.failed) })
		return 0, syscall.EPIPE
	default:
		return d.Conn.Write(b)
	}
}

// memoryHouse is a server in memory, within a synctest bubble.
type memoryHouse struct {
	*house
	l *pipes
}

func newMemoryHouse(t *testing.T, cfg sendspin.Config) memoryHouse {
	t.Helper()
	cfg.ID = "house"
	s, err := sendspin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = web.Serve(l) })
	wg.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		for range s.Events() { // what nobody read
		}
		_ = web.Close()
		wg.Wait()
	})
	return memoryHouse{house: &house{Server: s, ctx: ctx}, l: l}
}

// dial connects and says hello, if there is one; the server has the end that wrap
// makes.
func (h memoryHouse) dial(t *testing.T, hello string, wrap func(net.Conn) net.Conn) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		if wrap != nil {
			far = wrap(far)
		}
		h.l.conns <- far
		return near, nil
	}}
	conn, res, err := d.DialContext(t.Context(), "ws://house"+sendspin.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	if hello != "" {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
			t.Fatal(err)
		}
		read(t, conn, wire.TypeServerHello)
	}
	return conn
}

func TestSilentClientsAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryHouse(t, sendspin.Config{})
		began := time.Now()
		mute := h.dial(t, "", nil)
		if _, _, err := mute.ReadMessage(); err == nil || time.Since(began) != 5*time.Second {
			t.Errorf("a client without a hello was kept for %v: %v", time.Since(began), err)
		}
		began = time.Now()
		h.dial(t, rawHello("dead"), nil) // nobody reads on: pings are not answered
		h.next(t, sendspin.Connected)
		gone := h.nextWithin(t, sendspin.Gone, time.Hour)
		if took := time.Since(began); gone.Err == nil || took < 20*time.Second || took > 31*time.Second {
			t.Errorf("gone after %v: %v", took, gone.Err)
		}
		live := h.dial(t, rawHello("live"), nil)
		_ = live.SetReadDeadline(time.Time{})
		ended := make(chan error, 1)
		go func() { // reading answers pings
			for {
				if _, _, err := live.ReadMessage(); err != nil {
					ended <- err
					return
				}
			}
		}()
		p := h.next(t, sendspin.Connected).Player
		select {
		case <-p.Done():
			t.Error("a client that answers pings was cut")
		case <-time.After(10 * time.Minute):
		}
		p.Close()
		<-ended
	})
}

// A client that says goodbye and closes is often first seen by a write that
// fails. What it said counts all the same: whether it is dialled again hangs on it.
func TestGoodbyeBehindAFailedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryHouse(t, sendspin.Config{})
		end := deaf{from: make(chan struct{}), failed: make(chan struct{}), once: new(sync.Once)}
		conn := h.dial(t, rawHello("kitchen"), func(c net.Conn) net.Conn { end.Conn = c; return end })
		p := h.next(t, sendspin.Connected).Player
		close(end.from)
		if err := p.SetGroup("g", "Group", false); err != nil {
			t.Fatal(err)
		}
		<-end.failed
		synctest.Wait()
		bye := `{"type":"client/goodbye","payload":{"reason":"another_server"}}`
		if err := conn.WriteMessage(websocket.TextMessage, []byte(bye)); err != nil {
			t.Fatal(err)
		}
		if e := h.next(t, sendspin.Gone); e.Goodbye != wire.AnotherServer {
			t.Errorf("gone: %+v", e)
		}
		// One that says nothing more is not waited for.
		end = deaf{from: make(chan struct{}), failed: make(chan struct{}), once: new(sync.Once)}
		h.dial(t, rawHello("kitchen"), func(c net.Conn) net.Conn { end.Conn = c; return end })
		p = h.next(t, sendspin.Connected).Player
		close(end.from)
		began := time.Now()
		_ = p.SetGroup("g", "Group", false)
		if e := h.next(t, sendspin.Gone); e.Goodbye != "" || time.Since(began) > time.Second {
			t.Errorf("gone after %v: %+v", time.Since(began), e)
		}
	})
}

package listen

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// firstBytePatience is how long a connection may say nothing.
const firstBytePatience = 5 * time.Second

// recordHandshake is the first byte of a TLS connection: the type of its
// first record (RFC 8446 section 5.1). No HTTP request starts with it.
const recordHandshake = 0x16

// door takes connections and tells by their first byte whether they speak TLS.
type door struct {
	tcp    net.Listener
	places chan struct{} // one for every connection that is open
	share  int           // how many of them one host may take
	plain  *queue
	secure *queue

	mu    sync.Mutex
	mute  map[net.Conn]bool  // nothing has come yet
	hosts map[netip.Addr]int // connections that are open
	shut  bool
	asked sync.WaitGroup // goroutines that wait for a first byte
}

func newDoor(tcp net.Listener, most int) *door {
	return &door{
		tcp: tcp, places: make(chan struct{}, most), share: max(most/4, 1),
		mute: make(map[net.Conn]bool), hosts: make(map[netip.Addr]int),
		plain: newQueue(tcp.Addr()), secure: newQueue(tcp.Addr()),
	}
}

// run takes connections until ctx ends. One too many, of all or of one host, is
// closed at once: whoever is inside already keeps being served.
func (d *door) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, d.close)
	defer stop()
	defer d.asked.Wait()
	defer d.close()
	for {
		conn, err := d.tcp.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			if !pause(ctx, err) {
				return err
			}
			continue
		}
		free, ok := d.admit(conn)
		if !ok {
			closeAll(conn)
			continue
		}
		d.asked.Go(func() { d.greet(&counted{Conn: conn, free: free}) })
	}
}

// admit gives a connection a place, until free is called.
func (d *door) admit(conn net.Conn) (free func(), ok bool) {
	host := hostOf(conn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if host.IsValid() && d.hosts[host] >= d.share {
		return nil, false
	}
	select {
	case d.places <- struct{}{}:
	default:
		return nil, false
	}
	d.hosts[host]++
	return func() {
		<-d.places
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.hosts[host]--; d.hosts[host] <= 0 {
			delete(d.hosts, host)
		}
	}, true
}

// hostOf is what counts as one host: an IPv4 address, or an IPv6 /64, which
// every host can fill with addresses. A program on this machine is none: it may
// be a proxy for everybody.
func hostOf(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return netip.Addr{}
	}
	a := at.Addr().Unmap().WithZone("")
	if p, err := a.Prefix(64); err == nil && a.Is6() {
		return p.Addr()
	}
	return a
}

// pause waits out what passes by itself, as when the process has no file
// descriptor left; it reports false for everything else.
func pause(ctx context.Context, err error) bool {
	var temporary interface{ Temporary() bool }
	if !errors.As(err, &temporary) || !temporary.Temporary() {
		return false
	}
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
	}
	return true
}

// greet waits for the first byte.
func (d *door) greet(conn net.Conn) {
	if !d.remember(conn) {
		closeAll(conn)
		return
	}
	var first [1]byte
	_ = conn.SetReadDeadline(time.Now().Add(firstBytePatience))
	_, err := io.ReadFull(conn, first[:])
	d.forget(conn)
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		closeAll(conn)
		return
	}
	to := d.plain
	if first[0] == recordHandshake {
		to = d.secure
	}
	to.put(&peeked{Conn: conn, first: first[:]})
}

func (d *door) remember(conn net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shut {
		d.mute[conn] = true
	}
	return !d.shut
}

func (d *door) forget(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.mute, conn)
}

// close takes no more, and sends away who has not said anything.
func (d *door) close() {
	closeAll(d.tcp, d.plain, d.secure)
	d.mu.Lock()
	d.shut = true
	mute := slices.Collect(maps.Keys(d.mute))
	d.mu.Unlock()
	// Without the lock: closing gives a place back, which takes it.
	for _, conn := range mute {
		closeAll(conn)
	}
}

// counted gives its place back when it is closed.
type counted struct {
	net.Conn
	once sync.Once
	free func()
}

func (c *counted) Close() error {
	defer c.once.Do(c.free)
	return c.Conn.Close()
}

// ReadFrom keeps the kernel's way from a file to the socket open.
func (c *counted) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// peeked is a connection whose first byte was read already.
type peeked struct {
	net.Conn
	first []byte
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.first) > 0 && len(b) > 0 {
		n := copy(b, p.first)
		p.first = p.first[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

// ReadFrom keeps the kernel's way from a file to the socket open.
func (p *peeked) ReadFrom(r io.Reader) (int64, error) { return io.Copy(p.Conn, r) }

// queue is a net.Listener of connections that the door has looked at.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue(addr net.Addr) *queue {
	return &queue{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (q *queue) put(conn net.Conn) {
	select {
	case q.conns <- conn:
	case <-q.done:
		closeAll(conn)
	}
}

// Accept is for net/http's goroutine.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

func (q *queue) Addr() net.Addr { return q.addr }

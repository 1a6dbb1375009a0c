package member_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"
)

// weather is what a simulated network does to what passes, each way.
type weather struct {
	base   time.Duration // of every delay
	jitter time.Duration // on top, spread evenly between 0 and this
	loss   float64       // part of the messages that TCP has to send again
	again  time.Duration // how long it takes until it does
	// Once in about this time the network stands still for stall.
	stallEvery, stall time.Duration
}

// network makes connections in memory. Time is the process's own, so that a
// testing/synctest bubble can hold one: nothing else of it blocks.
type network struct {
	weather weather
	accept  chan net.Conn
	closed  chan struct{}
	once    sync.Once

	mu   sync.Mutex
	rand *rand.Rand
}

func newNetwork(w weather, seed uint64) *network {
	return &network{
		weather: w, accept: make(chan net.Conn, 64), closed: make(chan struct{}),
		rand: rand.New(rand.NewPCG(seed, 7)),
	}
}

// Accept, Close and Addr make it a net.Listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.accept:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (*network) Addr() net.Addr { return place("server") }

// dial connects to whoever accepts.
func (n *network) dial(context.Context, string, string) (net.Conn, error) {
	there, back := n.direction(), n.direction()
	go there.standStill(n, back)
	n.accept <- &conn{in: there, out: back}
	return &conn{in: back, out: there}, nil
}

type place string

func (place) Network() string  { return "memory" }
func (p place) String() string { return string(p) + ":1" }

func (n *network) direction() *direction {
	return &direction{changed: make(chan struct{}), ended: make(chan struct{}), delay: n.delay}
}

// delay draws the next message's.
func (n *network) delay() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.weather.base
	if n.weather.jitter > 0 {
		d += time.Duration(n.rand.Int64N(int64(n.weather.jitter)))
	}
	if n.rand.Float64() < n.weather.loss {
		d += n.weather.again
	}
	return d
}

// standStill stalls both directions of a connection now and then.
func (d *direction) standStill(n *network, other *direction) {
	if n.weather.stall == 0 {
		return
	}
	for {
		n.mu.Lock()
		wait := time.Duration((0.5 + n.rand.Float64()) * float64(n.weather.stallEvery))
		n.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-d.ended:
			return
		}
		until := time.Now().Add(n.weather.stall)
		d.hold(until)
		other.hold(until)
	}
}

// direction is one way of a connection: an ordered stream, as TCP is, whose
// parts arrive some time after they were written and never overtake each other.
type direction struct {
	delay func() time.Duration
	ended chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and made anew when anything below changes
	parcels []parcel
	held    int // bytes
	last    time.Time
	closed  bool
}

type parcel struct {
	at   time.Time
	data []byte
}

// kernel is how many bytes may be under way before a write blocks.
const kernel = 256 << 10

func (d *direction) change() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// hold lets nothing arrive before until.
func (d *direction) hold(until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.parcels {
		if d.parcels[i].at.Before(until) {
			d.parcels[i].at = until
		}
	}
	if d.last.Before(until) {
		d.last = until
	}
	d.change()
}

func (d *direction) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		close(d.ended)
		d.change()
	}
}

func (d *direction) write(b []byte, deadline *deadline) (int, error) {
	for {
		d.mu.Lock()
		if d.closed {
			d.mu.Unlock()
			return 0, net.ErrClosed
		}
		if d.held+len(b) <= kernel || d.held == 0 {
			at := time.Now().Add(d.delay())
			if at.Before(d.last) {
				at = d.last
			}
			d.last = at
			d.parcels = append(d.parcels, parcel{at, bytes.Clone(b)})
			d.held += len(b)
			d.change()
			d.mu.Unlock()
			return len(b), nil
		}
		changed := d.changed
		d.mu.Unlock()
		if err := deadline.wait(changed, time.Time{}); err != nil {
			return 0, err
		}
	}
}

func (d *direction) read(b []byte, deadline *deadline) (int, error) {
	for {
		d.mu.Lock()
		var next time.Time
		if len(d.parcels) > 0 {
			next = d.parcels[0].at
			if !next.After(time.Now()) {
				n := copy(b, d.parcels[0].data)
				d.held -= n
				if d.parcels[0].data = d.parcels[0].data[n:]; len(d.parcels[0].data) == 0 {
					d.parcels = d.parcels[1:]
				}
				d.change()
				d.mu.Unlock()
				return n, nil
			}
		} else if d.closed {
			d.mu.Unlock()
			return 0, io.EOF
		}
		changed := d.changed
		d.mu.Unlock()
		if err := deadline.wait(changed, next); err != nil {
			return 0, err
		}
	}
}

// deadline is a net.Conn's for one direction.
type deadline struct {
	mu  sync.Mutex
	at  time.Time
	set chan struct{} // closed and made anew when at changes
}

func (d *deadline) change(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = at
	if d.set != nil {
		close(d.set)
	}
	d.set = make(chan struct{})
}

// wait returns when changed is closed, next has come, or the deadline moved; and
// an error when the deadline has passed.
func (d *deadline) wait(changed <-chan struct{}, next time.Time) error {
	d.mu.Lock()
	at := d.at
	if d.set == nil {
		d.set = make(chan struct{})
	}
	set := d.set
	d.mu.Unlock()
	if !at.IsZero() {
		if !at.After(time.Now()) {
			return os.ErrDeadlineExceeded
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	var timer <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-changed:
	case <-set:
	case <-timer:
	}
	return nil
}

// conn is one end of a connection.
type conn struct {
	in, out *direction
	rd, wd  deadline
}

func (c *conn) Read(b []byte) (int, error)  { return c.in.read(b, &c.rd) }
func (c *conn) Write(b []byte) (int, error) { return c.out.write(b, &c.wd) }

func (c *conn) Close() error {
	c.in.close()
	c.out.close()
	return nil
}

func (*conn) LocalAddr() net.Addr  { return place("here") }
func (*conn) RemoteAddr() net.Addr { return place("there") }

func (c *conn) SetDeadline(t time.Time) error {
	c.rd.change(t)
	c.wd.change(t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.rd.change(t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.wd.change(t)
	return nil
}

// proxy passes real connections on to the address through the network's weather,
// until its listener is closed.
func (n *network) proxy(l net.Listener, to string) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			_ = from.Close()
			continue
		}
		there, back := n.direction(), n.direction()
		go there.standStill(n, back)
		near, far := &conn{in: back, out: there}, &conn{in: there, out: back}
		go pass(near, from)
		go pass(from, near)
		go pass(far, server)
		go pass(server, far)
	}
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

package cast

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// fakeDevice is a device on an in-memory connection, for what takes hours: its
// clock is the test's. What is on the wire is proved with peers.
type fakeDevice struct {
	t *testing.T

	mu     sync.Mutex
	conn   net.Conn
	dials  []time.Time
	addrs  []netip.AddrPort
	heard  []string          // types, heartbeats left out
	frames []message         // heartbeats included
	last   map[string]string // payloads, by type
	answer map[string]string // in place of what is answered, by type; %d is the request's id
	app    bool
	session,
	position int
	at     time.Time // when position was true
	state  string
	stuck  bool
	vague  bool // it does not show what it plays
	silent bool
	deny   bool // connections
}

// fakeSender runs a Sender on a device in memory, until the test ends.
func fakeSender(t *testing.T, cfg Config) (*Sender, *fakeDevice) {
	t.Helper()
	d := &fakeDevice{t: t, last: map[string]string{}}
	cfg.Dial = d.dial
	s := NewSender(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	s.Presence(netip.MustParseAddrPort("192.0.2.7:8009"))
	return s, d
}

func (d *fakeDevice) dial(_ context.Context, addr netip.AddrPort) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dials, d.addrs = append(d.dials, time.Now()), append(d.addrs, addr)
	if d.deny {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	d.conn = theirs
	go d.serve(theirs)
	return ours, nil
}

func (d *fakeDevice) serve(conn net.Conn) {
	defer conn.Close()
	for {
		m, err := readFrame(conn)
		if err != nil {
			return
		}
		var h header
		if err := decode(m.payload, &h); err != nil {
			d.t.Errorf("we sent %q", m.payload)
			return
		}
		for _, payload := range d.take(m, h) {
			if writeFrame(conn, message{source: m.destination, destination: m.source, namespace: m.namespace, payload: []byte(payload)}) != nil {
				return
			}
		}
	}
}

// take returns what is answered to a message.
func (d *fakeDevice) take(m message, h header) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frames = append(d.frames, m)
	d.last[h.Type] = string(m.payload)
	if h.Type != "PING" && h.Type != "PONG" {
		d.heard = append(d.heard, h.Type)
	}
	now := time.Now()
	switch {
	case d.silent:
	case h.Type == "PING":
		return []string{`{"type":"PONG"}`}
	case d.answer[h.Type] != "":
		return []string{fmt.Sprintf(d.answer[h.Type], h.RequestID)}
	case m.namespace == nsReceiver:
		d.app = d.app || h.Type == "LAUNCH"
		return []string{d.receiver(h.RequestID)}
	case m.namespace == nsMedia:
		switch h.Type {
		case "QUEUE_LOAD":
			d.session++
			d.position, d.at, d.state = 0, now, "PLAYING"
		case "PAUSE":
			d.position, d.state = d.seconds(now), "PAUSED"
		}
		return []string{d.media(h.RequestID, now)}
	}
	return nil
}

func (d *fakeDevice) receiver(id int) string {
	app := ""
	if d.app {
		app = `{"appId":"CC1AD845","transportId":"t1","sessionId":"s1"}`
	}
	return fmt.Sprintf(`{"type":"RECEIVER_STATUS","requestId":%d,"status":{"applications":[%s],"volume":{"level":0.5}}}`, id, app)
}

func (d *fakeDevice) media(id int, now time.Time) string {
	if d.state == "" {
		return fmt.Sprintf(`{"type":"MEDIA_STATUS","requestId":%d,"status":[]}`, id)
	}
	if d.vague {
		return fmt.Sprintf(`{"type":"MEDIA_STATUS","requestId":%d,"status":[{"mediaSessionId":%d,"currentItemId":5}]}`, id, d.session)
	}
	return fmt.Sprintf(`{"type":"MEDIA_STATUS","requestId":%d,"status":[{"mediaSessionId":%d,"playerState":%q,"currentTime":%d,"currentItemId":1,`+
		`"media":{"contentId":"http://192.0.2.1/a","customData":{"jumpgateItem":"a"}}}]}`, id, d.session, d.state, d.seconds(now))
}

// seconds is where playback is. The caller holds mu.
func (d *fakeDevice) seconds(now time.Time) int {
	if d.state != "PLAYING" || d.stuck {
		return d.position
	}
	return d.position + int(now.Sub(d.at).Seconds())
}

// set changes the device.
func (d *fakeDevice) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// say has the device say something nobody asked for.
func (d *fakeDevice) say(source, namespace, payload string) {
	d.mu.Lock()
	conn := d.conn
	d.mu.Unlock()
	if err := writeFrame(conn, message{source: source, destination: "*", namespace: namespace, payload: []byte(payload)}); err != nil {
		d.t.Errorf("the device could not say %s: %v", payload, err)
	}
}

// count returns how often we sent a type of message.
func (d *fakeDevice) count(kind string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, h := range d.heard {
		if h == kind {
			n++
		}
	}
	return n
}

var fakeItems = []Item{
	{ID: "a", URL: "http://192.0.2.1/a", ContentType: "audio/flac"},
	{ID: "b", URL: "http://192.0.2.1/b", ContentType: "audio/flac"},
}

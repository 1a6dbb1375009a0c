package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// leaver is a player that waits for servers, and takes its leave when it is told to.
type leaver struct {
	id, address string
	dials       atomic.Int32
	leave       chan string // a reason; empty: without a word
}

func newLeaver(t *testing.T, id string) *leaver {
	t.Helper()
	l := &leaver{id: id, leave: make(chan string)}
	web := httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(web.Close)
	l.address = strings.TrimPrefix(web.URL, "http://")
	return l
}

func (l *leaver) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	l.dials.Add(1)
	say := func(format string, args ...any) {
		_ = conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...))
	}
	say(`{"type":"client/hello","payload":{"client_id":%q,"name":"Leaver","version":1,"supported_roles":["player@v1"],
		"player@v1_support":{"buffer_capacity":100000,"supported_commands":[],
		"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":44100,"bit_depth":16}]}}}`, l.id)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	select {
	case <-ended:
		return
	case reason := <-l.leave:
		if reason != "" {
			say(`{"type":"client/goodbye","payload":{"reason":%q}}`, reason)
			<-ended
		}
	}
	_ = conn.Close()
	<-ended
}

// What a player gives as its reason decides whether it is dialled again by itself,
// and is said to people.
func TestGoodbyes(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, time.Second))
	zone := o.zone().ID
	for reason, want := range map[string]struct {
		says  string
		again bool
	}{
		"another_server":     {"It plays for another server now. Put", false},
		"shutdown":           {"It was switched off.", false},
		"user_request":       {"Somebody at the device ended the connection. Put", false},
		"unauthorized":       {"It does not let this gateway play on it.", false},
		"unpaired":           {"The pairing with it was dropped.", false},
		"pairing_required":   {"It plays for nobody without pairing.", false},
		"concurrent_attempt": {"Another server has it.", false}, // not within seconds
		"restart":            {"It is restarting", true},
		"":                   {"", true},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			o := &observed{t: t, url: o.url}
			l := newLeaver(t, "leaver-"+reason)
			o.must("POST", "/devices", map[string]any{"kind": "player", "address": l.address}, nil)
			o.until("the player", 20*time.Second, func() bool { return o.device(l.id).Present })
			select {
			case l.leave <- reason:
			case <-time.After(20 * time.Second):
				t.Fatalf("it is not connected, after %d dials: %+v", l.dials.Load(), o.device(l.id))
			}
			before := l.dials.Load()
			if want.again {
				o.until("another attempt", 20*time.Second, func() bool { return l.dials.Load() > before })
				return
			}
			o.until("its goodbye", 20*time.Second, func() bool { return strings.HasPrefix(o.device(l.id).Problem, want.says) })
			time.Sleep(1500 * time.Millisecond) // longer than the first waits of a lost connection
			if n := l.dials.Load() - before; n != 0 {
				t.Errorf("dialled %d times more", n)
			}
			o.must("PATCH", "/devices/"+l.id, map[string]any{"zone": zone}, nil)
			o.until("it back in its zone", 20*time.Second, func() bool {
				d := o.device(l.id)
				return d.Present && d.Problem == ""
			})
		})
	}
}

// A player that takes its leave in the moment in which it is added and connected
// stays away all the same: whichever is heard of first, its address given, its
// id or its goodbye.
func TestGoodbyeAtOnce(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, time.Second))
	for i := range 8 {
		l := newLeaver(t, fmt.Sprintf("leaver-at-once-%d", i)) // all at once: no port twice
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			o := &observed{t: t, url: o.url}
			go func() {
				select {
				case l.leave <- "user_request":
				case <-t.Context().Done():
				}
			}()
			o.must("POST", "/devices", map[string]any{"kind": "player", "address": l.address}, nil)
			o.until("its goodbye", 20*time.Second, func() bool {
				return strings.HasSuffix(o.device(l.id).Problem, "Put it into a zone to connect it again.")
			})
			if n := l.dials.Load(); n != 1 {
				t.Errorf("dialled %d times", n)
			}
		})
	}
}

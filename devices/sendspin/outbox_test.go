package sendspin

import (
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func chunk(at int64, size int) frame {
	return frame{kind: wire.AudioChunk, at: at, data: make([]byte, size)}
}

func TestOutboxOrder(t *testing.T) {
	o := newOutbox(1000, 1000)
	o.putStream(frame{text: []byte("start")}, false)
	o.putChunk(chunk(100, 10))
	o.putControl(frame{text: []byte("volume")})
	o.putTime(clockRequest{sent: 7})
	var got []string
	for {
		f, ok, _ := o.take(0)
		if !ok {
			break
		}
		switch {
		case f.clock != nil:
			got = append(got, "time")
		case f.text != nil:
			got = append(got, string(f.text))
		default:
			got = append(got, "chunk")
		}
	}
	want := []string{"time", "volume", "start", "chunk"}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("order %v, want %v", got, want)
		}
	}
}

// A client of 25 bytes gets the third chunk of 10 only when the first one has
// been played, which is when the second one's time has come.
func TestOutboxKeepsToTheClientsBuffer(t *testing.T) {
	o := newOutbox(25, 1000)
	for i := range int64(4) {
		o.putChunk(chunk(1000+i*100, 10))
	}
	for range 2 {
		if _, ok, _ := o.take(0); !ok {
			t.Fatal("the first two fit")
		}
	}
	if _, ok, again := o.take(0); ok || again != 1100 {
		t.Fatalf("third: %v, again at %d", ok, again)
	}
	if _, ok, again := o.take(1099); ok || again != 1100 {
		t.Fatalf("third: %v, again at %d", ok, again)
	}
	if f, ok, _ := o.take(1100); !ok || f.at != 1200 {
		t.Fatalf("third is held back: %+v", f)
	}
	if _, ok, again := o.take(1100); ok || again != 1200 {
		t.Fatalf("fourth: %v, again at %d", ok, again)
	}
}

func TestOutboxDropsWhatIsLate(t *testing.T) {
	o := newOutbox(1000, 1000)
	for i := range int64(3) {
		o.putChunk(chunk(100+i*100, 10))
	}
	f, ok, _ := o.take(250)
	if !ok || f.at != 300 || o.late != 2 || o.waiting != 0 {
		t.Errorf("%+v %v late %d waiting %d", f, ok, o.late, o.waiting)
	}
}

func TestOutboxClear(t *testing.T) {
	o := newOutbox(25, 1000)
	o.putStream(frame{text: []byte("start")}, false)
	for i := range int64(4) {
		o.putChunk(chunk(1000+i*100, 10))
	}
	for range 3 {
		o.take(0)
	}
	o.putStream(frame{text: []byte("clear")}, true)
	o.putChunk(chunk(5000, 20))
	f, ok, _ := o.take(0)
	if !ok || string(f.text) != "clear" {
		t.Fatalf("%+v", f)
	}
	// The client's buffer is empty again.
	if f, ok, _ = o.take(0); !ok || f.at != 5000 || o.waiting != 0 || o.inSent != 20 {
		t.Errorf("%+v %v", f, ok)
	}
}

func TestOutboxBounds(t *testing.T) {
	o := newOutbox(1000, 30)
	for range 3 {
		if !o.putChunk(chunk(100, 10)) {
			t.Fatal("refused within the bound")
		}
	}
	if o.putChunk(chunk(100, 1)) {
		t.Error("took more than the bound")
	}
	for range maxControl {
		o.putControl(frame{text: []byte("x")})
	}
	if o.putControl(frame{text: []byte("x")}) {
		t.Error("took more control than the bound")
	}
	o.control = nil
	for i := range byte(200) {
		o.putControl(frame{key: "volume", text: []byte{i}})
	}
	if f, _, _ := o.take(0); len(o.control) != 0 || f.text[0] != 199 {
		t.Errorf("%d volumes wait behind %v", len(o.control), f.text)
	}
	for i := range int64(maxTimes + 3) {
		o.putTime(clockRequest{sent: i})
	}
	if f, _, _ := o.take(0); len(o.times) != maxTimes-1 || f.clock.sent != 3 {
		t.Errorf("%d clock requests wait, the oldest is %d", len(o.times)+1, f.clock.sent)
	}
}

func TestEventsAreBounded(t *testing.T) {
	r := newRoster(10)
	if err := r.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := &Player{hello: wire.ClientHello{ID: "a"}}
	r.players["a"] = p
	r.mu.Lock()
	r.push(Event{Kind: Connected, Player: p})
	r.mu.Unlock()
	for i := range 1000 {
		r.tell(Event{Kind: StateChanged, Player: p, State: State{Volume: i}})
		r.tell(Event{Kind: Commanded, Player: p, Command: wire.ControllerCommand{Volume: &i}})
	}
	r.tell(Event{Kind: Commanded, Player: &Player{hello: wire.ClientHello{ID: "a"}}}) // replaced
	if len(r.pending) != 1+maxPresses {
		t.Fatalf("%d events wait", len(r.pending))
	}
	if e := r.pending[0]; e.Kind != Connected || e.State.Volume != 999 {
		t.Errorf("the connection came with %+v", e.State)
	}
	if e := r.pending[maxPresses]; *e.Command.Volume != 999 {
		t.Errorf("newest press %d", *e.Command.Volume)
	}
}

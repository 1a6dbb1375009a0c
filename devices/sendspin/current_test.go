package sendspin_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// keyring keeps the server's pairings in memory, unless it is to fail.
type keyring struct {
	sendspin.MemoryKeyring
	fail error // set before anything is paired
}

func (k *keyring) Save(id string, psk noise.PSK) error {
	if k.fail != nil {
		return k.fail
	}
	return k.MemoryKeyring.Save(id, psk)
}

// records keeps a client's.
type records struct {
	mu   sync.Mutex
	list []client.Record
}

func (r *records) All() ([]client.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]client.Record{}, r.list...), nil
}

func (r *records) Save(rec client.Record) error {
	_ = r.Remove(rec.Server)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, rec)
	return nil
}

func (r *records) Remove(server string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := []client.Record{}
	for _, rec := range r.list {
		if rec.Server != server {
			kept = append(kept, rec)
		}
	}
	r.list = kept
	return nil
}

func newHouseNow(t *testing.T, change func(*sendspin.Config)) (*house, *keyring) {
	t.Helper()
	keys := &keyring{}
	return newHouse(t, func(c *sendspin.Config) {
		currentHouse(t, c, keys)
		if change != nil {
			change(c)
		}
	}), keys
}

// currentHouse has a server speak the current dialect.
func currentHouse(t *testing.T, c *sendspin.Config, keys *keyring) {
	t.Helper()
	id := fixedIdentity(t, 0x01)
	c.Identity, c.Keys = &id, keys
	c.Timing.BackoffFrom, c.Timing.BackoffTo = 5*time.Millisecond, 20*time.Millisecond
}

func newClientNow(t *testing.T, change func(*client.Config)) (*client.Client, *records) {
	t.Helper()
	rec, id := &records{}, fixedIdentity(t, 0x41)
	return newClient(t, "", func(c *client.Config) {
		c.Identity, c.Unpaired = &id, true
		c.Pairing = client.PairingConfig{PSK: fixedPSK(0xc0), Records: rec}
		if change != nil {
			change(c)
		}
	}), rec
}

// available waits until the player takes a stream.
func (h *house) available(t *testing.T) sendspin.State {
	t.Helper()
	for {
		if st := h.next(t, sendspin.StateChanged).State; st.Available {
			return st
		}
	}
}

// stage waits for a stage of a pairing.
func (h *house) stage(t *testing.T, want sendspin.PairingStage) sendspin.Pairing {
	t.Helper()
	for {
		if s := h.next(t, sendspin.PairingChanged).Pairing; s.Stage == want {
			return s
		}
	}
}

func TestCurrentDialectStreams(t *testing.T) {
	for _, suite := range []noise.Suite{noise.ChaChaPoly, noise.AESGCM} {
		t.Run(string(suite), func(t *testing.T) {
			start := time.Now()
			now := func() int64 { return time.Since(start).Microseconds() }
			h, _ := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
			c, _ := newClientNow(t, func(c *client.Config) { c.Suite = suite })
			stop := h.runs(t, c)
			p := h.next(t, sendspin.Connected).Player
			if p.ID() != fixedIdentity(t, 0x41).ID() || p.Has(wire.PlayerV1) || p.Security().Paired {
				t.Fatalf("connected: %s, %+v", p.ID(), p.Security())
			}
			// Nobody has put it to use: nothing is played on it.
			if err := p.Start(sendspin.StreamFormat{Codec: "pcm"}); !errors.Is(err, sendspin.ErrNoRole) {
				t.Errorf("Start at a client that is held: %v", err)
			}
			if err := p.SetAccess(sendspin.Listens); err != nil {
				t.Fatal(err)
			}
			if st := h.available(t); st.Volume != 40 || !p.Has(wire.PlayerV1) || p.Has(wire.ControllerV1) {
				t.Fatalf("%+v", st)
			}
			if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
				t.Fatal(err)
			}
			// A chunk that goes in fragments, as 24 bit at 192 kHz may.
			big := make([]byte, 150_000)
			big[149_999] = 7
			at := now() + 1e6
			if err := p.Send(at, big); err != nil {
				t.Fatal(err)
			}
			var got client.Chunk
			eventually(t, "the chunk", func() bool { k, ok := c.Take(); got = k; return ok })
			if got.At != at || len(got.Data) != len(big) || got.Data[149_999] != 7 {
				t.Errorf("%d bytes at %d", len(got.Data), got.At)
			}
			title := "봄날"
			_ = p.SetMetadata(sendspin.Metadata{Timestamp: at, Title: &title})
			eventually(t, "a title", func() bool { m := c.Status().Metadata; return m.Title != nil && *m.Title == title })
			_ = p.SetVolume(25)
			if st := h.next(t, sendspin.StateChanged).State; st.Volume != 25 {
				t.Errorf("volume %d", st.Volume)
			}
			// Buttons work once somebody approves.
			_ = p.SetController(sendspin.Controller{Commands: []string{"play"}})
			if err := p.SetAccess(sendspin.Full); err != nil {
				t.Fatal(err)
			}
			eventually(t, "an offer", func() bool { return len(c.Status().Controller.Commands) == 1 })
			_ = p.SetJumpgate(sendspin.Jumpgate{Commands: []string{"jump"}, Rating: "none"})
			eventually(t, "our own role", func() bool { return len(c.Status().Jumpgate.Commands) == 1 })
			_ = c.Press("jump")
			if e := h.next(t, sendspin.Commanded); e.Jumpgate != "jump" {
				t.Errorf("%+v", e)
			}
			// Taken back: the stream ends, and what was shown goes.
			if err := p.SetAccess(sendspin.Held); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the end", func() bool { return c.Stream() == nil && c.Status().Metadata.Title == nil })
			stop()
			if e := h.next(t, sendspin.Gone); e.Goodbye != wire.Shutdown {
				t.Errorf("gone: %+v", e)
			}
		})
	}
}

// Whoever says in cleartext the id of a client that has proven itself by its key
// gets nothing.
func TestImpostorInCleartext(t *testing.T) {
	h, _ := newHouseNow(t, nil)
	conn := h.dialRaw(t, rawHello(fixedIdentity(t, 0x41).ID()))
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("the impostor was taken")
	}
	h.SetCleartext(false)
	conn = h.dialRaw(t, rawHello("kitchen"))
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("a cleartext player was taken where none is")
	}
}

// A client that speaks both finds out what the server speaks.
func TestClientFallsBack(t *testing.T) {
	h := newHouse(t, nil) // of the cleartext dialect only
	c, _ := newClientNow(t, func(c *client.Config) { c.Cleartext = true })
	h.runs(t, c)
	if p := h.next(t, sendspin.Connected).Player; p.Security().Dialect != wire.Cleartext {
		t.Errorf("%+v", p.Security())
	}
}

func TestClientWithoutUnpairedAccess(t *testing.T) {
	h, _ := newHouseNow(t, func(c *sendspin.Config) {
		c.Access = func(string) sendspin.Access { return sendspin.Full }
	})
	c, _ := newClientNow(t, func(c *client.Config) { c.Unpaired = false })
	h.runs(t, c)
	p := h.next(t, sendspin.Connected).Player
	if sec := p.Security(); !sec.Refuses || p.Has(wire.PlayerV1) {
		t.Errorf("%+v", sec)
	}
	if err := p.PairWithToken(c.Token()); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.Paired)
	h.available(t)
}

// Two servers and one client of the current dialect: who plays has it.
func TestTwoServers(t *testing.T) {
	access := func(c *sendspin.Config) { c.Access = func(string) sendspin.Access { return sendspin.Full } }
	one, _ := newHouseNow(t, access)
	two, _ := newHouseNow(t, func(c *sendspin.Config) {
		access(c)
		id := fixedIdentity(t, 0x99)
		c.Identity = &id
	})
	c, _ := newClientNow(t, nil)
	url := serveClient(t, c)
	ended := make(chan error, 2)
	go func() { ended <- one.Dial(one.ctx, url, sendspin.Discovery) }()
	p := one.next(t, sendspin.Connected).Player
	one.available(t)
	// The second one does not get it for nothing; it comes again later.
	ctx, cancel := context.WithCancel(two.ctx)
	go func() { ended <- two.Dial(ctx, url, sendspin.Discovery) }()
	if e := two.next(t, sendspin.Gone); e.Goodbye != wire.ConcurrentTry {
		t.Errorf("gone: %+v", e)
	}
	cancel()
	<-ended
	go func() { ended <- two.Dial(two.ctx, url, sendspin.Playback) }()
	if e := one.next(t, sendspin.Gone); e.Goodbye != wire.AnotherServer || e.Player != p {
		t.Errorf("gone: %+v", e)
	}
	var bye *sendspin.GoodbyeError
	if err := <-ended; !errors.As(err, &bye) || bye.Reason != wire.AnotherServer {
		t.Errorf("Dial: %v", err)
	}
	eventually(t, "the other server", func() bool { return c.Status().Server.ID == two.ID() })
}

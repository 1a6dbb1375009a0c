package gateway_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway"
)

// oneRecord is a player's memory of one gateway.
type oneRecord struct{ kept chan []client.Record }

func (r oneRecord) All() ([]client.Record, error) {
	all := <-r.kept
	r.kept <- all
	return all, nil
}

func (r oneRecord) Save(rec client.Record) error {
	<-r.kept
	r.kept <- []client.Record{rec}
	return nil
}

func (r oneRecord) Remove(string) error {
	<-r.kept
	r.kept <- nil
	return nil
}

type pairingDevice struct {
	ID       string
	Approved bool
	Player   *struct {
		Protected, Paired bool
		Methods           []string
		Pairing           *struct{ Stage string }
	}
}

// A player of the current dialect, from the moment that it is put into a zone
// until its pairing is dropped, as the page sees it; and the gateway restarts in
// between.
func TestPlayerIsUsedAndPaired(t *testing.T) {
	data := t.TempDir()
	music := tones(t, 1, 60*time.Second)
	o := observe(t, data, music)
	secret := [32]byte{7}
	identity, err := noise.IdentityOf(secret)
	if err != nil {
		t.Fatal(err)
	}
	shown := make(chan string, 16)
	records := oneRecord{kept: make(chan []client.Record, 1)}
	records.kept <- nil
	c, err := client.New(client.Config{
		Identity: &identity, Name: "Bath", Unpaired: true, Control: true, Text: true, Volume: 20,
		Formats: []wire.Format{{Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}},
		Pairing: client.PairingConfig{PSK: noise.PSK{9}, Records: records, Show: func(code string) {
			if code != "" {
				shown <- code
			}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	runs := func(o *observed) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = c.Run(ctx, o.players()) }()
		return func() { cancel(); <-ended }
	}
	stop := runs(o)
	path := "/devices/" + identity.ID()
	var d pairingDevice
	o.until("the player", 10*time.Second, func() bool {
		return o.ask("GET", path, nil, &d) == 200 && d.Player != nil && d.Player.Protected
	})
	if d.Player.Paired || d.Approved || len(d.Player.Methods) != 2 {
		t.Errorf("%+v %+v", d, d.Player)
	}
	// Putting it into a zone is to use it: it gets sound, and no buttons.
	o.play(1)
	o.must("PATCH", path, map[string]any{"zone": o.zone().ID}, nil)
	o.until("sound", 20*time.Second, func() bool { _, ok := c.Take(); return ok })
	if n := len(c.Status().Controller.Commands); n != 0 {
		t.Errorf("a player that nobody approved is offered %d commands", n)
	}
	o.must("POST", path+"/pairing", map[string]any{"method": "digits"}, nil)
	code := <-shown
	if got := o.ask("POST", path+"/pairing/code", map[string]any{"code": "12"}, nil); got != 422 {
		t.Errorf("two digits: %d", got)
	}
	o.until("the code to be wanted", 20*time.Second, func() bool {
		o.must("GET", path, nil, &d)
		return d.Player.Pairing != nil && d.Player.Pairing.Stage == "code"
	})
	o.must("POST", path+"/pairing/code", map[string]any{"code": code}, nil)
	paired := func() bool {
		d = pairingDevice{}
		return o.ask("GET", path, nil, &d) == 200 && d.Player != nil && d.Player.Paired
	}
	o.until("the pairing", 10*time.Second, paired)
	o.until("its buttons", 10*time.Second, func() bool { return len(c.Status().Controller.Commands) > 0 })
	stop()
	o.end()

	// The key is outside the database, and the owner's alone.
	kept, err := os.Stat(filepath.Join(data, "pairings.json"))
	if err != nil || kept.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", kept, err)
	}
	all, _ := records.All()
	for _, name := range []string{"jumpgate.db", "jumpgate.db-wal"} {
		text, _ := os.ReadFile(filepath.Join(data, name))
		if bytes.Contains(text, []byte(all[0].PSK.Text())) || bytes.Contains(text, all[0].PSK[:]) {
			t.Errorf("%s holds the key", name)
		}
	}

	o = observe(t, data, music)
	stop = runs(o)
	defer stop()
	o.until("the pairing after a restart", 10*time.Second, paired)
	o.must("POST", path+"/unpair", nil, nil)
	o.until("no pairing", 10*time.Second, func() bool { return !paired() && d.Player != nil })
	if all, _ := records.All(); len(all) != 0 {
		t.Error("the player keeps what was dropped")
	}
	o.must("PATCH", "/players", map[string]any{"cleartext": false}, nil)
	var settings struct{ Cleartext bool }
	if o.must("GET", "/players", nil, &settings); settings.Cleartext {
		t.Error("cleartext players are still taken")
	}
}

// Keys that cannot be read are never taken for no keys.
func TestDamagedPairings(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join(data, "pairings.json")
	for _, text := range []string{"{", `{"a":{"key":"x"}}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := gateway.New(t.Context(), gateway.Config{
			Data: data, Listen: "127.0.0.1:0", Music: []string{t.TempDir()}, Name: "x", Player: "off", Say: func(string, ...any) {},
		})
		if err == nil || !strings.Contains(err.Error(), "pairings.json is damaged") && !strings.Contains(err.Error(), "pairings.json: the key of a") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

package certify

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
)

// records is the player's memory; one that is forgetful loses what it was given.
type records struct {
	mu        sync.Mutex
	list      []client.Record
	forgetful bool
}

func (r *records) All() ([]client.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list), nil
}

func (r *records) Save(fresh client.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.forgetful {
		r.list = append(r.list, fresh)
	}
	return nil
}

func (r *records) Remove(server string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.DeleteFunc(r.list, func(one client.Record) bool { return one.Server == server })
	return nil
}

// encrypted makes a player take nothing but the encrypted dialect, and nobody
// who is not paired; codes gets what it shows.
func encrypted(t *testing.T, kept *records, codes chan string) (change func(*client.Config), token string) {
	t.Helper()
	id, err := noise.NewIdentity(nil)
	if err != nil {
		t.Fatal(err)
	}
	var psk noise.PSK
	if _, err := rand.Read(psk[:]); err != nil {
		t.Fatal(err)
	}
	return func(c *client.Config) {
		c.ID, c.Identity = "", &id
		c.Formats = c.Formats[:1]
		c.Pairing = client.PairingConfig{PSK: psk, Records: kept, Show: func(code string) {
			if code != "" {
				codes <- code
			}
		}}
	}, pair.Token{Client: id.Public, PSK: psk}.String()
}

func results(r Report) map[string]Result {
	out := map[string]Result{}
	for _, c := range r.Checks {
		out[c.Name] = c.Result
	}
	return out
}

// TestEncryptedPlayer: it is paired by its token or by its code, the first one
// wrong; what it remembers is scored, and nothing is left behind.
func TestEncryptedPlayer(t *testing.T) {
	for _, test := range []struct {
		name      string
		byToken   bool
		forgetful bool
		silent    bool // nobody types a code
		want      map[string]Result
	}{
		{name: "token", byToken: true, want: map[string]Result{
			"handshake": Pass, "pairs by its token": Pass, "plays flac 44100 Hz 16 bit 2 ch": Pass, memory: Pass,
			"turns a second server away": Pass, "goes over to a server that plays": Untried, "drops a pairing": Pass,
		}},
		{name: "code", want: map[string]Result{"pairs by a code that it shows": Pass, memory: Pass, "drops a pairing": Pass}},
		{name: "forgetful", byToken: true, forgetful: true, want: map[string]Result{"pairs by its token": Fail, "handshake": Fail}},
		{name: "nobody types", silent: true, want: map[string]Result{"pairs by a code that it shows": Fail, "handshake": Fail}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kept, codes := &records{forgetful: test.forgetful}, make(chan string, 8)
			change, token := encrypted(t, kept, codes)
			cfg := Config{Address: player(t, change), Tone: 50 * time.Millisecond}
			if test.byToken {
				cfg.Token = token
			} else {
				cfg.Code = func(_ context.Context, round uint32) (string, error) {
					if test.silent {
						return "", errors.New("nobody is there")
					}
					code := <-codes
					if round == 1 {
						wrong := "000000"
						if code == wrong {
							wrong = "000001"
						}
						codes <- code
						return wrong, nil
					}
					return code, nil
				}
			}
			report, err := run(t.Context(), cfg, func(b *bench, ctx context.Context) {
				if test.forgetful {
					b.wait, b.pairWait = time.Second, time.Second // nothing will come
				}
				b.all(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
			got := results(report)
			for name, want := range test.want {
				if got[name] != want {
					t.Errorf("%s: %q", name, got[name])
				}
			}
			if report.Dialect != "current" && report.Dialect != "encrypted" {
				t.Errorf("dialect %q", report.Dialect)
			}
			if left, _ := kept.All(); !test.silent && len(left) > 0 {
				t.Errorf("%d records are left", len(left))
			}
			if t.Failed() {
				var text strings.Builder
				_ = report.Text(&text)
				t.Log(text.String())
			}
		})
	}
}

// TestEncryptedUnpaired: without a way to pair, a player that plays for paired
// servers alone fails in words.
func TestEncryptedUnpaired(t *testing.T) {
	change, _ := encrypted(t, &records{}, make(chan string, 8))
	report, err := Run(t.Context(), Config{Address: player(t, change)})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Checks) != 1 || report.Passed() || !strings.Contains(report.Checks[0].Why, "not paired") {
		t.Errorf("%+v", report.Checks)
	}
}

// TestEncryptedForgetsLater: the key is lost with the connection.
func TestEncryptedForgetsLater(t *testing.T) {
	kept := &records{}
	change, token := encrypted(t, kept, make(chan string, 8))
	report, err := run(t.Context(), Config{
		Address: player(t, func(c *client.Config) { change(c); c.Unpaired = true }), Token: token, Tone: 50 * time.Millisecond,
	}, func(b *bench, ctx context.Context) {
		if !b.handshake(ctx) {
			b.cancelDial()
			return
		}
		defer b.cancelDial()
		b.cfg.Restart = func(context.Context) error {
			kept.mu.Lock()
			kept.list = nil
			kept.mu.Unlock()
			b.link.cut()
			return nil
		}
		b.memory(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if results(report)[memory] != Fail {
		t.Errorf("%+v", report.Checks)
	}
}

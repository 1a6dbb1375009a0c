package sendspin_test

import (
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func TestPairingByEveryMethod(t *testing.T) {
	shown := make(chan string, 16)
	show := func(code string) {
		if code != "" {
			shown <- code
		}
	}
	tests := []struct {
		name  string
		setup func(*client.Config)
		pair  func(t *testing.T, h *house, p *sendspin.Player, c *client.Client)
	}{
		{"token", nil, func(t *testing.T, h *house, p *sendspin.Player, c *client.Client) {
			if err := p.PairWithToken(c.Token()); err != nil {
				t.Fatal(err)
			}
		}},
		{"digits, wrong at first", func(c *client.Config) { c.Pairing.Show = show }, func(t *testing.T, h *house, p *sendspin.Player, _ *client.Client) {
			if err := p.Pair(wire.PairDynamic, wire.Digits); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			code := <-shown
			if err := p.EnterCode("12345"); !errors.Is(err, sendspin.ErrCode) {
				t.Errorf("five digits: %v", err)
			}
			wrong := "000000"
			if wrong == code {
				wrong = "000001"
			}
			if err := p.EnterCode(wrong); err != nil {
				t.Fatal(err)
			}
			if s := h.stage(t, sendspin.CodeWanted); s.Round != 2 {
				t.Errorf("%+v", s)
			}
			if again := <-shown; again != code {
				t.Errorf("%s, then %s", code, again)
			}
			if err := p.EnterCode(code); err != nil {
				t.Fatal(err)
			}
		}},
		{"QR code", func(c *client.Config) { c.Pairing.Show, c.Pairing.QR = show, true }, func(t *testing.T, h *house, p *sendspin.Player, _ *client.Client) {
			if err := p.Pair(wire.PairDynamic, wire.QRCode); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode(<-shown); err != nil {
				t.Fatal(err)
			}
		}},
		{"static", func(c *client.Config) { c.Pairing.StaticCode, c.Pairing.Hint = "12345678", "Hold the button." }, func(t *testing.T, h *house, p *sendspin.Player, c *client.Client) {
			if err := p.Pair(wire.PairStatic, ""); err != nil {
				t.Fatal(err)
			}
			if s := h.stage(t, sendspin.DeviceWaits); s.Message != "Hold the button." {
				t.Errorf("%+v", s)
			}
			c.Gate().Open()
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode("1234 5678"); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, keys := newHouseNow(t, func(c *sendspin.Config) {
				c.Access = func(string) sendspin.Access { return sendspin.Listens }
			})
			c, rec := newClientNow(t, test.setup)
			stop := h.runs(t, c)
			p := h.next(t, sendspin.Connected).Player
			h.available(t)
			if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
				t.Fatal(err)
			}
			test.pair(t, h, p, c)
			h.stage(t, sendspin.Paired)
			if sec := p.Security(); !sec.Paired || sec.Lost || p.State().Access != sendspin.Full {
				t.Errorf("%+v", sec)
			}
			key, ok, _ := keys.Key(p.ID())
			if all, _ := rec.All(); !ok || len(all) != 1 || all[0].PSK != key || all[0].Server != h.ID() {
				t.Errorf("server %v, client %v", key, all)
			}
			// The same connection goes on, as a paired one.
			h.available(t)
			eventually(t, "a paired client", func() bool { return c.Status().Paired })
			if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
				t.Error(err)
			}
			eventually(t, "the stream", func() bool { return c.Stream() != nil })
			stop()
			h.next(t, sendspin.Gone)

			// And the next one is paired from the start.
			h.runs(t, c)
			again := h.next(t, sendspin.Connected).Player
			if !again.Security().Paired {
				t.Errorf("the next connection: %+v", again.Security())
			}
			if err := again.Unpair(); err != nil {
				t.Fatal(err)
			}
			if e := h.next(t, sendspin.Gone); e.Goodbye != wire.Unpaired {
				t.Errorf("gone: %+v", e)
			}
			if all, _ := rec.All(); len(all) != 0 {
				t.Errorf("the client keeps %v", all)
			}
		})
	}
}

func TestPairingThatFails(t *testing.T) {
	h, keys := newHouseNow(t, func(c *sendspin.Config) {
		c.Access = func(string) sendspin.Access { return sendspin.Listens }
	})
	shown := make(chan string, 16)
	c, rec := newClientNow(t, func(c *client.Config) { c.Pairing.Show = func(code string) { shown <- code } })
	h.runs(t, c)
	p := h.next(t, sendspin.Connected).Player
	h.available(t)
	if err := p.Pair(wire.PairStatic, ""); !errors.Is(err, sendspin.ErrNoPairing) {
		t.Errorf("a method that is not offered: %v", err)
	}
	other := c.Token()
	other.Client = fixedIdentity(t, 0x71).Public
	if err := p.PairWithToken(other); !errors.Is(err, sendspin.ErrCode) {
		t.Errorf("another device's token: %v", err)
	}
	// Cancelled: it plays as before.
	if err := p.Pair(wire.PairDynamic, wire.Digits); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.CodeWanted)
	if err := p.CancelPairing(); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.PairingFailed)
	h.available(t)
	// The record cannot be kept: neither side keeps one.
	keys.fail = errors.New("the disk is full")
	for len(shown) > 0 {
		<-shown
	}
	if err := p.Pair(wire.PairDynamic, wire.Digits); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.CodeWanted)
	if err := p.EnterCode(<-shown); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.PairingFailed)
	h.available(t)
	if all, _ := rec.All(); len(all) != 0 || p.Security().Paired {
		t.Errorf("the client keeps %v", all)
	}
}

// A client that lost its key proves that; it is not played on until it is paired
// anew, and the record stays.
func TestLostKey(t *testing.T) {
	h, keys := newHouseNow(t, func(c *sendspin.Config) {
		c.Access = func(string) sendspin.Access { return sendspin.Full }
	})
	c, _ := newClientNow(t, nil)
	_ = keys.Save(fixedIdentity(t, 0x41).ID(), fixedPSK(1))
	h.runs(t, c)
	p := h.next(t, sendspin.Connected).Player
	if sec := p.Security(); !sec.Lost || sec.Paired || p.Has(wire.PlayerV1) {
		t.Errorf("%+v", sec)
	}
	if err := p.PairWithToken(c.Token()); err != nil {
		t.Fatal(err)
	}
	h.stage(t, sendspin.Paired)
	h.available(t)
	if sec := p.Security(); sec.Lost || !sec.Paired {
		t.Errorf("after pairing anew: %+v", sec)
	}
}

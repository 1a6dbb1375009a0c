// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// TestDevicePairs: by each method, a wrong code before the right one; what was
// paired is remembered over a restart of the device, and forgotten when the
// server drops it.
func TestDevicePairs(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		pair func(t *testing.T, h *house, p *sendspin.Player, d *device, token string)
	}{
		{"token", nil, func(t *testing.T, _ *house, p *sendspin.Player, _ *device, token string) {
			parsed, err := pair.ParseToken(token)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.PairWithToken(parsed); err != nil {
				t.Fatal(err)
			}
		}},
		{"digits", nil, func(t *testing.T, h *house, p *sendspin.Player, d *device, _ string) {
			if err := p.Pair(wire.PairDynamic, wire.Digits); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			code := d.next(t, "its code", named("code")).Text
			wrong := "000000"
			if code == wrong {
				wrong = "000001"
			}
			if err := p.EnterCode(wrong); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode(code); err != nil {
				t.Fatal(err)
			}
		}},
		{"qr", []string{"--qr"}, func(t *testing.T, h *house, p *sendspin.Player, d *device, _ string) {
			if err := p.Pair(wire.PairDynamic, wire.QRCode); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode(d.next(t, "its code", named("code")).Text); err != nil {
				t.Fatal(err)
			}
		}},
		{"static", []string{"--static-code", "12345678"}, func(t *testing.T, h *house, p *sendspin.Player, d *device, _ string) {
			if err := p.Pair(wire.PairStatic, ""); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.DeviceWaits)
			d.ask(t, "pair allow")
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode("1234 5678"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, keys := newHouseNow(t, true)
			state := filepath.Join(t.TempDir(), "state")
			args := append([]string{"--server", h.address, "--state", state, "--pair-only", "--wav", filepath.Join(t.TempDir(), "o.wav")}, test.args...)
			d := newDeviceNow(t, args...)
			token := d.next(t, "its token", named("token")).Text
			var p *sendspin.Player
			for p == nil { // who is not paired may pair, and nothing else
				e := h.next(t, sendspin.Connected)
				p = e.Player
			}
			test.pair(t, h, p, d, token)
			h.stage(t, sendspin.Paired)
			if _, ok, _ := keys.Key(p.ID()); !ok {
				t.Error("the server has no record")
			}
			d.next(t, "that it is paired", func(e event) bool { return e.Event == "status" && e.Paired == 1 })
			h.available(t, p)
			if err := p.SetVolume(23); err != nil {
				t.Fatal(err)
			}
			d.next(t, "the volume", func(e event) bool { return e.Event == "status" && e.Volume == 23 })
			d.stop(t)
			h.next(t, sendspin.Gone)

			d = newDeviceNow(t, args...)
			p = h.next(t, sendspin.Connected).Player
			if !p.Security().Paired {
				t.Errorf("after a restart: %+v", p.Security())
			}
			d.next(t, "that it is still paired", func(e event) bool { return e.Event == "status" && e.Paired == 1 })
			if err := p.Unpair(); err != nil {
				t.Fatal(err)
			}
			if e := h.next(t, sendspin.Gone); e.Goodbye != wire.Unpaired {
				t.Errorf("gone %+v", e)
			}
		})
	}
}

// TestDeviceFallsBack: a server without encryption is spoken to in cleartext,
// where that is allowed, and not at all where it is not.
func TestDeviceFallsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "old house")
	d := newDeviceNow(t, "--server", h.address, "--wav", filepath.Join(t.TempDir(), "o.wav"))
	h.next(t, sendspin.Connected)
	d.next(t, "its server", func(e event) bool { return e.Event == "status" && e.Connected == 1 && e.Encrypted == 0 })
	d.stop(t)
	h.next(t, sendspin.Gone)
	newDeviceNow(t, "--server", h.address, "--no-cleartext", "--wav", filepath.Join(t.TempDir(), "p.wav"))
	select {
	case e := <-h.Events():
		if e.Kind == sendspin.Connected {
			t.Error("it spoke cleartext all the same")
		}
	case <-time.After(3 * time.Second):
	}
}

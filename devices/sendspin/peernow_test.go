//go:build peers312

package sendspin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// The reference implementation's newest release as a client of ours: encrypted,
// with every role, and paired in every way.

func TestPeerNowConnectsAndPlays(t *testing.T) {
	for _, suite := range []noise.Suite{noise.ChaChaPoly, noise.AESGCM} {
		t.Run(string(suite), func(t *testing.T) {
			now := testClock()
			h, _ := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
			peer := newPyPeerNow(t, now, "client", h.url, "none", string(suite))
			if e := peer.next(t, "connected"); e.Server != h.ID() {
				t.Errorf("%+v", e)
			}
			p := h.next(t, sendspin.Connected).Player
			nowPlays(t, h, peer, p, now)
		})
	}
}

// TestPeerNowIsDialled: it listens, we connect.
func TestPeerNowIsDialled(t *testing.T) {
	now := testClock()
	h, _ := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
	port := freePort(t)
	peer := newPyPeerNow(t, now, "listen", fmt.Sprint(port), "none", string(noise.ChaChaPoly))
	peer.next(t, "listening")
	dialled := make(chan error, 1)
	go func() {
		dialled <- h.Dial(h.ctx, fmt.Sprintf("ws://127.0.0.1:%d%s", port, sendspin.Path), sendspin.Playback)
	}()
	p := h.next(t, sendspin.Connected).Player
	nowPlays(t, h, peer, p, now)
	if err := <-dialled; err == nil || err.Error() != (&sendspin.GoodbyeError{Reason: wire.UserRequest}).Error() {
		t.Errorf("Dial: %v", err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	var free net.ListenConfig
	l, err := free.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func nowPlays(t *testing.T, h *house, peer *pyPeer, p *sendspin.Player, now func() int64) {
	t.Helper()
	if p.Hello().Name != "Python" || p.Has(wire.PlayerV1) {
		t.Fatalf("%+v", p.Hello())
	}
	if err := p.SetAccess(sendspin.Listens); err != nil {
		t.Fatal(err)
	}
	if st := h.available(t); st.Volume != 80 || st.RequiredLead != 250*time.Millisecond {
		t.Errorf("state %+v", st)
	}
	if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
		t.Fatal(err)
	}
	at := now() + 1_000_000
	for i, part := range chunks20ms() {
		if err := p.Send(at+int64(i)*20_000, part); err != nil {
			t.Fatal(err)
		}
	}
	if e := peer.next(t, "start"); e.Codec != "pcm" || e.Rate != 44100 {
		t.Errorf("start %+v", e)
	}
	for i := range int64(50) {
		e := peer.next(t, "chunk")
		if e.At != at+i*20_000 || e.Size != 3528 || e.Ahead <= 0 || e.Ahead > 2_000_000 {
			t.Fatalf("chunk %d: %+v", i, e)
		}
		// When it was sent by our clock lies before when it was told.
		if sent := e.At - e.Ahead; sent > e.received || sent < at-1_100_000 {
			t.Errorf("chunk %d says it was sent at %d, told at %d", i, sent, e.received)
		}
	}
	title := "Überall"
	_ = p.SetMetadata(wire.Metadata{Timestamp: now(), Title: &title})
	for peer.next(t, "metadata").Title != title {
	}
	_ = p.SetColor(wire.Color{Timestamp: now(), Primary: &wire.RGB{201, 2, 3}})
	for peer.next(t, "color").Size != 201 {
	}
	_ = p.SetVolume(33)
	if e := peer.next(t, "volume"); e.Volume != 33 {
		t.Errorf("volume %+v", e)
	}
	peer.please(t, `{"volume": 34}`)
	eventually(t, "its volume", func() bool { return p.State().Volume == 34 })
	nowShows(t, h, peer, p, now)

	// Buttons and the input come with approval.
	_ = p.SetController(wire.Controller{Commands: []string{"next", "seek"}, Volume: 34, SeekMax: 1000})
	_ = p.SetAccess(sendspin.Full)
	for len(peer.next(t, "buttons").Commands) != 2 {
	}
	peer.please(t, `{"press": "next"}`)
	if e := h.next(t, sendspin.Commanded); e.Command.Command != "next" {
		t.Errorf("command %+v", e)
	}
	eventually(t, "an input", func() bool { return p.State().Input })
	if err := p.StartInput(); err != nil {
		t.Fatal(err)
	}
	peer.next(t, "source")
	peer.please(t, `{"capture": 10}`)
	if e := h.next(t, sendspin.InputStarted); e.Input.Codec != "pcm" || e.Input.Rate != 48000 {
		t.Errorf("input %+v", e.Input)
	}
	if k := <-p.Input(); len(k.Data) == 0 || len(k.Data)%4 != 0 || k.At > now() || k.At < now()-2_000_000 {
		t.Errorf("%d bytes of input from %d at %d", len(k.Data), k.At, now())
	}
	h.next(t, sendspin.InputEnded)

	_ = p.Clear()
	peer.next(t, "clear")
	_ = p.End()
	peer.next(t, "end")
	peer.please(t, `{"leave": true}`)
	h.next(t, sendspin.Left)
	peer.please(t, `{"available": false}`)
	eventually(t, "unavailable", func() bool { return !p.State().Available })
	peer.please(t, `{"bye": "user_request"}`)
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.UserRequest {
		t.Errorf("gone %+v", e)
	}
}

func chunks20ms() [][]byte {
	pcm := packPCM(sine(44100, 44100))
	var parts [][]byte
	for len(pcm) >= 882*4 {
		parts = append(parts, pcm[:882*4])
		pcm = pcm[882*4:]
	}
	return parts
}

// nowShows sends pictures and what is shown of the sound.
func nowShows(t *testing.T, h *house, peer *pyPeer, p *sendspin.Player, now func() int64) {
	t.Helper()
	eventually(t, "a wish for pictures", func() bool { return len(p.Artwork()) == 1 })
	if w := p.Artwork()[0]; w.Format != "jpeg" || w.Width != 64 {
		t.Errorf("artwork %+v", w)
	}
	picture := make([]byte, 50_000) // several parts
	for i := range picture {
		picture[i] = byte(i * 7)
	}
	pic := sendspin.Picture{Format: "jpeg", Width: 64, Height: 64, Data: picture}
	if err := p.SetArtwork(0, now(), pic); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(picture)
	if e := peer.next(t, "picture"); e.Size != len(picture) || e.Code != hex.EncodeToString(sum[:]) {
		t.Errorf("picture %+v", e)
	}
	// A newer one in the middle of an older one.
	pic.Data = append([]byte{1}, picture...)
	_ = p.SetArtwork(0, now(), pic)
	pic.Data = []byte("small")
	_ = p.SetArtwork(0, now(), pic)
	if e := peer.next(t, "picture"); e.Size != 5 {
		t.Errorf("picture %+v", e)
	}
	wish := p.Visualizer()
	if wish == nil || wish.Spectrum == nil || wish.Spectrum.Bins != 8 {
		t.Fatalf("visualizer %+v", wish)
	}
	wish.Types = []string{"loudness", "spectrum"}
	if err := p.StartVisualizer(*wish); err != nil {
		t.Fatal(err)
	}
	peer.next(t, "visualstart")
	at := now() + 500_000
	_ = p.ShowVisual(at, wire.AppendVisual(nil, wire.VisualLoudness, at, 1000))
	_ = p.ShowVisual(at, wire.AppendVisual(nil, wire.VisualSpectrum, at, 1, 2, 3, 4, 5, 6, 7, 8))
	if e := peer.next(t, "visual"); e.At != at {
		t.Errorf("visual %+v, want %d", e, at)
	}
	_ = p.EndVisualizer()
}

func TestPeerNowPairs(t *testing.T) {
	tests := []struct {
		method string
		pair   func(t *testing.T, h *house, p *sendspin.Player, peer *pyPeer, token string)
	}{
		{"none", func(t *testing.T, h *house, p *sendspin.Player, peer *pyPeer, text string) {
			token, err := pair.ParseToken(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.PairWithToken(token); err != nil {
				t.Fatal(err)
			}
		}},
		{"digits", func(t *testing.T, h *house, p *sendspin.Player, peer *pyPeer, _ string) {
			if err := p.Pair(wire.PairDynamic, wire.Digits); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			code := peer.next(t, "code").Code
			wrong := "000000"
			if code == wrong {
				wrong = "000001"
			}
			for _, c := range []string{wrong, code} {
				if err := p.EnterCode(c); err != nil {
					t.Fatal(err)
				}
				if c == wrong {
					h.stage(t, sendspin.CodeWanted)
				}
			}
		}},
		{"qr", func(t *testing.T, h *house, p *sendspin.Player, peer *pyPeer, _ string) {
			if err := p.Pair(wire.PairDynamic, wire.QRCode); err != nil {
				t.Fatal(err)
			}
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode(peer.next(t, "qr").Code); err != nil {
				t.Fatal(err)
			}
		}},
		{"static", func(t *testing.T, h *house, p *sendspin.Player, peer *pyPeer, _ string) {
			if err := p.Pair(wire.PairStatic, ""); err != nil {
				t.Fatal(err)
			}
			if s := h.stage(t, sendspin.DeviceWaits); s.Message != "Hold the button." {
				t.Errorf("%+v", s)
			}
			peer.please(t, `{"window": true}`)
			h.stage(t, sendspin.CodeWanted)
			if err := p.EnterCode("1234-5678"); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.method, func(t *testing.T) {
			now := testClock()
			h, keys := newHouseNow(t, func(c *sendspin.Config) { c.Now = now })
			peer := newPyPeerNow(t, now, "client", h.url, test.method, string(noise.ChaChaPoly))
			token := peer.next(t, "connected").Code
			p := h.next(t, sendspin.Connected).Player
			test.pair(t, h, p, peer, token)
			h.stage(t, sendspin.Paired)
			h.available(t)
			if _, ok, _ := keys.Key(p.ID()); !ok || !p.Security().Paired {
				t.Errorf("%+v", p.Security())
			}
			peer.please(t, `{"records": true}`)
			if e := peer.next(t, "records"); e.Size != 1 || e.Code != "LONG_TERM" {
				t.Errorf("%+v", e)
			}
			if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16}); err != nil {
				t.Fatal(err)
			}
			peer.next(t, "start")
			if err := p.Unpair(); err != nil {
				t.Fatal(err)
			}
			if e := h.next(t, sendspin.Gone); e.Goodbye != wire.Unpaired {
				t.Errorf("gone %+v", e)
			}
		})
	}
}

// Our client at the reference server, which refuses whatever the specification
// does not allow.
func TestPeerNowIsServer(t *testing.T) {
	now := testClock()
	port := freePort(t)
	peer := newPyPeerNow(t, now, "server", fmt.Sprint(port))
	peer.next(t, "listening")
	shown := make(chan string, 16)
	c, rec := newClientNow(t, func(c *client.Config) {
		c.Now = now
		c.Pairing.Show = func(code string) { shown <- code }
	})
	h := &house{url: fmt.Sprintf("ws://127.0.0.1:%d%s", port, sendspin.Path)}
	stop := h.runs(t, c)
	id := fixedIdentity(t, 0x41).ID()
	peer.please(t, `{"trust": "`+id+`"}`)
	peer.next(t, "trusted")
	eventually(t, "a clock", c.Synced)
	peer.please(t, `{"id": "`+id+`", "tone": 20}`)
	got := 0
	eventually(t, "chunks", func() bool {
		if _, ok := c.Take(); ok {
			got++
		}
		return got > 10
	})
	if s := c.Stream(); s == nil || s.Rate != 44100 {
		t.Errorf("stream %+v", s)
	}
	if st := c.Status(); st.Dialect != wire.Current || st.Paired || len(st.Server.Languages) != 2 {
		t.Errorf("%+v", st)
	}
	peer.please(t, `{"id": "`+id+`", "pair": "dynamic_pairing_code"}`)
	peer.next(t, "wanted")
	peer.please(t, `{"code": "`+<-shown+`"}`)
	if e := peer.next(t, "paired"); e.Size != 1 {
		t.Errorf("%+v", e)
	}
	eventually(t, "a paired session", func() bool { return c.Status().Paired })
	if all, _ := rec.All(); len(all) != 1 {
		t.Errorf("%v", all)
	}
	peer.please(t, `{"unpair": "`+id+`"}`)
	eventually(t, "no record", func() bool { all, _ := rec.All(); return len(all) == 0 })
	stop()
	peer.please(t, `{"stop": true}`)
}

// TestPeerNowSession takes down a session for TestSessions.
func TestPeerNowSession(t *testing.T) {
	s := newSession(t, wire.Current)
	s.record(t, "aiosendspin-10.2.1", func() foreign {
		return newPyPeerNow(t, s.now, "client", s.h.url, "none", string(noise.ChaChaPoly)).foreign(t)
	})
}

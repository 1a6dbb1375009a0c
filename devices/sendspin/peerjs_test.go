//go:build peers || peersjs

package sendspin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// jsReport is what testdata/peer-js/page.js tells.
type jsReport struct {
	Chunks, Frames, Clears, Ends int
	Peak                         float64
	First, Last                  int64
	Starts                       []string
	Connected, Synced            bool
	Clock                        float64
	Volume                       int
	Muted                        bool
	Title, Group, Refused        string
	Commands                     []string

	received int64 // by our clock
}

type jsAsk struct {
	Press  string `json:"press,omitempty"`
	Volume *int   `json:"volume,omitempty"`
	Leave  bool   `json:"leave,omitempty"`
}

// jsPeer is sendspin-js in a real Chromium. Its page, the library's files and
// our endpoint are on one origin, as a browser wants it.
type jsPeer struct {
	mu   sync.Mutex
	last jsReport
	ask  jsAsk
	now  func() int64
}

func (p *jsPeer) report() jsReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *jsPeer) please(a jsAsk) {
	p.mu.Lock()
	p.ask = a
	p.mu.Unlock()
}

func (p *jsPeer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := p.now()
	var rep jsReport
	if err := json.NewDecoder(r.Body).Decode(&rep); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rep.received = received
	p.mu.Lock()
	if rep.Refused == "" {
		rep.Refused = p.last.Refused
	}
	p.last = rep
	ask := p.ask
	p.ask = jsAsk{}
	p.mu.Unlock()
	_ = json.NewEncoder(w).Encode(ask)
}

// npmFiles serves the library as it is in the package: its imports leave out
// the suffix, which is put back here.
func npmFiles(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean(strings.TrimPrefix(r.URL.Path, "/npm/"))
		if path.Ext(name) != ".js" {
			name += ".js"
		}
		data, err := os.ReadFile(filepath.Join(dir, "node_modules", filepath.FromSlash(name)))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(data)
	})
}

// newJSPeer starts Chromium with the page.
func newJSPeer(t *testing.T, s *sendspin.Server, now func() int64, codecs string) *jsPeer {
	t.Helper()
	dir, err := filepath.Abs("testdata/peer-js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@sendspin")); err != nil {
		npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in %s: %v\n%s", dir, err, out)
		}
	}
	return startJSPeer(t, s, now, dir, codecs)
}

// startJSPeer starts Chromium with the page, and the library of a folder.
func startJSPeer(t *testing.T, s *sendspin.Server, now func() int64, modules, codecs string) *jsPeer {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: apt-get install chromium")
	}
	peer := &jsPeer{now: now}
	mux := http.NewServeMux()
	mux.Handle("/npm/", npmFiles(modules))
	mux.Handle("/report", peer)
	mux.Handle(sendspin.Path, s.Handler())
	mux.Handle("/", http.FileServer(http.Dir("testdata/peer-js")))
	web := httptest.NewServer(mux)

	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", web.URL+"/?codecs="+codecs)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		web.CloseClientConnections()
		web.Close()
		if t.Failed() {
			t.Logf("Chromium said:\n%s", said.String())
		}
	})
	return peer
}

// packFLAC returns the stream header, and one frame a block.
func packFLAC(t *testing.T, samples []int16, rate, block int) (header []byte, frames [][]byte) {
	t.Helper()
	var out bytes.Buffer
	info := &meta.StreamInfo{
		BlockSizeMin: uint16(block), BlockSizeMax: uint16(block), SampleRate: uint32(rate), NChannels: 2, BitsPerSample: 16,
	}
	enc, err := flac.NewEncoder(&out, info)
	if err != nil {
		t.Fatal(err)
	}
	header = slices.Clone(out.Bytes())
	for part := range slices.Chunk(samples, 2*block) {
		out.Reset()
		f := &frame.Frame{Header: frame.Header{
			HasFixedBlockSize: true, BlockSize: uint16(len(part) / 2), SampleRate: uint32(rate),
			Channels: frame.ChannelsLR, BitsPerSample: 16,
		}}
		for c := range 2 {
			sub := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, NSamples: len(part) / 2}
			for i := c; i < len(part); i += 2 {
				sub.Samples = append(sub.Samples, int32(part[i]))
			}
			f.Subframes = append(f.Subframes, sub)
		}
		if err := enc.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
		frames = append(frames, slices.Clone(out.Bytes()))
	}
	return header, frames
}

// TestPeerSendspinJS: the library of the protocol's makers, in Chromium, plays
// from our server: PCM and FLAC, clock, clear, end, volume both ways, text, and
// commands only once approved.
func TestPeerSendspinJS(t *testing.T) {
	start := time.Now()
	now := func() int64 { return time.Since(start).Microseconds() + 1e9 }
	h := newHouse(t, func(c *sendspin.Config) { c.Now = now })
	peer := newJSPeer(t, h.Server, now, "flac,pcm")
	var p *sendspin.Player
	select {
	case e := <-h.Events():
		p = e.Player
	case <-time.After(30 * time.Second):
		t.Fatal("the browser did not connect")
	}
	t.Logf("hello: %+v %+v", p.Hello(), *p.Hello().Player)
	if st := h.next(t, sendspin.StateChanged).State; st.Volume != 100 || st.RequiredLead != 250*time.Millisecond {
		t.Errorf("state %+v", st)
	}
	eventually(t, "a clock", func() bool { return peer.report().Synced })
	jsPlays(t, h, p, peer, now)
	jsControls(t, h, p, peer)
	// The report takes a while, and much longer on a busy machine.
	eventually(t, "its clock within 30 ms of ours when a report comes", func() bool {
		r := peer.report()
		d := float64(r.received) - r.Clock
		return d > -3000 && d < 30_000
	})
	peer.please(jsAsk{Leave: true})
	if e := h.next(t, sendspin.Gone); e.Goodbye != wire.UserRequest {
		t.Errorf("gone: %+v", e)
	}
}

func jsPlays(t *testing.T, h *house, p *sendspin.Player, peer *jsPeer, now func() int64) {
	t.Helper()
	const rate, block = 44100, 4096
	samples := sine(10*block, rate)
	header, frames := packFLAC(t, samples, rate, block)
	if err := p.Start(sendspin.StreamFormat{Codec: "flac", Rate: rate, Channels: 2, Bits: 16, Header: header}); err != nil {
		t.Fatal(err)
	}
	at := now() + 500_000
	for i, f := range frames {
		if err := p.Send(at+int64(i)*block*1_000_000/rate, f); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "FLAC decoded", func() bool { return peer.report().Chunks == 10 })
	if r := peer.report(); r.Frames != 10*block || r.First != at || r.Peak < 0.48 || r.Peak > 0.49 {
		t.Errorf("FLAC: %+v", r)
	}
	if err := p.Clear(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}); err != nil {
		t.Fatal(err)
	}
	at = now() + 300_000
	for i, part := range slices.Collect(slices.Chunk(packPCM(sine(48000, 48000)), 960*4)) {
		if err := p.Send(at+int64(i)*20_000, part); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "PCM decoded", func() bool { return peer.report().Chunks == 60 })
	r := peer.report()
	if r.Clears != 1 || r.Frames != 10*block+48000 || r.Last != at+49*20_000 || !slices.Equal(r.Starts, []string{"flac 44100", "pcm 48000"}) {
		t.Errorf("PCM: %+v", r)
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end", func() bool { return peer.report().Ends == 1 })
}

func jsControls(t *testing.T, h *house, p *sendspin.Player, peer *jsPeer) {
	t.Helper()
	title := "봄날"
	if err := p.SetMetadata(wire.Metadata{Timestamp: 1, Title: &title}); err != nil {
		t.Fatal(err)
	}
	if err := p.SetGroup("g", "Kitchen", true); err != nil {
		t.Fatal(err)
	}
	if err := p.SetVolume(37); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its volume", func() bool { return p.State().Volume == 37 })
	loud := 55
	peer.please(jsAsk{Volume: &loud})
	eventually(t, "its own volume", func() bool { return p.State().Volume == 55 })

	offers := wire.Controller{Commands: []string{"next", "play"}, Volume: 55}
	// In the current dialect the role is there from approval on.
	if err := p.SetController(offers); err != nil && !errors.Is(err, sendspin.ErrNoRole) {
		t.Fatal(err)
	}
	eventually(t, "a title", func() bool { r := peer.report(); return r.Title == title && r.Group == "Kitchen" })
	if p.Has(wire.ControllerV1) {
		peer.please(jsAsk{Press: "next"})
		eventually(t, "no button before approval", func() bool { return peer.report().Refused != "" })
	}
	if err := p.SetAccess(sendspin.Full); err != nil {
		t.Fatal(err)
	}
	if err := p.SetController(offers); err != nil {
		t.Fatal(err)
	}
	eventually(t, "buttons", func() bool { return slices.Contains(peer.report().Commands, "next") })
	peer.please(jsAsk{Press: "next"})
	if e := h.next(t, sendspin.Commanded); e.Command.Command != "next" {
		t.Errorf("command %+v", e.Command)
	}
}

// foreign is the page as a session's script has it.
func (p *jsPeer) foreign(t *testing.T) foreign {
	reports := map[string]func(jsReport) bool{
		"start": func(r jsReport) bool { return len(r.Starts) == 1 }, "chunk": func(r jsReport) bool { return r.Chunks == 5 },
		"metadata": func(r jsReport) bool { return r.Title != "" }, "volume": func(r jsReport) bool { return r.Volume == 33 },
		"buttons": func(r jsReport) bool { return len(r.Commands) > 0 },
		"clear":   func(r jsReport) bool { return r.Clears == 1 }, "end": func(r jsReport) bool { return r.Ends == 1 },
	}
	own := 34
	asks := map[string]jsAsk{"volume": {Volume: &own}, "press": {Press: "next"}, "bye": {Leave: true}}
	return foreign{
		saw: func(what string) {
			t.Helper()
			eventually(t, what, func() bool { return reports[what](p.report()) })
		},
		ask: func(what string) { p.please(asks[what]) },
	}
}

package sendspin

import (
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// FuzzClientMessages feeds a connection after its hello. What it does not
// refuse must leave a state that makes sense.
func FuzzClientMessages(f *testing.F) {
	for _, seed := range []string{
		`{"type":"client/time","payload":{"client_transmitted":9223372036854775807}}`,
		`{"type":"client/state","payload":{"state":"external_source","player":{"volume":100,"muted":true,"required_lead_time_ms":250,"min_buffer_ms":0,"supported_commands":["set_static_delay"]}}}`,
		`{"type":"client/command","payload":{"controller":{"command":"mute","mute":true}}}`,
		`{"type":"client/command","payload":{"_other":{}}}`,
		`{"type":"stream/request-format","payload":{"player":{"codec":"opus","sample_rate":48000}}}`,
		`{"type":"client/goodbye","payload":{"reason":"another_server"}}`,
		`{"type":"client/hello","payload":{}}`,
	} {
		f.Add([]byte(seed))
	}
	for _, seed := range []string{
		`{"type":"client/state","payload":{"available":true,"player":{"volume":1,"output_delay_ms":3,"required_lead_time_ms":4,"min_buffer_ms":5,"supported_commands":["volume"],"format":{"codec":"pcm"}},"artwork":{"channels":[{"source":"album","format":"png","width":9,"height":9}]},"visualizer":{"types":["spectrum"],"rate_max":1,"spectrum":{"n_disp_bins":1,"scale":"lin","f_min":1,"f_max":2}},"source":{"signal":"absent"}}}`,
		`{"type":"client-stream/start","payload":{"source":{"codec":"pcm","sample_rate":48000,"channels":2,"bit_depth":16}}}`,
		`{"type":"client-stream/end","payload":{}}`, `{"type":"client/leave","payload":{}}`,
		`{"type":"noise/handshake","payload":{"data":"AAAA"}}`, `{"type":"client/command","payload":{"_jumpgate":{"command":"jump"}}}`,
		`{"type":"client/pair-init","payload":{"pairing_index":1,"commit_B":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`,
		`{"type":"client/pair-pending","payload":{"pairing_index":1,"message":"press"}}`, `{"type":"pair/abort","payload":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := wire.Parse(data)
		if err != nil {
			return
		}
		for _, g := range []greeting{
			{hello: fuzzed, dialect: wire.Cleartext},
			{hello: fuzzed, dialect: wire.Current, session: unpaired(t)},
		} {
			fuzzOne(t, g, m)
		}
	})
}

// fuzzed is the hello of a client that has everything.
var fuzzed = wire.ClientHello{
	ID: "a", Roles: ours(wire.Current), Player: &wire.PlayerSupport{BufferCapacity: 1000, Commands: []string{"volume"}},
	Artwork: &wire.ArtworkSupport{Channels: make([]wire.ArtworkChannel, 2)},
	Source:  &wire.SourceSupport{}, Visualizer: &wire.VisualizerSupport{BufferCapacity: 100},
	Pairing:  wire.PairMethods{Dynamic: &wire.PairEmitter{Channels: []string{"display"}, Formats: []wire.CodeFormat{wire.Digits}}},
	Unpaired: wire.UnpairedAccess{Enabled: true},
}

// unpaired is the session of a handshake under the Sentinel.
func unpaired(t *testing.T) *noise.Session {
	t.Helper()
	a, _ := noise.IdentityOf([32]byte{1})
	b, _ := noise.IdentityOf([32]byte{2})
	i, first, err := noise.Initiate(noise.Terms{Suite: noise.ChaChaPoly, Local: a, Remote: b.Public}, noise.SentinelKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := noise.Respond(noise.Terms{Suite: noise.ChaChaPoly, Local: b, Remote: a.Public}, first, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := i.Finish(second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// noKeys keeps nothing.
type noKeys struct{}

func (noKeys) Key(string) (noise.PSK, bool, error) { return noise.PSK{}, false, nil }
func (noKeys) Save(string, noise.PSK) error        { return errors.New("a pairing without a code") }
func (noKeys) Remove(string) error                 { return nil }

func fuzzOne(t *testing.T, g greeting, m wire.Message) {
	t.Helper()
	s, err := New(Config{ID: "s", Keys: noKeys{}, Access: func(string) Access { return Listens }})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(s, nil, g, true)
	s.roster.players["a"] = p
	if err := p.begin(); err != nil {
		t.Fatal(err)
	}
	for _, pairing := range []bool{false, true} {
		if pairing && p.Pair(wire.PairDynamic, wire.Digits) != nil {
			continue
		}
		var bye *GoodbyeError
		err := p.handle(m, 1)
		known := errors.Is(err, wire.ErrMalformed) || errors.Is(err, noise.ErrNoise) || errors.Is(err, pair.ErrProtocol) || errors.As(err, &bye)
		if err != nil && !known {
			t.Errorf("handle: %v", err)
		}
	}
	p.mu.Lock()
	p.limitPairing(0)
	p.mu.Unlock()
	st := p.State()
	if st.Volume < -1 || st.Volume > 100 || st.OutputDelay < 0 || st.RequiredLead < 0 || st.Access != Listens {
		t.Errorf("state %+v", st)
	}
	for _, e := range s.roster.pending {
		if e.Kind == Commanded || e.Kind == InputStarted || e.Pairing.Stage == Paired {
			t.Errorf("a client that nobody approved: %+v", e)
		}
	}
}

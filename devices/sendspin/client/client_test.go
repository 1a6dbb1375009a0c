package client

import (
	"encoding/json"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The specification's tables for several servers, in either dialect.
func TestPrefer(t *testing.T) {
	old := func(id string, reason wire.Reason) *session {
		return &session{hello: wire.ServerHello{ID: id, Reason: reason}}
	}
	now := func(id string, activities ...wire.Activity) *session {
		s := &session{dialect: wire.Current, hello: wire.ServerHello{ID: id}}
		s.activity.Store(&wire.Activation{Activities: activities})
		return s
	}
	busy := func(s *session) *session { s.pairing.Store(true); return s }
	const d, p = wire.Discovery, wire.Playback
	const plays, pairs = wire.PlaybackActivity, wire.PairingActivity
	tests := []struct {
		name       string
		fresh, old *session
		last       string
		want       bool
	}{
		{"playback over discovery", old("b", p), old("a", d), "", true},
		{"playback over playback", old("b", p), old("a", p), "a", true},
		{"discovery, the other plays", old("b", d), old("a", p), "b", false},
		{"discovery, last played", old("b", d), old("a", d), "b", true},
		{"discovery, the other was last", old("b", d), old("a", d), "a", false},
		{"discovery, no history", old("b", d), old("a", d), "", false},
		{"the same server anew", old("a", d), old("a", p), "", true},

		{"plays over idle", now("b", plays), now("a"), "", true},
		{"plays over plays", now("b", plays), now("a", plays), "", true},
		{"plays over an admitted pairing that has not begun", now("b", plays), now("a", pairs), "", true},
		{"plays, a pairing is in progress", now("b", plays), busy(now("a", pairs)), "", false},
		{"pairs, a pairing is in progress", now("b", pairs), busy(now("a", pairs)), "", false},
		{"pairs, the other plays", now("b", pairs), now("a", plays), "", false},
		{"pairs over idle", now("b", pairs), now("a"), "", true},
		{"idle, the other plays", now("b"), now("a", plays), "b", false},
		{"idle, last played", now("b"), now("a"), "b", true},
		{"idle, no history", now("b"), now("a"), "", false},
		{"both dialects", now("b", plays), old("a", d), "", true},
	}
	for _, test := range tests {
		if got := prefer(test.fresh, test.old, test.last); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// The table of activities that the key of a session allows.
func TestJudge(t *testing.T) {
	const plays, pairs = wire.PlaybackActivity, wire.PairingActivity
	roles := []wire.Role{wire.PlayerV1}
	offered := PairingConfig{Show: func(string) {}}.methods()
	tests := []struct {
		name     string
		a        []wire.Activity
		method   wire.PairMethod
		roles    []wire.Role
		key      noise.Category
		unpaired bool
		want     verdict
	}{
		{"paired plays", []wire.Activity{plays}, "", roles, noise.LongTerm, false, verdict{}},
		{"paired idles with roles", nil, "", roles, noise.LongTerm, false, verdict{}},
		{"paired pairs", []wire.Activity{pairs}, wire.PairDynamic, nil, noise.LongTerm, true, verdict{goodbye: wire.Unauthorized}},
		{"unpaired plays", []wire.Activity{plays}, "", roles, noise.Unpaired, true, verdict{}},
		{"unpaired must not play", []wire.Activity{plays}, "", roles, noise.Unpaired, false, verdict{goodbye: wire.PairingRequired}},
		{"unpaired must not have roles", nil, "", roles, noise.Unpaired, false, verdict{goodbye: wire.PairingRequired}},
		{"unpaired idles", nil, "", nil, noise.Unpaired, false, verdict{}},
		{"unpaired pairs", []wire.Activity{pairs}, wire.PairDynamic, nil, noise.Unpaired, false, verdict{}},
		{"unpaired pairs and plays", []wire.Activity{plays, pairs}, wire.PairDynamic, roles, noise.Unpaired, true, verdict{}},
		{"by token pairs", []wire.Activity{pairs}, wire.PairPSK, nil, noise.Pairing, false, verdict{}},
		{"by token pairs by code", []wire.Activity{pairs}, wire.PairDynamic, nil, noise.Pairing, false, verdict{abort: true}},
		{"unpaired pairs by token", []wire.Activity{pairs}, wire.PairPSK, nil, noise.Unpaired, false, verdict{abort: true}},
		{"a method that is not offered", []wire.Activity{pairs}, wire.PairStatic, nil, noise.Unpaired, false, verdict{abort: true}},
	}
	for _, test := range tests {
		a := wire.Activation{Activities: test.a}
		if test.method != "" {
			a.Pairing = &wire.ActivePairing{Method: test.method}
			if test.method == wire.PairDynamic {
				a.Pairing.Format = wire.Digits
			}
		}
		if got := judge(a, test.roles, test.key, test.unpaired, offered); got != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestBuffer(t *testing.T) {
	b := newBuffer(10)
	b.put(1, []byte{1}) // without a stream: rejected
	b.start(wire.PlayerStream{Codec: "pcm"})
	b.put(2, make([]byte, 6))
	b.put(3, make([]byte, 6)) // too much
	b.put(4, make([]byte, 4))
	first, ok := b.take()
	if !ok || first.At != 2 || b.dropped != 1 || b.bytes != 4 {
		t.Errorf("%+v, dropped %d, %d bytes", first, b.dropped, b.bytes)
	}
	b.clear(false)
	if _, ok := b.take(); ok || b.bytes != 0 {
		t.Error("clear left something")
	}
	b.put(5, []byte{1})
	second, _ := b.take()
	if second.Epoch == first.Epoch || second.Stream == first.Stream {
		t.Error("a clear must be seen in what follows")
	}
	b.clear(true)
	b.put(6, []byte{1})
	if _, ok := b.take(); ok {
		t.Error("took a chunk after the end")
	}
}

func session4test(t testing.TB) *session {
	t.Helper()
	c, err := New(Config{ID: "a", Formats: []wire.Format{{Codec: "pcm"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &session{
		c: c, out: make(chan outgoing, 64), done: make(chan struct{}), freed: make(chan struct{}, 1),
		metadata: map[string]json.RawMessage{}, controller: map[string]json.RawMessage{},
	}
}

// currentSession is one in the current dialect, as after the first activation.
func currentSession(t testing.TB) *session {
	t.Helper()
	s := session4test(t)
	s.dialect = wire.Current
	a, _ := noise.IdentityOf([32]byte{1})
	b, _ := noise.IdentityOf([32]byte{2})
	_, first, err := noise.Initiate(noise.Terms{Suite: noise.ChaChaPoly, Local: a, Remote: b.Public}, noise.SentinelKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	s.keys, _, err = noise.Respond(noise.Terms{Suite: noise.ChaChaPoly, Local: b, Remote: a.Public}, first, s.c.lookup("x"), true)
	if err != nil {
		t.Fatal(err)
	}
	s.c.cfg.Unpaired = true
	s.c.cfg.Pairing.Show = func(string) {}
	s.roles.Store(&[]wire.Role{wire.PlayerV1})
	s.activity.Store(&wire.Activation{})
	s.conn = &transport.Conn{}
	return s
}

func TestMetadataIsMerged(t *testing.T) {
	s := session4test(t)
	for _, text := range []string{
		`{"type":"server/state","payload":{"metadata":{"timestamp":1,"title":"A","artist":"B","progress":{"track_progress":1,"track_duration":2,"playback_speed":1000}}}}`,
		`{"type":"server/state","payload":{"metadata":{"timestamp":2,"artist":null}}}`,
		`{"type":"server/state","payload":{"controller":{"supported_commands":["play"],"volume":3,"muted":false}}}`,
	} {
		if err := s.text(t.Context(), []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
	st := s.c.Status()
	m := st.Metadata
	if m.Timestamp != 2 || m.Title == nil || *m.Title != "A" || m.Artist != nil || m.Progress == nil || m.Progress.Duration != 2 {
		t.Errorf("%+v", m)
	}
	if len(st.Controller.Commands) != 1 || st.Controller.Volume != 3 {
		t.Errorf("%+v", st.Controller)
	}
}

func FuzzServerMessages(f *testing.F) {
	for _, seed := range []string{
		`{"type":"server/time","payload":{"client_transmitted":1,"server_received":5,"server_transmitted":6}}`,
		`{"type":"stream/start","payload":{"player":{"codec":"pcm","sample_rate":48000,"channels":2,"bit_depth":16}}}`,
		`{"type":"stream/clear","payload":{"roles":["player"]}}`, `{"type":"stream/end"}`,
		`{"type":"server/command","payload":{"player":{"command":"volume","volume":900}}}`,
		`{"type":"server/state","payload":{"metadata":{"title":null,"progress":null},"controller":null}}`,
		`{"type":"group/update","payload":{"playback_state":"playing","group_name":null}}`,
	} {
		f.Add(true, []byte(seed))
	}
	for _, seed := range []string{
		`{"type":"server/activate","payload":{"activities":["playback"],"active_roles":["player@v1","metadata@v1"]}}`,
		`{"type":"server/activate","payload":{"activities":["pairing"],"active_roles":[],"pairing":{"method":"dynamic_pairing_code","format":"digits"}}}`,
		`{"type":"server/activate","payload":{"activities":["pairing"]}}`, `{"type":"noise/handshake","payload":{"data":"AA"}}`,
		`{"type":"server/pair-init","payload":{}}`, `{"type":"server/unpair","payload":{}}`,
	} {
		f.Add(true, []byte(seed))
	}
	f.Add(false, wire.AppendHeader(nil, wire.AudioChunk, -1))
	f.Fuzz(func(t *testing.T, text bool, data []byte) {
		for _, s := range []*session{session4test(t), currentSession(t)} {
			fuzzSession(t, s, text, data)
			close(s.done)
			s.wg.Wait()
		}
	})
}

func fuzzSession(t *testing.T, s *session, text bool, data []byte) {
	s.c.buf.start(wire.PlayerStream{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16})
	var err error
	if text {
		err = s.text(t.Context(), data, 10)
	} else {
		err = s.binary(data)
	}
	var bye leaving
	known := errors.Is(err, wire.ErrMalformed) || errors.Is(err, noise.ErrNoise) || errors.Is(err, pair.ErrProtocol) || errors.As(err, &bye)
	if err != nil && !known {
		t.Errorf("error %v", err)
	}
	if st := s.c.Status(); st.Volume < 0 || st.Volume > 100 {
		t.Errorf("volume %d", st.Volume)
	}
	if stream := s.c.Stream(); stream != nil && (stream.Rate < 1 || stream.Channels < 1) {
		t.Errorf("stream %+v", stream)
	}
}

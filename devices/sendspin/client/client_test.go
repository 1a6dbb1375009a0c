package client

import (
	"encoding/json"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The specification's table for several servers.
func TestPrefer(t *testing.T) {
	const d, p = wire.Discovery, wire.Playback
	tests := []struct {
		fresh, old wire.ServerHello
		last       string
		want       bool
	}{
		{wire.ServerHello{ID: "b", Reason: p}, wire.ServerHello{ID: "a", Reason: d}, "", true},
		{wire.ServerHello{ID: "b", Reason: p}, wire.ServerHello{ID: "a", Reason: p}, "a", true},
		{wire.ServerHello{ID: "b", Reason: d}, wire.ServerHello{ID: "a", Reason: p}, "b", false},
		{wire.ServerHello{ID: "b", Reason: d}, wire.ServerHello{ID: "a", Reason: d}, "b", true},
		{wire.ServerHello{ID: "b", Reason: d}, wire.ServerHello{ID: "a", Reason: d}, "a", false},
		{wire.ServerHello{ID: "b", Reason: d}, wire.ServerHello{ID: "a", Reason: d}, "", false},
		{wire.ServerHello{ID: "a", Reason: d}, wire.ServerHello{ID: "a", Reason: p}, "", true},
	}
	for _, test := range tests {
		if got := prefer(test.fresh, test.old, test.last); got != test.want {
			t.Errorf("prefer(%+v, %+v, %q) = %v", test.fresh, test.old, test.last, got)
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
	return &session{c: c, metadata: map[string]json.RawMessage{}, controller: map[string]json.RawMessage{}}
}

func TestMetadataIsMerged(t *testing.T) {
	s := session4test(t)
	for _, text := range []string{
		`{"type":"server/state","payload":{"metadata":{"timestamp":1,"title":"A","artist":"B","progress":{"track_progress":1,"track_duration":2,"playback_speed":1000}}}}`,
		`{"type":"server/state","payload":{"metadata":{"timestamp":2,"artist":null}}}`,
		`{"type":"server/state","payload":{"controller":{"supported_commands":["play"],"volume":3,"muted":false}}}`,
	} {
		if err := s.text([]byte(text), 0); err != nil {
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
	f.Add(false, wire.AppendHeader(nil, wire.AudioChunk, -1))
	f.Fuzz(func(t *testing.T, text bool, data []byte) {
		s := session4test(t)
		s.c.buf.start(wire.PlayerStream{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16})
		var err error
		if text {
			err = s.text(data, 10)
		} else {
			err = s.binary(data)
		}
		if err != nil && !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("error %v", err)
		}
		if st := s.c.Status(); st.Volume < 0 || st.Volume > 100 {
			t.Errorf("volume %d", st.Volume)
		}
		if stream := s.c.Stream(); stream != nil && (stream.Rate < 1 || stream.Channels < 1) {
			t.Errorf("stream %+v", stream)
		}
	})
}

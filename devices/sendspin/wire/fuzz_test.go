package wire

import (
	"errors"
	"testing"
)

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		`{"type":"client/hello","payload":{"client_id":"a","name":"b","version":1,"supported_roles":["player@v1","artwork@v1"],"player@v1_support":{"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":16}],"buffer_capacity":1000,"supported_commands":["volume"]},"artwork@v1_support":{"channels":[{"source":"album","format":"jpeg","media_width":1,"media_height":1}]}}}`,
		`{"type":"client/time","payload":{"client_transmitted":1}}`,
		`{"type":"client/state","payload":{"state":"synchronized","player":{"volume":3,"muted":true,"static_delay_ms":4}}}`,
		`{"type":"client/state","payload":{"player":{"state":"error","supported_commands":["set_static_delay"]}}}`,
		`{"type":"client/command","payload":{"controller":{"command":"volume","volume":7}}}`,
		`{"type":"client/goodbye","payload":{"reason":"restart"}}`,
		`{"type":"stream/request-format","payload":{"player":{"codec":"opus"}}}`,
		`{"type":"stream/start","payload":{"player":{"codec":"flac","sample_rate":1,"channels":1,"bit_depth":1,"codec_header":"ZkxhQw=="}}}`,
		`{"type":"server/state","payload":{"metadata":{"title":null,"progress":{"track_progress":1}}}}`,
		`{"type":"client/state","payload":null}`, `{"type":7}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("Parse: %v", err)
			}
			return
		}
		h, err := ParseClientHello(m)
		if err == nil && (h.ID == "" || h.Name == "" || len(h.Name) > maxName || len(h.Roles) > maxList) {
			t.Errorf("accepted %+v", h)
		}
		for _, r := range Activate(h.Roles, []Role{PlayerV1, ControllerV1}) {
			if r == PlayerV1 && (h.Player == nil || len(h.Player.Formats) == 0 || h.Player.BufferCapacity <= 0) {
				t.Error("a player without formats or buffer is active")
			}
		}
		s, err := ParseClientState(Cleartext, m)
		if err == nil && s.Player != nil && s.Player.Volume != nil && (*s.Player.Volume < 0 || *s.Player.Volume > 100) {
			t.Errorf("volume %d", *s.Player.Volume)
		}
		if c, err := ParseClientCommand(m); err == nil && c.Controller != nil && c.Controller.Command == "mute" && c.Controller.Mute == nil {
			t.Error("mute without its value")
		}
		for _, v := range []any{new(ClientTime), new(ServerTime), new(StreamStart), new(Roles), new(ServerState), new(ServerCommand), new(GroupUpdate), new(RequestFormat), new(ClientGoodbye)} {
			if err := m.Decode(v); err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("Decode: %v", err)
			}
		}
	})
}

func FuzzBinary(f *testing.F) {
	f.Add(append(AppendHeader(nil, AudioChunk, 1<<40), 1, 2, 3))
	f.Add([]byte{4, 0, 0})
	f.Fuzz(func(t *testing.T, message []byte) {
		kind, at, data, err := ParseBinary(message)
		if err != nil {
			return
		}
		if again := append(AppendHeader(nil, kind, at), data...); string(again) != string(message) {
			t.Errorf("%x became %x", message, again)
		}
	})
}

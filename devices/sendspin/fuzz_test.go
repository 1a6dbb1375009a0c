package sendspin

import (
	"errors"
	"testing"

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
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := New(Config{ID: "s"})
		if err != nil {
			t.Fatal(err)
		}
		p := newPlayer(s, nil, wire.ClientHello{
			ID: "a", Roles: []wire.Role{wire.PlayerV1, wire.ControllerV1},
			Player: &wire.PlayerSupport{BufferCapacity: 1000, Commands: []string{"volume"}},
		})
		s.roster.players["a"] = p
		m, err := wire.Parse(data)
		if err != nil {
			return
		}
		var bye *GoodbyeError
		if err := p.handle(m, 1); err != nil && !errors.Is(err, wire.ErrMalformed) && !errors.As(err, &bye) {
			t.Errorf("handle: %v", err)
		}
		st := p.State()
		if st.Volume < -1 || st.Volume > 100 || st.OutputDelay < 0 || st.RequiredLead < 0 || st.Approved {
			t.Errorf("state %+v", st)
		}
		for _, e := range s.roster.pending {
			if e.Kind == Commanded {
				t.Errorf("an unapproved client commanded %+v", e.Command)
			}
		}
	})
}

package wire

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseClientHello(t *testing.T) {
	support := `"player@v1_support":{"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":16}],"buffer_capacity":1000,"supported_commands":[]}`
	tests := []struct {
		name, payload string
		ok            bool
	}{
		{"a player", `{"client_id":"a","name":"b","version":1,"supported_roles":["player@v1"],` + support + `}`, true},
		{"no name takes the id", `{"client_id":"a","version":1,"supported_roles":["metadata@v1"]}`, true},
		{"unknown roles and fields", `{"client_id":"a","name":"b","version":1,"supported_roles":["_x","y@v9"],"new":{"a":[1]}}`, true},
		{"no id", `{"name":"b","version":1,"supported_roles":[]}`, false},
		{"a long id", `{"client_id":"` + strings.Repeat("a", 257) + `","version":1}`, false},
		{"another version", `{"client_id":"a","version":2}`, false},
		{"a player without support", `{"client_id":"a","version":1,"supported_roles":["player@v1"]}`, false},
		{"no formats", `{"client_id":"a","version":1,"supported_roles":["player@v1"],"player@v1_support":{"buffer_capacity":1}}`, false},
		{"no buffer", `{"client_id":"a","version":1,"supported_roles":["player@v1"],` + strings.Replace(support, "1000", "0", 1) + `}`, false},
		{"absurd rate", `{"client_id":"a","version":1,"supported_roles":["player@v1"],` + strings.Replace(support, "48000", "-1", 1) + `}`, false},
		{"wrong kind", `{"client_id":7}`, false},
		{"null", `null`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := Parse([]byte(`{"type":"client/hello","payload":` + test.payload + `}`))
			if err != nil {
				t.Fatal(err)
			}
			h, err := ParseClientHello(m)
			switch {
			case test.ok && (err != nil || h.Name == ""):
				t.Errorf("%+v, %v", h, err)
			case !test.ok && !errors.Is(err, ErrMalformed):
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestActivate(t *testing.T) {
	ours := []Role{PlayerV1, ControllerV1, MetadataV1}
	got := Activate([]Role{"player@v2", PlayerV1, "_x@v1", ControllerV1, "controller@v9", "artwork@v1", PlayerV1}, ours)
	if !slices.Equal(got, []Role{PlayerV1, ControllerV1}) {
		t.Errorf("active: %v", got)
	}
}

// The bytes as the specification has them.
func TestChunkBytes(t *testing.T) {
	got := append(AppendHeader(nil, AudioChunk, 0x0102030405060708), 0xAA)
	if want := []byte{4, 1, 2, 3, 4, 5, 6, 7, 8, 0xAA}; !slices.Equal(got, want) {
		t.Errorf("% x", got)
	}
}

func TestTextTooLong(t *testing.T) {
	if _, err := Parse(make([]byte, MaxText+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("error %v", err)
	}
}

func TestStateOfSendspinJS(t *testing.T) {
	m := Message{Type: TypeClientState, Payload: []byte(`{"player":{"state":"error","volume":5}}`)}
	s, err := ParseClientState(Cleartext, m)
	if err != nil || s.State != InError || *s.Player.Volume != 5 {
		t.Errorf("%+v, %v", s, err)
	}
	m.Payload = []byte(`{"player":{"volume":101}}`)
	if _, err := ParseClientState(Cleartext, m); !errors.Is(err, ErrMalformed) {
		t.Errorf("volume 101: %v", err)
	}
}

// sendspin-js 4.0.0 speaks a draft of the current dialect.
func TestHelloOfADraft(t *testing.T) {
	payload := `{"name":"Browser","supported_roles":["player@v1"],"supported_pair_methods":[{"method":"pairing_psk"}],` +
		`"player@v1_support":{"supported_formats":[{"codec":"pcm","sample_rate":48000,"channels":2,"bit_depth":16}],` +
		`"buffer_capacity":1000,"supported_commands":["volume","mute"]},"unpaired_access":{"enabled":true}}`
	h, err := ParseHelloNow(Message{Type: TypeClientHello, Payload: []byte(payload)}, "id")
	if err != nil {
		t.Fatal(err)
	}
	if p := h.Pairing; !p.Listed || p.PSK != nil || p.Static != nil || p.Dynamic != nil || len(h.Player.Commands) != 2 {
		t.Errorf("%+v %+v", p, h.Player)
	}
	text, err := EncodeIn(Current, TypeClientHello, h)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseHelloNow(m, "id"); err != nil || !reflect.DeepEqual(again, h) {
		t.Errorf("%+v, %v", again, err)
	}
	payload = strings.ReplaceAll(payload, `[{"method":"pairing_psk"}]`, `{}`)
	h, err = ParseHelloNow(Message{Type: TypeClientHello, Payload: []byte(payload)}, "id")
	if err != nil || h.Pairing.Listed || h.Player.Commands != nil {
		t.Errorf("%+v %+v, %v", h.Pairing, h.Player, err)
	}
}

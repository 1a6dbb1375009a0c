package sendspin_test

import (
	"encoding/json"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

type messageVector struct {
	Name    string          `json:"name"`
	Dialect string          `json:"dialect"`
	From    string          `json:"from"`
	JSON    json.RawMessage `json:"message"`
}

// Every message of both dialects as this implementation writes it.
func TestVectorsMessages(t *testing.T) {
	var all []messageVector
	add := func(name, who string, kind wire.Type, payload any, dialects ...wire.Dialect) {
		if dialects == nil {
			dialects = []wire.Dialect{wire.Cleartext, wire.Current}
		}
		for _, d := range dialects {
			text, err := wire.EncodeIn(d, kind, payload)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, messageVector{name, d.String(), who, text})
		}
	}
	yes, no := true, false
	num := func(n int) *int { return &n }
	text := func(s string) *string { return &s }
	formats := []wire.Format{{Codec: "flac", Channels: 2, Rate: 44100, Bits: 16}, {Codec: "pcm", Channels: 2, Rate: 48000, Bits: 24}}

	clientID := fixedIdentity(t, 0x41).ID()
	hello := wire.ClientHello{
		ID: "kitchen", Name: "Kitchen", Version: wire.Version,
		Device:  &wire.DeviceInfo{Product: "Shelf", Manufacturer: "Acme", Version: "1.2.3", MAC: "aa:bb:cc:dd:ee:ff"},
		Roles:   []wire.Role{wire.PlayerV1, wire.ControllerV1, wire.MetadataV1, wire.ArtworkV1, wire.JumpgateV1},
		Player:  &wire.PlayerSupport{Formats: formats, BufferCapacity: 1 << 20, Commands: []string{"volume", "mute"}},
		Artwork: &wire.ArtworkSupport{Channels: []wire.ArtworkChannel{{Source: "album", Format: "jpeg", Width: 240, Height: 240}}},
	}
	add("client/hello", "client", wire.TypeClientHello, hello, wire.Cleartext)
	hello.ID = clientID
	hello.Roles = append(hello.Roles, wire.ColorV1, wire.VisualizerV1, wire.SourceV1)
	hello.Source = &wire.SourceSupport{Features: &wire.SourceFeatures{LineSense: true}}
	hello.Visualizer = &wire.VisualizerSupport{BufferCapacity: 8192}
	hello.Pairing = wire.PairMethods{
		PSK:     &wire.PairPlace{Locations: []string{"device"}},
		Dynamic: &wire.PairEmitter{Channels: []string{"display"}, Formats: []wire.CodeFormat{wire.Digits, wire.QRCode}},
	}
	hello.Unpaired.Enabled = true
	add("client/hello", "client", wire.TypeClientHello, hello, wire.Current)

	serverHello := wire.ServerHello{ID: "house", Name: "House", Version: wire.Version, Active: []wire.Role{wire.PlayerV1}, Reason: wire.Playback}
	serverHello.Languages = []string{"ko", "en"}
	serverHello.Source = &wire.SourceSupport{Codecs: []string{"flac", "pcm"}}
	add("server/hello", "server", wire.TypeServerHello, serverHello)
	roles := []wire.Role{wire.PlayerV1, wire.MetadataV1}
	add("server/activate: roles, nothing plays", "server", wire.TypeServerActivate, wire.Activation{Activities: []wire.Activity{}, Roles: &roles}, wire.Current)
	add("server/activate: plays, the roles stay", "server", wire.TypeServerActivate, wire.Activation{Activities: []wire.Activity{wire.PlaybackActivity}}, wire.Current)
	none := []wire.Role{}
	add("server/activate: pairing", "server", wire.TypeServerActivate, wire.Activation{
		Activities: []wire.Activity{wire.PairingActivity}, Roles: &none,
		Pairing: &wire.ActivePairing{Method: wire.PairDynamic, Format: wire.Digits},
	}, wire.Current)
	add("server/unpair", "server", wire.TypeServerUnpair, wire.Empty{}, wire.Current)

	add("client/time", "client", wire.TypeClientTime, wire.ClientTime{Transmitted: 1_000_001})
	add("server/time", "server", wire.TypeServerTime, wire.ServerTime{ClientTransmitted: 1_000_001, Received: 9_000_000, Transmitted: 9_000_120})
	add("client/state", "client", wire.TypeClientState, wire.ClientState{
		State: wire.Synchronized,
		Player: &wire.PlayerStateDelta{
			Volume: num(40), Muted: &no, OutputDelay: num(12), RequiredLead: num(100), MinimumBuffer: num(80),
			Commands: []string{"volume", "mute"}, Format: &formats[1], Whole: true,
		},
		Source:     &wire.SourceState{Signal: "present"},
		Artwork:    &wire.ArtworkSupport{Channels: []wire.ArtworkChannel{{Source: "album", Format: "jpeg", Width: 240, Height: 240}}},
		Visualizer: &wire.Visualizer{Types: []string{"loudness", "spectrum"}, RateMax: 30, Spectrum: &wire.Spectrum{Bins: 16, Scale: "mel", Min: 40, Max: 16000}},
	})
	add("client/state: taken by another source", "client", wire.TypeClientState, wire.ClientState{State: wire.ExternalSource})
	add("client/command: volume", "client", wire.TypeClientCommand, wire.ClientCommand{Controller: &wire.ControllerCommand{Command: "volume", Volume: num(33)}})
	position := int64(61_500)
	add("client/command: seek", "client", wire.TypeClientCommand, wire.ClientCommand{Controller: &wire.ControllerCommand{Command: "seek", Position: &position}}, wire.Current)
	for _, c := range []string{"jump", "like", "dislike"} {
		add("client/command: "+c, "client", wire.TypeClientCommand, wire.ClientCommand{Jumpgate: &wire.JumpgateCommand{Command: c}})
	}
	add("client/leave", "client", wire.TypeClientLeave, wire.Empty{}, wire.Current)
	add("client/goodbye", "client", wire.TypeClientGoodbye, wire.ClientGoodbye{Reason: wire.AnotherServer})
	add("stream/request-format", "client", wire.TypeRequestFormat, wire.RequestFormat{Player: &wire.FormatDelta{Codec: "pcm", Rate: 48000}}, wire.Cleartext)
	add("client-stream/start", "client", wire.TypeInputStart, wire.InputStart{Source: &wire.PlayerStream{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}}, wire.Current)
	add("client-stream/end", "client", wire.TypeInputEnd, wire.Empty{}, wire.Current)

	flac := &wire.PlayerStream{Codec: "flac", Rate: 44100, Channels: 2, Bits: 16, Header: []byte("fLaC\x80\x00\x00\x22")}
	add("stream/start", "server", wire.TypeStreamStart, wire.StreamStart{Player: flac}, wire.Cleartext)
	add("stream/start", "server", wire.TypeStreamStart, wire.StreamStart{
		Transmitted: 9_100_000, Player: flac,
		Artwork:    &wire.ArtworkStream{Channels: []wire.ArtworkPicture{{Source: "none"}, {Source: "album", Format: "png", Width: 64, Height: 64}}},
		Visualizer: &wire.Visualizer{Types: []string{"loudness"}, RateMax: 30},
	}, wire.Current)
	add("stream/clear", "server", wire.TypeStreamClear, wire.Roles{Roles: []string{"player"}}, wire.Cleartext)
	add("stream/clear", "server", wire.TypeStreamClear, wire.Roles{Transmitted: 9_200_000, Roles: []string{"player"}}, wire.Current)
	add("stream/end", "server", wire.TypeStreamEnd, wire.Roles{Roles: []string{"player"}})
	add("group/update", "server", wire.TypeGroupUpdate, wire.GroupUpdate{State: "playing", ID: "z1", Name: "Living room"})
	add("server/command: volume", "server", wire.TypeServerCommand, wire.ServerCommand{Player: &wire.PlayerCommand{Command: "volume", Volume: num(25)}})
	add("server/command: mute", "server", wire.TypeServerCommand, wire.ServerCommand{Player: &wire.PlayerCommand{Command: "mute", Mute: &yes}})
	add("server/command: output delay", "server", wire.TypeServerCommand, wire.ServerCommand{Player: &wire.PlayerCommand{Command: "set_output_delay", OutputDelay: num(120)}})
	add("server/command: source", "server", wire.TypeServerCommand, wire.ServerCommand{Source: &wire.SourceCommand{Command: "start"}}, wire.Current)
	add("server/state: metadata", "server", wire.TypeServerState, wire.ServerState{Metadata: &wire.Metadata{
		Timestamp: 9_300_000, Title: text("봄날"), Artist: text("방탄소년단"), Year: num(2017),
		Progress: &wire.Progress{Position: 1000, Duration: 274_000, Speed: 1000}, Repeat: text("off"), Shuffle: &no,
	}})
	add("server/state: nothing plays", "server", wire.TypeServerState, wire.ServerState{Metadata: &wire.Metadata{Timestamp: 9_300_000}})
	add("server/state: controller", "server", wire.TypeServerState, wire.ServerState{Controller: &wire.Controller{
		Commands: []string{"play", "pause", "seek"}, Volume: 40, Repeat: "all", Shuffle: true, SeekMax: 274_000,
	}})
	add("server/state: color", "server", wire.TypeServerState, wire.ServerState{Color: &wire.Color{Timestamp: 9_300_000, Primary: &wire.RGB{200, 30, 40}}}, wire.Current)
	add("server/state: _jumpgate", "server", wire.TypeServerState, wire.ServerState{Jumpgate: &wire.Jumpgate{Commands: []string{"jump", "like", "dislike"}, Rating: "like"}})
	golden(t, "messages.json", all)

	// What is written is read back.
	for _, v := range all {
		m, err := wire.Parse(v.JSON)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		d := wire.Cleartext
		if v.Dialect == wire.Current.String() {
			d = wire.Current
		}
		switch m.Type {
		case wire.TypeClientHello:
			if d == wire.Current {
				_, err = wire.ParseHelloNow(m, clientID)
			} else {
				_, err = wire.ParseClientHello(m)
			}
		case wire.TypeClientState:
			_, err = wire.ParseClientState(d, m)
		case wire.TypeClientCommand:
			_, err = wire.ParseClientCommand(m)
		case wire.TypeServerActivate:
			_, err = wire.ParseActivation(m)
		case wire.TypeInputStart:
			_, err = wire.ParseInputStart(m)
		default:
		}
		if err != nil {
			t.Errorf("%s (%s): %v", v.Name, v.Dialect, err)
		}
	}
}

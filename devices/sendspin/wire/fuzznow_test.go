package wire

import (
	"errors"
	"testing"
)

// Every text message of the current dialect: what is accepted keeps its bounds,
// and every error is ErrMalformed.
func FuzzTextNow(f *testing.F) {
	for _, seed := range []string{
		`{"type":"client/hello","payload":{"name":"b","supported_roles":["player@v2","player@v1","source@v1","visualizer@v1","artwork@v1","_x@v1"],"player@v1_support":{"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":16}],"buffer_capacity":1000},"source@v1_support":{"features":{"line_sense":true}},"visualizer@v1_support":{"buffer_capacity":9},"supported_pair_methods":{"pairing_psk":{"locations":["device"]},"dynamic_pairing_code":{"out_channels":["display"],"formats":["digits","qr_code"]}},"unpaired_access":{"enabled":true}}}`,
		`{"type":"client/hello","payload":{"name":"b","supported_roles":["player@v1"],"player@v1_support":{"supported_formats":[{"codec":"pcm","channels":2,"sample_rate":48000,"bit_depth":16}],"buffer_capacity":1000,"supported_commands":["volume"]},"supported_pair_methods":[{"method":"x"}]}}`,
		`{"type":"server/hello","payload":{"name":"s","languages":["ko","en"],"source@v1_support":{"supported_codecs":["flac","pcm"]}}}`,
		`{"type":"server/activate","payload":{"activities":["playback","pairing","x"],"active_roles":["player@v1"],"pairing":{"method":"dynamic_pairing_code","format":"digits"}}}`,
		`{"type":"client/state","payload":{"available":true,"player":{"volume":3,"muted":true,"output_delay_ms":4,"required_lead_time_ms":5,"min_buffer_ms":6,"supported_commands":["volume"],"format":{"codec":"flac","channels":2,"sample_rate":44100,"bit_depth":16}},"source":{"signal":"present"},"artwork":{"channels":[{"source":"album","format":"jpeg","width":2,"height":3},{"source":"none"}]},"visualizer":{"types":["spectrum"],"rate_max":30,"spectrum":{"n_disp_bins":8,"scale":"mel","f_min":20,"f_max":16000}}}}`,
		`{"type":"server/state","payload":{"metadata":{"timestamp":1,"title":"t","progress":{"track_progress":1,"track_duration":2,"playback_speed":1000}},"controller":{"supported_commands":["seek"],"volume":1,"muted":false,"repeat":"off","shuffle":false,"seek_max_ms":5},"color":{"timestamp":1,"primary":[1,2,3]},"_jumpgate":{"supported_commands":["jump"],"rating":"like"}}}`,
		`{"type":"client-stream/start","payload":{"source":{"codec":"flac","channels":2,"sample_rate":44100,"bit_depth":16,"codec_header":"ZkxhQw=="}}}`,
		`{"type":"stream/start","payload":{"server_transmitted":1,"visualizer":{"types":["beat"],"rate_max":1,"tracks_downbeats":false}}}`,
		`{"type":"pair/abort","payload":{"reason":"user_cancelled"}}`,
		`{"type":"client/command","payload":{"_jumpgate":{"command":"jump"}}}`,
		`{"type":"client/state","payload":{"available":true,"visualizer":{"types":["spectrum"],"rate_max":30}}}`,
		`{"type":"client/state","payload":[]}`, `{"type":"server/activate","payload":{"activities":["pairing"]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		bad := func(what string, err error) bool {
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Fatalf("%s: %v", what, err)
			}
			return err != nil
		}
		if h, err := ParseHelloNow(m, "id"); !bad("hello", err) {
			for _, r := range Activate(h.Roles, []Role{PlayerV1, VisualizerV1, SourceV1}) {
				if !h.supports(r) {
					t.Errorf("%s is active without its object", r)
				}
			}
			if h.Pairing.Dynamic != nil && h.Pairing.Static != nil {
				t.Error("both code methods are kept")
			}
		}
		if s, err := ParseClientState(Current, m); !bad("state", err) {
			if v := s.Visualizer; v != nil && (v.RateMax < 1 || v.Spectrum != nil && v.Spectrum.Max <= v.Spectrum.Min) {
				t.Errorf("accepted %+v", v)
			}
			if s.Artwork != nil && len(s.Artwork.Channels) > 4 {
				t.Errorf("%d artwork channels", len(s.Artwork.Channels))
			}
		}
		if a, err := ParseActivation(m); !bad("activation", err) && a.Has(PairingActivity) && a.Pairing == nil {
			t.Error("pairing without its method")
		}
		if in, err := ParseInputStart(m); !bad("input", err) && (in.Rate < 1 || in.Channels < 1) {
			t.Errorf("accepted %+v", in)
		}
		_, err = ParseServerHelloNow(m, "id")
		bad("server hello", err)
		_, err = ParseServerState(m)
		bad("server state", err)
		for _, v := range []any{new(PairAbort), new(Empty), new(StreamStart), new(ServerCommand)} {
			bad("payload", DecodePairing(m, v))
		}
	})
}

// Every binary message: what is read is what was written.
func FuzzBinaryNow(f *testing.F) {
	f.Add(append(AppendChunkHeader(nil, Current, 1<<40, 5), 1, 2, 3))
	f.Add(AppendAnnounce(nil, 1, 5, 9))
	f.Add(AppendPart(nil, 2, []byte{1}))
	f.Add(AppendCancel(nil, 3))
	f.Add(AppendVisual(nil, VisualSpectrum, 7, 1, 2, 3))
	f.Add(AppendVisualEvent(nil, VisualBeat, 7, 1))
	f.Add(append(AppendHeader(nil, InputChunk, 8), 1))
	f.Fuzz(func(t *testing.T, message []byte) {
		same := func(what string, again []byte) {
			if string(again) != string(message) {
				t.Errorf("%s: %x became %x", what, message, again)
			}
		}
		if c, err := ParseChunk(Current, message); err == nil && c.Ahead > 0 && c.At > c.Ahead {
			same("chunk", append(AppendChunkHeader(nil, Current, c.At, c.At-c.Ahead), c.Data...))
		}
		if at, data, err := ParseInput(message); err == nil {
			same("input", append(AppendHeader(nil, InputChunk, at), data...))
		}
		if a, err := ParseArtwork(message); err == nil {
			switch {
			case a.Announce:
				same("announce", AppendAnnounce(nil, a.Channel, a.At, int(a.Size)))
			case a.Cancel:
				same("cancel", AppendCancel(nil, a.Channel))
			default:
				same("part", AppendPart(nil, a.Channel, a.Data))
			}
		}
		if v, err := ParseVisual(message); err == nil {
			if v.Values != nil {
				same("visual", AppendVisual(nil, v.Kind, v.At, v.Values...))
			} else {
				same("event", AppendVisualEvent(nil, v.Kind, v.At, v.Value))
			}
		}
	})
}

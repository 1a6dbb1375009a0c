package pair

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// carry brings a message over a wire.
func carry(t *testing.T, m Message) wire.Message {
	t.Helper()
	text, err := wire.Encode(m.Type, m.Payload)
	if err != nil {
		t.Fatal(err)
	}
	w, err := wire.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type run struct {
	server      *Server
	client      *Client
	gate        *Gate
	serverStep  ServerStep // the last one that said something
	clientStep  ClientStep
	shown       []string
	serverError error
	clientError error
}

func newRun(t *testing.T, method wire.PairMethod, format wire.CodeFormat, suite noise.Suite) *run {
	t.Helper()
	a := Attempt{Method: method, Format: format, Suite: suite, Hash: [32]byte{1, 2, 3}, Index: 1}
	gate := &Gate{}
	return &run{server: NewServer(a), client: NewClient(a, gate, "12345678"), gate: gate}
}

// toServer and toClient deliver messages and what they lead to, until both are
// silent.
func (r *run) toServer(t *testing.T, list []Message) {
	for _, m := range list {
		step, err := r.server.Receive(carry(t, m))
		if err != nil {
			r.serverError = err
			return
		}
		if step.Pending || step.Round > 0 || step.PSK != nil || step.Aborted != "" {
			r.serverStep = step
		}
		r.toClient(t, step.Send)
	}
}

func (r *run) toClient(t *testing.T, list []Message) {
	for _, m := range list {
		step, err := r.client.Receive(carry(t, m))
		if err != nil {
			r.clientError = err
			return
		}
		r.clientStepped(t, step)
	}
}

func (r *run) clientStepped(t *testing.T, step ClientStep) {
	if step.Show != "" {
		r.shown = append(r.shown, step.Show)
	}
	if step.PSK != nil || step.Aborted != "" {
		r.clientStep = step
	}
	r.toServer(t, step.Send)
}

func (r *run) begin(t *testing.T) {
	t.Helper()
	step, err := r.client.Begin("hold the button")
	if err != nil {
		t.Fatal(err)
	}
	r.clientStepped(t, step)
}

func (r *run) enter(t *testing.T, code string) {
	t.Helper()
	list, err := r.server.Enter(code)
	if err != nil {
		t.Fatal(err)
	}
	r.toClient(t, list)
}

// finish has the server acknowledge what it has kept.
func (r *run) finish(t *testing.T) {
	t.Helper()
	if r.serverError != nil || r.clientError != nil || r.serverStep.PSK == nil {
		t.Fatalf("server %+v %v, client %v", r.serverStep, r.serverError, r.clientError)
	}
	r.toClient(t, []Message{{wire.TypeServerPairFinalize, wire.Empty{}}})
	if r.clientStep.PSK == nil || *r.clientStep.PSK != *r.serverStep.PSK {
		t.Fatalf("client %+v, server %+v", r.clientStep, r.serverStep)
	}
}

func TestEveryMethod(t *testing.T) {
	for _, suite := range []noise.Suite{noise.ChaChaPoly, noise.AESGCM} {
		t.Run("psk/"+string(suite), func(t *testing.T) {
			r := newRun(t, wire.PairPSK, "", suite)
			r.begin(t)
			r.finish(t)
		})
		t.Run("digits/"+string(suite), func(t *testing.T) {
			r := newRun(t, wire.PairDynamic, wire.Digits, suite)
			r.begin(t)
			if r.serverStep.Round != 1 || len(r.shown) != 1 || len(r.shown[0]) != DynamicDigits {
				t.Fatalf("%+v, shown %q", r.serverStep, r.shown)
			}
			r.enter(t, " "+r.shown[0][:3]+"-"+r.shown[0][3:])
			r.finish(t)
		})
		t.Run("QR/"+string(suite), func(t *testing.T) {
			r := newRun(t, wire.PairDynamic, wire.QRCode, suite)
			r.begin(t)
			r.enter(t, strings.ToLower(r.shown[0])+"\n")
			r.finish(t)
		})
		t.Run("static/"+string(suite), func(t *testing.T) {
			r := newRun(t, wire.PairStatic, "", suite)
			r.begin(t)
			if !r.serverStep.Pending || r.serverStep.Message != "hold the button" {
				t.Fatalf("without a window: %+v", r.serverStep)
			}
			r.gate.Open()
			r.begin(t)
			r.enter(t, "1234-5678")
			r.finish(t)
			if r.gate.admits(wire.PairStatic) {
				t.Error("the window is still open")
			}
		})
	}
}

func TestWrongCodesUpToTheLimit(t *testing.T) {
	r := newRun(t, wire.PairDynamic, wire.Digits, noise.ChaChaPoly)
	r.begin(t)
	wrong := "000000"
	if r.shown[0] == wrong {
		wrong = "000001"
	}
	for round := uint32(1); round <= RoundLimit; round++ {
		if r.serverStep.Round != round || len(r.shown) != int(round) || r.shown[0] != r.shown[round-1] {
			t.Fatalf("round %d: %+v, shown %q", round, r.serverStep, r.shown)
		}
		r.enter(t, wrong)
	}
	if r.serverStep.Aborted != wire.AbortMismatch || r.clientStep.Aborted != wire.AbortMismatch {
		t.Fatalf("after the limit: server %+v, client %+v", r.serverStep, r.clientStep)
	}
	again := newRun(t, wire.PairDynamic, wire.Digits, noise.ChaChaPoly)
	again.gate = r.gate
	again.client.gate = r.gate
	again.begin(t)
	if !again.serverStep.Pending {
		t.Fatalf("the next attempt was not held back: %+v", again.serverStep)
	}
	r.gate.Open() // somebody acts at the device
	again.begin(t)
	again.enter(t, wrong)
	again.enter(t, again.shown[0]) // the second round is right
	again.finish(t)
	if r.gate.rounds != 0 {
		t.Errorf("%d rounds are still counted", r.gate.rounds)
	}
}

func TestStaticWindow(t *testing.T) {
	now := time.Unix(0, 0)
	r := newRun(t, wire.PairStatic, "", noise.AESGCM)
	r.gate.Now = func() time.Time { return now }
	r.gate.Open()
	for i := range 5 {
		if !r.gate.admits(wire.PairStatic) {
			t.Fatalf("closed after %d wrong codes", i)
		}
		a := r.client.a
		r.server, r.client = NewServer(a), NewClient(a, r.gate, "12345678")
		r.begin(t)
		r.enter(t, "87654321")
		if r.serverStep.Aborted != wire.AbortMismatch {
			t.Fatalf("%+v", r.serverStep)
		}
	}
	if r.gate.admits(wire.PairStatic) {
		t.Error("open after five wrong codes")
	}
	r.gate.Open()
	now = now.Add(WindowLife)
	if r.gate.admits(wire.PairStatic) {
		t.Error("open after its life")
	}
}

// Somebody in the middle has two handshakes, with two hashes: the code that one
// leg shows is wrong on the other.
func TestManInTheMiddle(t *testing.T) {
	r := newRun(t, wire.PairDynamic, wire.Digits, noise.ChaChaPoly)
	other := r.client.a
	other.Hash = [32]byte{9}
	r.client = NewClient(other, r.gate, "")
	r.begin(t)
	r.enter(t, r.shown[0])
	if r.serverStep.PSK != nil || r.serverStep.Round != 2 {
		t.Errorf("the pairing went on: %+v", r.serverStep)
	}
}

func TestProtocolErrors(t *testing.T) {
	blob := func(n int) wire.Blob { return make([]byte, n) }
	init := Message{wire.TypeClientPairInit, wire.ClientPairInit{Index: 1, Commit: blob(32)}}
	tests := map[string][]Message{
		"a message of a server's":          {{wire.TypeServerPairInit, wire.ServerPairInit{}}},
		"an index that is yet to come":     {{wire.TypeClientPairInit, wire.ClientPairInit{Index: 2, Commit: blob(32)}}},
		"pending of the future":            {{wire.TypePairPending, wire.PairPending{Index: 2}}},
		"a short commitment":               {{wire.TypeClientPairInit, wire.ClientPairInit{Index: 1, Commit: blob(31)}}},
		"two beginnings":                   {init, init},
		"pending after the beginning":      {init, {wire.TypePairPending, wire.PairPending{Index: 1}}},
		"a share before it was asked for":  {init, {wire.TypeClientPairAuth, wire.ClientPairAuth{Share: blob(32)}}},
		"a retry before a try":             {init, {wire.TypePairRetry, wire.Empty{}}},
		"a confirmation before the shares": {init, {wire.TypeClientPairConfirm, wire.ClientPairConfirm{Tag: blob(64)}}},
		"a key before its time":            {init, {wire.TypeClientPairFinalize, wire.ClientPairFinalize{PSK: blob(32)}}},
	}
	for name, list := range tests {
		r := newRun(t, wire.PairDynamic, wire.Digits, noise.ChaChaPoly)
		for i, m := range list {
			_, err := r.server.Receive(carry(t, m))
			if last := i == len(list)-1; last != errors.Is(err, ErrProtocol) {
				t.Errorf("%s: message %d: %v", name, i, err)
			}
		}
	}
	r := newRun(t, wire.PairDynamic, wire.Digits, noise.ChaChaPoly)
	r.begin(t)
	if _, err := r.server.Enter("123456"); err != nil {
		t.Fatal(err)
	}
	low := Message{wire.TypeClientPairAuth, wire.ClientPairAuth{Share: blob(32)}}
	if _, err := r.server.Receive(carry(t, low)); !errors.Is(err, ErrProtocol) {
		t.Errorf("a share of low order: %v", err)
	}
	for _, m := range []Message{
		{wire.TypeServerPairConfirm, wire.ServerPairConfirm{Tag: blob(64)}},
		{wire.TypeServerPairFinalize, wire.Empty{}},
		{wire.TypeClientPairInit, wire.ClientPairInit{}},
	} {
		if _, err := r.client.Receive(carry(t, m)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s at a client that waits for a share: %v", m.Type, err)
		}
	}
	// What is left over from an attempt before is no error.
	for _, m := range []Message{
		{wire.TypeClientPairInit, wire.ClientPairInit{Index: 0}},
		{wire.TypePairPending, wire.PairPending{Index: 0}},
	} {
		if step, err := NewServer(r.server.a).Receive(carry(t, m)); err != nil || step.Round != 0 || step.Pending {
			t.Errorf("%s: %+v, %v", m.Type, step, err)
		}
	}
}

// The specification's own vectors.
func TestTokens(t *testing.T) {
	var token Token
	code := make([]byte, CodeLen)
	for i := range 32 {
		token.Client[i], token.PSK[i] = byte(i), byte(0xe0+i)
		if i < CodeLen {
			code[i] = byte(0xe0 + i)
		}
	}
	const text = "SP:0AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYP6BYPC4PSOLZXH5DU6V97M5XXO74HR6LZ7J5PW674PT6X37T6757Y"
	const short = "SP:14DQ6FY7E4XTOP9HJ5LV6Z3PO57YPD4XT6T97N5Y"
	if token.String() != text || codeToken(code) != short {
		t.Errorf("%s\n%s", token, codeToken(code))
	}
	for _, s := range []string{text, " " + strings.ToLower(text) + "\n", text[3:], text + "AAAAAAAA"} {
		if got, err := ParseToken(s); err != nil || got != token {
			t.Errorf("%q: %v", s, err)
		}
	}
	if got, err := parseCodeToken(short); err != nil || string(got) != string(code) {
		t.Errorf("%x, %v", got, err)
	}
	for _, s := range []string{"", "SP:", short, text[:50], text[:20] + "!" + text[21:], "SP:2" + text[4:], strings.Repeat("A", 2000), "ſP:0" + text[4:]} {
		if _, err := ParseToken(s); !errors.Is(err, ErrCode) {
			t.Errorf("%q was taken: %v", s, err)
		}
	}
	if _, err := entered(wire.PairStatic, "", "1234567"); !errors.Is(err, ErrCode) {
		t.Errorf("seven digits: %v", err)
	}
}

func TestPendingSentence(t *testing.T) {
	if got := sentence(strings.Repeat("눌", 300)); len([]rune(got)) != 200 {
		t.Error(len(got))
	}
}

func FuzzPairing(f *testing.F) {
	for _, seed := range []string{
		`{"type":"client/pair-init","payload":{"pairing_index":1,"commit_B":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`,
		`{"type":"client/pair-pending","payload":{"pairing_index":1,"message":"x"}}`,
		`{"type":"client/pair-auth","payload":{"pake_msg_2":"AAAA"}}`, `{"type":"client/pair-retry","payload":{}}`,
		`{"type":"client/pair-confirm","payload":{"client_kc":"","wrapped_nonce_B":"AA"}}`,
		`{"type":"client/pair-finalize","payload":{"long_term_psk":"AA"}}`, `{"type":"pair/abort","payload":{"reason":"user_cancelled"}}`,
		`{"type":"server/pair-init","payload":{"nonce_A":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`,
		`{"type":"server/pair-auth","payload":{"pake_msg_1":"AAAA"}}`, `{"type":"server/pair-confirm","payload":{"server_kc":"AAAA"}}`,
	} {
		f.Add([]byte(seed), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		for _, method := range []wire.PairMethod{wire.PairPSK, wire.PairDynamic, wire.PairStatic} {
			a := Attempt{Method: method, Format: wire.Digits, Suite: noise.ChaChaPoly, Index: 1}
			s, c := NewServer(a), NewClient(a, &Gate{}, "12345678")
			if _, err := c.Begin(""); err != nil {
				t.Fatal(err)
			}
			for _, text := range [][]byte{one, two} {
				m, err := wire.Parse(text)
				if err != nil || !json.Valid(m.Payload) {
					continue
				}
				step, err := s.Receive(m)
				if err != nil && !errors.Is(err, ErrProtocol) {
					t.Error(err)
				}
				if step.PSK != nil && method != wire.PairPSK {
					t.Error("a key without a code")
				}
				_, _ = s.Enter("123456")
				if _, err := c.Receive(m); err != nil && !errors.Is(err, ErrProtocol) {
					t.Error(err)
				}
			}
		}
	})
}

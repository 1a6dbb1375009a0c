package sendspin_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

// golden compares what the code makes with the file that other implementations
// are tested against.
func golden(t *testing.T, name string, vectors any) {
	t.Helper()
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(vectors); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "vectors", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what the code makes: look at the difference, then go test ./devices/sendspin -run Vectors -update", path)
	}
}

// counting is randomness for vectors: bytes that count up from a start.
type counting byte

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*c)
		*c++
	}
	return len(p), nil
}

func from(start byte) io.Reader { c := counting(start); return &c }

func fixedIdentity(t *testing.T, start byte) noise.Identity {
	t.Helper()
	id, err := noise.NewIdentity(from(start))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func fixedPSK(start byte) (k noise.PSK) {
	_, _ = io.ReadFull(from(start), k[:])
	return k
}

type handshakeVector struct {
	Name            string      `json:"name"`
	Suite           noise.Suite `json:"suite"`
	ServerPrivate   string      `json:"server_private"`
	ServerID        string      `json:"server_id"`
	ClientPrivate   string      `json:"client_private"`
	ClientID        string      `json:"client_id"`
	PSK             string      `json:"psk"`
	PSKID           string      `json:"psk_id"`
	Category        string      `json:"psk_category"`
	ClientHolds     bool        `json:"client_holds_psk"`
	ServerEphemeral string      `json:"server_ephemeral_private"`
	ClientEphemeral string      `json:"client_ephemeral_private"`
	ClientInit      string      `json:"client_init,omitempty"`
	ServerInit      string      `json:"server_init,omitempty"`
	Prologue        string      `json:"prologue"`
	Payload1        string      `json:"message_1_payload"`
	Message1        string      `json:"message_1"`
	Message2        string      `json:"message_2"`
	Hash            string      `json:"handshake_hash"`
	Mismatch        bool        `json:"mismatch"`
	Transport       []sealed    `json:"transport"`
}

type sealed struct {
	From    string   `json:"from"`
	Plain   string   `json:"plaintext,omitempty"`
	Ciphers []string `json:"websocket_messages,omitempty"`
	// Of a long message: how many bytes it has, and SHA-256 of what is sent.
	Counts int      `json:"plaintext_counts_to,omitempty"`
	Sums   []string `json:"websocket_messages_sha256,omitempty"`
}

func TestVectorsHandshake(t *testing.T) {
	paired := noise.Key{PSK: fixedPSK(0xa0), Category: noise.LongTerm}
	token := noise.Key{PSK: fixedPSK(0xc0), Category: noise.Pairing}
	var all []handshakeVector
	for _, suite := range []noise.Suite{noise.ChaChaPoly, noise.AESGCM} {
		first, server, client := shakeFixed(t, "unpaired", suite, noise.SentinelKey(), true, nil, nil)
		again, _, _ := shakeFixed(t, "re-handshake of the session above, to a long-term key", suite, paired, true, server, client)
		byToken, _, _ := shakeFixed(t, "by a pairing key", suite, token, true, nil, nil)
		long, _, _ := shakeFixed(t, "paired", suite, paired, true, nil, nil)
		lost, _, _ := shakeFixed(t, "the client has lost the key: sentinel fallback", suite, paired, false, nil, nil)
		all = append(all, first, again, byToken, long, lost)
	}
	golden(t, "handshake.json", all)
}

// shakeFixed runs a handshake with fixed keys; with sessions, one within them.
func shakeFixed(t *testing.T, name string, suite noise.Suite, key noise.Key, holds bool, oldServer, oldClient *noise.Session) (handshakeVector, *noise.Session, *noise.Session) {
	t.Helper()
	s, c := fixedIdentity(t, 0x01), fixedIdentity(t, 0x41)
	v := handshakeVector{
		Name: name, Suite: suite, ServerPrivate: hex.EncodeToString(s.Private[:]), ServerID: s.ID(),
		ClientPrivate: hex.EncodeToString(c.Private[:]), ClientID: c.ID(), PSK: hex.EncodeToString(key.PSK[:]),
		PSKID: key.PSK.ID(), Category: string(key.Category), ClientHolds: holds,
	}
	serverTerms := noise.Terms{Suite: suite, Local: s, Remote: c.Public}
	clientTerms := noise.Terms{Suite: suite, Local: c, Remote: s.Public}
	if oldServer != nil {
		serverTerms, clientTerms = oldServer.Again(), oldClient.Again()
	} else {
		clientInit, _ := noise.EncodeClientInit(c.ID(), suite)
		serverInit, _ := noise.EncodeServerInit(s.ID())
		v.ClientInit, v.ServerInit = string(clientInit), string(serverInit)
		serverTerms.Prologue = noise.Prologue(clientInit, serverInit)
		clientTerms.Prologue = serverTerms.Prologue
	}
	v.Prologue = hex.EncodeToString(serverTerms.Prologue)
	serverTerms.Random, clientTerms.Random = from(0x61), from(0x81)
	e1, e2 := fixedPSK(0x61), fixedPSK(0x81)
	v.ServerEphemeral, v.ClientEphemeral = hex.EncodeToString(e1[:]), hex.EncodeToString(e2[:])
	v.Payload1 = `{"psk_id":"` + key.PSK.ID() + `","psk_category":"` + string(key.Category) + `"}`

	i, m1, err := noise.Initiate(serverTerms, key, oldServer == nil)
	if err != nil {
		t.Fatal(err)
	}
	find := func(id string, category noise.Category) (noise.PSK, bool, error) {
		return key.PSK, holds && id == key.PSK.ID() && category == key.Category, nil
	}
	client, m2, err := noise.Respond(clientTerms, m1, find, oldServer == nil)
	if err != nil {
		t.Fatal(err)
	}
	server, err := i.Finish(m2)
	if err != nil {
		t.Fatal(err)
	}
	v.Message1, v.Message2 = hex.EncodeToString(m1), hex.EncodeToString(m2)
	v.Hash, v.Mismatch = hex.EncodeToString(server.Hash[:]), server.Mismatch
	long := make([]byte, noise.MaxPlain+100)
	for i := range long {
		long[i] = byte(i)
	}
	long[0] = wire.AudioChunk
	v.Transport = append(v.Transport,
		seal(t, "server", server, []byte(`{"type":"server/hello","payload":{"name":"Jumpgate"}}`), true),
		seal(t, "client", client, []byte(`{"type":"client/time","payload":{"client_transmitted":7}}`), true),
		seal(t, "server", server, []byte{wire.AudioChunk, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0xff}, false))
	if name == "unpaired" { // a long one once, it is long
		v.Transport = append(v.Transport, summed(seal(t, "server", server, long, false), len(long)))
	}
	return v, server, client
}

func seal(t *testing.T, who string, s *noise.Session, message []byte, text bool) sealed {
	t.Helper()
	if text {
		message = append([]byte{noise.KindJSON}, message...)
	}
	v := sealed{From: who, Plain: hex.EncodeToString(message)}
	if err := s.Sealer.Seal(message, func(b []byte) error { v.Ciphers = append(v.Ciphers, hex.EncodeToString(b)); return nil }); err != nil {
		t.Fatal(err)
	}
	return v
}

// summed shortens a vector to sums.
func summed(v sealed, n int) sealed {
	short := sealed{From: v.From, Counts: n}
	for _, c := range v.Ciphers {
		b, _ := hex.DecodeString(c)
		sum := sha256.Sum256(b)
		short.Sums = append(short.Sums, hex.EncodeToString(sum[:]))
	}
	return short
}

type pairingVector struct {
	Name       string          `json:"name"`
	Method     wire.PairMethod `json:"method"`
	Format     wire.CodeFormat `json:"format,omitempty"`
	Suite      noise.Suite     `json:"suite"`
	Hash       string          `json:"handshake_hash"`
	Index      uint32          `json:"pairing_index"`
	StaticCode string          `json:"static_code,omitempty"`
	ServerRand string          `json:"server_random"`
	ClientRand string          `json:"client_random"`
	Shown      string          `json:"client_shows,omitempty"`
	Entered    []string        `json:"operator_enters,omitempty"`
	Messages   []said          `json:"messages"`
	LongTerm   string          `json:"long_term_psk"`
}

type said struct {
	From string          `json:"from"`
	JSON json.RawMessage `json:"message"`
}

func TestVectorsPairing(t *testing.T) {
	token := pair.Token{Client: fixedIdentity(t, 0x41).Public, PSK: fixedPSK(0xc0)}
	all := struct {
		Token struct {
			Text   string `json:"text"`
			Client string `json:"client_key"`
			PSK    string `json:"pairing_psk"`
		} `json:"token"`
		Attempts []pairingVector `json:"attempts"`
	}{}
	all.Token.Text, all.Token.Client, all.Token.PSK = token.String(), hex.EncodeToString(token.Client[:]), hex.EncodeToString(token.PSK[:])
	for _, suite := range []noise.Suite{noise.ChaChaPoly, noise.AESGCM} {
		all.Attempts = append(all.Attempts,
			pairFixed(t, "pairing key", wire.PairPSK, "", suite, nil),
			pairFixed(t, "six digits", wire.PairDynamic, wire.Digits, suite, []string{""}),
			pairFixed(t, "six digits, wrong at first", wire.PairDynamic, wire.Digits, suite, []string{"000000", ""}),
			pairFixed(t, "QR code", wire.PairDynamic, wire.QRCode, suite, []string{""}),
			pairFixed(t, "static code", wire.PairStatic, "", suite, []string{"1234-5678"}))
	}
	golden(t, "pairing.json", all)
}

// pairFixed runs an attempt with fixed randomness. An empty entry is the code
// that the client shows.
func pairFixed(t *testing.T, name string, method wire.PairMethod, format wire.CodeFormat, suite noise.Suite, enter []string) pairingVector {
	t.Helper()
	hash := [32]byte(fixedPSK(0x20))
	v := pairingVector{
		Name: name, Method: method, Format: format, Suite: suite, Hash: hex.EncodeToString(hash[:]), Index: 1,
		ServerRand: "counts up from 0x10", ClientRand: "counts up from 0x90",
	}
	if method == wire.PairStatic {
		v.StaticCode = "12345678"
	}
	attempt := pair.Attempt{Method: method, Format: format, Suite: suite, Hash: hash, Index: 1}
	a, b := attempt, attempt
	a.Random, b.Random = from(0x10), from(0x90)
	gate := &pair.Gate{}
	gate.Open()
	s, c := pair.NewServer(a), pair.NewClient(b, gate, v.StaticCode)

	var toServer, toClient func([]pair.Message)
	note := func(who string, m pair.Message) wire.Message {
		text, err := wire.Encode(m.Type, m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		v.Messages = append(v.Messages, said{who, text})
		parsed, err := wire.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	toServer = func(list []pair.Message) {
		for _, m := range list {
			step, err := s.Receive(note("client", m))
			if err != nil {
				t.Fatal(err)
			}
			toClient(step.Send)
			if step.PSK != nil {
				v.LongTerm = hex.EncodeToString(step.PSK[:])
			}
		}
	}
	toClient = func(list []pair.Message) {
		for _, m := range list {
			step, err := c.Receive(note("server", m))
			if err != nil {
				t.Fatal(err)
			}
			if step.Show != "" {
				v.Shown = step.Show
			}
			toServer(step.Send)
		}
	}
	step, err := c.Begin("")
	if err != nil {
		t.Fatal(err)
	}
	toServer(step.Send)
	for _, code := range enter {
		if code == "" {
			code = v.Shown
		}
		v.Entered = append(v.Entered, code)
		list, err := s.Enter(code)
		if err != nil {
			t.Fatal(err)
		}
		toClient(list)
	}
	if v.LongTerm == "" {
		t.Fatalf("%s did not end: %s", name, v.Messages)
	}
	toClient([]pair.Message{{Type: wire.TypeServerPairFinalize, Payload: wire.Empty{}}})
	return v
}

type frameVector struct {
	Name    string `json:"name"`
	Dialect string `json:"dialect"`
	From    string `json:"from"`
	Bytes   string `json:"bytes"`
}

func TestVectorsFrames(t *testing.T) {
	const at = 0x0102030405060708
	audio := []byte{0xde, 0xad, 0xbe, 0xef}
	var all []frameVector
	add := func(name string, d wire.Dialect, who string, b []byte) {
		all = append(all, frameVector{name, d.String(), who, hex.EncodeToString(b)})
	}
	chunk := func(d wire.Dialect, now int64) []byte {
		return append(wire.AppendChunkHeader(nil, d, at, now), audio...)
	}
	add("audio chunk at 0x0102030405060708", wire.Cleartext, "server", chunk(wire.Cleartext, 0))
	add("audio chunk, sent 250 ms ahead", wire.Current, "server", chunk(wire.Current, at-250_000))
	add("audio chunk, sent at its time: no lead is measured", wire.Current, "server", chunk(wire.Current, at))
	add("audio chunk, sent too late", wire.Current, "server", chunk(wire.Current, at+1))
	add("audio chunk, sent two hours ahead: saturated", wire.Current, "server", chunk(wire.Current, at-7_200_000_000))
	add("picture on channel 0", wire.Cleartext, "server", append(wire.AppendHeader(nil, wire.ArtworkSlot, at), audio...))
	add("channel 1 is cleared", wire.Cleartext, "server", wire.AppendHeader(nil, wire.ArtworkSlot+1, at))
	add("announce of 4 bytes on channel 0", wire.Current, "server", wire.AppendAnnounce(nil, 0, at, 4))
	add("its only part", wire.Current, "server", wire.AppendPart(nil, 0, audio))
	add("channel 1 is cleared", wire.Current, "server", wire.AppendAnnounce(nil, 1, at, 0))
	add("what is pending on channel 3 is cancelled", wire.Current, "server", wire.AppendCancel(nil, 3))
	add("source chunk", wire.Current, "client", append(wire.AppendHeader(nil, wire.InputChunk, at), audio...))
	add("loudness", wire.Current, "server", wire.AppendVisual(nil, wire.VisualLoudness, at, 0x1234))
	add("strongest frequency 440 Hz", wire.Current, "server", wire.AppendVisual(nil, wire.VisualPeakFreq, at, 440, 0x8000))
	add("spectrum of three bins", wire.Current, "server", wire.AppendVisual(nil, wire.VisualSpectrum, at, 0, 1, 0xffff))
	add("peak of strength 200", wire.Current, "server", wire.AppendVisualEvent(nil, wire.VisualPeak, at, 200))
	golden(t, "frames.json", all)
}

package noise

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func identity(t *testing.T, fill byte) Identity {
	t.Helper()
	id, err := IdentityOf([KeyLen]byte(bytes.Repeat([]byte{fill}, KeyLen)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// shake runs a whole handshake; the client holds the keys given.
func shake(t *testing.T, suite Suite, key Key, fallback bool, held ...Key) (server, client *Session, err error) {
	t.Helper()
	s, c := identity(t, 1), identity(t, 2)
	prologue := []byte("both inits")
	i, first, err := Initiate(Terms{Suite: suite, Local: s, Remote: c.Public, Prologue: prologue}, key, fallback)
	if err != nil {
		t.Fatal(err)
	}
	client, second, err := Respond(Terms{Suite: suite, Local: c, Remote: s.Public, Prologue: prologue}, first, lookup(held...), fallback)
	if err != nil {
		return nil, nil, err
	}
	server, err = i.Finish(second)
	return server, client, err
}

func lookup(held ...Key) Lookup {
	return func(id string, category Category) (PSK, bool, error) {
		for _, k := range held {
			if k.Category == category && k.PSK.ID() == id {
				return k.PSK, true, nil
			}
		}
		return PSK{}, false, nil
	}
}

func TestHandshake(t *testing.T) {
	paired := Key{PSK: PSK{7}, Category: LongTerm}
	token := Key{PSK: PSK{8}, Category: Pairing}
	tests := []struct {
		name     string
		key      Key
		fallback bool
		held     []Key
		want     Category // empty if it fails
		mismatch bool
	}{
		{"unpaired", SentinelKey(), true, nil, Unpaired, false},
		{"paired", paired, true, []Key{token, paired}, LongTerm, false},
		{"by token", token, true, []Key{token}, Pairing, false},
		{"the client has lost the key", paired, true, nil, Unpaired, true},
		{"the client has the key as another kind", Key{PSK: token.PSK, Category: LongTerm}, true, []Key{token}, Unpaired, true},
		{"lost, in a re-handshake", paired, false, nil, "", false},
		{"unpaired, in a re-handshake", SentinelKey(), false, nil, Unpaired, false},
	}
	for _, suite := range []Suite{ChaChaPoly, AESGCM} {
		for _, test := range tests {
			t.Run(string(suite)+"/"+test.name, func(t *testing.T) {
				server, client, err := shake(t, suite, test.key, test.fallback, test.held...)
				if test.want == "" {
					if !errors.Is(err, ErrNoise) {
						t.Fatalf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if server.Key != client.Key || server.Key.Category != test.want || server.Hash != client.Hash {
					t.Errorf("server %v %x, client %v %x", server.Key, server.Hash, client.Key, client.Hash)
				}
				if server.Mismatch != test.mismatch || client.Mismatch != test.mismatch {
					t.Errorf("mismatch: server %v, client %v", server.Mismatch, client.Mismatch)
				}
				talk(t, server, client)
				talk(t, client, server)
			})
		}
	}
}

func talk(t *testing.T, from, to *Session) {
	t.Helper()
	// The border of one transport message, and several fragments.
	for _, n := range []int{1, 2, MaxPlain - 1, MaxPlain, MaxPlain + 1, 3 * MaxPlain} {
		message := make([]byte, n)
		for i := range message {
			message[i] = byte(i + n)
		}
		message[0] = 8
		var got []byte
		frames := 0
		err := from.Sealer.Seal(message, func(sealed []byte) (err error) {
			frames++
			if len(sealed) > MaxTransport {
				t.Errorf("a transport message of %d bytes", len(sealed))
			}
			got, err = to.Opener.Open(sealed, 1<<20)
			return err
		})
		if err != nil || !bytes.Equal(got, message) {
			t.Fatalf("%d bytes came as %d: %v", n, len(got), err)
		}
		if whole := frames == 1; whole != (n <= MaxPlain) {
			t.Errorf("%d bytes in %d frames", n, frames)
		}
	}
}

func TestReHandshake(t *testing.T) {
	key := Key{PSK: PSK{7}, Category: LongTerm}
	server, client, err := shake(t, ChaChaPoly, SentinelKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	i, first, err := Initiate(server.Again(), key, false)
	if err != nil {
		t.Fatal(err)
	}
	next, second, err := Respond(client.Again(), first, lookup(key), false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := i.Finish(second)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash != next.Hash || again.Hash == server.Hash || again.Key != key {
		t.Error("the sessions do not differ, or differ from one another")
	}
	talk(t, again, next)
	// A handshake of another session is not taken.
	if _, _, err := Respond(next.Again(), first, lookup(key), false); !errors.Is(err, ErrNoise) {
		t.Errorf("an old message: %v", err)
	}
}

// What binds the cleartext exchange: whoever changes a byte of it, or speaks for
// another key, is found out.
func TestHandshakeIsBound(t *testing.T) {
	s, c, other := identity(t, 1), identity(t, 2), identity(t, 3)
	_, first, err := Initiate(Terms{Suite: AESGCM, Local: s, Remote: c.Public, Prologue: []byte("a")}, SentinelKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	for name, terms := range map[string]Terms{
		"another prologue": {Suite: AESGCM, Local: c, Remote: s.Public, Prologue: []byte("b")},
		"another server":   {Suite: AESGCM, Local: c, Remote: other.Public, Prologue: []byte("a")},
		"another client":   {Suite: AESGCM, Local: other, Remote: s.Public, Prologue: []byte("a")},
		"another suite":    {Suite: ChaChaPoly, Local: c, Remote: s.Public, Prologue: []byte("a")},
	} {
		if _, _, err := Respond(terms, first, lookup(), true); !errors.Is(err, ErrNoise) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused := func(string, Category) (PSK, bool, error) { return PSK{}, false, errors.New("another server's key") }
	_, first, _ = Initiate(Terms{Suite: AESGCM, Local: s, Remote: c.Public}, Key{Category: LongTerm}, true)
	if _, _, err := Respond(Terms{Suite: AESGCM, Local: c, Remote: s.Public}, first, refused, true); !errors.Is(err, ErrNoise) {
		t.Errorf("a key that is bound to another server: %v", err)
	}
}

func TestReplayAndTampering(t *testing.T) {
	server, client, err := shake(t, ChaChaPoly, SentinelKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	_ = server.Sealer.Seal([]byte{0, 'x'}, func(b []byte) error { sealed = bytes.Clone(b); return nil })
	bad := bytes.Clone(sealed)
	bad[0] ^= 1
	if _, err := client.Opener.Open(bad, 100); !errors.Is(err, ErrNoise) {
		t.Errorf("tampered: %v", err)
	}
	if _, err := client.Opener.Open(sealed, 100); err != nil {
		t.Error(err)
	}
	if _, err := client.Opener.Open(sealed, 100); !errors.Is(err, ErrNoise) {
		t.Errorf("replayed: %v", err)
	}
}

func TestMalformedFragments(t *testing.T) {
	const last, first = flagLast, flagFirst
	tests := map[string][][]byte{
		"not the first, none in flight": {{1, last, 9}},
		"a second first":                {{1, first, 4, 9}, {1, first, 4, 9}},
		"another message within":        {{1, first, 4, 9}, {4, 9}},
		"reserved bits":                 {{1, first | 4, 4, 9}},
		"fragments of fragments":        {{1, first, 1, 9}},
		"no type":                       {{1, first}},
		"no flags":                      {{1}},
		"longer than the limit":         {{1, first, 4, 9}, append([]byte{1, 0}, make([]byte, 100)...)},
		"whole, longer than the limit":  {append([]byte{4}, make([]byte, 100)...)},
		"an empty transport message":    {{}},
	}
	for name, messages := range tests {
		t.Run(name, func(t *testing.T) {
			server, client, err := shake(t, AESGCM, SentinelKey(), true)
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range messages {
				var got []byte
				err := server.Sealer.one(m, func(sealed []byte) (err error) { got, err = client.Opener.Open(sealed, 50); return err })
				if wrong := i == len(messages)-1; wrong != errors.Is(err, ErrNoise) || got != nil {
					t.Errorf("message %d: %x, %v", i, got, err)
				}
			}
		})
	}
}

func TestParseClientInit(t *testing.T) {
	id := identity(t, 2).ID()
	tests := map[string]Refusal{
		`{"type":"client/init","payload":{"client_id":"` + id + `","version":1,"suite":"25519_AESGCM_SHA256"}}`:         "",
		`{"type":"client/init","payload":{"client_id":"` + id + `","version":1,"suite":"25519_AESGCM_SHA256","new":1}}`: "",
		`{"type":"client/init","payload":{"version":2}}`:                                                                UnsupportedVersion,
		`{"type":"client/init","payload":{"version":2,"suite":7,"client_id":[]}}`:                                       UnsupportedVersion,
		`{"type":"client/init","payload":{"client_id":"` + id + `","version":1,"suite":"448_AESGCM_SHA512"}}`:           UnsupportedSuite,
		`{"type":"client/init","payload":{"client_id":"x","version":1,"suite":"other"}}`:                                UnsupportedSuite,
		`{"type":"client/init","payload":{"client_id":"` + id + `=","version":1,"suite":"25519_AESGCM_SHA256"}}`:        Malformed,
		`{"type":"client/init","payload":{"client_id":"` + id[:42] + `","version":1,"suite":"25519_AESGCM_SHA256"}}`:    Malformed,
		`{"type":"client/init","payload":{"client_id":"` + id[:42] + `B","version":1,"suite":"25519_AESGCM_SHA256"}}`:   Malformed, // not canonical
		`{"type":"client/init","payload":{"version":1.5}}`:                                                              Malformed,
		`{"type":"client/init","payload":{"version":"1"}}`:                                                              Malformed,
		`{"type":"client/init","payload":null}`:                                                                         Malformed,
		`{"type":"client/init"}`:                                                                                        Malformed,
		`{"type":"client/hello","payload":{"version":1}}`:                                                               Malformed,
		`client/init`:                       Malformed,
		strings.Repeat(" ", maxInit) + `{}`: Malformed,
	}
	for text, want := range tests {
		init, key, err := ParseClientInit([]byte(text))
		var refused *InitError
		switch {
		case want == "" && (err != nil || init.ID != id || key.ID() != id):
			t.Errorf("%s: %+v, %v", text, init, err)
		case want != "" && (!errors.As(err, &refused) || refused.Reason != want || !errors.Is(err, ErrInit)):
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseServerInit(t *testing.T) {
	s := identity(t, 1)
	text, err := EncodeServerInit(s.ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, key, err := ParseServerInit(text); err != nil || key != s.Public {
		t.Errorf("%s: %v", text, err)
	}
	text, _ = EncodeServerError(UnsupportedSuite)
	var refused *InitError
	if _, _, err := ParseServerInit(text); !errors.As(err, &refused) || refused.Reason != UnsupportedSuite {
		t.Errorf("%s: %v", text, err)
	}
	for _, bad := range []string{`{}`, `{"type":"server/init","payload":{"server_id":"` + s.ID() + `","version":2}}`, `{"type":"server/init","payload":{"server_id":"","version":1}}`} {
		if _, _, err := ParseServerInit([]byte(bad)); !errors.Is(err, ErrInit) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// The constants as the specification publishes them.
func TestSentinel(t *testing.T) {
	want := []byte{0x1b, 0x5e, 0x24, 0xdb, 0xc1, 0xae, 0xd9, 0x5f, 0xc2, 0xa5, 0xa3, 0x38, 0xa9, 0x0c, 0x05, 0xdf, 0x44, 0xbd, 0x10, 0xf5, 0xec, 0x1f, 0x4c, 0xd6, 0x6c, 0xbf, 0x86, 0x27, 0x27, 0x67, 0xb9, 0xd3}
	if !slices.Equal(Sentinel[:], want) || Sentinel.ID() != "GFsV9tLaSQm9HcFWpKsgYQOr7wFTvNUtkmFwuVz3zoo" {
		t.Errorf("%x %s", Sentinel[:], Sentinel.ID())
	}
}

func TestSecretsAreHidden(t *testing.T) {
	id, k := identity(t, 1), PSK{5}
	for _, s := range []string{id.String(), id.GoString(), k.String(), k.GoString()} {
		if strings.Contains(s, encode(id.Private[:])) || strings.Contains(s, k.Text()) || strings.Contains(s, "0x5") {
			t.Error(s)
		}
	}
}

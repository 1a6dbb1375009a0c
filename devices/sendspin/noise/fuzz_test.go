package noise

import (
	"errors"
	"testing"
)

func FuzzInit(f *testing.F) {
	id := PublicKey{9}.ID()
	for _, seed := range []string{
		`{"type":"client/init","payload":{"client_id":"` + id + `","version":1,"suite":"25519_AESGCM_SHA256"}}`,
		`{"type":"server/init","payload":{"server_id":"` + id + `","version":1}}`,
		`{"type":"noise/handshake","payload":{"data":"AAAA"}}`,
		`{"type":"server/error","payload":{"reason":"malformed"}}`, `{"type":"client/init","payload":null}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if init, key, err := ParseClientInit(text); err == nil && (key.ID() != init.ID || !init.Suite.Valid() || !IsClientInit(text)) {
			t.Errorf("accepted %+v", init)
		} else if err != nil && !errors.Is(err, ErrInit) {
			t.Error(err)
		}
		if init, key, err := ParseServerInit(text); err == nil && key.ID() != init.ID {
			t.Errorf("accepted %+v", init)
		} else if err != nil && !errors.Is(err, ErrInit) {
			t.Error(err)
		}
		if _, err := ParseHandshakeMessage(text); err != nil && !errors.Is(err, ErrNoise) {
			t.Error(err)
		}
	})
}

// FuzzHandshake gives each side bytes of an attacker's instead of the message
// that it waits for.
func FuzzHandshake(f *testing.F) {
	server, _ := IdentityOf([32]byte{1})
	client, _ := IdentityOf([32]byte{2})
	terms := func(local Identity, remote PublicKey) Terms {
		return Terms{Suite: ChaChaPoly, Local: local, Remote: remote}
	}
	_, first, err := Initiate(terms(server, client.Public), SentinelKey(), true)
	if err != nil {
		f.Fatal(err)
	}
	for i := range first[:32] {
		first[i] ^= 0x5a // another ephemeral key; each fuzzing process has a first message of its own
	}
	f.Add(first)
	f.Add([]byte{})
	f.Add(make([]byte, 48))
	f.Fuzz(func(t *testing.T, message []byte) {
		if _, _, err := Respond(terms(client, server.Public), message, lookup(), true); err == nil {
			t.Error("a forged first message was taken")
		}
		i, _, err := Initiate(terms(server, client.Public), Key{Category: LongTerm}, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Finish(message); !errors.Is(err, ErrNoise) {
			t.Errorf("a forged second message: %v", err)
		}
	})
}

// FuzzFragments feeds decrypted messages to the reassembly.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{1, 2, 4, 9}, []byte{1, 1, 9})
	f.Add([]byte{4}, []byte{1, 3, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var o Opener
		const limit = 64
		for _, plain := range [][]byte{a, b} {
			if len(plain) == 0 || plain[0] != kindFragment {
				continue
			}
			message, err := o.fragment(plain, limit)
			if len(message) > limit || (message != nil && message[0] == kindFragment) {
				t.Errorf("%x", message)
			}
			if err != nil {
				return
			}
		}
	})
}

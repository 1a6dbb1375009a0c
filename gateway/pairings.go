package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// pairings keeps the keys of players that are paired, in a file of its own: they
// are secrets, so no backup of the database carries them. Its methods may be
// called from any goroutine.
type pairings struct {
	path string

	mu   sync.Mutex
	keys map[string]pairing // by client id
}

type pairing struct {
	Key    string    `json:"key"` // the long-term key, base64url
	Paired time.Time `json:"paired"`
}

// openPairings reads the file. One that cannot be read is an error: players whose
// key is lost have to be paired anew, which nobody should have to do by accident.
func openPairings(path string) (*pairings, error) {
	p := &pairings{path: path, keys: map[string]pairing{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the players' keys: %w", err)
	}
	if err := json.Unmarshal(data, &p.keys); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; restore it, or remove it and pair the players anew", path, err)
	}
	for id, k := range p.keys {
		if _, err := noise.ParsePSK(k.Key); err != nil {
			return nil, fmt.Errorf("%s: the key of %s: %w; restore it, or remove it and pair the players anew", path, id, err)
		}
	}
	return p, nil
}

// Key implements sendspin.Keyring.
func (p *pairings) Key(clientID string) (noise.PSK, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.keys[clientID]
	if !ok {
		return noise.PSK{}, false, nil
	}
	psk, err := noise.ParsePSK(k.Key)
	return psk, true, err
}

// Save implements sendspin.Keyring.
func (p *pairings) Save(clientID string, key noise.PSK) error {
	return p.change(func(keys map[string]pairing) {
		keys[clientID] = pairing{Key: key.Text(), Paired: time.Now().UTC().Truncate(time.Second)}
	})
}

// Remove implements sendspin.Keyring.
func (p *pairings) Remove(clientID string) error {
	return p.change(func(keys map[string]pairing) { delete(keys, clientID) })
}

// since tells when a player was paired.
func (p *pairings) since(clientID string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.keys[clientID]
	return k.Paired, ok
}

// change writes the file before it counts.
func (p *pairings) change(apply func(map[string]pairing)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := maps.Clone(p.keys)
	apply(next)
	data, err := json.MarshalIndent(next, "", " ")
	if err != nil {
		return err
	}
	if err := writeFile(p.path, data); err != nil {
		return fmt.Errorf("keep the players' keys in %s: %w", filepath.Base(p.path), err)
	}
	p.keys = next
	return nil
}

package sendspin

import (
	"sync"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// MemoryKeyring is a Keyring for as long as the process runs, as tests want it
// and programs that pair anew each time. Its zero value is empty and ready.
type MemoryKeyring struct {
	mu   sync.Mutex
	keys map[string]noise.PSK
}

// Key implements Keyring.
func (k *MemoryKeyring) Key(clientID string) (noise.PSK, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, found := k.keys[clientID]
	return key, found, nil
}

// Save implements Keyring.
func (k *MemoryKeyring) Save(clientID string, key noise.PSK) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = map[string]noise.PSK{}
	}
	k.keys[clientID] = key
	return nil
}

// Remove implements Keyring.
func (k *MemoryKeyring) Remove(clientID string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, clientID)
	return nil
}

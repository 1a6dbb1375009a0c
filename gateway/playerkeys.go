package gateway

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// playerKeys are who a player of its own is, and how it pairs: its code is said
// where it runs. Each name has a key of its own, all made from one secret of the
// data folder.
func playerKeys(cfg PlayerConfig) (noise.Identity, client.PairingConfig, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return noise.Identity{}, client.PairingConfig{}, fmt.Errorf("make the data folder: %w", err)
	}
	secret, err := (&folder{path: cfg.Data}).secret("player.key", 32)
	if err != nil {
		return noise.Identity{}, client.PairingConfig{}, err
	}
	identity, err := noise.IdentityOf(derive(secret, "player "+cfg.Name))
	if err != nil {
		return noise.Identity{}, client.PairingConfig{}, err
	}
	pairing := client.PairingConfig{
		PSK:     derive(secret, "pairing of player "+cfg.Name),
		Records: &serverRecords{path: filepath.Join(cfg.Data, "player-"+hex.EncodeToString(identity.Public[:8])+".json")},
		Show: func(code string) {
			if len(code) == 6 {
				cfg.Say("Pairing code: %s-%s", code[:3], code[3:])
			}
		},
	}
	return identity, pairing, nil
}

// serverRecords keeps the gateways that a player of its own is paired with, in a
// file that only its owner may read.
type serverRecords struct {
	path string
	mu   sync.Mutex
}

// maxServers is how many gateways a player remembers; the oldest goes.
const maxServers = 16

type serverRecord struct {
	Server string `json:"server"`
	Key    string `json:"key"`
}

// All implements client.Records.
func (r *serverRecords) All() ([]client.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := r.read()
	if err != nil {
		return nil, err
	}
	var all []client.Record
	for _, one := range list {
		psk, err := noise.ParsePSK(one.Key)
		if err != nil {
			return nil, fmt.Errorf("%s is damaged: %w", r.path, err)
		}
		all = append(all, client.Record{Server: one.Server, PSK: psk})
	}
	return all, nil
}

// Save implements client.Records.
func (r *serverRecords) Save(rec client.Record) error {
	return r.change(func(list []serverRecord) []serverRecord {
		list = slices.DeleteFunc(list, func(o serverRecord) bool { return o.Server == rec.Server })
		list = append(list, serverRecord{Server: rec.Server, Key: rec.PSK.Text()})
		return list[max(0, len(list)-maxServers):]
	})
}

// Remove implements client.Records.
func (r *serverRecords) Remove(server string) error {
	return r.change(func(list []serverRecord) []serverRecord {
		return slices.DeleteFunc(list, func(o serverRecord) bool { return o.Server == server })
	})
}

func (r *serverRecords) change(apply func([]serverRecord) []serverRecord) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := r.read()
	if err != nil {
		return err
	}
	data, err := json.Marshal(apply(list))
	if err != nil {
		return err
	}
	if err := writeFile(r.path, data); err != nil {
		return fmt.Errorf("keep the player's pairings: %w", err)
	}
	return nil
}

func (r *serverRecords) read() ([]serverRecord, error) {
	data, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the player's pairings: %w", err)
	}
	var list []serverRecord
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", r.path, err)
	}
	return list, nil
}

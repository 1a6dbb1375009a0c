package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/mdns"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// What the other commands do where no gateway runs.

// Backup writes a consistent copy of a data folder that no gateway uses.
func Backup(ctx context.Context, data, file string) error {
	return withKept(ctx, data, func(s *store.Store) error { return s.Backup(ctx, file) })
}

// CreateToken makes a token in a data folder that no gateway uses.
func CreateToken(ctx context.Context, data, name string) (string, error) {
	var secret string
	err := withKept(ctx, data, func(s *store.Store) (err error) {
		secret, err = NewToken(ctx, s, name)
		return err
	})
	return secret, err
}

// Accounts returns the names of the accounts in a data folder that no gateway
// uses.
func Accounts(ctx context.Context, data string) ([]string, error) {
	var names []string
	err := withKept(ctx, data, func(s *store.Store) (err error) {
		names, err = s.AccountNames(ctx)
		return err
	})
	return names, err
}

// SetPassword gives an account another password and ends its sessions, in a
// data folder that no gateway uses.
func SetPassword(ctx context.Context, data, account, password string) error {
	hash, err := api.HashPassword(ctx, rand.Reader, password)
	if err != nil {
		return err
	}
	return withKept(ctx, data, func(s *store.Store) error { return s.SetPassword(ctx, account, hash) })
}

// withKept opens the store of a data folder that a gateway has used, for one
// task. A folder that none has used is most likely not the one that was meant.
func withKept(ctx context.Context, data string, task func(*store.Store) error) error {
	if _, err := os.Stat(filepath.Join(data, store.File)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no gateway has kept anything in %s: name its folder with --data DIR", data)
	}
	return withStore(ctx, data, task)
}

// withStore opens the store of a data folder for one task, and makes it if
// there is none.
func withStore(ctx context.Context, data string, task func(*store.Store) error) error {
	f, err := lockFolder(data)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{Dir: data})
	if err != nil {
		return errors.Join(err, f.close())
	}
	writing, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(writing) }()
	err = task(s)
	stop()
	return errors.Join(err, <-ended, s.Close(), f.close())
}

// DeviceLine is a device as the command line lists it.
type DeviceLine struct {
	Name, Kind, Address, Model, Problem string
	Present                             bool
}

// FindDevices looks for devices by mDNS for the given time.
func FindDevices(ctx context.Context, wait time.Duration) ([]DeviceLine, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	node, err := mdns.New(mdns.Config{Browse: devices.Services()})
	if err != nil {
		return nil, err
	}
	registry := devices.New(devices.Config{})
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return registry.Run(inner) })
	group.Go(func() error { return node.Run(inner) })
	group.Go(func() error {
		for event := range node.Watch(inner) {
			if err := registry.Sight(inner, sighting(event)); err != nil && inner.Err() == nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return nil, err
	}
	var lines []DeviceLine
	for _, d := range registry.Devices() {
		line := DeviceLine{Name: d.Name, Kind: string(d.Kind), Model: d.Model, Present: d.Present}
		if at, ok := addr(d); ok {
			line.Address = at.String()
		}
		lines = append(lines, line)
	}
	return lines, nil
}

package gateway

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrInUse is returned when another gateway runs on the same data folder.
var ErrInUse = errors.New("another Jumpgate uses this data folder")

// folder is the data folder, locked for this process.
type folder struct {
	path string
	lock *os.File
}

// lockFolder makes the folder when it is not there and takes its lock. The lock
// goes with the process, however that ends.
func lockFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the data folder's lock: %w", err)
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		_ = lock.Close()
		return nil, fmt.Errorf("%w: %s; stop it, or give this one a folder of its own with --data DIR", ErrInUse, path)
	}
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) close() error { return f.lock.Close() }

// secret returns the named key of size bytes, made at first use and kept in a
// file of its own: outside the database, so that no backup carries it.
func (f *folder) secret(name string, size int) ([]byte, error) {
	path := filepath.Join(f.path, name)
	key, err := os.ReadFile(path)
	if err == nil {
		if len(key) != size {
			return nil, fmt.Errorf("%s holds %d bytes, not %d: restore it, or remove it to make a new one (signed URLs that are out will end)", path, len(key), size)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key = make([]byte, size)
	_, _ = rand.Read(key)
	if err := writeFile(path, key); err != nil {
		return nil, fmt.Errorf("keep new key: %w", err)
	}
	return key, nil
}

// writeFile puts data at path so that a crash leaves the old file or the new
// one, never a part; only the owner may read it.
func writeFile(path string, data []byte) error { return writeFileFrom(path, bytes.NewReader(data)) }

// writeFileFrom is writeFile for what need not be in memory as a whole.
func writeFileFrom(path string, data io.Reader) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = io.Copy(temp, data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

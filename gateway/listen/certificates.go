package listen

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificates are what TLS and HTTP/3 answer with. Safe for use from any
// goroutine.
type Certificates interface {
	// GetCertificate is called for every handshake.
	GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Own tells that the owner of the gateway brought the certificate: only
	// such may be good for browsers' HTTP/3.
	Own() bool
}

func tlsConfig(c Certificates) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.GetCertificate}
}

// Files are a certificate of one's own.
type Files struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   string    // of the files that current was read from
	looked  time.Time // when the files were last looked at
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = 10 * time.Second

// OpenFiles reads a PEM certificate chain and its key; they are read again when
// they change, and what was good stays in use while they are not.
func OpenFiles(cert, key string, now func() time.Time, log *slog.Logger) (*Files, error) {
	f := &Files{cert: cert, key: key, now: now, log: log}
	stamp, err := f.stampNow()
	if err != nil {
		return nil, fmt.Errorf("read the TLS certificate: %w", err)
	}
	if err := f.load(stamp); err != nil {
		return nil, err
	}
	f.looked = now()
	return f, nil
}

func (f *Files) load(stamp string) error {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("read the TLS certificate %s with the key %s: %w", f.cert, f.key, err)
	}
	f.current, f.stamp = &pair, stamp
	return nil
}

func (f *Files) stampNow() (string, error) {
	cert, err := os.Stat(f.cert)
	if err != nil {
		return "", err
	}
	key, err := os.Stat(f.key)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(cert.ModTime().UnixNano(), cert.Size(), key.ModTime().UnixNano(), key.Size()), nil
}

// GetCertificate implements Certificates.
func (f *Files) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if since := now.Sub(f.looked); since < 0 || since >= lookEvery {
		f.looked = now
		stamp, err := f.stampNow()
		if err == nil && stamp != f.stamp {
			if err = f.load(stamp); err == nil {
				f.log.Info("the TLS certificate was read again", "file", f.cert)
			}
		}
		if err != nil {
			f.log.Warn("the TLS certificate cannot be read again; the one before stays", "err", err)
		}
	}
	return f.current, nil
}

// Own implements Certificates.
func (f *Files) Own() bool { return true }

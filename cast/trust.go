package cast

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
)

// CertificateError says that a device shows another certificate than the one
// that was pinned. errors.Is finds ErrCertificate in it.
type CertificateError struct {
	Pinned, Shown [sha256.Size]byte // SHA-256 of the certificates
}

// Error says what to compare.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("%v: it shows %s, before it was %s", ErrCertificate,
		hex.EncodeToString(e.Shown[:]), hex.EncodeToString(e.Pinned[:]))
}

// Unwrap returns ErrCertificate.
func (e *CertificateError) Unwrap() error { return ErrCertificate }

// Pin returns a Config.Trust that takes one certificate only. To accept what a
// *CertificateError has Shown, pin that.
func Pin(fingerprint [sha256.Size]byte) func([sha256.Size]byte) error {
	return func(shown [sha256.Size]byte) error {
		if shown == fingerprint {
			return nil
		}
		return &CertificateError{Pinned: fingerprint, Shown: shown}
	}
}

// dial opens the connection, and has Trust look at the certificate before
// anything is said.
func (s *Sender) dial(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	if s.cfg.Dial != nil {
		return s.cfg.Dial(ctx, addr)
	}
	d := tls.Dialer{Config: &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Devices sign their own certificates: Trust decides in place of a CA.
		InsecureSkipVerify: true, //nolint:gosec // see above
		VerifyConnection: func(state tls.ConnectionState) error {
			if s.cfg.Trust == nil || len(state.PeerCertificates) == 0 {
				return nil
			}
			return s.cfg.Trust(sha256.Sum256(state.PeerCertificates[0].Raw))
		},
	}}
	return d.DialContext(ctx, "tcp", addr.String())
}

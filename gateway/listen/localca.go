package listen

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	leafLife   = 90 * 24 * time.Hour
	leafRenew  = 30 * 24 * time.Hour // before its end
	briefLife  = 13 * 24 * time.Hour
	briefRenew = 7 * 24 * time.Hour
	leafLook   = time.Minute // how often the host's addresses are looked at, at most
	caLife     = 20 * 365 * 24 * time.Hour
	caKeyFile  = "ca.key"
	caCertFile = "ca.crt"
)

// localDomains are the only names that the local CA can vouch for, beside
// those it was made with: whoever steals its key cannot play a bank.
var localDomains = []string{"localhost", "local", "home.arpa", "internal", "lan", "home", "fritz.box"}

// LocalConfig is what a LocalCA is made of.
type LocalConfig struct {
	Dir   string   // where its key and certificate are kept
	Names []string // what the gateway is called, beside localhost: "living-room.local"
	// Addresses are this host's; nil: looked up.
	Addresses func() ([]netip.Addr, error)
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: silent
}

// LocalCA signs the gateway's certificate for the names and addresses that the
// host has right now. Whoever trusts its ca.crt sees no warning.
type LocalCA struct {
	cfg  LocalConfig
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu    sync.Mutex
	long  leaf // for TLS
	brief leaf // for HTTP/3, where pages may ask for a certificate by its hash
}

// leaf is a certificate of the gateway's that is signed again in time.
type leaf struct {
	life, renew time.Duration
	cert        *tls.Certificate
	names       []string // that it is for, sorted
	looked      time.Time
}

// OpenLocalCA loads the CA of a folder, or makes one. It returns an error, and
// makes nothing, where there is one that cannot be read.
func OpenLocalCA(cfg LocalConfig) (*LocalCA, error) {
	if cfg.Addresses == nil {
		cfg.Addresses = hostAddresses
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ca := &LocalCA{
		cfg: cfg, long: leaf{life: leafLife, renew: leafRenew}, brief: leaf{life: briefLife, renew: briefRenew},
	}
	err := ca.load()
	if errors.Is(err, fs.ErrNotExist) {
		err = ca.create()
	}
	if err != nil {
		return nil, err
	}
	if _, err := ca.GetCertificate(nil); err != nil {
		return nil, err
	}
	return ca, nil
}

func (ca *LocalCA) load() error {
	keyFile := filepath.Join(ca.cfg.Dir, caKeyFile)
	pair, err := tls.LoadX509KeyPair(filepath.Join(ca.cfg.Dir, caCertFile), keyFile)
	if err != nil {
		return fmt.Errorf("read the local CA in %s (delete %s and %s there to have a new one made): %w",
			ca.cfg.Dir, caCertFile, caKeyFile, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("the local CA's key %s is not an ECDSA key", keyFile)
	}
	if info, err := os.Stat(keyFile); err == nil && info.Mode().Perm()&0o077 != 0 {
		ca.cfg.Log.Warn("others could read the local CA's key; they cannot any more", "file", keyFile)
		if err := os.Chmod(keyFile, 0o600); err != nil {
			return fmt.Errorf("keep the local CA's key to its owner: %w", err)
		}
	}
	ca.cert, ca.key = pair.Leaf, key
	return nil
}

// create makes the key and the certificate, the key first: a certificate
// without its key would be trusted for nothing.
func (ca *LocalCA) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the local CA's key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("make the local CA: %w", err)
	}
	id := sha256.Sum256(public)
	// A machine without a battery for its clock may believe it is 1970.
	now := ca.cfg.Now()
	if known := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); now.Before(known) {
		now = known
	}
	template := &x509.Certificate{
		SerialNumber:                new(big.Int).SetBytes(id[:8]),
		Subject:                     pkix.Name{CommonName: "Jumpgate local CA " + hex.EncodeToString(id[:3]), Organization: []string{"Jumpgate"}},
		NotBefore:                   time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:                    now.Add(caLife),
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		SubjectKeyId:                id[:20],
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         slices.Concat(localDomains, outside(ca.cfg.Names)),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make the local CA: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("make the local CA's key: %w", err)
	}
	if err := os.MkdirAll(ca.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("make the local CA's folder: %w", err)
	}
	if err := writePEM(filepath.Join(ca.cfg.Dir, caKeyFile), "PRIVATE KEY", keyDER, 0o600); err != nil {
		return err
	}
	if err := writePEM(filepath.Join(ca.cfg.Dir, caCertFile), "CERTIFICATE", der, 0o644); err != nil {
		return err
	}
	ca.key = key
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		return fmt.Errorf("read the local CA that was just made: %w", err)
	}
	ca.cfg.Log.Info("a local CA was made", "name", template.Subject.CommonName, "dir", ca.cfg.Dir)
	return nil
}

// outside are the names that are not below a local domain.
func outside(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(localDomains, func(d string) bool { return n == d || strings.HasSuffix(n, "."+d) }) {
			out = append(out, n)
		}
	}
	return out
}

// writePEM writes a file that is there whole or not at all.
func writePEM(path, kind string, der []byte, mode fs.FileMode) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // it has its name by then
	err = f.Chmod(mode)
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// GetCertificate implements Certificates: it signs anew when the certificate's
// end comes near, the clock was set, or the host's addresses have changed.
func (ca *LocalCA) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return ca.current(&ca.long)
}

// Brief is a certificate for the same names that is valid for less than 14 days.
func (ca *LocalCA) Brief() (*tls.Certificate, error) { return ca.current(&ca.brief) }

func (ca *LocalCA) current(l *leaf) (*tls.Certificate, error) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	now := ca.cfg.Now()
	if since := now.Sub(l.looked); l.cert != nil && since >= 0 && since < leafLook {
		return l.cert, nil
	}
	l.looked = now
	names, ips := ca.subjects()
	if l.cert != nil && slices.Equal(names, l.names) &&
		now.After(l.cert.Leaf.NotBefore) && now.Before(l.cert.Leaf.NotAfter.Add(-l.renew)) {
		return l.cert, nil
	}
	cert, err := ca.sign(now, l.life, ips)
	if err != nil {
		if l.cert != nil {
			ca.cfg.Log.Warn("the certificate cannot be renewed; the one before stays", "err", err)
			return l.cert, nil
		}
		return nil, err
	}
	l.cert, l.names = cert, names
	return cert, nil
}

// subjects are what the certificate is for: sorted text to compare by, and the
// addresses among it.
func (ca *LocalCA) subjects() ([]string, []net.IP) {
	addresses, err := ca.cfg.Addresses()
	if err != nil {
		ca.cfg.Log.Warn("look up this host's addresses", "err", err)
	}
	addresses = append(addresses, netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback())
	names := append([]string{"localhost"}, ca.cfg.Names...)
	var ips []net.IP
	for _, a := range addresses {
		a = a.Unmap().WithZone("")
		if text := a.String(); !slices.Contains(names, text) {
			names = append(names, text)
			ips = append(ips, a.AsSlice())
		}
	}
	slices.Sort(names)
	return names, ips
}

func (ca *LocalCA) sign(now time.Time, life time.Duration, ips []net.IP) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the certificate's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make the certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Jumpgate"},
		NotBefore:    now.Add(-time.Hour), // other clocks may be behind
		NotAfter:     now.Add(life),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     append([]string{"localhost"}, ca.cfg.Names...),
		IPAddresses:  ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate that was just signed: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// Own implements Certificates.
func (ca *LocalCA) Own() bool { return false }

// Certificate is the CA's own, for whoever shall trust it.
func (ca *LocalCA) Certificate() *x509.Certificate { return ca.cert }

// Handler lets people download the CA's certificate; phones and browsers offer
// to trust it when they see its type.
func (ca *LocalCA) Handler() http.Handler {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		w.Header().Set("Content-Disposition", `attachment; filename="jumpgate-ca.crt"`)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(text) // the client may be gone
	})
}

// hostAddresses are those that others can reach this host at.
func hostAddresses() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list the host's addresses: %w", err)
	}
	var out []netip.Addr
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || prefix.Addr().IsLoopback() || prefix.Addr().IsLinkLocalUnicast() {
			continue
		}
		out = append(out, prefix.Addr())
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out, nil
}

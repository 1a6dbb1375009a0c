package listen

import (
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// calendar is a wall clock that a test sets.
type calendar struct{ t time.Time }

func (c *calendar) now() time.Time { return c.t }

func TestLocalCA(t *testing.T) {
	dir := t.TempDir()
	clock := &calendar{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	addresses := []netip.Addr{netip.MustParseAddr("192.168.1.7")}
	cfg := LocalConfig{
		Dir: dir, Names: []string{"den.local", "music.example.org"}, Now: clock.now,
		Addresses: func() ([]netip.Addr, error) { return addresses, nil },
	}
	ca, err := OpenLocalCA(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, caKeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v; want 0600", info.Mode(), err)
	}
	verify := func(ca *LocalCA, name string) error {
		t.Helper()
		leaf, err := ca.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(ca.Certificate())
		_, err = leaf.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: clock.t})
		return err
	}
	for _, name := range []string{"localhost", "den.local", "music.example.org", "192.168.1.7", "127.0.0.1", "::1"} {
		if err := verify(ca, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	first, _ := ca.GetCertificate(nil)

	// It is the same after a restart.
	again, err := OpenLocalCA(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Certificate().Equal(ca.Certificate()) {
		t.Error("a restart made another CA")
	}

	// A new address is noticed within a minute.
	addresses = append(addresses, netip.MustParseAddr("10.0.0.9"))
	clock.t = clock.t.Add(2 * leafLook)
	if err := verify(ca, "10.0.0.9"); err != nil {
		t.Errorf("a new address: %v", err)
	}
	// So is the end that comes near, and a clock that was wrong.
	for _, jump := range []time.Duration{leafLife - leafRenew + time.Hour, -5 * 365 * 24 * time.Hour} {
		clock.t = clock.t.Add(jump)
		if err := verify(ca, "localhost"); err != nil {
			t.Errorf("after a jump of %v: %v", jump, err)
		}
	}
	if now, _ := ca.GetCertificate(nil); now.Leaf.Equal(first.Leaf) {
		t.Error("the certificate was never renewed")
	}
}

// Whoever steals the key must not be able to play somebody else's site.
func TestLocalCAVouchesForNobodyElse(t *testing.T) {
	dir := t.TempDir()
	ca, err := OpenLocalCA(LocalConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ca.cfg.Names = []string{"bank.example"}
	leaf, err := ca.sign(time.Now(), leafLife, nil)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate())
	if _, err := leaf.Leaf.Verify(x509.VerifyOptions{DNSName: "bank.example", Roots: roots}); err == nil {
		t.Error("a certificate for a foreign name is trusted")
	}
}

func TestLocalCAThatCannotBeReadIsKept(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenLocalCA(LocalConfig{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, caKeyFile)
	if err := os.WriteFile(key, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLocalCA(LocalConfig{Dir: dir}); err == nil {
		t.Error("a broken CA was taken, or replaced without a word")
	}
}

func TestCADownload(t *testing.T) {
	ca, err := OpenLocalCA(LocalConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	ca.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ca.crt", nil))
	if w.Header().Get("Content-Type") != "application/x-x509-ca-cert" || strings.Contains(w.Body.String(), "PRIVATE") {
		t.Errorf("got %v %q", w.Header(), w.Body)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(w.Body.Bytes()) {
		t.Error("it is not a certificate")
	}
}

// ownPair writes a self-made pair for a name and returns its files.
func ownPair(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	cert, key = filepath.Join(dir, "own.crt"), filepath.Join(dir, "own.key")
	ca, err := OpenLocalCA(LocalConfig{Dir: t.TempDir(), Names: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := writePEM(key, "PRIVATE KEY", der, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writePEM(cert, "CERTIFICATE", pair.Certificate[0], 0o644); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestOwnCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := ownPair(t, dir, "one.local")
	clock := &calendar{time.Now()}
	f, err := OpenFiles(cert, key, clock.now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	names := func() string {
		c, err := f.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(c.Leaf.DNSNames, " ")
	}
	ownPair(t, dir, "two.local")
	if got := names(); !strings.Contains(got, "one.local") {
		t.Errorf("at once: %s", got)
	}
	clock.t = clock.t.Add(lookEvery)
	if got := names(); !strings.Contains(got, "two.local") {
		t.Errorf("later: %s", got)
	}
	if err := os.WriteFile(cert, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.t = clock.t.Add(lookEvery)
	if got := names(); !strings.Contains(got, "two.local") {
		t.Errorf("with a broken file: %s", got)
	}
	if _, err := OpenFiles(cert, key, clock.now, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a start with a broken file was no error")
	}
}

func TestHTTP3IsAnnouncedWithOnesOwnCertificate(t *testing.T) {
	cert, key := ownPair(t, t.TempDir(), "den.local")
	f, err := OpenFiles(cert, key, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(Config{Address: "127.0.0.1:0", Handler: http.HandlerFunc(echoProto), Certificates: f})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "https://den.local/", nil)
	p.server.Handler.ServeHTTP(w, r)
	_, port, _ := net.SplitHostPort(p.Address().String())
	if want := `h3=":` + port + `"; ma=86400`; w.Header().Get("Alt-Svc") != want {
		t.Errorf("Alt-Svc %q, want %q", w.Header().Get("Alt-Svc"), want)
	}
	r.TLS = nil
	w = httptest.NewRecorder()
	p.server.Handler.ServeHTTP(w, r)
	if got := w.Header().Get("Alt-Svc"); got != "" {
		t.Errorf("plain HTTP announces %q", got)
	}
}

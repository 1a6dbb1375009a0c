package cast

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tlsDevice is a device on a real socket, with a certificate of its own. It says
// what runs, and nothing else.
type tlsDevice struct {
	addr  netip.AddrPort
	shows [sha256.Size]byte
	open  atomic.Int64 // connections that nobody has ended yet
	drops atomic.Bool  // it closes them behind its second answer
}

func startTLSDevice(t *testing.T, host string) (*tlsDevice, error) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", net.JoinHostPort(host, "0"), &tls.Config{
		MinVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.X25519}, // cheap
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	})
	if err != nil {
		return nil, err
	}
	d := &tlsDevice{addr: netip.MustParseAddrPort(listener.Addr().String()), shows: sha256.Sum256(der)}
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			d.open.Add(1)
			serving.Go(func() {
				defer d.open.Add(-1)
				defer conn.Close()
				d.serve(conn)
			})
		}
	})
	return d, nil
}

func (d *tlsDevice) serve(conn net.Conn) {
	for answers := 0; !d.drops.Load() || answers < 2; {
		m, err := readFrame(conn)
		var h header
		if err != nil || decode(m.payload, &h) != nil {
			return
		}
		if m.namespace != nsReceiver {
			continue
		}
		answer := fmt.Sprintf(`{"type":"RECEIVER_STATUS","requestId":%d,"status":{"volume":{"level":0.5}}}`, h.RequestID)
		if writeFrame(conn, message{source: receiverID, destination: m.source, namespace: nsReceiver, payload: []byte(answer)}) != nil {
			return
		}
		answers++
	}
}

func mustTLSDevice(t *testing.T) *tlsDevice {
	t.Helper()
	d, err := startTLSDevice(t, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// nothing is said to a device that is only connected.
func nothing(context.Context, *Sender) error { return nil }

// The first certificate is pinned; another one is refused at once, told with both
// fingerprints, and taken when the owner says so.
func TestTrustOnFirstUse(t *testing.T) {
	d, other := mustTLSDevice(t), mustTLSDevice(t)
	var first [sha256.Size]byte
	if err := Once(t.Context(), Config{Trust: func(f [sha256.Size]byte) error { first = f; return nil }}, d.addr, nothing); err != nil {
		t.Fatal(err)
	}
	if first != d.shows {
		t.Errorf("trusted %x, the device shows %x", first, d.shows)
	}
	if err := Once(t.Context(), Config{Trust: Pin(first)}, d.addr, nothing); err != nil {
		t.Error(err)
	}
	err := Once(t.Context(), Config{Trust: Pin(first)}, other.addr, nothing)
	var changed *CertificateError
	if !errors.Is(err, ErrCertificate) || !errors.As(err, &changed) || changed.Pinned != first || changed.Shown != other.shows {
		t.Fatalf("another certificate: %v", err)
	}
	if err := Once(t.Context(), Config{Trust: Pin(changed.Shown)}, other.addr, nothing); err != nil {
		t.Error(err)
	}
}

// A device may be known by an IPv6 address alone.
func TestIPv6(t *testing.T) {
	d, err := startTLSDevice(t, "::1")
	if err != nil {
		t.Logf("this machine has no IPv6: %v", err)
		return
	}
	if err := Once(t.Context(), Config{}, d.addr, nothing); err != nil {
		t.Error(err)
	}
}

// A thousand connections over TLS, ended by us or dropped by the device, leave
// neither a goroutine nor a socket behind.
func TestThousandConnections(t *testing.T) {
	stays, drops := mustTLSDevice(t), mustTLSDevice(t)
	drops.drops.Store(true)
	before := runtime.NumGoroutine()
	var connecting sync.WaitGroup
	for range 10 {
		connecting.Go(func() {
			for range 50 {
				if err := Once(t.Context(), Config{}, stays.addr, nothing); err != nil {
					t.Error(err)
				}
				err := Once(t.Context(), Config{}, drops.addr, func(ctx context.Context, s *Sender) error {
					_, err := s.ReceiverStatus(ctx)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	connecting.Wait()
	limit := time.Now().Add(10 * time.Second)
	for stays.open.Load()+drops.open.Load() > 0 || runtime.NumGoroutine() > before+1 {
		if time.Now().After(limit) {
			t.Fatalf("%d connections are open, %d goroutines run, %d before", stays.open.Load()+drops.open.Load(), runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}

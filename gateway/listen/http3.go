package listen

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// wantedBuffer is what QUIC wants of the kernel's receive buffer, in bytes.
const wantedBuffer = 7_500_000

// quicServer answers HTTP/3.
type quicServer struct {
	udp       *net.UDPConn
	transport *quic.Transport
	server    *http3.Server
	certs     Certificates
	open      atomic.Int64
	log       *slog.Logger
}

var errFull = errors.New("listen: too many QUIC connections")

func newQUICServer(udp *net.UDPConn, handler http.Handler, certs Certificates, log *slog.Logger) *quicServer {
	if got := growBuffer(udp, wantedBuffer); got < wantedBuffer {
		log.Info("the kernel gives HTTP/3 a small receive buffer; that costs speed, nothing else",
			"bytes", got, "wanted", wantedBuffer, "remedy", "sysctl -w net.core.rmem_max=7500000")
	}
	s := &quicServer{udp: udp, certs: certs, log: log}
	s.transport = &quic.Transport{Conn: udp, ConnContext: s.admit, VerifySourceAddress: s.crowded}
	s.server = &http3.Server{
		Handler: handler, MaxHeaderBytes: maxHeader, IdleTimeout: idlePatience,
		Logger: slog.New(slog.DiscardHandler), // what peers do wrong is no news
	}
	return s
}

// admit counts connections, and refuses one too many.
func (s *quicServer) admit(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) {
	if s.open.Add(1) > maxConnections {
		s.open.Add(-1)
		return nil, errFull
	}
	context.AfterFunc(ctx, func() { s.open.Add(-1) })
	return ctx, nil
}

// crowded asks peers to prove their address (RFC 9000 section 8.1.2) once
// there are more of them than a house has.
func (s *quicServer) crowded(net.Addr) bool { return s.open.Load() > 128 }

func (s *quicServer) serve(ctx context.Context) error {
	s.server.ConnContext = func(conn context.Context, _ *quic.Conn) context.Context {
		// Requests end with the connection, and when the gateway stops.
		joined, cancel := context.WithCancel(conn)
		context.AfterFunc(ctx, cancel)
		return joined
	}
	// 0-RTT stays off: what is sent early can be sent again by others.
	l, err := s.transport.Listen(http3.ConfigureTLSConfig(tlsConfig(s.certs)), &quic.Config{
		HandshakeIdleTimeout:       5 * time.Second,
		MaxIdleTimeout:             time.Minute,
		MaxIncomingStreams:         100,
		MaxIncomingUniStreams:      16,
		MaxStreamReceiveWindow:     1 << 20, // clients send little
		MaxConnectionReceiveWindow: 2 << 20,
	})
	if err != nil {
		return err
	}
	defer closeAll(l)
	return s.server.ServeListener(l)
}

// shutDown lets requests end until ctx does.
func (s *quicServer) shutDown(ctx context.Context) {
	if err := s.server.Shutdown(ctx); err != nil {
		s.log.Debug("cut HTTP/3 connections that did not end by themselves")
	}
	s.close()
}

func (s *quicServer) close() { closeAll(s.transport, s.udp) }

package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"
)

// wantedBuffer is what QUIC wants of the kernel's receive buffer, in bytes.
const wantedBuffer = 7_500_000

// quicServer answers HTTP/3.
type quicServer struct {
	udp       *net.UDPConn
	transport *quic.Transport
	server    *http3.Server
	push      *pushing // nil where nothing is pushed
	certs     Certificates
	open      atomic.Int64
	conns     sync.WaitGroup
	log       *slog.Logger
}

var errFull = errors.New("listen: too many QUIC connections")

func newQUICServer(udp *net.UDPConn, cfg Config) *quicServer {
	handler, log := cfg.Handler, cfg.Log
	if got := growBuffer(udp, wantedBuffer); got < wantedBuffer {
		log.Info("the kernel gives HTTP/3 a small receive buffer; that costs speed, nothing else",
			"bytes", got, "wanted", wantedBuffer, "remedy", "sysctl -w net.core.rmem_max=7500000")
	}
	s := &quicServer{udp: udp, certs: cfg.Certificates, log: log}
	if cfg.Pusher != nil {
		s.push = &pushing{pusher: cfg.Pusher, sessions: make(chan struct{}, maxSessions)}
		handler = s.push.wrap(handler)
	}
	s.transport = &quic.Transport{Conn: udp, ConnContext: s.admit, VerifySourceAddress: s.crowded}
	s.server = &http3.Server{
		Handler: handler, MaxHeaderBytes: maxHeader, IdleTimeout: idlePatience,
		Logger: slog.New(slog.DiscardHandler), // what peers do wrong is no news
	}
	if s.push != nil {
		// Who may push from where is in the signed URL, not in the page's origin.
		s.push.server = &webtransport.Server{H3: s.server, CheckOrigin: func(*http.Request) bool { return true }}
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
	if s.push != nil {
		s.push.alive = ctx
		webtransport.ConfigureHTTP3Server(s.server)
	}
	// 0-RTT stays off: what is sent early can be sent again by others.
	l, err := s.transport.Listen(http3.ConfigureTLSConfig(s.tlsConfig()), &quic.Config{
		HandshakeIdleTimeout:             5 * time.Second,
		MaxIdleTimeout:                   time.Minute,
		MaxIncomingStreams:               100,
		MaxIncomingUniStreams:            16,
		MaxStreamReceiveWindow:           1 << 20, // clients send little
		MaxConnectionReceiveWindow:       2 << 20,
		EnableDatagrams:                  s.push != nil,
		EnableStreamResetPartialDelivery: s.push != nil,
	})
	if err != nil {
		return err
	}
	defer closeAll(l)
	if s.push == nil {
		return s.server.ServeListener(l)
	}
	for {
		conn, err := l.Accept(ctx)
		if err != nil {
			return http.ErrServerClosed
		}
		s.conns.Go(func() { _ = s.push.server.ServeQUICConn(conn) }) // it has ended, or was no HTTP/3
	}
}

// tlsConfig answers with certificates that pages can take by their hash, where
// there are such.
func (s *quicServer) tlsConfig() *tls.Config {
	cfg := tlsConfig(s.certs)
	if b, ok := s.certs.(brief); ok {
		cfg.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return b.Brief() }
	}
	return cfg
}

// shutDown lets requests end until ctx does.
func (s *quicServer) shutDown(ctx context.Context) {
	if err := s.server.Shutdown(ctx); err != nil {
		s.log.Debug("cut HTTP/3 connections that did not end by themselves")
	}
	s.close()
}

func (s *quicServer) close() {
	closeAll(s.transport, s.udp)
	s.conns.Wait()
}

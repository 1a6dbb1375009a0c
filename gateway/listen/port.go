package listen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// ErrInUse tells that somebody else listens on the port. Its text says what to do.
var ErrInUse = errors.New("listen: the port is in use")

// The bounds of what a peer can make the gateway hold.
const (
	maxConnections = 2048             // over TCP, and as many over UDP
	headerPatience = 10 * time.Second // for the TLS handshake, and for a request's header
	idlePatience   = 2 * time.Minute  // between requests
	maxHeader      = 64 << 10         // bytes of a request's header
	grace          = 3 * time.Second  // for requests to end when the gateway stops
)

// Config is what a Port is made of.
type Config struct {
	// Address is HOST:PORT; an empty host is every address, port 0 a free
	// one.
	Address string
	Handler http.Handler
	// Certificates for TLS and HTTP/3; nil: plain HTTP only.
	Certificates Certificates
	Pusher       Pusher       // answers WebTransport; nil: nothing does
	Log          *slog.Logger // nil: silent
}

// Port is one port that is bound and, while Run runs, served.
type Port struct {
	cfg    Config
	log    *slog.Logger
	tcp    *net.TCPListener
	udp    *net.UDPConn // nil without HTTP/3
	door   *door
	quic   *quicServer // nil without HTTP/3
	server *http.Server
}

// Open binds the port. It returns ErrInUse, wrapped with the port's number,
// where somebody else has it. HTTP/3 alone not being possible is no error: it
// stands in the log.
func Open(cfg Config) (*Port, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Handler == nil {
		return nil, errors.New("listen: Config needs a Handler")
	}
	p := &Port{cfg: cfg, log: cfg.Log}
	if err := p.bind(); err != nil {
		return nil, err
	}
	p.door = newDoor(p.tcp, maxConnections)
	p.server = p.newServer()
	if p.udp != nil {
		p.quic = newQUICServer(p.udp, cfg)
	}
	return p, nil
}

// freeTries is how often a free TCP port is looked for whose UDP twin is free
// too.
const freeTries = 8

func (p *Port) bind() error {
	for try := 1; ; try++ {
		var l net.ListenConfig
		tcp, err := l.Listen(context.Background(), "tcp", p.cfg.Address)
		if err != nil {
			return explain(p.cfg.Address, err)
		}
		p.tcp = tcp.(*net.TCPListener)
		if p.cfg.Certificates == nil {
			return nil
		}
		at := p.tcp.Addr().(*net.TCPAddr)
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: at.Port, Zone: at.Zone})
		if err == nil {
			p.udp = udp
			return nil
		}
		if anyPort(p.cfg.Address) && try < freeTries {
			closeAll(p.tcp)
			continue
		}
		p.log.Warn("no HTTP/3: its UDP port cannot be bound; everything else works", "port", at.Port, "err", err)
		return nil
	}
}

func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && (port == "0" || port == "")
}

// explain says what to do about an address that cannot be bound.
func explain(address string, err error) error {
	host, port, splitErr := net.SplitHostPort(address)
	switch {
	case splitErr != nil:
		return fmt.Errorf("listen on %q: give it as HOST:PORT: %w", address, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: port %s is taken by another program or another Jumpgate; stop that one, or choose another port with --listen %s",
			ErrInUse, port, net.JoinHostPort(host, nextPort(port)))
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on port %s: only root may use ports below 1024; choose another with --listen HOST:PORT: %w", port, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("listen on %s: this machine does not have that address: %w", address, err)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}

func nextPort(port string) string {
	if n, err := strconv.Atoi(port); err == nil && n > 0 && n < 65535 {
		return strconv.Itoa(n + 1)
	}
	return "0"
}

// Address is what is bound, with the number of the port.
func (p *Port) Address() *net.TCPAddr { return p.tcp.Addr().(*net.TCPAddr) }

// HTTP3 tells whether the port answers HTTP/3.
func (p *Port) HTTP3() bool { return p.quic != nil }

// Close gives back a port that Run was not called for.
func (p *Port) Close() error {
	if p.quic != nil {
		p.quic.close()
	}
	return p.tcp.Close()
}

// newServer answers what comes over TCP.
func (p *Port) newServer() *http.Server {
	return &http.Server{
		Handler:           announcing(p.cfg.Handler, p.altSvc()),
		ReadHeaderTimeout: headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
}

// altSvc is how HTTP/3 is announced; empty where browsers would not take it:
// they ask for a certificate of a public CA, even where a local one is
// trusted.
func (p *Port) altSvc() string {
	if p.udp == nil || !p.cfg.Certificates.Own() {
		return ""
	}
	return fmt.Sprintf(`h3=":%d"; ma=86400`, p.Address().Port)
}

func announcing(next http.Handler, altSvc string) http.Handler {
	if altSvc == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil {
			w.Header().Set("Alt-Svc", altSvc)
		}
		next.ServeHTTP(w, r)
	})
}

// Run serves until ctx ends, then lets requests end for a few seconds and cuts
// what is left. It is called once, and returns nil when ctx ended.
func (p *Port) Run(ctx context.Context) error {
	alive, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	p.server.BaseContext = func(net.Listener) context.Context { return alive }
	if p.cfg.Certificates != nil {
		p.server.TLSConfig = tlsConfig(p.cfg.Certificates)
		// Named here because a server that also serves plain HTTP sets up
		// HTTP/2 only where it finds it.
		p.server.TLSConfig.NextProtos = []string{"h2", "http/1.1"}
	}
	group, stopping := errgroup.WithContext(ctx)
	group.Go(func() error { return p.door.run(stopping) })
	group.Go(func() error { return ended(p.server.Serve(p.door.plain)) })
	if p.cfg.Certificates != nil {
		group.Go(func() error { return ended(p.server.ServeTLS(p.door.secure, "", "")) })
	}
	if p.quic != nil {
		group.Go(func() error { return ended(p.quic.serve(alive)) })
	}
	group.Go(func() error {
		<-stopping.Done()
		p.shutDown(abort)
		return nil
	})
	return group.Wait()
}

// shutDown ends everything within grace and a moment: first nothing new is
// taken, then handlers are told through their contexts, then connections are
// cut.
func (p *Port) shutDown(abort context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	tell := time.AfterFunc(grace*2/3, abort)
	defer tell.Stop()
	var group errgroup.Group
	group.Go(func() error {
		if err := p.server.Shutdown(ctx); err != nil {
			p.log.Debug("cut connections that did not end by themselves")
			return p.server.Close()
		}
		return nil
	})
	if p.quic != nil {
		group.Go(func() error { p.quic.shutDown(ctx); return nil })
	}
	if err := group.Wait(); err != nil {
		p.log.Warn("close connections", "err", err)
	}
}

// ended is nil for a server that was told to stop.
func ended(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

type closer interface{ Close() error }

// closeAll closes what nobody uses any more.
func closeAll(all ...closer) {
	for _, c := range all {
		_ = c.Close()
	}
}

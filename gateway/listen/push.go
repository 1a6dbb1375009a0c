package listen

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/quic-go/webtransport-go"
)

// Pusher answers WebTransport sessions (draft-ietf-webtrans-http3) with streams
// of ours; clients send nothing.
type Pusher interface {
	// Accept looks at the request that opens a session. It returns what pushes
	// until its context ends, or nil and a status.
	Accept(r *http.Request) (push func(context.Context, PushSession) error, status int)
}

// PushSession is one client that is pushed to.
type PushSession interface {
	// Send puts pieces on a unidirectional stream of their own, which ends with
	// them. A client that does not take them within a second loses them
	// (ErrSlow); any other error ends the session.
	Send(ctx context.Context, pieces ...[]byte) error
}

// ErrSlow tells that a client did not take what was sent in time.
var ErrSlow = errors.New("listen: the client is slow")

const (
	pushPatience = time.Second
	maxSessions  = 256
)

// pushing answers requests for sessions, and leaves others to the handler.
type pushing struct {
	pusher   Pusher
	server   *webtransport.Server
	sessions chan struct{}
	alive    context.Context //nolint:containedctx // ends with the port: sessions outlive their requests
}

func (p *pushing) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			next.ServeHTTP(w, r)
			return
		}
		p.open(w, r)
	})
}

func (p *pushing) open(w http.ResponseWriter, r *http.Request) {
	push, status := p.pusher.Accept(r)
	if push == nil {
		w.WriteHeader(status)
		return
	}
	select {
	case p.sessions <- struct{}{}:
		defer func() { <-p.sessions }()
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	session, err := p.server.Upgrade(w, r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithCancel(session.Context())
	defer cancel()
	stop := context.AfterFunc(p.alive, cancel)
	defer stop()
	// How a session ended is no news: clients leave.
	_ = push(ctx, pushSession{session})
	_ = session.CloseWithError(0, "")
}

type pushSession struct{ *webtransport.Session }

// Send implements PushSession.
func (s pushSession) Send(ctx context.Context, pieces ...[]byte) error {
	opening, cancel := context.WithTimeout(ctx, pushPatience)
	defer cancel()
	stream, err := s.OpenUniStreamSync(opening)
	if err != nil {
		return slow(ctx, err)
	}
	if err := stream.SetWriteDeadline(time.Now().Add(pushPatience)); err != nil {
		return fmt.Errorf("push: %w", err)
	}
	for _, piece := range pieces {
		if _, err := stream.Write(piece); err != nil {
			stream.CancelWrite(0)
			return slow(ctx, err)
		}
	}
	return stream.Close()
}

// slow tells lateness from the end of a session.
func slow(session context.Context, err error) error {
	var late interface{ Timeout() bool }
	if session.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) && late.Timeout()) {
		return fmt.Errorf("%w: %w", ErrSlow, err)
	}
	return fmt.Errorf("push: %w", err)
}

// brief are certificates that a page can be told to take by their hash: ECDSA
// keys, valid for no more than 14 days (W3C WebTransport, section 6.1).
type brief interface {
	Brief() (*tls.Certificate, error)
}

// PushHash is the SHA-256 of the certificate with which HTTP/3 answers, for
// serverCertificateHashes; nil where the certificate is one's own and needs
// none.
func (p *Port) PushHash() ([]byte, error) {
	b, ok := p.cfg.Certificates.(brief)
	if !ok || p.quic == nil {
		return nil, nil
	}
	cert, err := b.Brief()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(cert.Certificate[0])
	return sum[:], nil
}

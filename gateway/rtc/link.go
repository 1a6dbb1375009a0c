package rtc

import (
	"errors"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// link is the life of one peer connection, whichever way its sound goes.
type link struct {
	id   string
	peer *webrtc.PeerConnection

	connected chan struct{}
	ended     chan struct{}

	mu     sync.Mutex
	why    error
	over   bool
	joined bool
}

func newLink(id string, peer *webrtc.PeerConnection) link {
	return link{id: id, peer: peer, connected: make(chan struct{}), ended: make(chan struct{})}
}

// ID names the session; it is unguessable.
func (l *link) ID() string { return l.id }

// Close ends the session.
func (l *link) Close() { l.end(nil) }

func (l *link) connection() *webrtc.PeerConnection { return l.peer }

func (l *link) stateChanged(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.joined {
			l.joined = true
			close(l.connected)
		}
	case webrtc.PeerConnectionStateFailed:
		l.end(errors.New("the browser could not be reached any more"))
	case webrtc.PeerConnectionStateClosed:
		l.end(nil)
	case webrtc.PeerConnectionStateUnknown, webrtc.PeerConnectionStateNew,
		webrtc.PeerConnectionStateConnecting, webrtc.PeerConnectionStateDisconnected:
	}
}

// end finishes the session; the first reason counts.
func (l *link) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	l.over, l.why = true, why
	close(l.ended)
}

// reason is why the session ended.
func (l *link) reason() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

// awaitPeer waits until the peer has connected; false where it does not, or the
// session has ended.
func (l *link) awaitPeer(limit time.Duration) bool {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case <-l.connected:
		return true
	case <-timeout.C:
		l.end(errors.New("the browser did not connect: UDP may be blocked"))
	case <-l.ended:
	}
	return false
}

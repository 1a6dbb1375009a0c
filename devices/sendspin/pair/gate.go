package pair

import (
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Limits of pairing.md.
const (
	// RoundLimit is how many rounds of dynamic codes there may be between two
	// that were right: after it somebody has to act at the device.
	RoundLimit = 20
	// WindowLife is how long a window for the static code stays open.
	WindowLife = 5 * time.Minute
	// windowFailures closes it before.
	windowFailures = 5
	// AttemptTimeout is how long the client gives one attempt.
	AttemptTimeout = 2 * time.Minute
)

// Gate holds attempts back. A client has one for all its connections; its
// methods may be called from any goroutine. The zero value with Now set is
// ready: no window is open.
type Gate struct {
	Now func() time.Time // nil is time.Now

	mu     sync.Mutex
	rounds int       // since the last code that was right
	closes time.Time // of the window
	wrong  int       // within the window
	wake   chan struct{}
}

func (g *Gate) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}

// Open is the act of somebody at the device: it opens a window for the static
// code, and lets rounds be counted anew.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closes, g.wrong, g.rounds = g.now().Add(WindowLife), 0, 0
	if g.wake != nil {
		close(g.wake)
		g.wake = nil
	}
}

// Opened is closed by the next Open.
func (g *Gate) Opened() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wake == nil {
		g.wake = make(chan struct{})
	}
	return g.wake
}

func (g *Gate) admits(method wire.PairMethod) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch method {
	case wire.PairStatic:
		return g.now().Before(g.closes)
	case wire.PairDynamic:
		return g.rounds < RoundLimit
	default:
		return true
	}
}

func (g *Gate) round() {
	g.mu.Lock()
	g.rounds++
	g.mu.Unlock()
}

// another tells whether one more round may follow.
func (g *Gate) another() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rounds < RoundLimit
}

func (g *Gate) verified() {
	g.mu.Lock()
	g.rounds = 0
	g.mu.Unlock()
}

func (g *Gate) failed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wrong++; g.wrong >= windowFailures {
		g.closes = time.Time{}
	}
}

// paired closes the window: it has served.
func (g *Gate) paired() {
	g.mu.Lock()
	g.closes = time.Time{}
	g.mu.Unlock()
}

// Close closes the window, when the connection that used it is gone or the
// operator cancels.
func (g *Gate) Close() { g.paired() }

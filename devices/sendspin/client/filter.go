package client

import (
	"math"
	"sync"
)

// filter estimates the server's clock from client/time exchanges. It is the
// Kalman filter over offset and drift that the specification recommends, fed
// not with single exchanges but with the smallest delay of each direction in a
// group of them: queueing only ever adds delay, so these minima stand much
// closer to the truth, and they need not come from the same exchange. A group
// is as long as the drift is known well enough to compare its ends, up to
// groupMost exchanges.
//
// All times are µs: server = client + off + drift*(client-at).
type filter struct {
	mu    sync.Mutex
	n     int     // updates
	at    int64   // client time of the state
	off   float64 // µs
	drift float64 // µs a µs
	// covariance of (off, drift)
	p00, p01, p11 float64

	group group
	wrong int // exchanges in a row that the estimate contradicts
}

// group collects exchanges. Delays are relative to base and reduced to the
// group's start by the drift as known then.
type group struct {
	n                   int
	start, base         int64
	forward, backward   float64 // smallest
	forwards, backwards float64 // sums
	startDrift          float64
}

const (
	groupLeast = 10
	groupMost  = 200
	// Process noise of a free-running crystal: its rate wanders by about
	// 0.01 ppm in a second, its phase by 0.1 µs.
	driftNoise = 1e-22 // (µs/µs)² a µs
	phaseNoise = 1e-8  // µs² a µs
	maxDrift   = 500e-6
	stampNoise = 5.0 // µs, standard error of reading a clock around a message
)

// exchange takes one client/time and its answer, sent and received by the
// client's clock. It reports whether the estimate moved.
func (f *filter) exchange(sent, serverReceived, serverSent, received int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if received < sent || serverSent < serverReceived {
		return false // no clock runs backwards: not an answer to us
	}
	f.doubt(sent, serverReceived, serverSent, received)
	g := &f.group
	if g.n == 0 {
		*g = group{start: sent, base: serverReceived - sent, startDrift: f.drift}
		g.forward, g.backward = math.Inf(1), math.Inf(1)
	}
	forward := float64(serverReceived-sent-g.base) - g.startDrift*float64(sent-g.start)
	backward := float64(received-serverSent+g.base) + g.startDrift*float64(received-g.start)
	g.forward, g.backward = min(g.forward, forward), min(g.backward, backward)
	g.forwards, g.backwards = g.forwards+forward, g.backwards+backward
	g.n++
	sigma := g.sigma()
	// The first exchanges count one by one: sound need not wait for a group.
	switch {
	case f.n < 3:
	case g.n < groupLeast:
		return false
	case g.n < groupMost && math.Sqrt(f.p11)*float64(received-g.start) < sigma/2:
		return false
	}
	offset := float64(g.base) + (g.forward-g.backward)/2 + g.startDrift*float64(received-g.start)
	f.update(offset, sigma*sigma, received)
	g.n = 0
	return true
}

// sigma is the standard error of the offset by the minima: with delays spread
// evenly over a width w, the smallest of n lies w/(n+1) above the least
// possible one, give or take as much; and w is twice what the mean lies above
// the smallest. Of a single exchange only the bound is known.
func (g *group) sigma() float64 {
	if g.n < 3 {
		return max((g.forward+g.backward)/4, stampNoise)
	}
	n := float64(g.n)
	there := 2 * (g.forwards/n - g.forward) / (n + 1)
	back := 2 * (g.backwards/n - g.backward) / (n + 1)
	return math.Hypot(math.Hypot(there, back)/2, stampNoise)
}

// doubt starts anew where three exchanges in a row contradict the estimate: no
// message arrives before it was sent, so the true offset lies between the two
// differences, whatever the delays are. A clock was set, or a machine slept.
func (f *filter) doubt(sent, serverReceived, serverSent, received int64) {
	if f.n == 0 {
		return
	}
	slack := 2000 + 6*math.Sqrt(max(f.p00, 0))
	high := float64(serverReceived-sent) - (f.off + f.drift*float64(sent-f.at))
	low := float64(serverSent-received) - (f.off + f.drift*float64(received-f.at))
	if high > -slack && low < slack {
		f.wrong = 0
		return
	}
	if f.wrong++; f.wrong >= 3 {
		f.n, f.wrong, f.group.n = 0, 0, 0
		f.drift = 0
	}
}

// update takes one measured offset.
func (f *filter) update(measured, variance float64, at int64) {
	dt := float64(at - f.at)
	switch {
	case f.n == 0:
		// Crystals are within 100 ppm.
		f.n, f.at, f.off, f.drift = 1, at, measured, 0
		f.p00, f.p01, f.p11 = variance, 0, 1e-8
		return
	case dt <= 0:
		return
	}
	off := f.off + f.drift*dt
	p00 := f.p00 + dt*(2*f.p01+dt*f.p11) + phaseNoise*dt
	p01 := f.p01 + dt*f.p11
	p11 := f.p11 + driftNoise*dt
	s := p00 + variance
	k0, k1 := p00/s, p01/s
	residual := measured - off
	f.off, f.drift = off+k0*residual, min(max(f.drift+k1*residual, -maxDrift), maxDrift)
	f.p00, f.p01, f.p11 = (1-k0)*p00, (1-k0)*p01, p11-k1*p01
	f.at = at
	f.n++
}

// forget is for another server's clock.
func (f *filter) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n, f.group.n, f.wrong, f.drift = 0, 0, 0, 0
}

func (f *filter) synced() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n > 0
}

// toLocal converts server time to client time.
func (f *filter) toLocal(server int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	base := float64(server-f.at) - f.off
	return f.at + int64(math.Round(base/(1+f.drift)))
}

// toServer converts client time to server time.
func (f *filter) toServer(local int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return local + int64(math.Round(f.off+f.drift*float64(local-f.at)))
}

// spread is the filter's own standard error of the offset, µs, and the drift
// in parts per million.
func (f *filter) spread() (sigma, ppm float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return math.Sqrt(max(f.p00, 0)), f.drift * 1e6
}

package client

import (
	"math"
	"sync"
)

// filter estimates the server's clock from client/time exchanges. It is the
// Kalman filter over offset and drift that the specification recommends, but it
// is not fed with single exchanges: queueing only ever adds delay, so once a
// second it gets what the smallest delays of each direction say (see window).
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

	window window
	seen   int // exchanges
	wrong  int // exchanges in a row that the estimate contradicts
}

const (
	// The first exchanges count one by one: sound need not wait for a second.
	firstExchanges = 10
	// Process noise of a free-running crystal: its rate wanders by about
	// 0.01 ppm in a second, its phase by 0.1 µs.
	driftNoise = 1e-22 // (µs/µs)² a µs
	phaseNoise = 1e-8  // µs² a µs
	maxDrift   = 500e-6
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
	full := f.window.add(f.drift, sent, serverReceived, serverSent, received)
	if f.seen++; !full && f.seen > firstExchanges {
		return false
	}
	offset, sigma := f.window.measure(received, f.drift)
	f.update(offset, sigma*sigma, received)
	return true
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
		f.restart()
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
	f.restart()
}

func (f *filter) restart() {
	f.n, f.seen, f.wrong, f.drift = 0, 0, 0, 0
	f.window.clear()
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

package client

import (
	"math"
	"sync"
)

// filter estimates the server's clock from client/time exchanges: a Kalman
// filter over offset and drift (the model that the specification recommends),
// fed once a group of exchanges with the smallest delay of each direction in
// that group. Queueing only ever adds delay, so the minima of ten exchanges
// stand much closer to the truth than any single exchange, and they need not
// come from the same one.
//
// All times are µs. server = client + offset + drift*(client-at).
type filter struct {
	mu    sync.Mutex
	n     int
	at    int64   // client time of the state
	off   float64 // µs
	drift float64 // µs a µs
	// covariance of (off, drift)
	p00, p01, p11 float64

	// of the group that is being collected
	count    int
	forward  float64 // smallest server_received - client_transmitted
	backward float64 // smallest client_received - server_transmitted
	first    int64   // base that keeps the two precise as floats
}

const (
	// exchanges in a group, once the filter has settled
	groupSize = 10
	// Process noise of a free-running crystal: its rate wanders by about
	// 0.01 ppm in a second, its phase by 0.1 µs.
	driftNoise = 1e-16 // (µs/µs)² a µs: 0.01 ppm squared, a second
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
	if f.count == 0 {
		f.first = serverReceived - sent
		f.forward, f.backward = math.Inf(1), math.Inf(1)
	}
	f.forward = min(f.forward, float64(serverReceived-sent-f.first))
	f.backward = min(f.backward, float64(received-serverSent+f.first))
	f.count++
	// The first exchanges count one by one: sound need not wait for a group.
	if f.n >= 3 && f.count < groupSize {
		return false
	}
	half := (f.forward + f.backward) / 2
	f.update(float64(f.first)+(f.forward-f.backward)/2, max(half, 1), received)
	f.count = 0
	return true
}

// update takes one measured offset whose error is at most half.
func (f *filter) update(measured, half float64, at int64) {
	variance := half*half/9 + 25 // the bound as three sigma, and 5 µs of stamping
	dt := float64(at - f.at)
	switch {
	case f.n == 0:
		f.reset(measured, variance, at)
		return
	case dt <= 0:
		return
	}
	off := f.off + f.drift*dt
	p00 := f.p00 + dt*(2*f.p01+dt*f.p11) + phaseNoise*dt
	p01 := f.p01 + dt*f.p11
	p11 := f.p11 + driftNoise*dt
	residual := measured - off
	s := p00 + variance
	if f.n > 10 && math.Abs(residual) > half+6*math.Sqrt(s) {
		// Neither delay nor noise explains this: a clock was set, or the
		// server is another one.
		f.reset(measured, variance, at)
		return
	}
	k0, k1 := p00/s, p01/s
	f.off, f.drift = off+k0*residual, clamp(f.drift+k1*residual, maxDrift)
	f.p00, f.p01, f.p11 = (1-k0)*p00, (1-k0)*p01, p11-k1*p01
	f.at = at
	f.n++
}

// reset starts again from one measurement; crystals are within 100 ppm.
func (f *filter) reset(off, variance float64, at int64) {
	f.n, f.at, f.off, f.drift = 1, at, off, 0
	f.p00, f.p01, f.p11 = variance, 0, 1e-8
}

// forget is for another server's clock.
func (f *filter) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n, f.count = 0, 0
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

func clamp(x, limit float64) float64 { return min(max(x, -limit), limit) }

package client

import (
	"math"
	"sync"
)

// filter estimates the server's clock from client/time exchanges: a line through
// what the smallest delays of the last minutes say (see window). The specification
// recommends a Kalman filter over offset and drift, fed with single exchanges; but
// queueing only ever adds delay, and the smallest delays know more than the mean of
// all of them.
//
// All times are µs: server = client + off + drift*(client-at).
type filter struct {
	mu    sync.Mutex
	n     int     // estimates
	at    int64   // client time of the state
	off   float64 // µs
	drift float64 // µs a µs
	sigma float64 // standard error of off

	window window
	seen   int // exchanges
	wrong  int // exchanges in a row that the estimate contradicts
}

const (
	// The first exchanges count one by one: sound need not wait for a second.
	firstExchanges = 10
	maxDrift       = 500e-6
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
	f.off, f.sigma, f.drift = f.window.measure(received)
	f.at = received
	f.n++
	return true
}

// doubt starts anew where three exchanges in a row contradict the estimate: no
// message arrives before it was sent, so the true offset lies between the two
// differences, whatever the delays are. A clock was set, or a machine slept.
func (f *filter) doubt(sent, serverReceived, serverSent, received int64) {
	if f.n == 0 {
		return
	}
	slack := 2000 + 6*f.sigma
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
	return f.sigma, f.drift * 1e6
}

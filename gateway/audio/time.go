package audio

import "time"

// Time is an instant of the gateway's monotonic clock, in microseconds. It
// never jumps with the wall clock; its zero is when the Clock was made.
type Time int64

// Add returns t shifted by d, to the microsecond.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Microseconds()) }

// Sub returns how long t is after u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Microsecond }

// Clock reads the one monotonic clock that timelines, members and players
// share. The zero Clock is not usable; make one with NewClock, once a process.
// It may be copied, and read from any goroutine. Inside a testing/synctest
// bubble it follows the bubble's time.
type Clock struct{ origin time.Time }

// NewClock returns a clock that reads zero now.
func NewClock() Clock { return Clock{origin: time.Now()} }

// Now reads the clock.
func (c Clock) Now() Time { return Time(time.Since(c.origin).Microseconds()) }

// Until returns how long it is until t, negative once t has passed.
func (c Clock) Until(t Time) time.Duration { return t.Sub(c.Now()) }

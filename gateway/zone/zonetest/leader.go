package zonetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Leader is a device in memory that runs a queue of its own: it plays item
// after item by the clock and reports every second and at every change. It may
// be used from any goroutine.
type Leader struct {
	clock audio.Clock
	out   chan zone.Position
	end   chan struct{}
	wake  chan struct{}
	done  sync.WaitGroup

	mu     sync.Mutex
	items  []zone.Item
	at     int
	state  zone.Transport
	offset time.Duration // at since
	since  audio.Time
	report bool
	deaf   bool
	slow   time.Duration // that a call takes
	fails  error
	bad    map[string]error // by track
	loads  int
	edits  int
	closed bool
}

// NewLeader makes a device that holds nothing. Close ends it.
func NewLeader(clock audio.Clock) *Leader {
	l := &Leader{
		clock: clock, out: make(chan zone.Position, 16), end: make(chan struct{}),
		wake: make(chan struct{}, 1), state: zone.Stopped, bad: make(map[string]error),
	}
	l.done.Add(1)
	go l.run()
	return l
}

// Close has the device go away: Positions is closed.
func (l *Leader) Close() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.closed = true
	l.mu.Unlock()
	close(l.end)
	l.done.Wait()
}

// Deaf has the device accept everything and say and do nothing.
func (l *Leader) Deaf() { l.set(func() { l.deaf = true }) }

// Slow has each call take so long; until it is done the device knows nothing of it.
func (l *Leader) Slow(d time.Duration) { l.set(func() { l.slow = d }) }

// Fail has every call return err.
func (l *Leader) Fail(err error) { l.set(func() { l.fails = err }) }

// Refuse has the device fail on a track.
func (l *Leader) Refuse(track string, err error) { l.set(func() { l.bad[track] = err }) }

// Release has somebody else take the device.
func (l *Leader) Release() {
	l.set(func() { l.items, l.state = nil, zone.Stopped })
	l.send(zone.Position{Released: true, State: zone.Stopped, At: l.clock.Now()})
}

// Press is the device's own remote: play, pause or stop.
func (l *Leader) Press(to zone.Transport) { l.set(func() { l.turn(to) }) }

// Shut has the device close its application, as one does that was paused for
// long. Told to play, it loads again what it held.
func (l *Leader) Shut() {
	l.mu.Lock()
	l.turn(zone.Paused)
	p := l.position()
	l.mu.Unlock()
	p.State = zone.Stopped
	l.send(p)
}

// Rearrange is another sender's edit: what follows the present item becomes the
// items of the given entries, in that order. It is reported.
func (l *Leader) Rearrange(entries ...zone.EntryID) {
	l.mu.Lock()
	if l.at >= len(l.items) {
		l.mu.Unlock()
		return
	}
	held := l.items[l.at:]
	next := []zone.Item{held[0]}
	for _, e := range entries {
		if i := slices.IndexFunc(held, func(i zone.Item) bool { return i.Entry == e }); i > 0 {
			next = append(next, held[i])
		}
	}
	l.items, l.at = next, 0
	p := l.position()
	p.Ahead = append([]zone.EntryID{}, entries...) // none is not nil
	l.mu.Unlock()
	l.send(p)
}

// Tell has the device report what somebody set on it.
func (l *Leader) Tell(shuffled bool, repeat zone.Repeat) {
	l.mu.Lock()
	p := l.position()
	l.mu.Unlock()
	p.Shuffled, p.Repeat = shuffled, repeat
	l.send(p)
}

// position is what there is to report.
func (l *Leader) position() zone.Position {
	return zone.Position{
		Entry: l.items[l.at].Entry, State: l.state, Offset: l.now(), At: l.clock.Now(),
		Finished: l.state == zone.Stopped, // when it is stopped it holds nothing
	}
}

// Holds returns the device's items, from the present one on, and how far it is.
func (l *Leader) Holds() ([]zone.Item, zone.Transport, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at >= len(l.items) {
		return nil, l.state, 0
	}
	return slices.Clone(l.items[l.at:]), l.state, l.now()
}

// Calls is how often Load and Edit were called.
func (l *Leader) Calls() (loads, edits int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loads, l.edits
}

// set changes something and has it reported.
func (l *Leader) set(f func()) {
	l.mu.Lock()
	f()
	l.report = true
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *Leader) now() time.Duration {
	if l.state != zone.Playing {
		return l.offset
	}
	return l.offset + l.clock.Now().Sub(l.since)
}

func (l *Leader) turn(to zone.Transport) {
	if l.at >= len(l.items) {
		to = zone.Stopped
	}
	l.offset, l.since = l.now(), l.clock.Now()
	l.state = to
	if to == zone.Stopped {
		l.items, l.at = nil, 0
	}
}

func (l *Leader) start(items []zone.Item, offset time.Duration) {
	l.items, l.at = slices.Clone(items), 0
	l.state, l.offset, l.since = zone.Playing, offset, l.clock.Now()
}

// call is what every call goes through.
func (l *Leader) call(ctx context.Context, f func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	fails, closed, deaf, slow := l.fails, l.closed, l.deaf, l.slow
	l.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	switch {
	case closed:
		return errors.New("zonetest: the device is gone")
	case fails != nil:
		return fails
	case !deaf:
		l.set(f)
	}
	return nil
}

// Load implements zone.Leader.
func (l *Leader) Load(ctx context.Context, items []zone.Item, at zone.Position) error {
	return l.call(ctx, func() {
		l.loads++
		l.start(items, at.Offset)
		if at.State == zone.Paused {
			l.state = zone.Paused
		}
	})
}

// Edit implements zone.Leader.
func (l *Leader) Edit(ctx context.Context, e zone.Edit) error {
	return l.call(ctx, func() {
		l.edits++
		keep := indexOf(l.items, e.Keep)
		if keep < 0 {
			return
		}
		at := l.at
		if e.Cut || at > keep {
			i := indexOf(e.Items, l.items[at].Entry)
			at = keep + 1 + max(i, 0)
			if e.Cut || i < 0 {
				at, l.offset, l.since = keep+1, 0, l.clock.Now()
			}
		}
		l.items = slices.Concat(l.items[:keep+1], e.Items)
		if l.at = at; at == len(l.items) {
			l.at, l.state = keep, zone.Stopped
		}
	})
}

func indexOf(items []zone.Item, e zone.EntryID) int {
	return slices.IndexFunc(items, func(i zone.Item) bool { return i.Entry == e })
}

// Finish has the device take it that it is through with all it holds.
func (l *Leader) Finish() {
	l.set(func() {
		if l.at < len(l.items) {
			l.items = l.items[:l.at+1]
			l.offset, l.since = l.items[l.at].Track.Duration, l.clock.Now()
		}
	})
}

// Transport implements zone.Leader.
func (l *Leader) Transport(ctx context.Context, to zone.Transport) error {
	return l.call(ctx, func() { l.turn(to) })
}

// Seek implements zone.Leader.
func (l *Leader) Seek(ctx context.Context, offset time.Duration) error {
	return l.call(ctx, func() { l.offset, l.since = offset, l.clock.Now() })
}

// Positions implements zone.Leader.
func (l *Leader) Positions() <-chan zone.Position { return l.out }

func (l *Leader) run() {
	defer l.done.Done()
	defer close(l.out)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		end, report := l.step()
		for _, p := range report {
			l.send(p)
		}
		timer := time.NewTimer(end)
		select {
		case <-l.end:
			timer.Stop()
			return
		case <-l.wake:
		case <-tick.C:
			l.mu.Lock()
			l.report = true
			l.mu.Unlock()
		case <-timer.C:
		}
		timer.Stop()
	}
}

// step plays up to now; it returns how long the present item lasts yet and
// what there is to report.
func (l *Leader) step() (time.Duration, []zone.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []zone.Position
	for l.state == zone.Playing && l.at < len(l.items) {
		item := l.items[l.at]
		err := l.bad[item.Track.ID]
		over := l.now() - item.Track.Duration
		if err == nil && over < 0 {
			break
		}
		l.report = true
		if err != nil {
			out = append(out, zone.Position{Entry: item.Entry, State: zone.Stopped, At: l.clock.Now(), Err: err})
			over = 0
		}
		if l.at++; l.at == len(l.items) {
			l.at--
			l.offset, l.state = item.Track.Duration, zone.Stopped
			break
		}
		l.offset, l.since = over, l.clock.Now()
	}
	if l.deaf || l.at >= len(l.items) {
		l.report = false
		return time.Hour, out
	}
	item := l.items[l.at]
	if l.report {
		out = append(out, l.position())
		l.report = false
	}
	if l.state != zone.Playing {
		return time.Hour, out
	}
	return item.Track.Duration - l.now(), out
}

// send gives a report to the zone; one that nobody takes is lost.
func (l *Leader) send(p zone.Position) {
	select {
	case l.out <- p:
	default:
	}
}

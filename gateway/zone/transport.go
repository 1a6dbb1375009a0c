package zone

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// What happens when tracks cannot be played: each further one in a row is
// tried later than the one before, and after maxFailures the zone stops.
const (
	maxFailures  = 10
	firstBackoff = 250 * time.Millisecond
	longBackoff  = 10 * time.Second
)

// saveEvery is how often the position is journaled while playing.
const saveEvery = time.Second

// holdFor is how long a playing zone without any device waits for one before
// it counts as paused.
const holdFor = 5 * time.Minute

// transport is what a zone is doing and about to do. Its fields belong to the
// zone's goroutine.
type transport struct {
	state  Transport     // what was asked for
	offset time.Duration // into the current entry while nothing is heard
	epoch  uint64

	pending *start
	cued    *deck // the current entry at offset, decoded while paused
	next    *deck // what follows the last span
	skipped *node // the entry that next follows, where it is not the last span's
	flushed bool  // nothing follows: the encoders were emptied
	atEnd   bool  // everything was played

	failures int
	lastErr  error // of the last failure
	retryAt  audio.Time
	retry    func()
	saveAt   audio.Time
	holdTill audio.Time
	now      *playing
	missed   []Play // could not begin, to be logged behind now
}

// start is an epoch that waits for its first audio.
type start struct {
	deck      *deck
	notBefore audio.Time
	keep      bool // the present span is heard to its end first
	rest      bool // it is what is left of the present span's track
	via       *node
}

// begin starts an entry at an offset in a new epoch. The entry that plays ends
// as how says; an empty how means that it is the same playing, as in a seek.
func (z *Zone) begin(n *node, offset time.Duration, how string) {
	if how != "" {
		z.endPlay(how)
		z.rethink()
	}
	z.tally()
	z.queue.cur = n
	z.play.state = Playing
	z.play.offset = offset
	z.play.atEnd = false
	z.play.skipped = nil
	z.play.epoch++
	z.play.retryAt = 0
	z.dirty = true
	z.line.head.reset()
	if z.line.feed != nil {
		z.line.feed.cancel()
		z.line.feed = nil
	}
	z.savePosition(nil)
	if z.lead != nil {
		z.lead.play(offset)
		return
	}
	if len(z.line.outputs) == 0 {
		z.hold()
		return
	}
	z.await(&start{deck: z.deckFor(n.entry, offset)})
	z.topUp()
}

// hold keeps a playing zone where it is until a device comes.
func (z *Zone) hold() {
	z.cancelPending()
	z.line.halt()
	z.line.head.reset()
	if z.play.holdTill == 0 {
		z.play.holdTill = z.now().Add(holdFor)
	}
	z.tell(lasting, phrase.NoDevice)
}

// await makes s the epoch to come.
func (z *Zone) await(s *start) {
	if z.play.pending != nil && z.play.pending.deck != s.deck {
		z.play.pending.deck.cancel()
	}
	z.play.pending = s
	if s.deck.ready || s.deck.failed != nil {
		z.deckReady(s.deck)
	}
}

func (z *Zone) cancelPending() {
	if z.play.pending != nil {
		z.play.pending.deck.cancel()
		z.play.pending = nil
	}
}

// deckFor takes a deck that already has what is wanted, or opens one.
func (z *Zone) deckFor(e Entry, offset time.Duration) *deck {
	for _, slot := range []**deck{&z.play.cued, &z.play.next} {
		d := *slot
		if d == nil || d.entry.ID != e.ID || d.order.offset != offset || d.order.over != nil || d.failed != nil {
			continue
		}
		*slot = nil
		return d
	}
	if offset == 0 { // where scouts begin
		if d := z.flow.scouts.take(e); d != nil {
			return d
		}
	}
	return z.open(deckOrder{entry: e, offset: offset})
}

// deckReady is a deck's report.
func (z *Zone) deckReady(d *deck) {
	switch p := z.play.pending; {
	case p != nil && p.deck == d:
		z.play.pending = nil
		if d.failed != nil {
			z.couldNotPlay(d, p)
			return
		}
		z.started(d, p)
	case z.play.next == d && d.failed != nil:
		z.nextFailed(d)
	case z.play.next == d:
		z.feedNext()
	}
}

// started begins the epoch that a deck was awaited for.
func (z *Zone) started(d *deck, p *start) {
	at := z.line.cut(d, p.notBefore)
	s := span{entry: d.entry.ID, by: d.entry.By, track: d.track, at: at, offset: d.offset, via: p.via, silent: p.rest}
	z.play.flushed = false
	z.play.skipped = nil
	z.play.holdTill = 0
	z.untell()
	z.dirty = true
	if p.keep && z.line.head.now() != nil {
		z.play.epoch++
		z.line.head.push(s)
	} else {
		z.line.head.reset(s)
		z.play.offset = d.offset
		z.beginPlay(&s)
	}
	z.prepareNext()
	z.flow.scouts.send(z)
}

// couldNotPlay goes on behind an entry that was to start and could not.
func (z *Zone) couldNotPlay(d *deck, p *start) {
	z.failed(d)
	n := z.queue.find(d.entry.ID)
	next := z.queue.after(n, true)
	switch {
	case z.play.failures >= maxFailures || next == n:
	case next == nil && !p.keep && z.cfg.Flow != nil:
		z.awaitFlow(n)
		return
	case next != nil:
		z.later(func() {
			if p.keep {
				z.play.skipped = n
				z.prepareNext()
				z.feedNext()
				return
			}
			z.begin(next, 0, "")
		})
		return
	}
	if !p.keep {
		z.giveUp()
	}
}

// awaitFlow goes on behind n once the flow has given something: it may be asked
// still when the only pick turns out to be broken.
func (z *Zone) awaitFlow(n *node) {
	epoch := z.play.epoch
	z.whenFilled(func(err error) {
		if z.play.epoch != epoch || z.play.state != Playing {
			return // somebody wants something else by now
		}
		switch next := z.queue.after(n, true); {
		case next != nil:
			z.begin(next, 0, "")
		case err == nil:
			z.later(func() { z.awaitFlow(n) }) // its entries are being written
		default:
			z.giveUp()
		}
	})
}

// nextFailed goes past an entry that was to follow and cannot be played.
func (z *Zone) nextFailed(d *deck) {
	z.play.next = nil
	z.failed(d)
	n := z.queue.find(d.entry.ID)
	z.play.skipped = n
	if z.play.failures >= maxFailures || z.queue.after(n, true) == n {
		z.feedNext()
		return
	}
	z.later(func() {
		z.prepareNext()
		z.feedNext()
	})
}

// failed tells about an entry that could not be played.
func (z *Zone) failed(d *deck) {
	z.play.failures++
	z.play.lastErr = d.failed
	z.log.Warn("track skipped", "zone", z.cfg.ID, "track", d.entry.Track, "err", d.failed)
	z.tellSkipped(d.track, d.failed)
	z.missedPlay(d.entry, d.track)
}

// giveUp stops a zone that finds nothing it can play.
func (z *Zone) giveUp() {
	n, err := z.play.failures, z.play.lastErr
	z.stopPlaying("failed")
	if n > 1 {
		z.tell(lasting, phrase.StoppedMany, n, z.cause(err))
	} else {
		z.tell(lasting, phrase.Stopped, z.cause(err))
	}
}

// later calls f after a pause that grows with the failures in a row.
func (z *Zone) later(f func()) {
	d := min(firstBackoff<<min(z.play.failures-1, 10), longBackoff)
	z.play.retryAt = z.now().Add(d)
	z.play.retry = f
}

// pausePlaying silences the members and remembers where it was.
func (z *Zone) pausePlaying() {
	offset := z.offset()
	z.tally()
	z.cancelPending()
	z.line.halt()
	z.line.head.reset()
	if z.lead != nil {
		z.lead.transport(Paused)
	}
	z.play.offset = offset
	z.play.state = Paused
	z.play.retryAt, z.play.holdTill = 0, 0
	z.dirty = true
	z.cue()
	z.savePosition(nil)
}

// stopPlaying silences the members and goes back to the track's start.
func (z *Zone) stopPlaying(how string) {
	z.endPlay(how)
	z.cancelPending()
	z.line.halt()
	z.line.head.reset()
	if z.lead != nil {
		z.lead.transport(Stopped)
	}
	z.play.offset = 0
	z.play.state = Stopped
	z.play.failures = 0
	z.play.retryAt, z.play.holdTill = 0, 0
	z.dirty = true
	z.rethink()
	z.cue()
	z.savePosition(nil)
}

// cue decodes the current entry's next second, so that play answers at once. What
// is live has no next second, and is not listened to while nobody does.
func (z *Zone) cue() {
	d := z.play.cued
	n := z.queue.cur
	if d != nil && n != nil && d.entry.ID == n.entry.ID && d.order.offset == z.play.offset {
		return
	}
	if d != nil {
		d.cancel()
		z.play.cued = nil
	}
	live := n != nil && z.shown != nil && z.shown.ID == n.entry.Track && z.shown.Live
	if n != nil && !live && z.lead == nil && z.play.state != Playing {
		z.play.cued = z.open(deckOrder{entry: n.entry, offset: z.play.offset})
	}
}

// offset is how far into the current entry the zone is.
func (z *Zone) offset() time.Duration {
	switch {
	case z.lead != nil:
		return z.lead.offset(z.now())
	case z.line.running && z.line.head.now() != nil:
		return z.line.head.offset(z.now())
	default:
		return z.play.offset
	}
}

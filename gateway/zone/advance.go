package zone

import (
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// fill takes what the feeding deck has, up to the horizon.
func (z *Zone) fill() {
	for z.line.wants(z.now()) {
		select {
		case b, ok := <-z.line.feed.out:
			z.block(b, ok)
		default:
			z.line.starved = true
			return
		}
	}
}

// block is the next block of the feeding deck, or its end.
func (z *Zone) block(b block, ok bool) {
	z.line.starved = false
	if !ok {
		z.deckLeft(z.line.feed.err)
		return
	}
	if z.line.late(z.now()) {
		z.rebase()
	}
	if z.click {
		b = clicked(b, z.line.frames, z.line.rate)
	}
	d := z.line.feed
	b, left := z.handOver(b)
	d.taken += b.frames()
	if b.frames() > 0 {
		z.line.take(b)
	}
	if left {
		d.cancel()
		z.deckLeft(nil)
	}
}

// deckLeft marks where the span that was decoded ends, and goes on; err is why
// its track broke off.
func (z *Zone) deckLeft(err error) {
	d, s := z.line.feed, z.line.head.last()
	z.line.feed = nil
	if s != nil {
		s.end = z.line.timeOf(z.line.frames)
		s.failed = err
	}
	if err != nil {
		z.log.Warn("track broke off", "zone", z.cfg.ID, "track", d.entry.Track, "err", err)
		z.tell(passing, phrase.BrokeOff, z.cause(err))
		z.play.failures++
		z.play.lastErr = err
	} else {
		z.play.failures = 0
	}
	z.feedNext()
}

// rebase starts a new epoch with the same deck, because its audio comes too
// late for the old one: after a stall of the disk, of the machine, of the flow.
func (z *Zone) rebase() {
	due := z.line.timeOf(z.line.frames)
	s := z.line.head.last()
	at := z.line.cut(z.line.feed, 0)
	z.play.epoch++
	z.dirty = true
	if s == nil {
		return
	}
	if due <= s.at {
		s.at = at
	} else {
		s.end = due
		z.line.head.push(span{
			entry: s.entry, by: s.by, track: s.track,
			at: at, offset: s.offset + due.Sub(s.at), via: s.via, silent: true,
		})
	}
	if z.play.now != nil && len(z.line.head.spans) == 1 {
		z.play.now.from = at
	}
	z.prepareNext()
}

// expected is what follows the last span.
func (z *Zone) expected() *node {
	if z.play.skipped != nil {
		return z.queue.after(z.play.skipped, true)
	}
	s := z.line.head.last()
	if s == nil {
		return nil
	}
	return z.queue.after(z.queue.find(s.entry), false)
}

// prepareNext opens what follows the last span, before it is needed.
func (z *Zone) prepareNext() {
	var n *node
	if z.line.running && z.line.head.last() != nil && z.play.failures < maxFailures {
		n = z.expected()
	}
	d, over := z.play.next, z.overlapNow()
	if d != nil && n != nil && d.entry.ID == n.entry.ID && d.order.over.same(over) {
		return
	}
	if d != nil {
		d.cancel()
		z.play.next = nil
	}
	if n != nil && (z.play.retryAt == 0 || z.now() >= z.play.retryAt) {
		z.play.next = z.open(deckOrder{entry: n.entry, over: over})
	}
}

// feedNext joins the next deck to the one that ended, sample on sample.
func (z *Zone) feedNext() {
	if !z.line.running || z.line.feed != nil || z.play.pending != nil || z.line.head.last() == nil {
		return
	}
	d := z.play.next
	switch {
	case d == nil && z.play.retryAt != 0:
		return
	case d == nil:
		z.prepareNext()
		if z.play.next == nil && !z.play.flushed {
			z.play.flushed = true
			z.line.flush()
			z.topUp()
		}
		return
	case !d.ready:
		return
	case d.over != nil && !d.over.cut:
		// The track that was to fade out over it has ended before: it is played as
		// it is.
		d.cancel()
		z.play.next = z.open(deckOrder{entry: d.entry})
		return
	}
	z.play.next = nil
	via := z.play.skipped
	z.play.skipped = nil
	if z.play.flushed {
		z.await(&start{deck: d, notBefore: z.line.head.last().end, keep: true, via: via})
		return
	}
	z.line.turn(d.rate, d.bits)
	z.line.feed, z.line.starved = d, false
	z.line.head.push(span{
		entry: d.entry.ID, by: d.entry.By, track: d.track,
		at: z.line.timeOf(z.line.frames), offset: d.offset, via: via,
	})
	z.prepareNext()
}

// advance follows what is heard from one entry to the next.
func (z *Zone) advance() {
	now := z.now()
	for z.line.running && z.line.head.due(now) {
		if len(z.line.head.spans) == 1 {
			if z.play.flushed && z.play.next == nil && z.play.pending == nil && !z.flow.asking && z.play.retryAt == 0 {
				z.finish()
			}
			return
		}
		old := z.line.head.shift()
		s := z.line.head.now()
		if s.silent {
			if z.play.now != nil {
				z.tally()
				z.play.now.from = s.at
			}
			continue
		}
		z.endPlay(ending(old))
		if n := z.queue.find(s.entry); n != nil {
			z.queue.cur = n
		}
		z.beginPlay(s)
		z.dirty = true
		z.savePosition(nil)
		z.settled()
	}
}

func ending(s span) string {
	if s.failed != nil {
		return "failed"
	}
	return "complete"
}

// finish ends a queue that nothing follows.
func (z *Zone) finish() {
	s := z.line.head.now()
	if s.failed != nil || z.play.failures >= maxFailures {
		z.giveUp()
		return
	}
	z.stopPlaying(ending(*s))
	z.play.atEnd = true
}

// requeued makes decoded audio follow the queue after it changed. What was
// decoded beyond the present entry and is no longer what follows is dropped.
func (z *Zone) requeued() {
	if z.lead != nil {
		z.lead.sync()
		return
	}
	if n := z.play.skipped; n != nil && z.queue.position(n) < 0 {
		z.play.skipped = nil
	}
	spans := z.line.head.spans
	for i := 1; i < len(spans) && z.line.running; i++ {
		if spans[i].silent {
			continue
		}
		n := z.queue.after(z.queue.find(spans[i-1].entry), false)
		if via := spans[i].via; via != nil {
			n = z.queue.after(via, true)
		}
		if n != nil && n.entry.ID == spans[i].entry {
			continue
		}
		z.replaceTail(i, n)
		return
	}
	z.prepareNext()
	z.feedNext()
}

// replaceTail drops the spans from i on; n follows the one before them.
func (z *Zone) replaceTail(i int, n *node) {
	z.line.head.spans = z.line.head.spans[:i]
	join := z.line.head.last().end
	if z.line.feed != nil {
		z.line.feed.cancel()
		z.line.feed = nil
	}
	z.play.skipped = nil
	if z.play.pending != nil {
		z.cancelPending()
	}
	z.play.flushed = true
	// A track that was left where it begins to fade is heard to its end.
	tail := z.line.head.last().tail
	switch {
	case n != nil && tail != nil:
		z.await(&start{deck: z.open(deckOrder{entry: n.entry, over: tail}), notBefore: join, keep: true})
	case n != nil:
		z.await(&start{deck: z.deckFor(n.entry, 0), notBefore: join, keep: true})
	case tail != nil:
		rest := deckOrder{entry: tail.going.entry, offset: durationOf(tail.from, tail.rate)}
		z.await(&start{deck: z.open(rest), notBefore: join, keep: true, rest: true})
	default:
		z.line.silence(join)
	}
}

// tend does what is due by the clock and not by audio.
func (z *Zone) tend() {
	now := z.now()
	if z.play.retryAt != 0 && now >= z.play.retryAt {
		f := z.play.retry
		z.play.retryAt, z.play.retry = 0, nil
		f()
	}
	if z.play.state == Playing && now >= z.play.saveAt {
		z.savePosition(nil)
	}
	if z.play.holdTill != 0 && now >= z.play.holdTill {
		z.pausePlaying()
	}
	z.problem.expire(z, now)
	z.flow.tend(z, now)
	if z.lead != nil {
		z.lead.tend(now)
	}
}

// wakes is when tend or advance has something to do; 0 for never.
func (z *Zone) wakes() audio.Time {
	var at audio.Time
	soonest := func(t audio.Time) {
		if t != 0 && (at == 0 || t < at) {
			at = t
		}
	}
	soonest(z.play.retryAt)
	soonest(z.play.holdTill)
	soonest(z.problem.until)
	soonest(z.flow.wakes())
	if z.play.state == Playing && (z.line.running || z.lead != nil) {
		soonest(z.play.saveAt)
	}
	if s := z.line.head.now(); s != nil && z.line.running && s.end > z.now() {
		soonest(s.end)
	}
	if z.lead != nil {
		soonest(z.lead.wakes())
	}
	return at
}

package zone

import (
	"errors"
)

// report is what the leading device says: the zone follows it.
func (l *lead) report(p Position) {
	z := l.z
	l.silence = 0
	switch {
	case p.Released:
		l.loaded = false // it plays for somebody else: leave it alone
		l.letGo(ErrTaken)
		return
	case p.Err != nil:
		l.itemFailed(p.Entry, p.Err)
		return
	case l.target != "" && p.Entry != l.target:
		return // said before it heard what to play
	case !l.loaded:
		return
	case l.starting && p.State == Stopped:
		return // what it held before has ended
	case l.asked != "" && p.State != l.asked && (p.State != Stopped || l.asked == Playing):
		// Said before it heard that it is to pause, or to go on. A device that has
		// just closed what was paused loads it again, or the call fails.
		return
	}
	n := z.queue.find(p.Entry)
	if n == nil && p.State == Stopped {
		n = z.queue.cur // it held nothing but what has been removed since
	}
	if n == nil {
		return // removed since; what follows it was sent
	}
	if p.Finished && n == z.queue.cur && l.hardlyBegun() {
		l.forget()
		l.itemFailed(n.entry.ID, ErrAtOnce)
		return
	}
	ended := p.Finished || l.played(p)
	if n != z.queue.cur || ended && p.State == Playing {
		l.moved(n, p, ended)
	}
	l.target = ""
	l.pos, l.reported = p, true
	l.adopt(n, p, ended)
	l.edited(p)
}

// ErrAtOnce is why an item is passed over that the device said it was through
// with as soon as it had begun.
var ErrAtOnce = errors.New("the device took this and was at its end at once")

// hardlyBegun tells whether the current track was played for no more than a
// moment of its length.
func (l *lead) hardlyBegun() bool {
	t, ok := l.tracks[l.z.queue.cur.entry.Track]
	return ok && l.reported && l.z.play.state == Playing && t.Duration > 2*nearEnd && l.offset(l.z.now()) < nearEnd
}

// played tells whether the current track was heard to its end before p.
func (l *lead) played(p Position) bool {
	cur := l.z.queue.cur
	if !l.reported || cur == nil || l.pos.State != Playing {
		return false
	}
	t, ok := l.tracks[cur.entry.Track]
	near := ok && t.Duration > 0 && l.offset(l.z.now()) >= t.Duration-nearEnd
	if p.Entry == cur.entry.ID && p.State != Stopped {
		return near && p.Offset < nearEnd && l.z.queue.repeat == RepeatOne && t.Duration > 2*nearEnd
	}
	return near
}

// moved follows the device to another entry.
func (l *lead) moved(n *node, p Position, ended bool) {
	z := l.z
	how := "skipped"
	if ended {
		how = "complete"
	}
	z.endPlay(how)
	z.queue.cur = n
	z.play.offset = p.Offset
	l.failures = 0
	z.dirty = true
	z.savePosition(nil)
	z.settled()
}

// adopt takes over whether the device plays.
func (l *lead) adopt(n *node, p Position, ended bool) {
	z := l.z
	switch p.State {
	case Playing:
		if z.play.state != Playing {
			z.play.state = Playing
			z.dirty = true
		}
		if t, ok := l.tracks[n.entry.Track]; ok && (z.play.now == nil || z.play.now.entry != n.entry.ID || z.play.now.from == 0) {
			z.beginPlay(&span{entry: n.entry.ID, by: n.entry.By, track: t, at: max(p.At, 1)})
			z.untell()
		}
		l.sync()
	case Paused:
		z.tally()
		z.play.offset = p.Offset
		if z.play.state != Paused {
			z.play.state = Paused
			z.dirty = true
			z.savePosition(nil)
		}
	case Stopped:
		l.stopped(n, ended)
	}
	z.dirty = true
}

// stopped deals with a device that plays no more.
func (l *lead) stopped(n *node, ended bool) {
	z := l.z
	l.forget()
	if z.play.state != Playing {
		return
	}
	next := z.queue.after(n, false)
	switch {
	case ended && next != nil:
		z.begin(next, 0, "complete") // its queue ran dry, ours did not
	case ended:
		z.stopPlaying("complete")
		z.play.atEnd = true
	default:
		z.stopPlaying("stopped")
	}
}

// itemFailed goes past an entry that the device cannot play. After two in a row
// the timeline plays on it.
func (l *lead) itemFailed(id EntryID, err error) {
	z := l.z
	l.failures++
	n := z.queue.find(id)
	if n == nil {
		return
	}
	t := l.tracks[n.entry.Track]
	if z.play.now != nil && z.play.now.entry == id {
		z.endPlay("failed")
	} else {
		z.missedPlay(n.entry, t)
	}
	missing := errors.Is(err, ErrNoTrack)
	if l.failures >= leadFailures && !missing && l.member.Output != nil {
		z.queue.cur = n
		z.play.offset = 0
		l.reported = false
		l.unfit(err)
		return
	}
	t.ID = n.entry.Track
	z.tellSkipped(t, err)
	next := z.queue.after(n, true)
	if next == nil || next == n || l.failures >= maxFailures {
		z.play.failures, z.play.lastErr = l.failures, err
		z.giveUp()
		return
	}
	z.play.failures = l.failures
	z.later(func() {
		if z.lead == l && z.play.state == Playing {
			l.reported = false
			z.begin(next, 0, "")
		}
	})
}

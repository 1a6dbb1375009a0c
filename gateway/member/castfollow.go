package member

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// unsupported is a device's code for a format that it does not play.
const unsupported = 104

// ErrHangs is why an item is given up that the device took and does not play.
var ErrHangs = errors.New("the device took this and hangs")

// castWatch is what of a device's reports was dealt with already.
type castWatch struct {
	failures int // of Status.Failures
	edits    int // of Status.Edits
	stalled  bool
	read     bool // its queue is to be read, somebody has edited it
	unrepeat bool // its own repeating is to be switched off: the zone repeats
}

// playFailure is what the device could not play, until it was dealt with.
type playFailure struct {
	items []zone.Item // from the one that failed on
	code  int
	err   error
}

// follow takes a report; back tells that the device was out of reach before it.
// The caller holds mu.
func (c *Cast) follow(status cast.Status, back bool) {
	if !c.loaded && (c.stream.run == nil || !back) {
		return // of what was there before
	}
	if status.Foreign {
		c.stream.fail(zone.ErrTaken)
		c.report(zone.Position{Released: true, At: c.cfg.Clock.Now()})
		return
	}
	if c.stream.run != nil {
		if c.stream.follow(status, back) {
			c.wakeStream()
		}
		return
	}
	p := zone.Position{
		Entry: zone.EntryID(status.Item), State: transport(status.State), Offset: status.Position,
		At: c.cfg.Clock.Now().Add(-time.Since(status.At)), Finished: status.State == cast.Idle && status.IdleReason == "FINISHED",
	}
	switch {
	case strings.HasPrefix(status.Item, streamItem):
		return // it is on its way to something else
	case status.Item == "" && (c.last == "" || c.shut):
		return
	case c.trouble(status):
		return
	case status.Item == "": // the application was closed
		p = zone.Position{Entry: c.last, State: zone.Stopped, At: c.cfg.Clock.Now()}
		c.shut = true
	default:
		c.last, c.shut = p.Entry, false
		c.edited(status, &p)
	}
	c.report(p)
}

// trouble tells whether a report is of an item that does not play; that is dealt
// with in the member's own time. The caller holds mu.
func (c *Cast) trouble(status cast.Status) bool {
	w := &c.watch
	var failed zone.EntryID
	err := ErrFetchOrFormat
	switch {
	case status.Failures > w.failures:
		failed = zone.EntryID(cmp.Or(status.Failed, status.Item, string(c.last)))
		if status.FailedCode != 0 {
			err = &cast.RequestError{Type: "LOAD_FAILED", Code: status.FailedCode}
		}
	case status.IdleReason == "ERROR" && status.Item != "":
		failed = zone.EntryID(status.Item)
	case status.Stalled && !w.stalled:
		failed, err = zone.EntryID(status.Item), ErrHangs
	}
	w.failures, w.stalled = status.Failures, status.Stalled
	if failed == "" {
		return false
	}
	if failed == c.failed {
		return true
	}
	c.failed = failed
	at := heldAt(c.held, failed)
	if at < 0 {
		c.report(zone.Position{Entry: failed, State: zone.Stopped, At: c.cfg.Clock.Now(), Err: err})
		return true
	}
	c.failure = playFailure{items: c.held[at:], code: status.FailedCode, err: err}
	c.wakeStream()
	return true
}

// edited notes what others changed on the device. The caller holds mu.
func (c *Cast) edited(status cast.Status, p *zone.Position) {
	w := &c.watch
	if status.Edits != w.edits {
		w.edits, w.read = status.Edits, true
		c.wakeStream()
	}
	switch status.Repeat {
	case cast.RepeatSingle:
		p.Repeat = zone.RepeatOne
	case cast.RepeatAll, cast.RepeatAllAndShuffle:
		p.Repeat = zone.RepeatAll
		p.Shuffled = status.Repeat == cast.RepeatAllAndShuffle
	case cast.RepeatOff:
	}
	if p.Repeat != "" && !w.unrepeat {
		w.unrepeat = true
		c.wakeStream()
	}
}

// tend does what follow has found to do. The caller has the turn.
func (c *Cast) tend(ctx context.Context) error {
	return errors.Join(c.tendFailure(ctx), c.reload(ctx), c.tendQueue(ctx))
}

// tendFailure loads what failed in another form, or reports it.
func (c *Cast) tendFailure(ctx context.Context) error {
	c.mu.Lock()
	f := c.failure
	c.failure = playFailure{}
	c.mu.Unlock()
	if len(f.items) == 0 {
		return nil
	}
	if !errors.Is(f.err, ErrHangs) && c.cfg.Refused(ctx, f.items[0], f.code == unsupported) {
		err := c.load(ctx, f.items, 0)
		if err == nil {
			return nil
		}
		f.err = err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report(zone.Position{Entry: f.items[0].Entry, State: zone.Stopped, At: c.cfg.Clock.Now(), Err: f.err})
	return nil
}

// tendQueue reads what others made of the device's queue.
func (c *Cast) tendQueue(ctx context.Context) error {
	c.mu.Lock()
	read, unrepeat := c.watch.read, c.watch.unrepeat
	c.watch.read, c.watch.unrepeat = false, false
	held := slices.Clone(c.held)
	c.mu.Unlock()
	if unrepeat {
		if err := c.cfg.Sender.SetRepeat(ctx, cast.RepeatOff); err != nil {
			return err
		}
	}
	if !read {
		return nil
	}
	queue, err := c.cfg.Sender.Queue(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	status := c.cfg.Sender.Status()
	ahead, shuffled, ok := arranged(queue, held, zone.EntryID(status.Item))
	if !ok || status.Foreign || c.stream.run != nil {
		return nil
	}
	if !shuffled {
		c.rearrange(zone.EntryID(status.Item), ahead)
	}
	c.report(zone.Position{
		Entry: zone.EntryID(status.Item), State: transport(status.State), Offset: status.Position,
		At: c.cfg.Clock.Now().Add(-time.Since(status.At)), Ahead: ahead, Shuffled: shuffled,
	})
	return nil
}

// rearrange brings what is known to be held to what the device holds.
func (c *Cast) rearrange(current zone.EntryID, ahead []zone.EntryID) {
	at := heldAt(c.held, current)
	if at < 0 {
		return
	}
	next := slices.Clone(c.held[:at+1])
	for _, e := range ahead {
		if i := heldAt(c.held, e); i > at {
			next = append(next, c.held[i])
		}
	}
	c.held = next
}

// arranged reads what a device's queue holds behind the item that plays.
// Shuffled is a queue in which what was heard is to come, or what was to come
// lies behind: an edit by hand does not do that.
func arranged(queue []cast.Queued, held []zone.Item, current zone.EntryID) (ahead []zone.EntryID, shuffled, ok bool) {
	at := slices.IndexFunc(queue, func(q cast.Queued) bool { return q.ID == string(current) })
	heldCurrent := heldAt(held, current)
	if at < 0 || heldCurrent < 0 {
		return nil, false, false
	}
	ahead = []zone.EntryID{}
	for i, q := range queue {
		was := heldAt(held, zone.EntryID(q.ID))
		if q.ID == "" || was < 0 {
			continue // somebody else's
		}
		switch {
		case i < at && was > heldCurrent, i > at && was < heldCurrent:
			shuffled = true
		case i > at:
			ahead = append(ahead, zone.EntryID(q.ID))
		}
	}
	if shuffled {
		ahead = nil
	}
	return ahead, shuffled, true
}

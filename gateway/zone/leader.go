package zone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// How a leading device is kept supplied and watched.
const (
	leadWindow   = 5                // items that it holds, the present one included
	leadRefill   = 3                // fewer than that are filled up
	leadSilence  = 10 * time.Second // without a word after a Load it counts as deaf
	leadPatience = 20 * time.Second // for one call
	leadFailures = 2                // items in a row, then the timeline leads
	nearEnd      = 5 * time.Second  // a change this close to the end is the track's own
)

// ErrSilent is why a device that took the music and never reported was let go.
var ErrSilent = errors.New("it took the music and says nothing")

// lead is a device that leads the zone with a queue of its own. Its fields
// belong to the zone's goroutine; calls to the device are made one after
// another by a goroutine.
type lead struct {
	z      *Zone
	member *Member
	cancel context.CancelFunc
	calls  chan leadCall
	queue  []leadCall
	busy   bool

	loaded   bool
	given    bool      // the device has taken a call
	starting bool      // it was told to play something else and did not answer yet
	sent     []EntryID // what the device holds, from the present entry on
	target   EntryID   // the entry that it was told to play and did not report yet
	pos      Position
	reported bool      // pos is of the current entry
	asked    Transport // what it was told to do and did not answer yet: pause or go on
	silence  audio.Time
	failures int
	leftOut  map[EntryID]bool // sent, and not given to the device
	tracks   map[string]Track
	seams    map[seam]bool // belongs to the caller's goroutine
}

// leadCall is one call to the device.
type leadCall struct {
	name  string
	start bool    // makes the device play something else: what waits is void
	items []Entry // looked up before do is called
	fade  bool    // tracks are to be faded into each other, which no device's queue does
	do    func(ctx context.Context, items []Item) error
}

// startLeading makes a member lead.
func (z *Zone) startLeading(m *Member) {
	ctx, cancel := context.WithCancel(z.ctx)
	l := &lead{z: z, member: m, cancel: cancel, calls: make(chan leadCall, 1), tracks: make(map[string]Track), seams: make(map[seam]bool)}
	z.lead = l
	z.dirty = true
	z.spawn(func() { l.caller(ctx) })
	z.spawn(func() { l.listen(ctx) })
}

// stopLeading ends the lead; the device falls silent.
func (z *Zone) stopLeading() {
	l := z.lead
	if l == nil {
		return
	}
	z.lead = nil
	z.dirty = true
	l.cancel()
	if !l.loaded {
		return
	}
	last := context.WithoutCancel(z.ctx)
	z.spawn(func() {
		ctx, cancel := context.WithTimeout(last, 2*time.Second)
		defer cancel()
		if err := l.member.Leader.Transport(ctx, Stopped); err != nil {
			z.log.Debug("stop a leader", "member", l.member.ID, "err", err)
		}
	})
}

// caller makes the calls.
func (l *lead) caller(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-l.calls:
			err := l.call(ctx, c)
			l.z.post(func() {
				l.busy = false
				if l.z.lead != l {
					return
				}
				l.called(c, err)
				l.next()
			})
		}
	}
}

func (l *lead) call(ctx context.Context, c leadCall) error {
	ctx, cancel := context.WithTimeout(ctx, leadPatience)
	defer cancel()
	items, tracks, err := l.items(ctx, c)
	if err != nil {
		return err
	}
	left := make(map[EntryID]bool)
	for _, e := range c.items {
		left[e.ID] = !slices.ContainsFunc(items, func(i Item) bool { return i.Entry == e.ID })
	}
	l.z.post(func() {
		maps.Copy(l.tracks, tracks)
		if c.items != nil {
			l.leftOut = left
		}
	})
	return c.do(ctx, items)
}

// items looks entries up. What cannot be found is left out, and what has to be
// mixed, with all behind it: the device stops in front of it. Where the first is
// to start and cannot, that is an error.
func (l *lead) items(ctx context.Context, c leadCall) ([]Item, map[string]Track, error) {
	entries, start := c.items, c.start
	var items []Item
	var found []Track
	tracks := make(map[string]Track)
	for i, e := range entries {
		t, err := l.z.cfg.Tracks.Track(ctx, e.Track)
		var url string
		if err == nil {
			url, err = l.z.cfg.Origin.URL(l.member.Addr, Resource{Kind: OriginalFile, ID: e.Track})
		}
		switch {
		case err != nil && i == 0 && start:
			return nil, nil, &itemError{entry: e, err: err}
		case err != nil:
			continue
		}
		tracks[e.Track] = t
		found = append(found, t)
		items = append(items, Item{Entry: e.ID, Track: t, URL: url, MIME: t.MIME})
	}
	if n, why := l.mixed(ctx, found, c.fade); n < len(found) {
		if n == 0 && start {
			return nil, nil, &mixError{why}
		}
		items = items[:n]
	}
	return items, tracks, nil
}

// itemError is an entry that cannot be handed to the device.
type itemError struct {
	entry Entry
	err   error
}

func (e *itemError) Error() string { return fmt.Sprintf("track %s: %v", e.entry.Track, e.err) }
func (e *itemError) Unwrap() error { return e.err }

// listen brings the device's reports to the zone.
func (l *lead) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p, ok := <-l.member.Leader.Positions():
			l.z.post(func() {
				switch {
				case l.z.lead != l:
				case ok:
					l.report(p)
				default:
					l.loaded = false
					l.letGo(ErrGone)
				}
			})
			if !ok {
				return
			}
		}
	}
}

// submit queues a call; one that starts something else voids what waits.
func (l *lead) submit(c leadCall) {
	c.fade = l.z.crossfade > 0
	if c.start {
		l.queue, l.asked, l.starting = nil, "", true
	}
	l.queue = append(l.queue, c)
	l.next()
}

func (l *lead) next() {
	if l.busy || len(l.queue) == 0 {
		return
	}
	l.busy = true
	l.calls <- l.queue[0]
	l.queue = l.queue[1:]
}

// called is the device's answer to a call.
func (l *lead) called(c leadCall, err error) {
	z := l.z
	if c.start {
		l.starting = slices.ContainsFunc(l.queue, func(c leadCall) bool { return c.start })
	}
	resuming := l.asked == Playing && c.name == string(Playing)
	if c.name == string(l.asked) {
		l.asked = "" // from now on its word counts
	}
	if err == nil {
		l.given = true
		return
	}
	if resuming && l.reported && l.pos.State == Paused && z.queue.cur != nil {
		l.adopt(z.queue.cur, l.pos, false) // as it was: it is loaded when play is pressed again
		l.forget()
	}
	if mix, ok := asMix(err); ok {
		l.mixFrom(mix)
		return
	}
	z.log.Warn("leader call", "zone", z.cfg.ID, "member", l.member.ID, "call", c.name, "err", err)
	var item *itemError
	if errors.As(err, &item) {
		l.itemFailed(item.entry.ID, item.err)
		return
	}
	if c.start {
		l.unfit(fmt.Errorf("%s: %w", c.name, err))
		return
	}
	z.tell(passing, phrase.LeaderFailed, l.member.Name, z.cause(err))
	l.sent = nil // what it holds is not known: the next change sends all
}

// window is what the device should hold, from the current entry on.
func (l *lead) window() []Entry {
	var out []Entry
	for n := l.z.queue.cur; n != nil && len(out) < leadWindow; n = l.z.queue.after(n, false) {
		out = append(out, n.entry)
	}
	return out
}

// play has the device play the current entry from an offset.
func (l *lead) play(offset time.Duration) {
	z := l.z
	entries := l.window()
	if len(entries) == 0 {
		return
	}
	same := l.loaded && l.reported && l.pos.Entry == entries[0].ID && l.target == ""
	keep := l.pos.Entry
	l.target = entries[0].ID
	l.reported = false
	l.silence = z.now().Add(leadSilence)
	if same {
		l.submit(leadCall{name: "seek", start: true, do: func(ctx context.Context, _ []Item) error {
			return l.member.Leader.Seek(ctx, offset)
		}})
		return
	}
	loaded := l.loaded
	l.loaded = true
	l.sent = entryIDs(entries)
	if loaded && offset == 0 && keep != "" {
		l.submit(leadCall{name: "skip", start: true, items: entries, do: func(ctx context.Context, items []Item) error {
			return l.member.Leader.Edit(ctx, Edit{Keep: keep, Items: items, Cut: true})
		}})
		return
	}
	at := Position{Entry: entries[0].ID, State: Playing, Offset: offset, At: z.now()}
	l.submit(leadCall{name: "load", start: true, items: entries, do: func(ctx context.Context, items []Item) error {
		return l.member.Leader.Load(ctx, items, at)
	}})
}

// sync has the device hold what follows now, if that changed or is running out.
func (l *lead) sync() {
	z := l.z
	if !l.loaded || z.queue.cur == nil {
		return
	}
	want := entryIDs(l.window())
	if i := slices.Index(l.sent, want[0]); i >= 0 {
		l.sent = l.sent[i:]
	}
	fits := len(l.sent) <= len(want) && slices.Equal(l.sent, want[:len(l.sent)])
	if fits && (len(l.sent) == len(want) || len(l.sent) >= leadRefill) {
		return
	}
	entries := l.window()
	l.sent = want
	keep := want[0]
	l.submit(leadCall{name: "edit the queue", items: entries[1:], do: func(ctx context.Context, items []Item) error {
		return l.member.Leader.Edit(ctx, Edit{Keep: keep, Items: items})
	}})
}

// transport has the device pause, go on or stop.
func (l *lead) transport(to Transport) {
	if !l.loaded {
		return
	}
	if l.asked = to; to == Stopped {
		l.forget()
	}
	l.submit(leadCall{name: string(to), do: func(ctx context.Context, _ []Item) error {
		return l.member.Leader.Transport(ctx, to)
	}})
}

// forget takes it that the device holds nothing to go on with.
func (l *lead) forget() {
	l.loaded, l.reported, l.sent, l.target, l.silence, l.asked, l.starting = false, false, nil, "", 0, "", false
}

// resume goes on with what the device holds, if that is the current entry.
func (l *lead) resume() bool {
	if !l.loaded || !l.reported {
		return false
	}
	l.transport(Playing)
	return true
}

// offset is how far into the current entry the device is.
func (l *lead) offset(now audio.Time) time.Duration {
	if !l.reported || l.z.queue.cur == nil {
		return l.z.play.offset
	}
	d := l.pos.Offset
	if l.pos.State == Playing && l.z.play.state == Playing {
		d += max(0, now.Sub(l.pos.At))
	}
	if t, ok := l.tracks[l.z.queue.cur.entry.Track]; ok && t.Duration > 0 {
		d = min(d, t.Duration)
	}
	return d
}

func (l *lead) tend(now audio.Time) {
	if l.silence != 0 && now >= l.silence {
		l.silence = 0
		l.unfit(ErrSilent)
	}
}

func (l *lead) wakes() audio.Time { return l.silence }

// unfit stops trying with a device as leader: the timeline plays on it where it
// can, and it leaves otherwise.
func (l *lead) unfit(err error) {
	z := l.z
	if l.member.Output == nil {
		l.letGo(err)
		return
	}
	offset := z.offset()
	z.stopLeading()
	z.play.offset = offset
	z.play.retryAt = 0
	z.log.Warn("leader does not play, the timeline leads", "zone", z.cfg.ID, "member", l.member.ID, "err", err)
	z.unfit = l.member.ID
	z.regroup()
	z.tell(passing, phrase.StreamInstead, l.member.Name, z.cause(err))
}

// letGo has the device leave the zone, which pauses.
func (l *lead) letGo(err error) {
	z := l.z
	z.play.offset = z.offset()
	l.reported = false // from here on nothing moves
	if z.play.state == Playing {
		z.tally()
		z.play.state = Paused
	}
	z.dropOutput(l.member.ID, err)
}

func entryIDs(entries []Entry) []EntryID {
	ids := make([]EntryID, 0, len(entries))
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

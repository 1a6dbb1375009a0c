package zone

import (
	"context"
	"errors"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// lasting problems stand until what they tell is over; passing ones for a
// while.
const (
	lasting    = false
	passing    = true
	passesWith = 30 * time.Second
)

// problem is what the listener should know.
type problem struct {
	text  phrase.Phrase
	until audio.Time // 0 for lasting
}

func (z *Zone) tell(passes bool, code phrase.Code, args ...any) {
	z.problem = problem{text: phrase.New(code, args...)}
	if passes {
		z.problem.until = z.now().Add(passesWith)
	}
	z.dirty = true
}

// tellSkipped tells of an entry that could not be played.
func (z *Zone) tellSkipped(t Track, err error) {
	if t.Title == "" {
		z.tell(passing, phrase.SkippedOne, z.cause(err))
		return
	}
	z.tell(passing, phrase.Skipped, t.Title, z.cause(err))
}

// cause says an error for people. Which track it was about is said beside it.
func (z *Zone) cause(err error) phrase.Phrase {
	var about *trackError
	if errors.As(err, &about) {
		err = about.err
	}
	return z.cfg.Explain(err)
}

// untell takes a lasting problem back.
func (z *Zone) untell() {
	if z.problem.until == 0 && !z.problem.text.IsZero() && !z.journal.lost {
		z.problem = problem{}
		z.dirty = true
	}
}

func (p *problem) expire(z *Zone, now audio.Time) {
	if p.until != 0 && now >= p.until {
		*p = problem{}
		z.dirty = true
	}
}

// snapshot is the zone at this moment.
func (z *Zone) snapshot() State {
	q := z.queue
	s := State{
		ID: z.cfg.ID, Name: z.name, State: z.play.state,
		Offset: z.offset(), At: z.now(), Epoch: z.play.epoch,
		Repeat: q.repeat, Arranged: q.arranged, Context: q.context, Landing: z.flow.scouts.to, Click: z.click, Crossfade: z.crossfade,
		Revision: q.revision, Length: q.len(), Index: q.index(), Problem: z.problem.text,
	}
	if z.lead != nil {
		s.Leader = z.lead.member.ID
	} else if h := z.line.head.now(); h != nil && z.line.running && h.at > s.At {
		s.At = h.at // what is heard begins then
	}
	for _, m := range z.members {
		s.Members = append(s.Members, m.ID)
	}
	if q.cur != nil {
		e := q.cur.entry
		s.Entry = &e
		s.Track = z.trackOf(e)
	}
	return s
}

// trackOf is what is known of the current entry's track, nil if nothing yet.
func (z *Zone) trackOf(e Entry) *Track {
	if h := z.line.head.now(); h != nil && h.entry == e.ID {
		t := h.track
		return &t
	}
	if z.lead != nil {
		if t, ok := z.lead.tracks[e.Track]; ok {
			return &t
		}
	}
	decks := []*deck{z.play.cued, z.play.next}
	if z.play.pending != nil {
		decks = append(decks, z.play.pending.deck)
	}
	for _, d := range decks {
		if d != nil && d.found != nil && d.entry.ID == e.ID {
			return d.found
		}
	}
	if z.shown != nil && z.shown.ID == e.Track {
		return z.shown
	}
	return nil
}

// publish hands the state to the watchers, the newest only, and to members
// that show it.
func (z *Zone) publish() {
	s := z.snapshot()
	if s.Track != nil {
		z.shown = s.Track
	}
	for w := range z.watchers {
		offer(w, s)
	}
	z.show(s)
}

// offer puts s into a channel of one place, in the place of what nobody took.
func offer(w chan State, s State) {
	select {
	case <-w:
	default:
	}
	w <- s // its only sender; the place is free
}

// show tells the members that have a face.
func (z *Zone) show(s State) {
	n := NowPlaying{
		Zone: s.Name, State: s.State, Offset: s.Offset, At: s.At, Epoch: s.Epoch,
		Repeat: s.Repeat, Shuffle: s.Arranged == Shuffled, Position: max(0, s.Index), Length: s.Length,
	}
	if s.Track != nil {
		n.Track = *s.Track
	}
	n.CanNext = z.cfg.Flow != nil || z.queue.after(z.queue.cur, true) != nil
	for _, m := range z.members {
		if m.Shows != nil {
			m.Shows.Show(n)
		}
	}
}

// State returns what the zone is doing now.
func (z *Zone) State(ctx context.Context) (State, error) {
	out := make(chan State, 1)
	err := z.do(ctx, func(reply func(error)) {
		out <- z.snapshot()
		reply(nil)
	})
	if err != nil {
		return State{}, err
	}
	return <-out, nil
}

// Watch returns the zone's states from now on, starting with the present one.
// A reader that is slow misses all but the newest. The channel is closed when
// ctx or the zone ends.
func (z *Zone) Watch(ctx context.Context) <-chan State {
	w := make(chan State, 1)
	err := z.do(ctx, func(reply func(error)) {
		z.watchers[w] = true
		offer(w, z.snapshot())
		z.spawn(func() {
			select {
			case <-ctx.Done():
				z.post(func() { z.unwatch(w) })
			case <-z.ctx.Done():
			}
		})
		reply(nil)
	})
	if err != nil {
		// If the zone has taken w all the same, it lets it go by ctx.
		closed := make(chan State)
		close(closed)
		return closed
	}
	return w
}

func (z *Zone) unwatch(w chan State) {
	if z.watchers[w] {
		delete(z.watchers, w)
		close(w)
	}
}

// QueuePage is a part of a queue.
type QueuePage struct {
	Revision uint64
	Index    int // of the current entry, -1 if there is none
	Length   int
	Offset   int // of the first of Entries
	Entries  []Entry
}

// Queue returns up to limit entries from offset on; limit 0 means 100, at most
// 1000 are given.
func (z *Zone) Queue(ctx context.Context, offset, limit int) (QueuePage, error) {
	if limit <= 0 {
		limit = 100
	}
	limit, offset = min(limit, 1000), max(offset, 0)
	out := make(chan QueuePage, 1)
	err := z.do(ctx, func(reply func(error)) {
		q := z.queue
		p := QueuePage{Revision: q.revision, Index: q.index(), Length: q.len(), Offset: offset}
		for _, n := range q.span(offset, limit) {
			p.Entries = append(p.Entries, n.entry)
		}
		out <- p
		reply(nil)
	})
	if err != nil {
		return QueuePage{}, err
	}
	return <-out, nil
}

// Rename gives the zone another name. Keeping it is the caller's business.
func (z *Zone) Rename(ctx context.Context, name string) error {
	return z.do(ctx, func(reply func(error)) {
		z.name = name
		z.dirty = true
		reply(nil)
	})
}

// restore takes up where the journal left off.
func (z *Zone) restore(s Saved) {
	z.queue.restore(s)
	if z.queue.cur != nil && s.Index >= 0 && s.Index < len(s.Entries) {
		z.play.offset = max(0, s.Offset)
	}
	switch {
	case z.queue.cur == nil:
		z.play.state = Stopped
	case s.Playing:
		z.begin(z.queue.cur, z.play.offset, "")
	case z.play.offset > 0:
		z.play.state = Paused
		z.cue()
	default:
		z.cue()
	}
	z.flow.scouts.send(z)
}

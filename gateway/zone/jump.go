package zone

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// jumpCount is how many entries a JUMP starts with.
const jumpCount = flowHigh

// noRepeat is within how many tracks a JUMP's first entry does not come again
// while the answer has another.
const noRepeat = 100

// Scouts go out a moment after an entry began, so that they are in nobody's
// way.
const (
	scoutAfter = time.Second
	scoutMost  = 2
)

// scouts have the first audio of the likeliest JUMPs decoded. They ask a Flow
// that is a Scout; where it is none, a JUMP opens its track when it is pressed.
type scouts struct {
	decks []*deck
	at    audio.Time // when to look next, 0 for not
	gen   uint64     // answers to older questions are not wanted any more
	seed  uint64     // of the JUMP to come
	to    ContextRef // where that would lead
}

func (s *scouts) drop() {
	for _, d := range s.decks {
		d.cancel()
	}
	s.decks = nil
	s.gen++
}

// take hands over the deck of a track, if there is one.
func (s *scouts) take(e Entry) *deck {
	i := slices.IndexFunc(s.decks, func(d *deck) bool { return d.order.entry.Track == e.Track && d.failed == nil })
	if i < 0 {
		return nil
	}
	d := s.decks[i]
	s.decks = slices.Delete(s.decks, i, i+1)
	d.entry = e
	return d
}

// send has scouts look soon.
func (s *scouts) send(z *Zone) {
	if _, ok := z.cfg.Flow.(Scout); ok {
		s.at = z.now().Add(scoutAfter)
	}
}

func (s *scouts) tend(z *Zone, now audio.Time) {
	if s.at == 0 || now < s.at {
		return
	}
	s.at = 0
	s.gen++
	gen, r := s.gen, z.jumpRequest()
	scout := z.cfg.Flow.(Scout)
	z.spawn(func() {
		ctx, cancel := context.WithTimeout(z.ctx, flowPatience)
		defer cancel()
		landings, err := scout.Likely(ctx, r, scoutMost)
		z.post(func() {
			if err == nil && gen == s.gen {
				s.name(z, landings)
				s.settle(z, landings)
			}
		})
	})
}

// name shows where JUMP would lead.
func (s *scouts) name(z *Zone, landings []Landing) {
	var to ContextRef
	if len(landings) > 0 && len(landings[0].Entries) > 0 {
		to = landings[0].Context
	}
	if s.to != to {
		s.to, z.dirty = to, true
	}
}

// settle opens the landings' first tracks, and keeps what is open already: where
// the timeline leads and runs, so that a JUMP is heard at once.
func (s *scouts) settle(z *Zone, landings []Landing) {
	if z.play.state != Playing || z.lead != nil || !z.line.running {
		return
	}
	var decks []*deck
	for _, l := range landings[:min(len(landings), scoutMost)] {
		if len(l.Entries) == 0 {
			continue
		}
		e := l.Entries[z.firstOf(l.Entries)]
		d := s.take(e)
		if d == nil {
			d = z.open(deckOrder{entry: e})
		}
		decks = append(decks, d)
	}
	s.drop()
	s.decks = decks
}

// jumpRequest asks where a JUMP leads: behind all but the flow, which goes.
func (z *Zone) jumpRequest() FlowRequest {
	r := z.request(jumpCount, z.queue.flowStart())
	r.Seed = z.flow.scouts.seed
	return r
}

// firstOf is the entry that a JUMP starts with: it plays in front of the picks
// that the recommender took it to follow, so that what was heard lately is
// nearer than it knew.
func (z *Zone) firstOf(entries []Entry) int {
	q := z.queue
	heard := make(map[string]bool, noRepeat)
	from := max(0, q.index()+1-noRepeat)
	for _, n := range q.span(from, q.index()+1-from) {
		heard[n.entry.Track] = true
	}
	return max(0, slices.IndexFunc(entries, func(e Entry) bool { return !heard[e.Track] }))
}

// Jump takes the listener elsewhere at once: another context, whose first entry
// plays now. Picks that have not played come behind that entry, the rest of the
// new flow behind them; the old flow is gone. It returns the new context, or
// ErrEmpty if the library has nothing to jump to.
func (z *Zone) Jump(ctx context.Context) (ContextRef, error) { return z.jump(ctx, true) }

// JumpAfter is a Jump that lets what plays end first: the new context's first
// entry follows it, and nothing is interrupted.
func (z *Zone) JumpAfter(ctx context.Context) (ContextRef, error) { return z.jump(ctx, false) }

func (z *Zone) jump(ctx context.Context, cut bool) (ContextRef, error) {
	to := make(chan ContextRef, 1)
	err := z.do(ctx, func(reply func(error)) {
		if z.cfg.Flow == nil {
			reply(ErrEmpty)
			return
		}
		r := z.jumpRequest()
		r.Shown = z.flow.scouts.to // the listener's taste may have moved on since
		z.spawn(func() {
			ctx, cancel := context.WithTimeout(z.ctx, flowPatience)
			defer cancel()
			c, entries, err := z.cfg.Flow.Jump(ctx, r)
			if err == nil && len(entries) == 0 {
				err = ErrEmpty
			}
			z.post(func() {
				if err != nil {
					reply(err)
					return
				}
				to <- c
				z.jumpTo(c, entries, cut, reply)
			})
		})
	})
	if err != nil {
		return ContextRef{}, fmt.Errorf("jump: %w", err)
	}
	return <-to, nil
}

// jumpTo replaces the flow; its first entry follows the present one, and with
// cut it plays now.
func (z *Zone) jumpTo(c ContextRef, entries []Entry, cut bool, reply func(error)) {
	z.submit(func() (*edit, error) {
		q := z.queue
		z.flow.forget() // what is being asked belongs to the old context
		z.flow.scouts.seed = z.rand.Uint64()
		z.flow.scouts.to = ContextRef{} // until somebody has looked again
		entries := z.named(entries)
		i := z.firstOf(entries)
		first := entries[i : i+1 : i+1]
		rest := slices.Concat(entries[:i], entries[i+1:])
		start := q.flowStart()
		e := &edit{own: true, context: &c, changes: q.withoutFlow()}
		if cut || z.play.state == Stopped {
			e.goTo, e.how = first[0].ID, "jumped"
		}
		e.changes = append(e.changes,
			QueueChange{At: start, Inserted: rest},
			QueueChange{At: q.index() + 1, Inserted: first})
		return e, nil
	}, reply)
}

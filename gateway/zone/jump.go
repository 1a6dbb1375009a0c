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

// Scouts go out a moment after an entry began, so that they are in nobody's
// way, and what they found is good for a while.
const (
	scoutAfter = time.Second
	scoutFresh = 10 * time.Minute
	scoutMost  = 2
)

// target is where a JUMP would go, with the first audio of it decoded.
type target struct {
	context ContextRef
	entries []Entry // named
	deck    *deck
}

// scouts know where the next two presses of JUMP lead: the recommender is
// asked ahead, and its answer is the one that is used when JUMP is pressed.
type scouts struct {
	targets []target
	asking  bool
	at      audio.Time // when to look next, 0 for not
	good    audio.Time // until then
}

func (s *scouts) drop() {
	for _, t := range s.targets {
		t.deck.cancel()
	}
	*s = scouts{at: s.at}
}

// take hands over the deck of a target's first entry.
func (s *scouts) take(id EntryID) *deck {
	for i, t := range s.targets {
		if t.entries[0].ID == id && t.deck.failed == nil {
			s.targets = slices.Delete(s.targets, i, i+1)
			return t.deck
		}
	}
	return nil
}

// send has scouts look soon.
func (s *scouts) send(z *Zone) {
	if z.cfg.Flow != nil {
		s.at = z.now().Add(scoutAfter)
	}
}

func (s *scouts) tend(z *Zone, now audio.Time) {
	if s.at == 0 || now < s.at {
		return
	}
	s.at = 0
	if z.play.state != Playing || z.lead != nil || !z.line.running || s.asking {
		return
	}
	s.drop()
	z.scout(z.queue.context, nil, scoutMost)
}

// scout asks where JUMP leads from a context, when left more of it are wanted.
func (z *Zone) scout(from ContextRef, more []string, left int) {
	gen := z.flow.gen
	r := z.request(jumpCount)
	r.Context = from
	r.Recent = append(r.Recent, more...)
	z.flow.scouts.asking = true
	z.spawn(func() {
		c, entries, err := z.askJump(r)
		z.post(func() {
			if gen != z.flow.gen {
				return
			}
			s := &z.flow.scouts
			s.asking = false
			if err != nil {
				return
			}
			t := target{context: c, entries: z.named(entries)}
			t.deck = z.open(deckOrder{entry: t.entries[0]})
			s.targets = append(s.targets, t)
			s.good = z.now().Add(scoutFresh)
			if left > 1 {
				for _, e := range entries[:min(len(entries), 3)] {
					more = append(more, e.Track)
				}
				z.scout(c, more, left-1)
			}
		})
	})
}

func (z *Zone) askJump(r FlowRequest) (ContextRef, []Entry, error) {
	ctx, cancel := context.WithTimeout(z.ctx, flowPatience)
	defer cancel()
	c, entries, err := z.cfg.Flow.Jump(ctx, r)
	if err == nil && len(entries) == 0 {
		err = ErrEmpty
	}
	return c, entries, err
}

// Jump takes the listener elsewhere at once: another context, whose first entry
// plays now. Picks that have not played come behind that entry, the rest of the
// new flow behind them; the old flow is gone. It returns the new context, or
// ErrEmpty if the library has nothing to jump to.
func (z *Zone) Jump(ctx context.Context) (ContextRef, error) {
	var to ContextRef
	err := z.do(ctx, func(reply func(error)) {
		if z.cfg.Flow == nil {
			reply(ErrEmpty)
			return
		}
		s := &z.flow.scouts
		if len(s.targets) > 0 && z.now() < s.good && s.targets[0].deck.failed == nil {
			t := s.targets[0]
			to = t.context
			z.jumpTo(t.context, t.entries, reply)
			return
		}
		r := z.request(jumpCount)
		z.spawn(func() {
			c, entries, err := z.askJump(r)
			z.post(func() {
				if err != nil {
					reply(err)
					return
				}
				to = c
				z.jumpTo(c, z.named(entries), reply)
			})
		})
	})
	if err != nil {
		return ContextRef{}, fmt.Errorf("jump: %w", err)
	}
	return to, nil
}

// jumpTo replaces the flow and plays its first entry.
func (z *Zone) jumpTo(c ContextRef, entries []Entry, reply func(error)) {
	z.submit(func() (*edit, error) {
		q := z.queue
		// Named again if an edit in between should have used a name.
		for i := range entries {
			if q.find(entries[i].ID) != nil {
				entries[i].ID = q.newID(z.rand)
			}
		}
		z.flow.gen++ // what is being asked belongs to the old context
		z.flow.asking, z.flow.scouts.asking = false, false
		start := q.flowStart()
		flow := idsOf(q.span(start, q.len()))
		e := &edit{own: true, context: &c, goTo: entries[0].ID, how: "jumped"}
		if len(flow) > 0 {
			e.changes = append(e.changes, QueueChange{Removed: flow})
		}
		e.changes = append(e.changes,
			QueueChange{At: start, Inserted: entries[1:]},
			QueueChange{At: q.index() + 1, Inserted: entries[:1]})
		return e, nil
	}, reply)
}

package zone

import (
	"context"
	"errors"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// The flow is filled up to flowHigh entries ahead when fewer than flowLow are
// left.
const (
	flowLow    = 10
	flowHigh   = 25
	recentMost = 400 // tracks that a recommender is told about
)

// How long a flow that gave nothing is left alone, and how long a recommender
// may take.
const (
	flowRest     = 2 * time.Second
	flowLongest  = time.Minute
	flowPatience = 20 * time.Second
)

// flowing is what a zone asked its Flow and what it knows of the answers.
type flowing struct {
	asking bool
	gen    uint64 // answers to older questions are not wanted any more
	rest   time.Duration
	resume audio.Time
	then   []func(error) // wait for entries
	scouts scouts
}

// forget makes answers that are on their way void.
func (f *flowing) forget() {
	f.gen++
	f.asking = false
	f.rest, f.resume = 0, 0
}

func (f *flowing) tend(z *Zone, now audio.Time) {
	if f.resume != 0 && now >= f.resume {
		f.resume = 0
		z.topUp()
	}
	f.scouts.tend(z, now)
}

func (f *flowing) wakes() audio.Time {
	if f.resume != 0 && (f.scouts.at == 0 || f.resume < f.scouts.at) {
		return f.resume
	}
	return f.scouts.at
}

// request describes what is asked, to follow the queue's first length entries.
func (z *Zone) request(count, length int) FlowRequest {
	q := z.queue
	r := FlowRequest{Zone: z.cfg.ID, Context: q.context, Count: count, Now: time.Now(), Seed: z.rand.Uint64()}
	from := max(0, length-recentMost)
	for _, n := range q.span(from, length-from) {
		r.Recent = append(r.Recent, n.entry.Track)
	}
	return r
}

// topUp asks the flow for more when little is left, and drops what was played
// long ago.
func (z *Zone) topUp() {
	q := z.queue
	if z.cfg.Flow == nil || z.flow.asking || z.flow.resume != 0 || q.ahead() >= flowLow || q.len() >= MaxEntries {
		return
	}
	if q.len() == 0 && len(z.flow.then) == 0 {
		return // nobody asked for music yet
	}
	z.ask(z.request(min(flowHigh-q.ahead(), MaxEntries-q.len()), q.len()), false)
}

// Renew asks the flow anew for all that it gave and nobody has begun to hear,
// because what it draws from has changed much: the library, or who listens. What
// plays and the picks stay, and so do the old entries where the flow gives
// nothing. It returns once the flow was asked.
func (z *Zone) Renew(ctx context.Context) error {
	return z.do(ctx, func(reply func(error)) {
		if start := z.queue.flowStart(); z.cfg.Flow != nil && start < z.queue.len() {
			z.flow.forget() // what is being asked was to follow the old entries
			z.ask(z.request(flowHigh, start), true)
		}
		reply(nil)
	})
}

// ask puts a question to the flow. What it answers follows the queue, or with
// anew comes in the place of what it gave before.
func (z *Zone) ask(r FlowRequest, anew bool) {
	z.flow.asking = true
	gen := z.flow.gen
	z.spawn(func() {
		ctx, cancel := context.WithTimeout(z.ctx, flowPatience)
		defer cancel()
		entries, err := z.cfg.Flow.Next(ctx, r)
		z.post(func() { z.flowed(gen, entries, err, anew) })
	})
}

// flowed takes the flow's answer into the queue.
func (z *Zone) flowed(gen uint64, entries []Entry, err error, anew bool) {
	if gen != z.flow.gen {
		return
	}
	if err == nil && len(entries) == 0 {
		err = ErrEmpty
	}
	if err != nil {
		z.flow.asking = false
		z.flow.rest = min(max(z.flow.rest*2, flowRest), flowLongest)
		z.flow.resume = z.now().Add(z.flow.rest)
		if !errors.Is(err, ErrEmpty) {
			z.log.Warn("flow", "zone", z.cfg.ID, "err", err)
		}
		z.answerWaiting(err)
		return
	}
	z.submit(func() (*edit, error) {
		if gen != z.flow.gen {
			return nil, nil
		}
		z.flow.asking = false
		z.flow.rest = 0
		e, at := &edit{own: true}, z.queue.len()
		if anew {
			at = z.queue.flowStart()
			e.changes = z.queue.withoutFlow()
		}
		e.changes = append(e.changes, QueueChange{At: at, Inserted: z.named(entries)})
		return e, nil
	}, func(error) {})
	z.answerWaiting(nil)
}

// answerWaiting answers those who waited for entries.
func (z *Zone) answerWaiting(err error) {
	waiting := z.flow.then
	z.flow.then = nil
	for _, f := range waiting {
		f(err)
	}
}

// named gives flow entries ids of this zone.
func (z *Zone) named(entries []Entry) []Entry {
	out := make([]Entry, 0, len(entries))
	for _, e := range entries {
		e.ID = z.queue.newID(z.rand)
		e.By = Flowed
		out = append(out, e)
	}
	return out
}

// settled is called when an entry began to be heard: the queue is tidied and
// what may come next is scouted.
func (z *Zone) settled() {
	if z.queue.trim() != nil {
		z.submit(func() (*edit, error) {
			c := z.queue.trim()
			if c == nil {
				return nil, nil
			}
			return &edit{own: true, changes: c}, nil
		}, func(error) {})
	}
	z.topUp()
	z.flow.scouts.send(z)
}

// whenFilled calls f once the flow has given something, or an error.
func (z *Zone) whenFilled(f func(error)) {
	if z.cfg.Flow == nil {
		f(ErrEmpty)
		return
	}
	z.flow.then = append(z.flow.then, f)
	z.flow.resume = 0
	z.topUp()
	if !z.flow.asking {
		z.answerWaiting(ErrEmpty)
	}
}

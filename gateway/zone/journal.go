package zone

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// maxPending bounds what waits for a journal that does not answer; beyond it
// positions and then the oldest plays are lost.
const maxPending = 1000

// head is what SaveQueue writes beside the changes; homes become its Order off
// the zone's goroutine.
type head struct {
	saved Saved
	homes []int64
}

// journalOp is one write; exactly one of its parts is used.
type journalOp struct {
	changes  []QueueChange
	head     *head
	position *savedPosition
	play     *Play
	done     func(error) // on the zone's goroutine
}

type savedPosition struct {
	index   int
	offset  time.Duration
	playing bool
}

// journaler hands writes to the Journal one at a time, in order, in a goroutine
// of its own. Its fields belong to the zone's goroutine.
type journaler struct {
	journal Journal
	zone    string
	log     *slog.Logger
	pending []journalOp
	busy    bool
	lost    bool // a write of playback's own failed and none went well since
	ops     chan journalOp
}

func newJournaler(j Journal, zone string, log *slog.Logger) *journaler {
	return &journaler{journal: j, zone: zone, log: log, ops: make(chan journalOp, 1)}
}

// run carries out what arrives until ctx ends; post brings an answer back.
func (j *journaler) run(ctx context.Context, post func(func())) {
	for {
		select {
		case <-ctx.Done():
			return
		case op := <-j.ops:
			err := j.write(ctx, op)
			post(func() { j.answered(op, err) })
		}
	}
}

func (j *journaler) write(ctx context.Context, op journalOp) error {
	switch {
	case op.head != nil:
		s := op.head.saved
		s.Order = order(op.head.homes)
		if err := j.journal.SaveQueue(ctx, j.zone, op.changes, s); err != nil {
			return fmt.Errorf("save the queue: %w", err)
		}
	case op.position != nil:
		p := op.position
		if err := j.journal.SavePosition(ctx, j.zone, p.index, p.offset, p.playing); err != nil {
			return fmt.Errorf("save the position: %w", err)
		}
	case op.play != nil:
		if err := j.journal.AddPlay(ctx, *op.play); err != nil {
			return fmt.Errorf("log the play of %s: %w", op.play.Track, err)
		}
	}
	return nil
}

// submit queues a write. A position that is still waiting is replaced, so that
// a slow disk holds one at most.
func (j *journaler) submit(op journalOp) {
	if n := len(j.pending); op.position != nil && n > 0 && j.pending[n-1].position != nil {
		first := j.pending[n-1].done
		second := op.done
		op.done = func(err error) {
			first(err)
			second(err)
		}
		j.pending[n-1] = op
	} else {
		j.pending = append(j.pending, op)
	}
	if len(j.pending) > maxPending {
		j.log.Warn("journal does not keep up, a write is lost", "zone", j.zone)
		old := j.pending[0]
		j.pending = j.pending[1:]
		old.done(fmt.Errorf("journal of zone %s: too many writes wait", j.zone))
	}
	j.next()
}

func (j *journaler) next() {
	if j.busy || len(j.pending) == 0 {
		return
	}
	j.busy = true
	op := j.pending[0]
	j.pending = j.pending[1:]
	j.ops <- op
}

func (j *journaler) answered(op journalOp, err error) {
	j.busy = false
	if err != nil {
		j.log.Warn("journal", "zone", j.zone, "err", err)
	}
	op.done(err)
	j.next()
}

// drain writes what still waits when the zone ends, on the caller's goroutine.
func (j *journaler) drain(ctx context.Context, last ...journalOp) {
	select {
	case op := <-j.ops: // handed over, but not picked up any more
		j.pending = append([]journalOp{op}, j.pending...)
	default:
	}
	for _, op := range append(j.pending, last...) {
		if err := j.write(ctx, op); err != nil {
			j.log.Warn("journal", "zone", j.zone, "err", err)
		}
	}
	j.pending = nil
}

package zone

import (
	"context"
	"fmt"
	"time"
)

// restartAfter is how far into a track Previous starts it again, and does not
// go back to the one before.
const restartAfter = 3 * time.Second

// Play starts or resumes. It returns ErrEmpty when there is nothing to play and
// the flow has nothing either.
func (z *Zone) Play(ctx context.Context) error {
	return z.command(ctx, "play", func(reply func(error)) {
		z.play.holdTill = 0
		n := z.queue.cur
		if z.play.state == Playing && n != nil {
			if z.lead == nil && len(z.line.outputs) == 0 {
				z.hold()
			}
			reply(nil)
			return
		}
		if z.play.atEnd {
			if next := z.queue.after(n, true); next != nil {
				n = next
			}
		}
		if n == nil {
			n = z.queue.at(0)
		}
		if n != nil {
			offset := z.play.offset
			if n != z.queue.cur {
				offset = 0
			}
			z.resume(n, offset)
			z.saved(reply)
			return
		}
		z.whenFilled(func(err error) {
			if n := z.queue.at(0); n != nil {
				z.begin(n, 0, "")
				z.saved(reply)
				return
			}
			reply(orEmpty(err))
		})
	})
}

// resume goes on with an entry; a leader that holds it only has to be told.
func (z *Zone) resume(n *node, offset time.Duration) {
	if z.lead != nil && n == z.queue.cur && z.lead.resume() {
		z.play.state = Playing
		z.dirty = true
		return
	}
	z.play.failures = 0
	z.begin(n, offset, "")
}

// PlayEntry plays an entry of the queue from its start. It returns ErrNoEntry
// if it is not there.
func (z *Zone) PlayEntry(ctx context.Context, id EntryID) error {
	return z.command(ctx, "play", func(reply func(error)) {
		n := z.queue.find(id)
		if n == nil {
			reply(fmt.Errorf("%w: %s", ErrNoEntry, id))
			return
		}
		z.play.failures = 0
		z.begin(n, 0, "skipped")
		z.saved(reply)
	})
}

// Pause silences the members where they are.
func (z *Zone) Pause(ctx context.Context) error {
	return z.command(ctx, "pause", func(reply func(error)) {
		if z.play.state == Playing {
			z.pausePlaying()
		}
		z.saved(reply)
	})
}

// Stop silences the members and goes back to the track's start.
func (z *Zone) Stop(ctx context.Context) error {
	return z.command(ctx, "stop", func(reply func(error)) {
		if z.play.state != Stopped {
			z.stopPlaying("stopped")
		}
		z.saved(reply)
	})
}

// Next plays what follows. A track that repeats is left. It returns ErrEmpty
// when nothing follows.
func (z *Zone) Next(ctx context.Context) error {
	return z.command(ctx, "next", func(reply func(error)) {
		z.play.failures = 0
		skip := func(err error) {
			if n := z.queue.after(z.queue.cur, true); n != nil {
				z.begin(n, 0, "skipped")
				z.saved(reply)
				return
			}
			reply(orEmpty(err))
		}
		if z.queue.after(z.queue.cur, true) == nil {
			z.whenFilled(skip)
			return
		}
		skip(nil)
	})
}

// Previous starts the track again when more than three seconds of it were
// heard, and goes back to the one before otherwise.
func (z *Zone) Previous(ctx context.Context) error {
	return z.command(ctx, "previous", func(reply func(error)) {
		n := z.queue.cur
		if n == nil {
			reply(ErrEmpty)
			return
		}
		z.play.failures = 0
		how := ""
		if before := z.queue.before(); before != nil && z.offset() <= restartAfter {
			n, how = before, "skipped"
		}
		z.begin(n, 0, how)
		z.saved(reply)
	})
}

// Seek moves within the current track, to the sample. A paused zone stays
// paused. It returns ErrEmpty when there is no current track.
func (z *Zone) Seek(ctx context.Context, to time.Duration) error {
	return z.command(ctx, "seek", func(reply func(error)) {
		n := z.queue.cur
		if n == nil {
			reply(ErrEmpty)
			return
		}
		to = max(0, to)
		if t := z.trackOf(n.entry); t != nil && t.Duration > 0 {
			to = min(to, t.Duration)
		}
		if z.play.state == Playing {
			z.begin(n, to, "")
		} else {
			if z.play.state == Stopped {
				z.play.state = Paused
			}
			z.play.offset = to
			z.play.atEnd = false
			z.play.epoch++
			z.dirty = true
			if z.lead != nil {
				z.lead.forget()
			}
			z.cue()
		}
		z.saved(reply)
	})
}

func (z *Zone) command(ctx context.Context, what string, f func(reply func(error))) error {
	if err := z.do(ctx, f); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// saved answers a transport command once the journal has where it led.
func (z *Zone) saved(reply func(error)) { z.savePosition(reply) }

func orEmpty(err error) error {
	if err == nil {
		return ErrEmpty
	}
	return err
}

package zone

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// playing is the play of the present entry, as it will be logged.
type playing struct {
	entry EntryID
	play  Play
	heard time.Duration
	from  audio.Time // heard since, 0 while nothing sounds
}

// beginPlay logs that an entry plays. A seek or a resume within it is the same
// play.
func (z *Zone) beginPlay(s *span) {
	if p := z.play.now; p != nil && p.entry == s.entry {
		p.from = s.at
		return
	}
	z.endPlay("skipped")
	p := Play{
		Zone: z.cfg.ID, Track: s.track.ID, By: s.by, Context: z.queue.context,
		Started: time.Now(), Length: s.track.Duration, End: "playing",
	}
	z.play.now = &playing{entry: s.entry, play: p, from: s.at}
	z.logPlay(p)
}

// tally counts what was heard until now, and stops counting.
func (z *Zone) tally() {
	p := z.play.now
	if p == nil || p.from == 0 {
		return
	}
	until := z.now()
	if s := z.line.head.now(); s != nil && s.entry == p.entry && s.end != 0 {
		until = min(until, s.end)
	}
	p.heard += max(0, until.Sub(p.from))
	p.from = 0
}

// endPlay logs how the present play ended, if there is one.
func (z *Zone) endPlay(how string) {
	z.tally()
	if z.play.now != nil {
		p := z.play.now.play
		p.Heard, p.End = z.play.now.heard, how
		z.play.now = nil
		z.logPlay(p)
	}
	missed := z.play.missed
	z.play.missed = nil
	for _, p := range missed {
		z.logPlay(p)
	}
}

// missedPlay logs an entry that could not even begin; not in the middle of a
// play, but behind it.
func (z *Zone) missedPlay(e Entry, t Track) {
	p := Play{Track: e.Track, By: e.By, Started: time.Now(), Length: t.Duration, End: "failed"}
	if z.play.now != nil {
		z.play.missed = append(z.play.missed, p)
		return
	}
	z.logPlay(p)
}

// endPlayOp is endPlay for a zone that ends.
func (z *Zone) endPlayOp(how string) []journalOp {
	z.tally()
	if z.play.now == nil {
		return nil
	}
	p := z.play.now.play
	p.Heard, p.End = z.play.now.heard, how
	return []journalOp{{play: &p}}
}

// logPlay journals a play. One that cannot be written is tried again behind
// what else waits, for as long as the zone runs.
func (z *Zone) logPlay(p Play) {
	p.Zone = z.cfg.ID
	p.Context = z.queue.context
	if p.Started.IsZero() {
		p.Started = time.Now()
	}
	op := journalOp{play: &p}
	op.done = func(err error) {
		z.journalSaid(err)
		if err != nil && p.End != "playing" { // its end will tell all
			z.unlogged = append(z.unlogged, p)
			z.unlogged = z.unlogged[max(0, len(z.unlogged)-maxPending):]
		}
	}
	z.journal.submit(op)
}

// journalSaid keeps the listener told about a journal that fails, and writes
// what is owed once it works again.
func (z *Zone) journalSaid(err error) {
	if err != nil {
		z.journal.lost = true
		z.tell(lasting, phrase.NotSaved, z.cause(err))
		return
	}
	if !z.journal.lost {
		return
	}
	z.journal.lost = false
	z.untell()
	owed := z.unlogged
	z.unlogged = nil
	for _, p := range owed {
		z.logPlay(p)
	}
}

// savePosition journals where the zone is; reply, if any, is answered once that
// is done. A failure does not undo what is heard: it is told as a problem.
func (z *Zone) savePosition(reply func(error)) {
	z.play.saveAt = z.now().Add(saveEvery)
	z.journal.submit(journalOp{
		position: &savedPosition{index: z.queue.index(), offset: z.offset(), playing: z.play.state == Playing},
		done: func(err error) {
			z.journalSaid(err)
			if reply != nil {
				reply(nil)
			}
		},
	})
}

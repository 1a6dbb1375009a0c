package zone

import "slices"

// edit is one change of the queue and of what is kept with it.
type edit struct {
	changes []QueueChange
	// The new values, where they are to change.
	repeat   Repeat
	arranged *Arrangement
	context  *ContextRef
	// picked are the entries of one request that come in arranged, in the order in
	// which they were picked.
	picked []EntryID
	// goTo is played at once, if set; how is then how the present play ends.
	goTo EntryID
	how  string
	// own marks a change that playback makes itself: it holds at once, and a
	// journal that fails is caught up later. A person's edit holds once it is
	// on disk, and not at all if it cannot be written.
	own bool
}

// editLine carries edits out one after another, each against the queue that
// the one before it left.
type editLine struct {
	waiting []func()
	busy    bool
	carried []QueueChange // hold, but could not be written yet
}

// submit makes an edit and carries it out in its turn; prepare sees the queue
// as it will be changed. A nil edit changes nothing.
func (z *Zone) submit(prepare func() (*edit, error), reply func(error)) {
	z.edits.waiting = append(z.edits.waiting, func() {
		e, err := prepare()
		if err != nil || e == nil {
			z.edits.busy = false
			reply(err)
			return
		}
		z.carryOut(e, reply)
	})
	z.nextEdit()
}

func (z *Zone) nextEdit() {
	for !z.edits.busy && len(z.edits.waiting) > 0 {
		f := z.edits.waiting[0]
		z.edits.waiting = z.edits.waiting[1:]
		z.edits.busy = true
		f()
	}
}

func (z *Zone) carryOut(e *edit, reply func(error)) {
	h := z.headAfter(e)
	if e.own {
		z.takeEffect(e)
	}
	z.journal.submit(journalOp{
		changes: slices.Concat(z.edits.carried, e.changes),
		head:    h,
		done: func(err error) {
			z.journalSaid(err)
			switch {
			case err == nil:
				z.edits.carried = nil
			case e.own:
				z.edits.carried = append(z.edits.carried, e.changes...)
				err = nil
			}
			if err == nil && !e.own {
				z.takeEffect(e)
			}
			z.edits.busy = false
			reply(err)
			z.nextEdit()
		},
	})
}

// headAfter is what is kept beside the entries once e holds.
func (z *Zone) headAfter(e *edit) *head {
	q := z.queue
	h := &head{saved: Saved{
		Index: q.indexAfter(e.changes), Offset: z.offset(), Repeat: q.repeat,
		Arranged: q.arranged, Context: q.context, Playing: z.play.state == Playing,
	}}
	if e.goTo != "" {
		h.saved.Index, h.saved.Offset = whereGoes(q, e), 0
	}
	if e.repeat != "" {
		h.saved.Repeat = e.repeat
	}
	if e.context != nil {
		h.saved.Context = *e.context
	}
	if e.arranged != nil {
		h.saved.Arranged = *e.arranged
	}
	if h.saved.Arranged != AsPicked {
		tried := q.clone()
		tried.arrangeTo(h.saved.Arranged)
		tried.apply(e.changes)
		tried.settleAsPicked(e.picked)
		h.homes = tried.homes()
	}
	return h
}

// whereGoes is the index that e.goTo will have.
func whereGoes(q *queue, e *edit) int {
	index := q.position(q.find(e.goTo))
	for _, c := range e.changes {
		if i := slices.IndexFunc(c.Inserted, func(x Entry) bool { return x.ID == e.goTo }); i >= 0 {
			index = c.At + i
		}
	}
	return index
}

// takeEffect makes an edit hold in memory, and has playback follow.
func (z *Zone) takeEffect(e *edit) {
	q := z.queue
	if e.arranged != nil {
		q.arrangeTo(*e.arranged)
	}
	if e.repeat != "" {
		q.repeat = e.repeat
	}
	if e.context != nil {
		q.context = *e.context
	}
	cur := q.cur
	gone := q.apply(e.changes)
	q.settleAsPicked(e.picked)
	z.dirty = true
	switch n := q.find(e.goTo); {
	case n != nil:
		z.play.failures = 0 // somebody asked for it: what failed before is another story
		z.begin(n, 0, e.how)
	case gone:
		z.currentGone()
	case cur == nil && q.cur != nil:
		z.cue()
	}
	z.requeued()
	z.topUp()
	z.flow.scouts.send(z)
}

// currentGone goes on with what took the place of a removed current entry.
func (z *Zone) currentGone() {
	n := z.queue.cur
	switch {
	case n == nil:
		z.stopPlaying("skipped")
	case z.play.state == Playing:
		z.begin(n, 0, "skipped")
	default:
		z.endPlay("skipped")
		z.play.offset = 0
		z.cue()
	}
}

package zone

import "slices"

// edited takes over what somebody else changed in the device's queue: another
// sender, a voice, a remote. The zone's queue changes in the same way, and what
// the device lacks of that is sent to it again.
func (l *lead) edited(p Position) {
	z := l.z
	if p.Repeat != "" && p.Repeat != z.queue.repeat {
		z.submit(func() (*edit, error) { return &edit{repeat: p.Repeat}, nil }, l.editTaken)
	}
	switch {
	case p.Shuffled:
		// The device shuffled the few that it holds: what was meant is the queue.
		l.sent = nil
		z.submit(func() (*edit, error) {
			to := Shuffled // also where that is so: the device shuffled anew
			return &edit{arranged: &to, changes: z.queue.reorder(shuffling(z.rand))}, nil
		}, l.editTaken)
	case p.Ahead != nil && len(l.sent) > 0 && l.sent[0] == p.Entry:
		z.submit(func() (*edit, error) { return l.takeAhead(p), nil }, l.editTaken)
	}
}

func (l *lead) editTaken(err error) {
	if err != nil {
		l.z.log.Warn("an edit on the device was not taken over", "zone", l.z.cfg.ID, "member", l.member.ID, "err", err)
		l.sent = nil // the device gets the zone's queue again
		l.sync()
	}
}

// takeAhead is the edit that brings the zone's queue to what the device holds
// behind the entry that plays; nil where nothing differs.
func (l *lead) takeAhead(p Position) *edit {
	z := l.z
	if len(l.sent) == 0 || l.sent[0] != p.Entry || z.queue.cur == nil || z.queue.cur.entry.ID != p.Entry {
		return nil // the zone has changed it since
	}
	had := l.sent[1:]
	ahead := slices.DeleteFunc(slices.Clone(p.Ahead), func(id EntryID) bool { return !slices.Contains(had, id) })
	gone := slices.DeleteFunc(slices.Clone(had), func(id EntryID) bool {
		return slices.Contains(ahead, id) || z.queue.find(id) == nil || l.leftOut[id]
	})
	stay := slices.DeleteFunc(slices.Clone(had), func(id EntryID) bool { return !slices.Contains(ahead, id) })
	l.sent = append([]EntryID{p.Entry}, ahead...)
	var e edit
	if len(gone) > 0 {
		e.changes = append(e.changes, QueueChange{Removed: gone})
	}
	if !slices.Equal(ahead, stay) {
		c := QueueChange{Removed: ahead, At: z.queue.index() + 1}
		for _, id := range ahead {
			if n := z.queue.find(id); n != nil {
				c.Inserted = append(c.Inserted, n.entry)
			}
		}
		e.changes = append(e.changes, c)
	}
	if e.changes == nil {
		return nil
	}
	return &e
}

package zone

import "context"

// Renew asks the flow anew for all that it gave and nobody has begun to hear,
// because what it draws from has changed much: the library, or who listens. What plays and the
// picks stay, and the old entries do where the flow gives nothing. It returns
// once the flow was asked.
func (z *Zone) Renew(ctx context.Context) error {
	return z.do(ctx, func(reply func(error)) {
		z.renew()
		reply(nil)
	})
}

func (z *Zone) renew() {
	q := z.queue
	start := q.flowStart()
	if z.cfg.Flow == nil || start == q.len() {
		return
	}
	z.flow.forget() // what is being asked was to follow the old entries
	z.flow.asking = true
	gen := z.flow.gen
	r := z.request(flowHigh, start)
	z.spawn(func() {
		ctx, cancel := context.WithTimeout(z.ctx, flowPatience)
		defer cancel()
		entries, err := z.cfg.Flow.Next(ctx, r)
		z.post(func() { z.renewed(gen, entries, err) })
	})
}

// renewed puts the flow's answer in the place of its old entries.
func (z *Zone) renewed(gen uint64, entries []Entry, err error) {
	if gen != z.flow.gen {
		return // a JUMP came in between
	}
	if err != nil || len(entries) == 0 {
		z.flow.asking = false
		z.topUp()
		return
	}
	z.submit(func() (*edit, error) {
		if gen != z.flow.gen {
			return nil, nil
		}
		z.flow.asking = false
		q := z.queue
		start := q.flowStart()
		e := &edit{own: true, changes: []QueueChange{{At: start, Inserted: z.named(entries)}}}
		if old := idsOf(q.span(start, q.len())); len(old) > 0 {
			e.changes = append([]QueueChange{{Removed: old}}, e.changes...)
		}
		return e, nil
	}, func(error) {})
}

package zone

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// ErrAlone is why a device that only plays a queue of its own cannot stay in a
// zone with others.
var ErrAlone = errors.New("it cannot play together with others")

// ErrTaken is why a device that somebody else took was let go.
var ErrTaken = errors.New("somebody else took the device")

// ErrGone is why a device whose connection ended was let go.
var ErrGone = errors.New("the device is gone")

// Attach brings a device into the zone: it plays from the present on. A member
// with the same ID is replaced.
func (z *Zone) Attach(ctx context.Context, m Member) error {
	return z.command(ctx, "attach", func(reply func(error)) {
		if m.ID == "" || (m.Output == nil && m.Leader == nil) {
			reply(errors.New("a member needs an ID, and an Output or a Leader"))
			return
		}
		if m.Output != nil && len(m.Output.Caps().Formats) == 0 {
			reply(fmt.Errorf("%s takes no format", m.Name))
			return
		}
		if m.Output == nil && (z.cfg.Origin == nil || z.cfg.Mix) {
			reply(fmt.Errorf("%s: %w", m.Name, ErrAlone))
			return
		}
		z.leave(m.ID)
		if z.unfit == m.ID {
			z.unfit = ""
		}
		z.mixing = false // whether what plays has to be mixed depends on who plays it
		z.members = append(z.members, &m)
		z.dirty = true
		if m.Output != nil {
			o := newOutput(m.ID, m.Output)
			z.line.outputs = append(z.line.outputs, o)
			if z.lead == nil && z.mayLead() != &m {
				z.line.join(o)
			}
		}
		z.regroup()
		reply(nil)
	})
}

// Detach takes a device out; it falls silent. Detaching one that is not there
// is no error.
func (z *Zone) Detach(ctx context.Context, id string) error {
	return z.command(ctx, "detach", func(reply func(error)) {
		z.leave(id)
		z.regroup()
		reply(nil)
	})
}

// Reformat looks at the formats of a member's Output again: from the end of what
// was written on it gets the one that suits now.
func (z *Zone) Reformat(ctx context.Context, id string) error {
	return z.command(ctx, "reformat", func(reply func(error)) {
		for _, o := range z.line.outputs {
			if o.id == id {
				o.caps.Formats = o.out.Caps().Formats
				written := o.written
				z.line.join(o)
				o.from = max(o.from, written)
			}
		}
		reply(nil)
	})
}

// leave takes a member out without looking who leads now.
func (z *Zone) leave(id string) {
	i := slices.IndexFunc(z.members, func(m *Member) bool { return m.ID == id })
	if i < 0 {
		return
	}
	m := z.members[i]
	z.members = slices.Delete(z.members, i, i+1)
	z.dirty = true
	if z.lead != nil && z.lead.member == m {
		z.play.offset = z.offset()
		z.stopLeading()
	}
	z.line.leave(id)
}

// dropOutput has the zone let a member go once the present work is done.
func (z *Zone) dropOutput(id string, err error) {
	for _, o := range z.line.outputs {
		if o.id == id {
			o.group = nil
		}
	}
	z.drops = append(z.drops, dropped{id: id, err: err})
}

// dropMembers lets go of those that failed, and says why.
func (z *Zone) dropMembers() {
	for len(z.drops) > 0 {
		d := z.drops[0]
		z.drops = z.drops[1:]
		i := slices.IndexFunc(z.members, func(m *Member) bool { return m.ID == d.id })
		if i < 0 {
			continue
		}
		name := z.members[i].Name
		if name == "" {
			name = d.id
		}
		z.log.Warn("member let go", "zone", z.cfg.ID, "member", d.id, "err", d.err)
		z.leave(d.id)
		z.regroup()
		z.tell(passing, phrase.LeftZone, name, z.cause(d.err))
		if z.cfg.Detached != nil {
			z.cfg.Detached(d.id, d.err)
		}
	}
}

// mayLead is the member that should lead, nil for the timeline.
func (z *Zone) mayLead() *Member {
	if len(z.members) != 1 || z.cfg.Mix || z.cfg.Origin == nil {
		return nil
	}
	m := z.members[0]
	if m.Leader == nil || z.unfit == m.ID {
		return nil
	}
	if m.Output != nil && (z.mixing || z.click || m.Way == StreamWay) {
		return nil
	}
	return m
}

// regroup settles who leads after members came or went, and keeps playing.
func (z *Zone) regroup() {
	if len(z.members) > 1 {
		for _, m := range z.members {
			if m.Output == nil {
				z.dropOutput(m.ID, ErrAlone)
			}
		}
	}
	want := z.mayLead()
	switch {
	case want != nil && (z.lead == nil || z.lead.member != want):
		offset := z.offset()
		z.stopLeading()
		z.tally()
		z.cancelPending()
		z.line.halt()
		z.line.head.reset()
		z.play.offset = offset
		z.startLeading(want)
	case want == nil && z.lead != nil:
		z.play.offset = z.offset()
		z.stopLeading()
	}
	z.carryOn()
}

// carryOn has what leads now play what should be playing.
func (z *Zone) carryOn() {
	n := z.queue.cur
	if z.play.state != Playing || n == nil {
		return
	}
	switch {
	case z.lead != nil:
		if !z.lead.loaded {
			z.begin(n, z.play.offset, "")
		}
	case len(z.line.outputs) == 0:
		if z.line.running || z.play.pending != nil {
			offset := z.offset()
			z.tally()
			z.play.offset = offset
		}
		z.hold()
	case !z.line.running && z.play.pending == nil && z.play.retryAt == 0:
		z.play.holdTill = 0
		z.untell()
		z.begin(n, z.play.offset, "")
	}
}

package cast

import (
	"math"
	"time"
)

// balance remembers how loud the members of a group are beside each other. It
// exists because devices scale volumes by multiplying whole percents: a member
// that was rounded to 0 on the way down stays there, and so does the whole group
// after 0.
//
// The group's volume is the mean of its members'. Raising or lowering it scales
// them all; a member never gets to 0 that way unless the group does. One that
// somebody turned to 0 while others played on stays at 0. The Sender's mutex
// guards it.
type balance struct {
	members map[string]*poise
	last    time.Time // of a change that was not ours
}

// poise is one member's part in a balance.
type poise struct {
	weight float64 // its level is weight times something that all share
	before float64 // weight before the turn that goes on
	turned bool    // in that turn
	seen   float64 // its level, as last reported
	ours   []wish  // the levels that we set, the newest last
}

// wish is a level that we set, and when.
type wish struct {
	level float64
	at    time.Time
}

// wished tells whether a reported level is one that we set: the newest, or one
// that was overtaken a moment ago.
func (p *poise) wished(level float64, now time.Time) bool {
	for i, w := range p.ours {
		if math.Abs(level-w.level) <= same && (i == len(p.ours)-1 || now.Sub(w.at) < together) {
			return true
		}
	}
	return false
}

// wishes is how many levels that we set are remembered.
const wishes = 8

const (
	// quiet is the lowest level that is not silence: devices count in percent.
	quiet = 0.01
	// same is how far two levels may be apart and still be one.
	same = 0.015
	// together is how long a turn goes on after its last change: the members of a
	// group that is turned as a whole are reported one by one.
	together = 5 * time.Second
)

// observe takes note of the members' levels, as a device reported them.
func (b *balance) observe(members []Member, now time.Time) {
	if b.members == nil || len(b.members)+len(members) > 2*maxMembers {
		b.members = map[string]*poise{}
	}
	changed := false
	for _, m := range members {
		p := b.members[m.ID]
		if p == nil {
			p = &poise{weight: m.Volume, before: m.Volume, seen: m.Volume}
			b.members[m.ID] = p
		}
		if math.Abs(m.Volume-p.seen) > same/3 && !p.wished(m.Volume, now) {
			if now.Sub(b.last) > together {
				b.begin()
			}
			p.turned, p.ours = true, nil
			b.last, changed = now, true
		}
		p.seen = m.Volume
	}
	if changed {
		b.turn(members)
	}
}

// begin begins a turn: what was before it is what it is judged by.
func (b *balance) begin() {
	for _, p := range b.members {
		p.before, p.turned = p.weight, false
	}
}

// turn finds the weights after a change: those who did not move say how loud the
// group is, all together if everybody moved. A member that is where its weight
// puts it, but for the device's rounding, keeps it.
func (b *balance) turn(members []Member) {
	level, weight := b.sums(members, false)
	if weight == 0 {
		level, weight = b.sums(members, true)
	}
	shared := 1.0
	if weight > 0 {
		shared = level / weight
	}
	for _, m := range members {
		p := b.members[m.ID]
		switch {
		case !p.turned || math.Abs(m.Volume-p.before*shared) <= same:
			p.weight = p.before
		case shared < quiet/2: // the others are silent: there is nothing to compare with
			if p.weight = p.before; p.before == 0 {
				p.weight = m.Volume
			}
		default:
			p.weight = m.Volume / shared
		}
	}
}

// sums adds up the levels of the members that a turn left alone, or of all, and
// what they weighed before it.
func (b *balance) sums(members []Member, all bool) (level, weight float64) {
	for _, m := range members {
		if p := b.members[m.ID]; all || !p.turned {
			level += m.Volume
			weight += p.before
		}
	}
	return level, weight
}

// levels returns the level of every member, by id, that brings the group to a
// volume of 0 to 1. They are taken for ours when they are reported.
func (b *balance) levels(members []Member, volume float64, now time.Time) map[string]float64 {
	volume = min(max(volume, 0), 1)
	sum := 0.0
	for _, m := range members {
		sum += b.weight(m.ID)
	}
	out := make(map[string]float64, len(members))
	rest := volume * float64(len(members))
	// Members that would be louder than full are full; the others make up for
	// it, until nothing more changes.
	for grew := sum > 0; grew; {
		grew = false
		scale := rest / sum
		for _, m := range members {
			w := b.weight(m.ID)
			if _, done := out[m.ID]; !done && w > 0 && w*scale > 1 {
				out[m.ID], grew = 1, true
				rest--
				sum -= w
			}
		}
		grew = grew && sum > 1e-9 && rest > 0
	}
	all := len(out) == 0 && sum <= 0 // all were turned to 0 one by one: they rise together
	for _, m := range members {
		if _, done := out[m.ID]; !done {
			out[m.ID] = 0
			if w := b.weight(m.ID); all {
				out[m.ID] = volume
			} else if w > 0 && volume > 0 {
				out[m.ID] = min(max(w*max(rest, 0)/max(sum, 1e-9), quiet), 1)
			}
		}
		if p := b.members[m.ID]; p != nil {
			p.ours = append(p.ours[max(0, len(p.ours)+1-wishes):], wish{out[m.ID], now})
		}
	}
	return out
}

func (b *balance) weight(id string) float64 {
	if p := b.members[id]; p != nil {
		return p.weight
	}
	return 1
}

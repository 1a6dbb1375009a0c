package zone

import (
	"errors"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// How far ahead packets are written beyond an output's lead, where its buffer
// allows it: much where it can be cleared, most where it says how many bytes it
// holds, little where it cannot be cleared.
const (
	clearMargin = 3 * time.Second
	bytesMargin = 10 * time.Second
	rigidMargin = 500 * time.Millisecond
	maxAhead    = 15 * time.Second
)

// A member that is behind is left alone for a moment, longer each time.
const (
	firstRest = 100 * time.Millisecond
	longRest  = 3 * time.Second
)

// output is one attached Output and how far it was served.
type output struct {
	id     string
	out    Output
	caps   Caps
	ahead  time.Duration
	group  *group
	turns  []turn         // groups that follow this one
	barred []audio.Format // formats whose encoder failed

	seq     int64         // of the next packet of group
	from    audio.Time    // nothing that is heard earlier is written
	written audio.Time    // end of the last packet written
	stream  *audio.Stream // of that packet; nil after a clear
	rest    time.Duration
	resume  audio.Time // no writing before this
	held    held
}

// turn is where the timeline changes its rate: from then on an output is served
// by another group.
type turn struct {
	at    audio.Time
	group *group
}

// last is the group that serves the output at the timeline's end.
func (o *output) last() *group {
	if n := len(o.turns); n > 0 {
		return o.turns[n-1].group
	}
	return o.group
}

// release lets go of all groups.
func (o *output) release() {
	if o.group != nil {
		o.group.users--
	}
	for _, t := range o.turns {
		t.group.users--
	}
	o.group, o.turns = nil, nil
}

// turnDue goes over to the group that follows, once all of this one's was
// written or cannot be heard any more.
func (o *output) turnDue(now audio.Time) {
	const rounding = 50 // µs
	for len(o.turns) > 0 && (o.written+rounding >= o.turns[0].at || now.Add(o.caps.Lead) >= o.turns[0].at) {
		o.turn()
	}
}

func (o *output) turn() {
	o.group.users--
	o.group, o.from, o.seq = o.turns[0].group, max(o.from, o.turns[0].at), o.turns[0].group.first
	o.turns = o.turns[1:]
}

// held is what an output holds, for those that say how many bytes that may be.
type held struct {
	chunks []heldChunk
	bytes  int
	full   audio.Time // until then there is no room for the next packet; 0 if there is
}

type heldChunk struct {
	at, end audio.Time
	size    int
}

// room tells whether so many bytes more fit at now, and notes until when they
// do not.
func (h *held) room(limit, size int, now audio.Time) bool {
	n := 0
	for n < len(h.chunks) && h.chunks[n].end <= now {
		h.bytes -= h.chunks[n].size
		n++
	}
	h.chunks, h.full = h.chunks[n:], 0
	if len(h.chunks) > 0 && h.bytes+size > limit {
		h.full = h.chunks[0].end
	}
	return h.full == 0
}

func (h *held) put(p audio.Packet) {
	h.chunks = append(h.chunks, heldChunk{p.At, p.End(), len(p.Data)})
	h.bytes += len(p.Data)
}

// drop forgets what is heard at from or later: it was cleared.
func (h *held) drop(from audio.Time) {
	h.full = 0
	for n := len(h.chunks); n > 0 && h.chunks[n-1].at >= from; n-- {
		h.bytes -= h.chunks[n-1].size
		h.chunks = h.chunks[:n-1]
	}
}

func newOutput(id string, o Output) *output {
	caps := o.Caps()
	margin := rigidMargin
	switch {
	case caps.StartDelay > 0:
		margin = caps.Buffer // it is fetched when the device begins
	case caps.Clears && caps.BufferBytes > 0:
		margin = bytesMargin
	case caps.Clears:
		margin = clearMargin
	}
	ahead := caps.Lead + margin
	if caps.Buffer > 0 {
		ahead = min(ahead, max(caps.Buffer, caps.Lead))
	}
	return &output{id: id, out: o, caps: caps, ahead: min(ahead, max(maxAhead, caps.Lead))}
}

// choose picks the output's format for a timeline of that rate, from samples of
// so many bits, 0 where they have no such number: its favourite codec, at the
// timeline's own rate where it offers that, and no shallower than the samples
// where it can be helped.
func (o *output) choose(rate, bits int) (audio.Format, bool) {
	var best audio.Format
	found := false
	for _, f := range o.caps.Formats {
		switch {
		case slices.Contains(o.barred, f):
		case !found:
			best, found = f, true
		case f.Codec != best.Codec || f.Channels != best.Channels:
		case f.Rate == best.Rate && min(f.Bits, bits) > min(best.Bits, bits), f.Rate == rate && best.Rate != rate:
			best = f
		}
	}
	return best, found
}

// join starts an output at a group's present: at the first packet that can
// still arrive in time. A pulled one takes what comes.
func (o *output) join(g *group, now audio.Time) {
	o.group = g
	o.seq = g.first
	o.from = now.Add(o.caps.Lead)
	if o.caps.Pulled {
		o.from = now.Add(o.startDelay())
	}
}

// startDelay is how long a pulled device takes to begin, as it says now.
func (o *output) startDelay() time.Duration { return o.out.Caps().StartDelay }

// skips tells whether a packet is heard before the output begins. A pulled device
// begins with the packet that is nearest to the time.
func (o *output) skips(p audio.Packet) bool {
	switch {
	case !o.caps.Pulled:
		return p.At+1 < o.from // times are rounded
	case o.caps.StartDelay > 0:
		return p.At+(p.End()-p.At)/2 < o.from
	default:
		return false
	}
}

// reloads tells whether a packet has a pulled device load another stream, which
// ends the one that plays.
func (o *output) reloads(p audio.Packet) bool {
	return o.caps.StartDelay > 0 && o.stream != nil && o.stream != p.Stream
}

// due is when a packet is to be written.
func (o *output) due(p audio.Packet) audio.Time {
	if o.reloads(p) {
		return p.At.Add(-o.startDelay())
	}
	return p.At.Add(-o.ahead)
}

// begins has a pulled device begin anew, with what is heard when it does.
func (o *output) begins(now audio.Time) error {
	err := o.clear(now)
	o.seq = o.group.first
	o.from = max(o.from, o.resume.Add(o.startDelay()))
	o.written = min(o.written, now)
	return err
}

// clear takes back what was written to be heard at from or later.
func (o *output) clear(from audio.Time) error {
	o.held.drop(from)
	o.stream = nil
	return o.out.Clear(from)
}

// renew points an output at a new epoch. What cannot be cleared sounds on.
func (o *output) renew(g *group, start, now audio.Time) error {
	err := o.clear(start)
	o.group = g
	o.seq = g.first
	o.from = start
	switch {
	case o.caps.Pulled:
		o.from = 0
		if d := o.startDelay(); d > 0 {
			o.from = now.Add(d)
		}
	case !o.caps.Clears && o.written > start:
		o.from = o.written
	default:
		o.written = min(o.written, start)
	}
	o.resume, o.rest = 0, 0
	return err
}

// write hands over what is due at now; company tells whether others play as
// well. A nil error says that the member is well; ErrBehind and ErrOutOfStep are
// dealt with here.
func (o *output) write(now audio.Time, company bool) error {
	if o.group == nil || now < o.resume {
		return nil
	}
	if company && o.stream == nil && o.caps.StartDelay > 0 {
		// Decoding and encoding took their time since it was told to begin.
		o.from = max(o.from, now.Add(o.startDelay()))
	}
	for ; ; o.seq++ {
		o.turnDue(now)
		o.seq = max(o.seq, o.group.first)
		if o.seq >= o.group.end() {
			return nil
		}
		p := o.group.packet(o.seq)
		if len(o.turns) > 0 && p.At+1 >= o.turns[0].at {
			o.turn() // this group goes on for others
			o.seq--
			continue
		}
		if o.due(p) > now {
			return nil
		}
		if p.Samples > 0 && o.skips(p) {
			continue
		}
		if limit := o.caps.BufferBytes; limit > 0 && !o.held.room(limit, len(p.Data), now) {
			return nil
		}
		if err := o.out.Write(p); err != nil {
			return o.refused(err, now, company)
		}
		o.rest = 0
		o.written, o.stream = p.End(), p.Stream
		if o.caps.BufferBytes > 0 {
			o.held.put(p)
		}
	}
}

// refused deals with the error of a Write, and returns what takes the member out.
func (o *output) refused(err error, now audio.Time, company bool) error {
	switch {
	case errors.Is(err, ErrBehind):
		o.rest = min(max(o.rest*2, firstRest), longRest)
		o.resume = now.Add(o.rest)
		o.from = o.resume.Add(o.caps.Lead)
		return nil
	case errors.Is(err, ErrOutOfStep):
		o.resume = now.Add(firstRest)
		if company {
			return o.begins(now)
		}
		return nil
	default:
		return err
	}
}

// wakes is when the next write is due; 0 when nothing is encoded for it. Ticks
// are no denser than the margin beyond the lead asks for.
func (o *output) wakes() audio.Time {
	if o.group == nil {
		return 0
	}
	seq := max(o.seq, o.group.first) // what was heard already may be forgotten
	if seq >= o.group.end() {
		return 0
	}
	p, slack := o.group.packet(seq), min(laterBlock, (o.ahead-o.caps.Lead)/2)
	if o.reloads(p) {
		slack = 0
	}
	return max(o.due(p).Add(slack), o.resume, o.held.full)
}

package zone

import (
	"errors"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// How far ahead packets are written beyond an output's lead, where its Buffer
// allows it: much where it can be cleared, little where it cannot.
const (
	clearMargin = 3 * time.Second
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
	barred []audio.Format // formats whose encoder failed

	seq     int64      // of the next packet of group
	from    audio.Time // nothing that is heard earlier is written
	written audio.Time // end of the last packet written
	rest    time.Duration
	resume  audio.Time // no writing before this
}

func newOutput(id string, o Output) *output {
	caps := o.Caps()
	margin := rigidMargin
	if caps.Clears {
		margin = clearMargin
	}
	ahead := caps.Lead + margin
	if caps.Buffer > 0 {
		ahead = min(ahead, max(caps.Buffer, caps.Lead))
	}
	return &output{id: id, out: o, caps: caps, ahead: min(ahead, max(maxAhead, caps.Lead))}
}

// choose picks the output's format for a timeline of that rate: its favourite
// codec, at the timeline's own rate where it offers that.
func (o *output) choose(rate int) (audio.Format, bool) {
	var best audio.Format
	found := false
	for _, f := range o.caps.Formats {
		if slices.Contains(o.barred, f) {
			continue
		}
		if !found {
			best, found = f, true
		}
		if f.Codec == best.Codec && f.Rate == rate {
			return f, true
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
		o.from = now
	}
}

// renew points an output at a new epoch. What cannot be cleared sounds on.
func (o *output) renew(g *group, start audio.Time) error {
	err := o.out.Clear(start)
	o.group = g
	o.seq = g.first
	o.from = start
	switch {
	case o.caps.Pulled:
		o.from = 0
	case !o.caps.Clears && o.written > start:
		o.from = o.written
	default:
		o.written = min(o.written, start)
	}
	o.resume, o.rest = 0, 0
	return err
}

// write hands over what is due at now. A nil error says that the member is
// well; ErrBehind is dealt with here.
func (o *output) write(now audio.Time) error {
	if o.group == nil || now < o.resume {
		return nil
	}
	o.seq = max(o.seq, o.group.first)
	until := now.Add(o.ahead)
	for ; o.seq < o.group.end(); o.seq++ {
		p := o.group.packet(o.seq)
		if p.At > until {
			return nil
		}
		if p.At < o.from && p.Samples > 0 && !o.caps.Pulled && p.At+1 < o.from {
			continue
		}
		err := o.out.Write(p)
		if errors.Is(err, ErrBehind) {
			o.rest = min(max(o.rest*2, firstRest), longRest)
			o.resume = now.Add(o.rest)
			o.from = o.resume.Add(o.caps.Lead)
			return nil
		}
		if err != nil {
			return err
		}
		o.rest = 0
		o.written = p.End()
	}
	return nil
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
	slack := min(laterBlock, (o.ahead-o.caps.Lead)/2)
	return max(o.group.packet(seq).At.Add(slack-o.ahead), o.resume)
}

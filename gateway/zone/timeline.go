package zone

import (
	"errors"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// startSlack is what a new epoch allows for encoding and handing over its first
// packets, beyond the largest lead.
const startSlack = 15 * time.Millisecond

// encodeAhead is how much is encoded beyond what any output is written.
const encodeAhead = 400 * time.Millisecond

// keptBlock is a block of the timeline that was not heard yet: a joiner whose
// format nobody had needs it.
type keptBlock struct {
	stretch
	frame int64
	block
}

// stretch is a part of an epoch whose samples are of one rate and depth.
type stretch struct {
	start audio.Time // when its frame 0 is heard
	rate  int
	bits  int // 0 if its samples have no such number
}

func (k keptBlock) at() audio.Time  { return timeAt(k.start, k.frame, k.rate) }
func (k keptBlock) end() audio.Time { return timeAt(k.start, k.frame+k.frames(), k.rate) }

// ErrEncoderStuck is told to a member whose format this machine cannot encode in time.
var ErrEncoderStuck = errors.New("zone: encoder does not keep up")

// timeline is the audio of one epoch: from the decks through the encode groups
// to the outputs. It belongs to the zone's goroutine and knows no queue.
type timeline struct {
	z       *Zone
	head    playhead
	outputs []*output
	groups  map[audio.Format]*group
	taps    map[chan Mixed]bool

	running bool
	stretch       // the last one
	frames  int64 // taken from decks since its start
	lead    time.Duration
	kept    []keptBlock
	feed    *deck // what is taken now; nil while the next is awaited
	starved bool  // feed had nothing when it was asked last
}

func newTimeline(z *Zone) *timeline {
	return &timeline{z: z, groups: make(map[audio.Format]*group), taps: make(map[chan Mixed]bool)}
}

func (t *timeline) timeOf(frame int64) audio.Time { return timeAt(t.start, frame, t.rate) }

// largestLead is the lead of the pushed members that needs most. Where nobody
// else is there, pulled ones begin together, as soon as the slowest can.
func (t *timeline) largestLead() time.Duration {
	var lead, starts time.Duration
	pushed := false
	for _, o := range t.outputs {
		if o.caps.Pulled {
			starts = max(starts, o.startDelay())
		} else {
			lead, pushed = max(lead, o.caps.Lead), true
		}
	}
	if pushed {
		return lead
	}
	return starts
}

// horizon is how far ahead of the clock audio is taken from the decks.
func (t *timeline) horizon() time.Duration {
	var ahead time.Duration
	for _, o := range t.outputs {
		ahead = max(ahead, o.ahead)
	}
	return ahead + encodeAhead
}

// cut begins an epoch with a deck that is ready. It returns when its first
// sample is heard, which is at notBefore or as soon as the members can.
func (t *timeline) cut(d *deck, notBefore audio.Time) audio.Time {
	t.lead = t.largestLead()
	t.start = max(t.z.now().Add(t.lead+startSlack), notBefore)
	t.rate, t.bits, t.frames, t.kept = d.rate, d.bits, 0, nil
	t.running = true
	t.hand(Mixed{At: t.start, Cut: true})
	if t.feed != nil && t.feed != d {
		t.feed.cancel()
	}
	t.feed, t.starved = d, false
	for _, g := range t.groups {
		g.idle()
		g.users = 0
	}
	for _, o := range t.outputs {
		o.group, o.turns = nil, nil
		if g := t.groupFor(o, t.stretch); g != nil {
			if !g.started {
				g.begin(t.start, t.rate)
			}
			if err := o.renew(g, t.start, t.z.now()); err != nil {
				t.z.dropOutput(o.id, err)
			}
		}
	}
	t.closeUnused()
	return t.start
}

// groupFor finds or makes the group for an output; nil when none of its formats
// can be encoded, and then the output is on its way out.
func (t *timeline) groupFor(o *output, s stretch) *group {
	f, ok := o.choose(s.rate, s.bits)
	if !ok {
		t.z.dropOutput(o.id, audio.ErrUnsupported)
		return nil
	}
	g := t.groups[f]
	if g == nil {
		g = t.z.newGroup(f, t.arrived, t.groupFailed)
		t.groups[f] = g
	}
	g.users++
	return g
}

func (t *timeline) closeUnused() {
	for f, g := range t.groups {
		if g.users == 0 {
			g.cancel()
			delete(t.groups, f)
		}
	}
}

// join brings an output into the running epoch, from the present on. A stretch
// to come that was not encoded in the format that it takes for it is missed where
// that format's encoder is at another stretch already.
func (t *timeline) join(o *output) {
	o.release()
	if !t.running {
		return
	}
	all := t.stretches()
	uses := make([]*group, 0, len(all)+1)
	fresh := map[*group]bool{}
	for i, s := range all {
		g := t.groupFor(o, s)
		if g == nil {
			return
		}
		uses = append(uses, g)
		fresh[g] = fresh[g] || !g.started && !g.rests
		switch {
		case i == 0:
			o.join(g, t.z.now())
		case g == o.last():
			g.users--
		default:
			o.turns = append(o.turns, turn{at: s.start, group: g})
		}
	}
	uses = append(uses, uses[len(uses)-1]) // and goes on with that
	for i, s := range all {
		if g := uses[i]; fresh[g] {
			t.catchUp(g, s)
			if uses[i+1] != g {
				g.rest()
			}
		}
	}
}

// stretches are those that are not heard to their end, in order.
func (t *timeline) stretches() (all []stretch) {
	for _, k := range t.kept {
		if n := len(all); n == 0 || all[n-1] != k.stretch {
			all = append(all, k.stretch)
		}
	}
	if n := len(all); n == 0 || all[n-1] != t.stretch {
		all = append(all, t.stretch)
	}
	return all
}

// catchUp gives a group what is still to be heard of a stretch.
func (t *timeline) catchUp(g *group, s stretch) {
	at, i := t.timeOf(t.frames), slices.IndexFunc(t.kept, func(k keptBlock) bool { return k.stretch == s })
	if i >= 0 {
		at = t.kept[i].at()
	}
	if g.started || g.rests {
		g.turn(at, s.rate)
	} else {
		g.begin(at, s.rate)
	}
	for ; i >= 0 && i < len(t.kept) && t.kept[i].stretch == s; i++ {
		g.send(job{block: t.kept[i].block})
	}
}

// turn has the timeline go on at another rate, or with samples of another depth,
// behind what was taken. Members that have a format for that go over to it there
// and then; for the others it is converted.
func (t *timeline) turn(rate, bits int) {
	if rate == t.rate && bits == t.bits {
		return
	}
	t.stretch, t.frames = stretch{start: t.timeOf(t.frames), rate: rate, bits: bits}, 0
	wanted := map[*group]bool{}
	for _, o := range t.outputs {
		if o.group == nil {
			continue
		}
		g := t.groupFor(o, t.stretch)
		switch {
		case g == nil:
			continue
		case g == o.last():
			g.users--
		case !g.started && !g.rests:
			g.begin(t.start, rate)
			fallthrough
		default:
			o.turns = append(o.turns, turn{at: t.start, group: g})
		}
		wanted[g] = true
	}
	for _, g := range t.groups {
		switch {
		case wanted[g]:
			g.turn(t.start, rate)
		case g.started:
			g.rest()
		}
	}
}

// leave takes an output away; what it holds is silenced.
func (t *timeline) leave(id string) {
	for i, o := range t.outputs {
		if o.id != id {
			continue
		}
		t.outputs = append(append([]*output(nil), t.outputs[:i]...), t.outputs[i+1:]...)
		_ = o.clear(t.z.now()) // it leaves in any case
		o.release()
		t.closeUnused()
		return
	}
}

// halt ends the epoch: what the members hold is cleared from now on.
func (t *timeline) halt() {
	if t.feed != nil {
		t.feed.cancel()
		t.feed = nil
	}
	if !t.running {
		return
	}
	t.running, t.kept = false, nil
	for _, g := range t.groups {
		g.idle()
	}
	now := t.z.now()
	t.hand(Mixed{At: now, Cut: true})
	for _, o := range t.outputs {
		o.group, o.turns = nil, nil
		o.written = min(o.written, now)
		if err := o.clear(now); err != nil {
			t.z.dropOutput(o.id, err)
		}
	}
}

// silence takes back what was written to be heard at from or later, and
// encodes nothing more.
func (t *timeline) silence(from audio.Time) {
	t.hand(Mixed{At: from, Cut: true})
	for _, g := range t.groups {
		g.idle()
	}
	for _, o := range t.outputs {
		o.group, o.turns = nil, nil
		if err := o.clear(from); err != nil {
			t.z.dropOutput(o.id, err)
		}
	}
}

// wants tells whether a block should be taken from the feeding deck.
func (t *timeline) wants(now audio.Time) bool {
	return t.running && t.feed != nil && t.timeOf(t.frames) < now.Add(t.horizon())
}

// late tells that the next block cannot be heard when it should be.
func (t *timeline) late(now audio.Time) bool {
	return t.timeOf(t.frames) < now.Add(t.lead*3/4)
}

// take puts a block on the timeline.
func (t *timeline) take(b block) {
	t.hand(Mixed{At: t.timeOf(t.frames), Rate: t.rate, PCM: b.pcm})
	t.kept = append(t.kept, keptBlock{stretch: t.stretch, frame: t.frames, block: b})
	t.frames += b.frames()
	for _, g := range t.groups {
		if g.started && !g.send(job{block: b}) {
			t.groupFailed(g, ErrEncoderStuck)
		}
	}
}

// flush lets the encoders hand out what they hold, at the end of everything.
func (t *timeline) flush() {
	for _, g := range t.groups {
		if g.started {
			g.send(job{flush: true})
		}
	}
}

func (t *timeline) arrived(g *group, gen uint64, packets []audio.Packet) {
	if gen == g.gen.Load() && t.groups[g.format] == g {
		g.ring = append(g.ring, packets...)
	}
}

// groupFailed gives the outputs of a group that broke another format.
func (t *timeline) groupFailed(g *group, err error) {
	if t.groups[g.format] != g {
		return
	}
	t.z.log.Warn("encoder failed", "zone", t.z.cfg.ID, "format", g.format.String(), "err", err)
	g.cancel()
	delete(t.groups, g.format)
	for _, o := range t.outputs {
		if o.group == g || slices.ContainsFunc(o.turns, func(n turn) bool { return n.group == g }) {
			o.barred = append(o.barred, g.format)
			t.join(o)
		}
	}
}

// write serves every output and forgets what was heard.
func (t *timeline) write(now audio.Time) {
	for _, o := range t.outputs {
		if err := o.write(now, len(t.outputs) > 1); err != nil {
			t.z.dropOutput(o.id, err)
		}
	}
	t.closeUnused() // what was turned away from
	for _, g := range t.groups {
		g.forget(now)
	}
	n := 0
	for n < len(t.kept) && t.kept[n].end() < now {
		n++
	}
	if n > 8 {
		t.kept = append([]keptBlock(nil), t.kept[n:]...)
	}
}

// wakes is when write or take has something to do next; 0 for never.
func (t *timeline) wakes() audio.Time {
	if !t.running {
		return 0
	}
	var at audio.Time
	if t.feed != nil && !t.starved {
		at = t.timeOf(t.frames).Add(laterBlock - t.horizon())
	}
	for _, o := range t.outputs {
		if w := o.wakes(); w != 0 && (at == 0 || w < at) {
			at = w
		}
	}
	return at
}

package zone

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// span is one entry's stretch of the timeline.
type span struct {
	entry  EntryID
	by     By
	track  Track
	at     audio.Time    // when its first sample is heard
	offset time.Duration // of that sample, into the track
	end    audio.Time    // when the sample after its last is heard; 0 while not known
	failed error         // why it ended early
	silent bool          // the same playing as the span before, after a stall
	via    *node         // the entry that was skipped on the way here, if one was
	tail   *overlap      // what of it fades over the next span
}

// playhead knows which entry is heard when. Its first span is the present one;
// the others are decoded already but not heard yet.
type playhead struct{ spans []span }

// now is the span that is heard, or nil.
func (p *playhead) now() *span {
	if len(p.spans) == 0 {
		return nil
	}
	return &p.spans[0]
}

// last is the span that is being decoded, or nil.
func (p *playhead) last() *span {
	if len(p.spans) == 0 {
		return nil
	}
	return &p.spans[len(p.spans)-1]
}

func (p *playhead) reset(s ...span) { p.spans = s }

func (p *playhead) push(s span) { p.spans = append(p.spans, s) }

// offset is how far into its track the present span is at t.
func (p *playhead) offset(t audio.Time) time.Duration {
	s := p.now()
	if s == nil {
		return 0
	}
	if s.end != 0 && t > s.end {
		t = s.end
	}
	return s.offset + max(0, t.Sub(s.at))
}

// due tells that the present span was heard to its end by t.
func (p *playhead) due(t audio.Time) bool {
	s := p.now()
	return s != nil && s.end != 0 && t >= s.end
}

// shift leaves the present span behind.
func (p *playhead) shift() span {
	s := p.spans[0]
	p.spans = append([]span(nil), p.spans[1:]...)
	return s
}

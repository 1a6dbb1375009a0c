package zone

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// MaxCrossfade is the longest crossfade.
const MaxCrossfade = 12 * time.Second

// A crossfade takes at most a quarter of either track, and none is made that
// would be shorter than leastCrossfade.
const leastCrossfade = 100 * time.Millisecond

// ErrCrossfade refuses a length that is negative or over MaxCrossfade.
var ErrCrossfade = errors.New("zone: a crossfade takes from 0 to 12 s")

// overlap is the end of one track that fades out over the beginning of another.
// The deck of the coming track mixes both; the timeline leaves the going one where
// that begins, and from there on the coming one is what plays.
type overlap struct {
	going  *deck
	track  Track
	rate   int
	frames int64 // of the whole track, at rate
	length time.Duration
	// cut is set once the timeline has left the going track at from: then
	// whatever follows has to bring the rest of it.
	cut  bool
	from int64
}

// SetCrossfade has tracks fade into each other from the next one on, 0 not at
// all. Tracks that follow each other on their album are not faded: they may join.
func (z *Zone) SetCrossfade(ctx context.Context, d time.Duration) error {
	if d < 0 || d > MaxCrossfade {
		return fmt.Errorf("%w, not %v", ErrCrossfade, d)
	}
	return z.command(ctx, "set the crossfade", func(reply func(error)) {
		if z.crossfade == d {
			reply(nil)
			return
		}
		z.crossfade, z.dirty = d, true
		if z.line.running {
			z.prepareNext()
		}
		if z.lead != nil {
			z.lead.sent = nil // looked at anew: fading has to be mixed
			z.lead.sync()
		}
		reply(nil)
	})
}

// overlapNow is what of the last span fades over the track that follows it; nil
// where nothing does.
func (z *Zone) overlapNow() *overlap {
	s := z.line.head.last()
	switch {
	case s == nil || z.click:
		return nil
	case s.tail != nil:
		return s.tail
	}
	d := z.line.feed
	if z.crossfade == 0 || d == nil || d.entry.ID != s.entry || d.frames <= 0 || d.track.Live {
		return nil
	}
	return &overlap{going: d, track: d.track, rate: d.rate, frames: d.frames, length: z.crossfade}
}

// same tells whether two overlaps ask for the same.
func (o *overlap) same(p *overlap) bool {
	if o == nil || p == nil {
		return o == p
	}
	return o.going == p.going && o.length == p.length && o.cut == p.cut
}

// handOver leaves the feeding deck early, where the deck that follows brings the
// rest of it, and returns what of the block comes before that; false where that
// is not in this block.
func (z *Zone) handOver(b block) (block, bool) {
	d, next := z.line.feed, z.play.next
	if next == nil || !next.ready || next.over == nil || next.over.cut || next.over.going != d || z.play.pending != nil {
		return b, false
	}
	at := framesIn(d.offset, d.rate) + d.taken
	keep := next.over.from - at
	if keep < 0 || keep >= b.frames() {
		return b, false
	}
	next.over.cut = true
	z.line.head.last().tail = next.over
	return b.before(keep), true
}

// before is the part of a block in front of a frame, with the packets that end
// there.
func (b block) before(frame int64) block {
	short := block{pcm: b.pcm[:frame*channels], source: b.source}
	for _, f := range b.coded {
		if f.at+int64(f.samples) <= frame {
			short.coded = append(short.coded, f)
		}
	}
	return short
}

// overlay lays what is left of the going track over pcm, which comes back as it
// is where there is nothing to fade. What it opened, end closes. It is called on
// the deck's goroutine.
func (d *deck) overlay(ctx context.Context, z *Zone, pcm audio.Decoder) (_ audio.Decoder, end func()) {
	o := *d.order.over
	if !o.cut {
		length := min(o.length, durationOf(o.frames/4, o.rate))
		if d.frames >= 0 {
			length = min(length, durationOf(d.frames/4, d.rate))
		}
		if length < leastCrossfade || d.track.Live || neighbours(o.track, d.track) {
			return pcm, func() {}
		}
		o.from = o.frames - framesIn(length, o.rate)
	}
	dec, err := z.cfg.Tracks.Open(ctx, o.track.ID)
	if err != nil {
		return pcm, func() {} // it was open a moment ago: its own deck says what is wrong
	}
	end = func() { _ = dec.Close() }
	going, err := fadingOut(dec, o, d.rate)
	if err != nil {
		return pcm, end
	}
	mixed, err := audio.NewCrossfade(going, pcm, framesIn(durationOf(o.frames-o.from, o.rate), d.rate))
	if err != nil {
		return pcm, end
	}
	d.over = &o
	return mixed, end
}

// fadingOut is what is left of the going track, as the coming one's deck mixes
// it.
func fadingOut(dec audio.Decoder, o overlap, rate int) (audio.Decoder, error) {
	pcm, err := audio.WithGain(audio.Stereo(dec), audio.GainConfig{DB: o.track.GainDB, Peak: o.track.Peak})
	if err != nil {
		return nil, err
	}
	if err := pcm.SeekFrame(o.from); err != nil {
		return nil, fmt.Errorf("seek to the end: %w", err)
	}
	return audio.NewConformed(pcm, rate)
}

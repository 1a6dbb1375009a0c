package zone

import (
	"context"
	"math"
)

// SetClick has the zone play a click every second in the place of its music, so
// that a device's delay can be set by ear, or its music again. It stays on until
// it is turned off; it is not kept.
func (z *Zone) SetClick(ctx context.Context, on bool) error {
	return z.command(ctx, "set the click", func(reply func(error)) {
		if z.click == on {
			reply(nil)
			return
		}
		z.click, z.dirty = on, true
		running := z.line.running
		z.regroup() // no device leads that plays originals
		if n := z.queue.cur; running && n != nil && z.lead == nil && z.play.state == Playing {
			z.begin(n, z.offset(), "") // at once, not behind what members hold
		}
		reply(nil)
	})
}

// clicked is a block with a click at each whole second instead of its music;
// first is the stretch's frame that it begins with.
func clicked(b block, first int64, rate int) block {
	const hz, decay, level = 1500, 0.002, 0.5
	for i := range b.frames() {
		t := float64((first+i)%int64(rate)) / float64(rate)
		var x float32
		if t < 0.02 {
			x = float32(level * math.Exp(-t/decay) * math.Sin(2*math.Pi*hz*t))
		}
		b.pcm[2*i], b.pcm[2*i+1] = x, x
	}
	return block{pcm: b.pcm}
}

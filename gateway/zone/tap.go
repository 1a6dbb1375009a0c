package zone

import (
	"context"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Mixed is a piece of what a zone plays, before it is encoded: or, with Cut, that
// what was to be heard at At or later is not.
type Mixed struct {
	At   audio.Time // when its first sample is heard
	Rate int        // Hz
	PCM  []float32  // interleaved stereo; nobody may change it
	Cut  bool
}

// tapQueue is how many pieces may wait for who taps a zone: some seconds.
const tapQueue = 512

// Tap hands out what the zone plays from now on, as far ahead as its members need
// it. A reader that is slow misses pieces, never a cut's place: what follows has
// later times. The channel is closed when ctx or the zone ends. While a device
// leads, nothing comes.
func (z *Zone) Tap(ctx context.Context) (<-chan Mixed, error) {
	tap := make(chan Mixed, tapQueue)
	err := z.do(ctx, func(reply func(error)) {
		z.line.taps[tap] = true
		z.spawn(func() {
			select {
			case <-ctx.Done():
				z.post(func() { z.line.untap(tap) })
			case <-z.ctx.Done():
			}
		})
		reply(nil)
	})
	if err != nil {
		return nil, err
	}
	return tap, nil
}

func (t *timeline) untap(tap chan Mixed) {
	if t.taps[tap] {
		delete(t.taps, tap)
		close(tap)
	}
}

// hand gives a piece to those who tap the zone.
func (t *timeline) hand(m Mixed) {
	for tap := range t.taps {
		select {
		case tap <- m:
		default:
		}
	}
}

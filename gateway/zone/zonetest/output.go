package zonetest

import (
	"slices"
	"sync"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Written is a packet with the time at which it was written.
type Written struct {
	audio.Packet
	When audio.Time
}

// Output is an Output in memory. It may be used from any goroutine.
type Output struct {
	clock audio.Clock
	caps  zone.Caps

	mu      sync.Mutex
	packets []Written
	clears  []audio.Time
	fails   error
	behind  int
	on      func(Written)
	onClear func(audio.Time)
	keep    bool
}

// NewOutput makes an output; with no formats it takes 44.1 kHz 16-bit stereo
// PCM.
func NewOutput(clock audio.Clock, caps zone.Caps) *Output {
	if len(caps.Formats) == 0 {
		caps.Formats = []audio.Format{{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 16}}
	}
	return &Output{clock: clock, caps: caps, keep: true}
}

// Watch calls on for each packet and onClear for each Clear, within Write and
// Clear, and keeps none. It is called before the output is attached.
func (o *Output) Watch(on func(Written), onClear func(audio.Time)) {
	o.on, o.onClear, o.keep = on, onClear, false
}

// Fail has Write return err from now on; nil makes it well again.
func (o *Output) Fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fails = err
}

// Behind has the next n packets answered with zone.ErrBehind.
func (o *Output) Behind(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.behind = n
}

// Caps implements zone.Output.
func (o *Output) Caps() zone.Caps { return o.caps }

// Write implements zone.Output.
func (o *Output) Write(p audio.Packet) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails != nil {
		return o.fails
	}
	if o.behind > 0 {
		o.behind--
		return zone.ErrBehind
	}
	w := Written{Packet: p, When: o.clock.Now()}
	if o.on != nil {
		o.on(w)
	}
	if o.keep {
		o.packets = append(o.packets, w)
	}
	return nil
}

// Clear implements zone.Output: it drops packets that begin at from or later.
func (o *Output) Clear(from audio.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.onClear != nil {
		o.onClear(from)
	}
	if !o.keep {
		return nil
	}
	o.clears = append(o.clears, from)
	if o.caps.Clears {
		o.packets = slices.DeleteFunc(o.packets, func(w Written) bool { return w.At >= from })
	}
	return nil
}

// Packets returns what was written and not cleared, in the order of writing.
func (o *Output) Packets() []Written {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.packets)
}

// Clears returns the instants that were cleared from.
func (o *Output) Clears() []audio.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.clears)
}

package zone

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// groupQueue is how many blocks may wait for an encoder. It is more than the
// farthest horizon holds, so an encoder that fills it has stopped.
const groupQueue = 1024

// job is one thing for an encoder to do; the parts that are zero do not apply.
type job struct {
	gen   uint64
	begin bool // a new stream, whose first sample is heard at at
	turn  bool // go on there with blocks of another rate
	at    audio.Time
	rate  int // of the blocks that follow
	block
	flush bool
}

// group encodes the timeline once for all outputs that take the same format, in
// a goroutine of its own. Jobs of an older generation are passed over.
type group struct {
	format audio.Format
	gen    atomic.Uint64
	in     chan job
	cancel context.CancelFunc

	// Belong to the zone's goroutine.
	ring    []audio.Packet // what was encoded and not heard yet
	first   int64          // the sequence number of ring[0]
	started bool           // blocks are sent to it
	rests   bool           // none are any more, and what it was sent is encoded to its end
	users   int
}

// newGroup starts an encoder; packets and failed come on the zone's goroutine.
func (z *Zone) newGroup(f audio.Format, packets func(*group, uint64, []audio.Packet), failed func(*group, error)) *group {
	ctx, cancel := context.WithCancel(z.ctx)
	g := &group{format: f, in: make(chan job, groupQueue), cancel: cancel}
	z.spawn(func() {
		e := encoding{z: z, format: f}
		defer e.close()
		for {
			var j job
			select {
			case <-ctx.Done():
				return
			case j = <-g.in:
			}
			if j.gen != g.gen.Load() {
				continue
			}
			out, err := e.do(j)
			if err != nil {
				z.post(func() { failed(g, fmt.Errorf("encode %s: %w", f, err)) })
				return
			}
			if len(out) > 0 {
				z.post(func() { packets(g, j.gen, out) })
			}
		}
	})
	return g
}

// send gives the group a job without waiting; false when it has stopped taking
// any.
func (g *group) send(j job) bool {
	j.gen = g.gen.Load()
	select {
	case g.in <- j:
		return true
	default:
		return false
	}
}

// begin drops what waits and starts a new stream at the given time.
func (g *group) begin(at audio.Time, rate int) {
	g.gen.Add(1)
	g.first += int64(len(g.ring))
	g.ring = nil
	g.rests = false
	g.started = g.send(job{begin: true, at: at, rate: rate})
}

// idle drops what waits and encodes nothing until begin.
func (g *group) idle() {
	g.gen.Add(1)
	g.first += int64(len(g.ring))
	g.ring = nil
	g.started, g.rests = false, false
}

// turn goes on with blocks of another rate; what came before ends at the given
// time.
func (g *group) turn(at audio.Time, rate int) {
	g.rests = false
	g.started = g.send(job{turn: true, at: at, rate: rate})
}

// rest encodes what there is to its end, for outputs that turn away.
func (g *group) rest() {
	g.rests, g.started = true, false
	g.send(job{flush: true})
}

// end is the sequence number behind the last packet.
func (g *group) end() int64 { return g.first + int64(len(g.ring)) }

// packet returns the packet with that sequence number; first <= seq < end.
func (g *group) packet(seq int64) audio.Packet { return g.ring[seq-g.first] }

// forget drops packets that were heard to their end before t.
func (g *group) forget(t audio.Time) {
	n := 0
	for n < len(g.ring) && g.ring[n].End() < t {
		n++
	}
	if n > 32 || n == len(g.ring) {
		g.ring = append([]audio.Packet(nil), g.ring[n:]...)
		g.first += int64(n)
	}
}

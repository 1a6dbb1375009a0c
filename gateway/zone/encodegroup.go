package zone

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// groupQueue is how many blocks may wait for an encoder. It is more than the
// farthest horizon holds, so an encoder that fills it has stopped.
const groupQueue = 1024

// job is one thing for an encoder to do; the parts that are zero do not apply.
type job struct {
	gen   uint64
	begin bool // a new stream, whose first sample is heard at at
	at    audio.Time
	rate  int // of the blocks that follow
	pcm   []float32
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
	started bool
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
	g.started = g.send(job{begin: true, at: at, rate: rate})
}

// idle drops what waits and encodes nothing until begin.
func (g *group) idle() {
	g.gen.Add(1)
	g.first += int64(len(g.ring))
	g.ring = nil
	g.started = false
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

// encoding is the state of a group's goroutine.
type encoding struct {
	z      *Zone
	format audio.Format
	enc    audio.Encoder
	used   bool
	resamp *audio.Resampler
	rated  []float32
	at     audio.Time // when frame 0 is heard
	frames int64      // encoded since at; negative within the encoder's delay
	mono   []float32
}

func (e *encoding) close() {
	if e.enc != nil {
		_ = e.enc.Close()
	}
}

func (e *encoding) do(j job) ([]audio.Packet, error) {
	if j.begin {
		return nil, e.begin(j)
	}
	pcm := j.pcm
	if e.resamp != nil {
		e.rated = e.resamp.Process(e.rated[:0], pcm)
		if j.flush {
			e.rated = e.resamp.Flush(e.rated)
		}
		pcm = e.rated
	}
	frames, err := e.enc.Encode(e.mix(pcm))
	if err != nil {
		return nil, err
	}
	if j.flush {
		rest, err := e.enc.Flush()
		if err != nil {
			return nil, err
		}
		frames = append(frames, rest...)
	}
	e.used = true
	return e.stamp(frames), nil
}

func (e *encoding) begin(j job) (err error) {
	switch {
	case e.enc == nil:
		e.enc, err = e.z.cfg.NewEncoder(e.format)
	case e.used:
		err = e.enc.Reset()
	}
	if err != nil {
		return err
	}
	e.used = false
	e.resamp = nil
	if j.rate != e.format.Rate {
		if e.resamp, err = audio.NewResampler(j.rate, e.format.Rate, channels); err != nil {
			return err
		}
	}
	e.at = j.at
	e.frames = -int64(e.enc.Delay())
	return nil
}

// mix makes mono of stereo where the format asks for it.
func (e *encoding) mix(pcm []float32) []float32 {
	if e.format.Channels != 1 {
		return pcm
	}
	e.mono = e.mono[:0]
	for i := 0; i+1 < len(pcm); i += 2 {
		e.mono = append(e.mono, (pcm[i]+pcm[i+1])/2)
	}
	return e.mono
}

func (e *encoding) stamp(frames []audio.EncodedFrame) []audio.Packet {
	packets := make([]audio.Packet, 0, len(frames))
	for _, f := range frames {
		packets = append(packets, audio.Packet{
			Stream:  e.enc.Stream(),
			At:      timeAt(e.at, e.frames, e.format.Rate),
			Samples: f.Samples,
			Data:    f.Data,
		})
		e.frames += int64(f.Samples)
	}
	return packets
}

// timeAt is when the frame that many after start is heard, to the microsecond
// and without drift.
func timeAt(start audio.Time, frames int64, rate int) audio.Time {
	r := int64(rate)
	sec, rest := frames/r, frames%r
	return start.Add(time.Duration(sec)*time.Second) + audio.Time(rest*1_000_000/r)
}

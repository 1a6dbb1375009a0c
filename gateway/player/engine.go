package player

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

const (
	// tick does not go into a card's period: what a pipe holds is read at every
	// point of it, so that the mean is one (see card.End).
	tick      = 4700 * time.Microsecond
	decodeFor = 500 * time.Millisecond // decoded ahead; the rest stays coded in the client's buffer
	idleAfter = 20 * time.Second       // without sound until the output rests
	lateFor   = time.Second            // after something late, until we say that we are in step again
	// dryAfter is by how much an output's end may be later than what was written to
	// it: more than smoothing makes of it (see card.End) says that it ran dry.
	dryAfter = 500 * time.Microsecond
)

// engine is the player's goroutine and all that belongs to it.
type engine struct {
	p      *Player
	client *client.Client
	play   playout
	tap    tap
	gain   gain
	out    Output

	open    Format
	isOpen  bool
	epoch   uint64
	stream  *client.Stream
	dec     decoder
	block   []float32
	lastOut audio.Time // when sound was last written
	next    audio.Time // when the next frame is heard, by what was written; 0 unknown
	late    uint64     // chunks and frames until lateAt
	lateAt  audio.Time
	stats   Stats
}

func newEngine(p *Player) *engine {
	e := &engine{p: p, client: p.client, out: p.cfg.Output, play: playout{local: p.client.Local}}
	e.tap = tap{onLevel: p.cfg.OnLevel, onSound: p.cfg.OnSound}
	return e
}

// run wakes every tick while there is something to play, and by the client
// otherwise.
func (e *engine) run(ctx context.Context) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		var ticks <-chan time.Time
		if e.isOpen {
			ticks = t.C
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
		case <-e.client.Wake():
		}
		e.step(e.p.cfg.Clock.Now())
	}
}

func (e *engine) stop() {
	e.tap.drop()
	if err := e.out.Close(); err != nil {
		e.p.problem(fmt.Errorf("close %s: %w", e.out.Name(), err))
	}
}

// step does what is due at now.
func (e *engine) step(now audio.Time) {
	e.cleared()
	e.decode(now)
	var err error
	e.tap.heard = func(pcm []float32) { err = errors.Join(err, e.out.Heard(pcm)) }
	e.tap.release(now)
	if err == nil {
		err = e.feed(now)
	}
	if err != nil {
		e.fallBack(err)
	}
	e.publish(now)
}

// cleared follows the client's buffer: after a clear nothing of before it is
// played, not even what the output already holds.
func (e *engine) cleared() {
	epoch := e.client.Epoch()
	if epoch == e.epoch {
		return
	}
	e.epoch = epoch
	e.play.clear()
	e.stream, e.dec = nil, nil
	if e.isOpen && e.tap.sounds() {
		e.stats.Restarts++
		e.next = 0
		e.tap.drop()
		if err := e.out.Open(e.open); err != nil {
			e.fallBack(err)
		}
	}
}

// decode takes chunks while fewer than decodeFor are decoded.
func (e *engine) decode(now audio.Time) {
	if !e.client.Synced() {
		return
	}
	for e.play.depth(int64(now)) < decodeFor.Microseconds() {
		c, ok := e.client.Take()
		if !ok {
			return
		}
		if c.Epoch > e.epoch {
			e.cleared() // while we were here
		}
		if c.Epoch < e.epoch {
			continue
		}
		e.take(c, now)
	}
}

func (e *engine) take(c client.Chunk, now audio.Time) {
	if c.Stream != e.stream {
		e.stream = c.Stream
		var err error
		if e.dec, err = newDecoder(c.Stream); err != nil {
			e.dec = nil
			e.p.problem(fmt.Errorf("cannot play this stream: %w", err))
		}
	}
	if e.dec == nil {
		return
	}
	pcm, err := e.dec.decode(c.Data)
	e.stats.Chunks++
	if err != nil {
		e.stats.Broken++
		e.p.log.Debug("chunk left out", "why", err)
		return
	}
	s := segment{
		at: c.At, rate: c.Stream.Rate, channels: c.Stream.Channels, bits: c.Stream.Bits, pcm: slices.Clone(pcm),
	}
	if e.client.Local(s.end()) <= int64(now) {
		e.stats.Late++
		return
	}
	e.play.push(s)
}

// feed writes to the output until its target is reached.
func (e *engine) feed(now audio.Time) error {
	if err := e.reopen(now); err != nil || !e.isOpen {
		return err
	}
	sigma, _ := e.client.Sync()
	e.play.unsure = int64(5 * sigma) // its errors fall off slowly
	status := e.client.Status()
	e.gain.aim(amplitude(status.Volume, status.Muted), e.open.Rate)
	for {
		end, ready := e.out.End(now)
		if !ready || end.Sub(now) >= e.out.Target() {
			e.stats.ToOutput = end.Sub(now)
			return nil
		}
		if e.next > 0 && end.Sub(e.next) > dryAfter {
			e.play.dry()
		}
		if e.block == nil || len(e.block) != e.open.Rate/200*e.open.Channels {
			e.block = make([]float32, e.open.Rate/200*e.open.Channels)
		}
		n, sound := e.play.fill(e.block, end, e.open.Rate, e.open.Channels)
		if n == 0 {
			return e.reopen(now) // the next frame is of another format
		}
		pcm := e.block[:n*e.open.Channels]
		if sound {
			e.lastOut = end
		} else {
			e.gain.settle()
		}
		e.gain.apply(pcm, e.open.Channels)
		if err := e.out.Write(pcm); err != nil {
			return err
		}
		e.next = end.Add(time.Duration(n) * time.Second / time.Duration(e.open.Rate))
		e.tap.push(block{
			at: end, written: e.p.cfg.Clock.Now(), rate: e.open.Rate, channels: e.open.Channels, pcm: pcm, sound: sound,
		})
	}
}

// reopen opens the output for the next segment's format, once what was written
// before has been heard, and closes it when nothing has sounded for long.
func (e *engine) reopen(now audio.Time) error {
	head := e.play.head()
	if head == nil {
		if e.isOpen && e.client.Stream() == nil && now.Sub(e.lastOut) > idleAfter && !e.tap.sounds() {
			e.isOpen = false
			e.tap.drop()
			return e.out.Rest()
		}
		return nil
	}
	want := Format{Rate: head.rate, Channels: head.channels, Bits: head.bits}
	if e.isOpen && (want == e.open || e.tap.sounds()) {
		return nil
	}
	e.tap.drop()
	if err := e.out.Open(want); err != nil {
		return err
	}
	e.open, e.isOpen, e.lastOut, e.next = want, true, now, 0
	e.play.slack = e.out.Slack().Microseconds()
	return nil
}

// fallBack goes on with the meter when the output has failed.
func (e *engine) fallBack(err error) {
	e.p.problem(fmt.Errorf("%s does not play, the level meter takes over: %w", e.out.Name(), err))
	_ = e.out.Close()
	e.out, e.isOpen = NewMeter(), false
	e.tap.drop()
}

// publish makes the figures readable and reports whether we are in step.
func (e *engine) publish(now audio.Time) {
	s := &e.stats
	s.Output = e.out.Name()
	s.Playing = e.play.playing
	s.Skipped, s.Inserted, s.Removed = e.play.skipped, e.play.inserted, e.play.removed
	s.Underruns, s.Resyncs = e.play.gaps, e.play.resyncs
	e.p.mu.Lock()
	e.p.stats = *s
	e.p.mu.Unlock()
	if late := s.Late + s.Skipped; late != e.late {
		e.late, e.lateAt = late, now
	}
	op := wire.Synchronized
	if e.lateAt > 0 && now.Sub(e.lateAt) < lateFor {
		op = wire.InError
	}
	e.client.SetOperation(op)
}

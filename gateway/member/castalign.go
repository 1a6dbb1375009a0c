package member

import (
	"context"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// How a device that plays the zone's stream is brought in step with others. It
// begins when it has fetched and buffered enough, some time after it was told to:
// that time is measured by the position that it reports, and the next run begins
// with what is heard by then.
const (
	firstStart = time.Second // of a device that was never measured
	mostStart  = 5 * time.Second
	// askEvery is how long after a load, and after each answer that says too
	// little, the device is asked how far it is.
	askEvery = 2 * time.Second
	// No two starts are the same: by so much they differ, more is a change.
	usual   = 300 * time.Millisecond
	settled = 500 * time.Millisecond // a position is believed from here on
	// inStep is what is left alone: beginning anew costs a second of silence.
	inStep     = 80 * time.Millisecond
	alignTries = 2  // in a row, and one for each run that begins by itself
	mostAsks   = 10 // of one run
	// A launch takes so long at most; a position that tells of more is none.
	mostLaunch = 20 * time.Second
	// A device cannot have played for longer than since it was told to.
	impossible = 200 * time.Millisecond
)

// castAlign is what is known of the time that a device takes. It is guarded by
// the Cast's mu.
type castAlign struct {
	start    time.Duration // from a load to the first sound
	measured bool
	told     audio.Time // when the newest run was loaded
	cold     bool       // the application had to be launched for it
	asked    int        // how often since then
	tries    int
	off      bool // the next Write says that the device is out of step
	anew     bool // and the next run begins for that
}

func newCastAlign(kept time.Duration) castAlign {
	if kept > 0 {
		return castAlign{start: min(kept, mostStart), measured: true}
	}
	return castAlign{start: firstStart}
}

// learn takes how long a device took. What a launch took is no sign of how long
// the next run takes.
func (a *castAlign) learn(took time.Duration) {
	if a.cold {
		return
	}
	took = min(max(took, 0), mostStart)
	if a.measured && (took-a.start).Abs() < usual {
		took = (a.start + took) / 2
	}
	a.start, a.measured = took, true
}

// judge takes by how much the device is late, and tells whether it should begin
// anew.
func (a *castAlign) judge(late time.Duration) bool {
	if late.Abs() <= inStep {
		a.tries = 0
		return false
	}
	if a.tries >= alignTries {
		return false
	}
	a.tries++
	a.off = true
	return true
}

// begins takes that a run begins. One that begins for another reason, a seek,
// may be the worse for it, and is brought in step once more in any case.
func (a *castAlign) begins() {
	if !a.anew {
		a.tries = min(a.tries, alignTries-1)
	}
	a.anew = false
}

// measure asks the device how far it is in the run, and takes that. It tells
// whether to ask again later.
func (c *Cast) measure(ctx context.Context) (again bool) {
	err := c.cfg.Sender.Refresh(ctx)
	status := c.cfg.Sender.Status()
	c.mu.Lock()
	defer c.mu.Unlock()
	s, a := &c.stream, &c.align
	if s.run == nil || s.load || s.err != nil || status.Item != s.item() {
		return false
	}
	if a.asked++; err != nil || status.State != cast.Playing || status.Position < settled {
		return a.asked < mostAsks
	}
	// When position 0 was heard.
	began := c.cfg.Clock.Now().Add(c.cfg.Delay - time.Since(status.At) - status.Position)
	first, fetched := s.run.first()
	took, most := began.Sub(a.told), mostStart
	if a.cold {
		most = mostLaunch
	}
	if !fetched || took < min(c.cfg.Delay, 0)-impossible || took > most+max(c.cfg.Delay, 0) {
		c.cfg.Log.Debug("a device's position says nothing about the stream", "position", status.Position)
		return false
	}
	a.learn(took)
	late := began.Sub(first)
	anew := a.judge(late)
	c.cfg.Log.Debug("a device plays the zone's stream", "late", late, "starts in", a.start, "begins anew", anew)
	if a.measured {
		c.cfg.Started(a.start - c.cfg.Delay)
	}
	return false
}

// outOfStep is Write's answer where the device should begin anew; nil otherwise.
// The caller holds mu.
func (c *Cast) outOfStep() error {
	if !c.align.off {
		return nil
	}
	c.align.off, c.align.anew = false, true
	return zone.ErrOutOfStep
}

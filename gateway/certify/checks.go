package certify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// bench is one player under test.
type bench struct {
	cfg        Config
	link       *link
	one, two   *server
	dialled    <-chan error // the first server's connection
	report     *Report
	formats    []wire.Format
	cancelDial context.CancelFunc
	wait       time.Duration // for a connection or a goodbye
	pairWait   time.Duration // for each step of a pairing
}

func (b *bench) add(name string, why string, figures map[string]float64) {
	c := Check{Name: name, Result: Pass, Why: why, Figures: figures}
	if why != "" {
		c.Result = Fail
	}
	b.report.Checks = append(b.report.Checks, c)
}

func (b *bench) untried(name, why string) {
	b.report.Checks = append(b.report.Checks, Check{Name: name, Result: Untried, Why: why})
}

// dial connects the first server, until cancelDial.
func (b *bench) dial(ctx context.Context) {
	ctx, b.cancelDial = context.WithCancel(ctx)
	b.dialled = b.one.dial(ctx, b.link.address(), b.cfg.Path, wire.Playback)
}

// handshake connects; without it nothing else can be tried.
func (b *bench) handshake(ctx context.Context) bool {
	began := time.Now()
	b.dial(ctx)
	p, ok := b.one.connected(ctx, b.wait)
	if !ok {
		b.add("handshake", fmt.Sprintf("no hello within %v at ws://%s%s; is the player listening there?", b.wait, b.cfg.Address, b.cfg.Path), nil)
		return false
	}
	hello := p.Hello()
	b.report.Player, b.report.Name, b.report.Dialect = p.ID(), hello.Name, p.Security().Dialect.String()
	if d := hello.Device; d != nil {
		b.report.Product, b.report.Firmware = d.Product, d.Version
	}
	took := time.Since(began)
	if !b.pair(ctx, p) && p.Security().Refuses {
		b.add("handshake", "it plays for paired servers alone, and is not paired", nil)
		return false
	}
	why := ""
	if !b.one.until(ctx, 5*time.Second, func() bool { return p.State().Volume >= 0 }) {
		why = "it has not reported its volume within 5 s"
	}
	b.add("handshake", why, map[string]float64{"connected_ms": float64(took.Milliseconds()), "roles": float64(len(hello.Roles))})
	if hello.Player == nil {
		b.add("player role", "it has none", nil)
		return false
	}
	b.formats = hello.Player.Formats
	plain := false
	for _, f := range b.formats {
		plain = plain || f.Codec == "pcm" || f.Codec == "flac"
	}
	why = ""
	if !plain {
		why = "neither FLAC nor PCM is offered, and servers need have no other codec"
	}
	b.add("player role", why, map[string]float64{
		"formats": float64(len(b.formats)), "buffer_bytes": float64(hello.Player.BufferCapacity),
		"required_lead_ms": float64(p.State().RequiredLead.Milliseconds()),
	})
	return true
}

// playing plays a tone and scores how that went. A score is the player's: where
// this computer was too late itself, it is tried again, and then left untried.
// meanwhile may be nil, and is called at each beginning.
func (b *bench) playing(ctx context.Context, name string, f wire.Format, length time.Duration, figures map[string]float64, meanwhile func()) {
	if figures == nil {
		figures = map[string]float64{}
	}
	for range 5 {
		if meanwhile != nil {
			meanwhile()
		}
		why, busy := b.played(ctx, f, length, figures)
		if !busy {
			b.add(name, why, figures)
			return
		}
		b.one.until(ctx, 5*time.Second, func() bool { return !b.one.bad }) // our fault, perhaps
	}
	b.untried(name, "this computer was too busy to send in time")
}

// played is one try. It returns what went wrong, in words.
func (b *bench) played(ctx context.Context, f wire.Format, length time.Duration, figures map[string]float64) (why string, busy bool) {
	p, ok := b.one.connected(ctx, 5*time.Second)
	if !ok {
		return "it is not connected", false
	}
	if !b.one.until(ctx, 5*time.Second, func() bool { return p.State().Available || p.Security().Dialect != wire.Current }) {
		return "it does not say that it is available", false
	}
	before := b.one.outOfStep()
	err := b.one.play(ctx, p, f, length)
	outOfStep := b.one.outOfStep() - before
	figures["out_of_step"] = float64(outOfStep)
	switch {
	case errors.Is(err, errBusy):
		return "", true
	case err != nil:
		return err.Error(), false
	case outOfStep > 0:
		return fmt.Sprintf("it reported to be out of step %d times", outOfStep), false
	}
	return "", false
}

func (b *bench) everyFormat(ctx context.Context) {
	const most = 8
	for i, f := range b.formats {
		name := fmt.Sprintf("plays %s %d Hz %d bit %d ch", f.Codec, f.Rate, f.Bits, f.Channels)
		if i >= most {
			b.untried(name, "the first eight formats were tried")
			continue
		}
		if !canMake(f) {
			b.untried(name, "this program cannot make it")
			continue
		}
		b.playing(ctx, name, f, b.cfg.Tone, nil, nil)
	}
}

// volume: what is asked for is what is reported, and mute is apart from it.
func (b *bench) volume(ctx context.Context) {
	p, ok := b.one.connected(ctx, 5*time.Second)
	if !ok {
		b.add("volume and mute", "it is not connected", nil)
		return
	}
	was := p.State()
	why := "" // the first thing that was wrong
	wrong := func(format string, args ...any) {
		if why == "" {
			why = fmt.Sprintf(format, args...)
		}
	}
	for _, v := range []int{0, 25, 50, 100} {
		if err := p.SetVolume(v); err != nil {
			b.untried("volume and mute", err.Error())
			return
		}
		if !b.one.until(ctx, 2*time.Second, func() bool { return p.State().Volume == v }) {
			wrong("volume %d was asked for and %d reported", v, p.State().Volume)
		}
	}
	for _, muted := range []bool{true, false} {
		if err := p.SetMuted(muted); err != nil {
			wrong("%v", err)
		} else if !b.one.until(ctx, 2*time.Second, func() bool { return p.State().Muted == muted }) {
			wrong("mute %v is not reported", muted)
		}
		if p.State().Volume != 100 {
			wrong("mute changes the volume")
		}
	}
	b.add("volume and mute", why, nil)
	if was.Volume >= 0 {
		_ = p.SetVolume(was.Volume)
		_ = p.SetMuted(was.Muted)
	}
}

// badNetwork plays through 40 ms of jitter, and through stalls that the
// player's own lead should cover.
func (b *bench) badNetwork(ctx context.Context) {
	if len(b.formats) == 0 {
		return
	}
	b.link.setJitter(40 * time.Millisecond)
	b.playing(ctx, "40 ms of jitter each way", b.formats[0], 3*b.cfg.Tone, nil, nil)
	b.link.setJitter(0)

	p, ok := b.one.connected(ctx, 5*time.Second)
	if !ok {
		b.add("stall", "it is not connected", nil)
		return
	}
	lead := p.State().RequiredLead
	stall := min(lead-100*time.Millisecond, 500*time.Millisecond)
	if stall < 50*time.Millisecond {
		b.untried("stall", fmt.Sprintf("the lead it asks for, %v, is too short for one", lead))
		return
	}
	timer := time.AfterFunc(time.Hour, func() { b.link.stall(stall) })
	defer timer.Stop()
	b.playing(ctx, "stall of the network", b.formats[0], 3*b.cfg.Tone, map[string]float64{"stall_ms": float64(stall.Milliseconds())},
		func() { timer.Reset(lead + b.cfg.Tone) })
}

// cut: the connection is lost while playing; the same player comes back.
func (b *bench) cut(ctx context.Context) {
	p, ok := b.one.connected(ctx, 5*time.Second)
	if !ok {
		b.add("comes back after a cut", "it is not connected", nil)
		return
	}
	id := p.ID()
	began := time.Now()
	b.link.cut()
	if !b.one.until(ctx, 5*time.Second, func() bool { return b.one.player != p }) {
		b.add("comes back after a cut", "the connection outlived the cut", nil)
		return
	}
	fresh, ok := b.one.connected(ctx, b.wait)
	why := ""
	switch {
	case !ok:
		why = fmt.Sprintf("it did not take a new connection within %v", b.wait)
	case fresh.ID() != id:
		why = "it came back under another id"
	}
	figures := map[string]float64{"back_ms": float64(time.Since(began).Milliseconds())}
	if why != "" || len(b.formats) == 0 {
		b.add("comes back after a cut", why, figures)
		return
	}
	b.playing(ctx, "comes back after a cut", b.formats[0], b.cfg.Tone, figures, nil)
}

// turnsAway has a second server look at the player. In the encrypted dialect it is
// told to try again later, which it does, so that its connection does not end.
func (b *bench) turnsAway(ctx context.Context) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := b.two.dial(ctx, b.link.address(), b.cfg.Path, wire.Discovery)
	if p, ok := b.one.connected(ctx, b.wait); !ok || p.Security().Dialect != wire.Current {
		return sentAway(ctx, ended, b.wait)
	}
	return b.two.until(ctx, b.wait, func() bool { return b.two.bye == wire.ConcurrentTry || b.two.bye == wire.AnotherServer })
}

// servers: a second server that only looks is turned away, one that wants to
// play is let in, and the first is told why.
func (b *bench) servers(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if b.turnsAway(ctx) {
		b.add("turns a second server away", "", nil)
	} else {
		b.add("turns a second server away", fmt.Sprintf("it did not say another_server within %v", b.wait), nil)
	}
	if b.one.refuses() {
		b.untried("goes over to a server that plays", "it plays for paired servers alone")
		return
	}
	began := time.Now()
	_ = b.two.dial(ctx, b.link.address(), b.cfg.Path, wire.Playback)
	why := ""
	if !sentAway(ctx, b.dialled, b.wait) {
		why = fmt.Sprintf("the first server was not told another_server within %v", b.wait)
	} else if _, ok := b.two.connected(ctx, time.Second); !ok {
		why = "it left the first server and is not at the second"
	}
	b.add("goes over to a server that plays", why, map[string]float64{"switched_ms": float64(time.Since(began).Milliseconds())})
}

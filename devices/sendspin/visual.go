package sendspin

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// maxVisual is how many frames may wait for one client.
const maxVisual = 1024

// visual is the visualizer stream of one client. It belongs to whoever holds the
// player's mu.
type visual struct {
	running  *wire.Visualizer
	waiting  []visualFrame
	sent     []sentChunk
	inClient int
}

type visualFrame struct {
	at      int64
	message []byte
}

func (v *visual) stop() bool {
	was := v.running != nil
	*v = visual{}
	return was
}

// Visualizer is what the client wants to be shown of the sound; nil: nothing, or
// it has not said so.
func (p *Player) Visualizer() *wire.Visualizer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has(wire.VisualizerV1) || p.visualWish == nil {
		return nil
	}
	wish := *p.visualWish
	return &wish
}

// StartVisualizer begins a stream of what is to be shown, or changes the running
// one. Its types and rate are within what Visualizer said.
func (p *Player) StartVisualizer(stream wire.Visualizer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.has(wire.VisualizerV1) || p.visualWish == nil:
		return ErrNoRole
	case p.state.Operation == wire.ExternalSource:
		return ErrUnavailable
	}
	p.visual.running = &stream
	return p.say(wire.TypeStreamStart, wire.StreamStart{Transmitted: p.server.cfg.Now(), Visualizer: &stream}, urgent{})
}

// ShowVisual queues one visualizer message (wire.AppendVisual) that is to be
// shown at the given time. Times do not decrease. What cannot be shown in time
// is dropped.
func (p *Player) ShowVisual(at int64, message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.visual.running == nil {
		return ErrNoStream
	}
	if len(p.visual.waiting) >= maxVisual {
		return ErrBehind
	}
	p.visual.waiting = append(p.visual.waiting, visualFrame{at, message})
	p.out.notify()
	return nil
}

// ClearVisualizer drops what is not shown yet, here and at the client: the sound
// has jumped.
func (p *Player) ClearVisualizer() error { return p.endVisual(wire.TypeStreamClear) }

// EndVisualizer ends the stream.
func (p *Player) EndVisualizer() error { return p.endVisual(wire.TypeStreamEnd) }

func (p *Player) endVisual(t wire.Type) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	running := p.visual.running
	if !p.visual.stop() {
		return nil
	}
	roles := wire.Roles{Roles: []string{"visualizer"}}
	if t == wire.TypeStreamClear {
		p.visual.running = running
		roles.Transmitted = p.server.cfg.Now()
	}
	return p.say(t, roles, urgent{})
}

// nextVisual is the writer's: a message that fits into the client's buffer, or
// when to look again.
func (p *Player) nextVisual(now int64) (message []byte, again int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := &p.visual
	for len(v.sent) > 0 && v.sent[0].at <= now {
		v.inClient -= v.sent[0].size
		v.sent = v.sent[1:]
	}
	for len(v.waiting) > 0 {
		f := v.waiting[0]
		if f.at > now && v.inClient+len(f.message) > p.hello.Visualizer.BufferCapacity {
			if len(v.sent) > 0 {
				return nil, v.sent[0].at
			}
			f.at = now // larger than the whole buffer: it goes
		}
		v.waiting = slices.Delete(v.waiting, 0, 1)
		if f.at <= now {
			continue
		}
		v.sent = append(v.sent, sentChunk{at: f.at, size: len(f.message)})
		v.inClient += len(f.message)
		return f.message, 0
	}
	return nil, 0
}

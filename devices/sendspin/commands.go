package sendspin

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// StreamFormat is the format of the chunks that Send takes.
type StreamFormat struct {
	Codec    string // "pcm" (little-endian, signed, 24 bits in 3 bytes), "flac" or "opus"
	Rate     int    // Hz
	Channels int
	Bits     int
	// Header is what the codec wants before its first chunk: for FLAC the
	// marker with STREAMINFO, for Opus the OpusHead packet; nil for PCM.
	Header []byte
}

// Start starts a stream, or changes the format of the running one: what the
// player has in its buffer is played to its end. ErrNoRole: it plays no audio.
// ErrUnavailable: it has not said yet what it needs, or something else has its
// output.
func (p *Player) Start(f StreamFormat) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.available(); err != nil {
		return err
	}
	if !p.playing {
		if err := p.play(true); err != nil {
			return err
		}
	}
	header := f.Header
	if p.dialect == wire.Current && f.Codec == "opus" {
		header = nil // the format says it all
	}
	return p.stream(wire.TypeStreamStart, func(now int64) any {
		return wire.StreamStart{Transmitted: now, Player: &wire.PlayerStream{
			Codec: f.Codec, Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: header,
		}}
	}, true, false)
}

// Send queues one chunk whose first sample is to be heard at the given time of
// the server's clock. It returns ErrBehind when that time has passed or the
// queue is full. The chunk leaves when the player's buffer has room for it.
// data is kept until it is sent: nobody may change it.
func (p *Player) Send(at int64, data []byte) error {
	p.mu.Lock()
	why, streaming := p.why, p.streaming
	p.mu.Unlock()
	switch {
	case why != nil:
		return fmt.Errorf("%w: %w", ErrGone, why)
	case !streaming:
		return ErrNoStream
	case len(data) > wire.MaxBinary-wire.HeaderLen:
		return fmt.Errorf("sendspin: chunk of %d bytes", len(data))
	case at <= p.server.cfg.Now():
		return ErrBehind
	case !p.out.putChunk(frame{kind: wire.AudioChunk, at: at, data: data}):
		return ErrBehind
	}
	return nil
}

// Clear drops what was sent and not yet heard, here and in the player. The
// stream goes on.
func (p *Player) Clear() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.streaming {
		return nil
	}
	return p.stream(wire.TypeStreamClear, func(now int64) any {
		return wire.Roles{Transmitted: now, Roles: []string{"player"}}
	}, true, true)
}

// End ends the stream; the player falls silent at once.
func (p *Player) End() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.streaming {
		return nil
	}
	return p.stream(wire.TypeStreamEnd, func(int64) any {
		return wire.Roles{Roles: []string{"player"}}
	}, false, true)
}

// stream queues a message about the player's stream, in order with its chunks.
// In the current dialect it says when it was sent. It wants mu held.
func (p *Player) stream(t wire.Type, payload func(now int64) any, streaming, drop bool) error {
	var f frame
	var err error
	if f.text, err = wire.EncodeIn(p.dialect, t, payload(0)); err != nil {
		return err
	}
	if p.dialect == wire.Current {
		f.stamped = func(now int64) ([]byte, error) { return wire.EncodeIn(wire.Current, t, payload(now)) }
	}
	if p.why != nil {
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	}
	p.streaming = streaming
	if !p.out.putStream(f, drop) {
		return ErrBehind
	}
	return nil
}

// errChoked ends a connection whose control queue is full: the client has not
// read for long.
var errChoked = errors.New("sendspin: client does not read")

// controlNow queues a text. With a key it makes void what waits under that key.
// It wants mu held, as putNow.
func (p *Player) controlNow(key string, t wire.Type, payload any) error {
	text, err := wire.EncodeIn(p.dialect, t, payload)
	if err != nil {
		return err
	}
	return p.putNow(frame{text: text, key: key})
}

func (p *Player) putNow(f frame) error {
	if p.why != nil {
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	}
	if !p.out.putControl(f) {
		p.endNow(errChoked)
		return fmt.Errorf("%w: %w", ErrGone, errChoked)
	}
	return nil
}

// SetVolume asks the player for a volume of 0 to 100, as loudness. The player
// answers by a StateChanged. ErrNoRole: it has no volume to set.
func (p *Player) SetVolume(volume int) error {
	volume = min(max(volume, 0), 100)
	return p.command(wire.PlayerCommand{Command: "volume", Volume: &volume})
}

// SetMuted mutes the player or lets it sound again.
func (p *Player) SetMuted(muted bool) error {
	return p.command(wire.PlayerCommand{Command: "mute", Mute: &muted})
}

// SetOutputDelay tells the player how late what stands behind its output is, 0
// to 5 s.
func (p *Player) SetOutputDelay(d time.Duration) error {
	ms := min(max(int(d.Milliseconds()), 0), 5000)
	return p.command(wire.PlayerCommand{Command: "set_output_delay", OutputDelay: &ms})
}

// Takes tells whether the player can be told something now: "volume", "mute" or
// "set_output_delay".
func (p *Player) Takes(command string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.takes(command)
}

// takes wants mu held.
func (p *Player) takes(command string) bool {
	if command == "set_output_delay" {
		command = wire.DelayCommand(p.dialect)
	}
	return p.has(wire.PlayerV1) && (slices.Contains(p.hello.Player.Commands, command) || slices.Contains(p.settable, command))
}

func (p *Player) command(c wire.PlayerCommand) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.takes(c.Command) {
		return ErrNoRole
	}
	return p.controlNow(c.Command, wire.TypeServerCommand, wire.ServerCommand{Player: &c})
}

// SetGroup tells the client which group it is in and whether that plays. While
// it plays, the client stays with this server.
func (p *Player) SetGroup(id, name string, playing bool) error {
	state := "stopped"
	if playing {
		state = "playing"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.play(playing); err != nil {
		return err
	}
	return p.controlNow("group", wire.TypeGroupUpdate, wire.GroupUpdate{State: state, ID: id, Name: name})
}

// SetMetadata shows what plays. ErrNoRole: the client shows no text, or not now;
// then it is shown when it does.
func (p *Player) SetMetadata(m wire.Metadata) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.metadata = &m
	return p.show(wire.MetadataV1, "metadata", wire.ServerState{Metadata: &m})
}

// SetColor gives a light or a screen its colours, as SetMetadata.
func (p *Player) SetColor(c wire.Color) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.color = &c
	return p.show(wire.ColorV1, "color", wire.ServerState{Color: &c})
}

// SetJumpgate tells a client with our own role what its buttons do now, as
// SetController.
func (p *Player) SetJumpgate(j wire.Jumpgate) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jumpgate = &j
	if !p.has(wire.JumpgateV1) {
		return ErrNoRole
	}
	return p.offer()
}

func (p *Player) show(r wire.Role, key string, st wire.ServerState) error {
	if !p.has(r) {
		return ErrNoRole
	}
	return p.controlNow(key, wire.TypeServerState, st)
}

// SetController offers commands to a client that can control, with the group's
// volume. A client without Full access is offered none until it has it.
func (p *Player) SetController(c wire.Controller) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.controller = &c
	if !p.has(wire.ControllerV1) {
		return ErrNoRole
	}
	return p.offer()
}

// offer sends the controller objects as the client may see them. It wants mu
// held.
func (p *Player) offer() error {
	if c := p.controller; c != nil && p.has(wire.ControllerV1) {
		shown := *c
		if !p.full() || shown.Commands == nil {
			shown.Commands = []string{}
		}
		if err := p.controlNow("controller", wire.TypeServerState, wire.ServerState{Controller: &shown}); err != nil {
			return err
		}
	}
	if j := p.jumpgate; j != nil && p.has(wire.JumpgateV1) {
		shown := *j
		if !p.full() || shown.Commands == nil {
			shown.Commands = []string{}
		}
		return p.controlNow("jumpgate", wire.TypeServerState, wire.ServerState{Jumpgate: &shown})
	}
	return nil
}

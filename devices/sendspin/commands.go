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
// player has in its buffer is played to its end.
func (p *Player) Start(f StreamFormat) error {
	if !p.Has(wire.PlayerV1) {
		return ErrNoRole
	}
	return p.stream(wire.TypeStreamStart, wire.StreamStart{Player: &wire.PlayerStream{
		Codec: f.Codec, Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: f.Header,
	}}, true, false)
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
	streaming := p.streaming
	p.mu.Unlock()
	if !streaming {
		return nil
	}
	return p.stream(wire.TypeStreamClear, wire.Roles{Roles: []string{"player"}}, true, true)
}

// End ends the stream; the player falls silent at once.
func (p *Player) End() error {
	p.mu.Lock()
	streaming := p.streaming
	p.mu.Unlock()
	if !streaming {
		return nil
	}
	return p.stream(wire.TypeStreamEnd, wire.Roles{Roles: []string{"player"}}, false, true)
}

func (p *Player) stream(t wire.Type, payload any, streaming, drop bool) error {
	text, err := wire.EncodeIn(p.dialect, t, payload)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != nil {
		return fmt.Errorf("%w: %w", ErrGone, p.why)
	}
	p.streaming = streaming
	if !p.out.putStream(text, drop) {
		return ErrBehind
	}
	return nil
}

// errChoked ends a connection whose control queue is full: the client has not
// read for long.
var errChoked = errors.New("sendspin: client does not read")

// control queues a text. With a key it makes void what waits under that key.
func (p *Player) control(key string, t wire.Type, payload any) error {
	text, err := wire.EncodeIn(p.dialect, t, payload)
	if err != nil {
		return err
	}
	return p.putControl(frame{text: text, key: key})
}

func (p *Player) putControl(f frame) error {
	p.mu.Lock()
	why := p.why
	p.mu.Unlock()
	if why != nil {
		return fmt.Errorf("%w: %w", ErrGone, why)
	}
	if !p.out.putControl(f) {
		p.end(errChoked)
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

func (p *Player) command(c wire.PlayerCommand) error {
	if !p.Has(wire.PlayerV1) {
		return ErrNoRole
	}
	name := c.Command
	if c.OutputDelay != nil {
		name = wire.DelayCommand(p.dialect)
	}
	p.mu.Lock()
	can := slices.Contains(p.hello.Player.Commands, name) || slices.Contains(p.settable, name)
	p.mu.Unlock()
	if !can {
		return ErrNoRole
	}
	return p.control(c.Command, wire.TypeServerCommand, wire.ServerCommand{Player: &c})
}

// SetGroup tells the client which group it is in and whether that plays.
func (p *Player) SetGroup(id, name string, playing bool) error {
	state := "stopped"
	if playing {
		state = "playing"
	}
	return p.control("group", wire.TypeGroupUpdate, wire.GroupUpdate{State: state, ID: id, Name: name})
}

// SetMetadata shows what plays. ErrNoRole: the client shows no text.
func (p *Player) SetMetadata(m wire.Metadata) error {
	if !p.Has(wire.MetadataV1) {
		return ErrNoRole
	}
	return p.control("metadata", wire.TypeServerState, wire.ServerState{Metadata: &m})
}

// SetController offers commands to a client that can control, with the group's
// volume. A client that is not approved is offered none until it is.
func (p *Player) SetController(c wire.Controller) error {
	if !p.Has(wire.ControllerV1) {
		return ErrNoRole
	}
	p.mu.Lock()
	p.controller = &c
	p.mu.Unlock()
	return p.offer()
}

// SetApproved lets the client control, or takes that back.
func (p *Player) SetApproved(approved bool) error {
	if p.approved.Swap(approved) == approved {
		return nil
	}
	p.server.roster.tell(Event{Kind: StateChanged, Player: p, State: p.State()})
	if !p.Has(wire.ControllerV1) {
		return nil
	}
	return p.offer()
}

// offer sends the controller object as the client may see it.
func (p *Player) offer() error {
	p.mu.Lock()
	c := p.controller
	p.mu.Unlock()
	if c == nil {
		return nil
	}
	shown := *c
	if !p.approved.Load() || shown.Commands == nil {
		shown.Commands = []string{}
	}
	return p.control("controller", wire.TypeServerState, wire.ServerState{Controller: &shown})
}

func (p *Player) offered(command string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.controller != nil && slices.Contains(p.controller.Commands, command)
}

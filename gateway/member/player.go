package member

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// How long before its time audio is sent to a player.
const (
	// networkLead is added to the lead that a player asks for.
	networkLead = 20 * time.Millisecond
	// defaultLead is for players that ask for none, as those of January 2026 do.
	defaultLead = 150 * time.Millisecond
	minLead     = 60 * time.Millisecond
	// mostBytes is how much of a player's buffer is used, however large it is.
	mostBytes = 4 << 20
)

// PlayerConfig is what a Player needs.
type PlayerConfig struct {
	Player *sendspin.Player
	Clock  audio.Clock // the one whose Now the sendspin.Server has
	// ID of the zone's group as the player sees it, and its name.
	Group, GroupName string
	// Delay of the device's own output, set by ear: everything is to be heard
	// this much earlier, or later where it is negative.
	Delay time.Duration
	// CanEncode tells which codecs can be sent; nil is audio.EncoderAvailable.
	CanEncode func(audio.Codec) bool
	// ArtworkURL makes a URL of a cover that the device can fetch; nil: none.
	ArtworkURL func(cover string) string
}

// Player is a hardware or software player as a member of a zone. Its methods
// may be called from any goroutine and do not block.
type Player struct {
	cfg     PlayerConfig
	formats []audio.Format // that it offers and we can make, in its order

	mu      sync.Mutex
	caps    zone.Caps
	stream  *audio.Stream  // that the player was told of
	written audio.Time     // end of the last packet
	unheard []audio.Packet // written, and not heard yet when the last one was
	face    face
	now     zone.NowPlaying     // as it was last shown
	control sendspin.Controller // with it
	group   *Loudness           // nil until somebody said
}

// NewPlayer returns the adapter of one connection; a player that connects anew
// gets a new one. An error says that the player takes none of our formats.
func NewPlayer(cfg PlayerConfig) (*Player, error) {
	if cfg.CanEncode == nil {
		cfg.CanEncode = audio.EncoderAvailable
	}
	if cfg.Player == nil {
		return nil, errors.New("member: PlayerConfig needs a Player")
	}
	p := &Player{cfg: cfg}
	if err := p.measure(); err != nil {
		return nil, err
	}
	return p, nil
}

// measure works out the caps from the player's hello and state.
func (p *Player) measure() error {
	hello := p.cfg.Player.Hello()
	if !p.cfg.Player.Has(sendspin.PlayerV1) {
		return fmt.Errorf("%s plays no audio: %w", hello.Name, sendspin.ErrNoRole)
	}
	p.formats = p.offered(hello.Player)
	p.caps.Formats = p.formats
	if len(p.caps.Formats) == 0 {
		return fmt.Errorf("%s takes none of our formats", hello.Name)
	}
	p.caps.Lead = PlayerLead(p.cfg.Player.State()) + max(p.cfg.Delay, 0)
	p.caps.BufferBytes = min(hello.Player.BufferCapacity, mostBytes)
	p.caps.Clears = true
	if f := p.cfg.Player.State().Format; f != nil {
		p.Prefer(wire.FormatDelta{Codec: f.Codec, Rate: f.Rate, Channels: f.Channels, Bits: f.Bits})
	}
	return nil
}

// PlayerLead is how long before its time a packet must be sent to a player that
// reports this: the lead that it asks for when a stream begins, or what it wants
// in its buffer if that is more, and the time that it takes off every timestamp
// for an output of its own.
func PlayerLead(s sendspin.State) time.Duration {
	lead := defaultLead
	if asked := max(s.RequiredLead, s.MinimumBuffer); asked > 0 {
		lead = max(asked+networkLead, minLead)
	}
	return lead + s.OutputDelay
}

// Caps implements zone.Output.
func (p *Player) Caps() zone.Caps {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.caps
}

// Write implements zone.Output: a packet of a new stream starts that stream at
// the player first.
func (p *Player) Write(k audio.Packet) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.send(k); err != nil {
		return err
	}
	p.written = k.End()
	now, n := p.cfg.Clock.Now(), 0
	for n < len(p.unheard) && p.unheard[n].End() <= now {
		n++
	}
	p.unheard = append(p.unheard[n:], k)
	return nil
}

func (p *Player) send(k audio.Packet) error {
	if k.Stream != p.stream {
		f := k.Stream.Format
		bits := f.Bits
		if bits == 0 {
			bits = 16 // Opus has none, the protocol wants a number
		}
		err := p.cfg.Player.Start(sendspin.StreamFormat{
			Codec: string(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: bits, Header: k.Stream.Header,
		})
		if err != nil {
			return p.translate(err)
		}
		p.stream = k.Stream
	}
	if err := p.cfg.Player.Send(int64(k.At.Add(-p.cfg.Delay)), k.Data); err != nil {
		return p.translate(err)
	}
	return nil
}

func (p *Player) translate(err error) error {
	if errors.Is(err, sendspin.ErrBehind) {
		return fmt.Errorf("%w: %w", zone.ErrBehind, err)
	}
	return err
}

// Clear implements zone.Output. The protocol clears a player's buffer as a
// whole, so what was to be heard before from is sent once more.
func (p *Player) Clear(from audio.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written <= from {
		return nil
	}
	p.written = from
	if err := p.cfg.Player.Clear(); err != nil {
		return p.translate(err)
	}
	kept := p.unheard
	p.unheard = nil
	now := p.cfg.Clock.Now()
	for _, k := range kept {
		if k.At >= from || k.At.Add(-p.cfg.Delay) <= now {
			continue
		}
		if err := p.send(k); err != nil && !errors.Is(err, zone.ErrBehind) {
			return err
		}
		p.unheard = append(p.unheard, k)
	}
	return nil
}

// Close ends the stream: the member leaves its zone. The connection stays.
func (p *Player) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stream, p.written, p.unheard = nil, 0, nil
	return p.cfg.Player.End()
}

package sendspin

import (
	"fmt"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Picture is an encoded image for one of the client's artwork channels, made as
// Artwork asks for it.
type Picture struct {
	Format        string // "jpeg", "png" or "bmp"
	Width, Height int
	Data          []byte // empty takes the picture away
}

// maxPicture bounds a picture, in bytes.
const maxPicture = 4 << 20

// Artwork is what the client wants to be shown, by channel, nil while it has not
// said so. In the current dialect a picture has exactly the width and height
// asked for, with black around it; in the cleartext one it fits within them.
func (p *Player) Artwork() []wire.ArtworkChannel {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has(wire.ArtworkV1) {
		return nil
	}
	return slices.Clone(p.wanted)
}

// SetArtwork shows a picture on one of the client's artwork channels from the
// given time of the server's clock on. ErrNoRole: the client has no such
// channel, or wants nothing on it.
func (p *Player) SetArtwork(channel int, at int64, pic Picture) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has(wire.ArtworkV1) || channel < 0 || channel >= len(p.wanted) || p.wanted[channel].Source == "none" {
		return ErrNoRole
	}
	if len(pic.Data) > maxPicture {
		return fmt.Errorf("sendspin: picture of %d bytes", len(pic.Data))
	}
	want := p.wanted[channel]
	if p.dialect == wire.Current {
		if len(pic.Data) > 0 && (pic.Format != want.Format || pic.Width != want.Width || pic.Height != want.Height) {
			return fmt.Errorf("sendspin: a %s of %d x %d, and the client wants a %s of %d x %d",
				pic.Format, pic.Width, pic.Height, want.Format, want.Width, want.Height)
		}
		if p.state.Operation == wire.ExternalSource {
			return ErrUnavailable
		}
		p.pictures.arrange(asked(p.wanted), p.server.cfg.Now())
		p.pictures.put(channel, at, pic.Data)
		p.out.notify()
		return nil
	}
	if len(pic.Data) > wire.MaxBinary-wire.HeaderLen {
		return fmt.Errorf("sendspin: picture of %d bytes", len(pic.Data))
	}
	told := p.pictures.told
	if told == nil {
		told = asked(p.wanted) // until then, as asked
	}
	if fresh := (wire.ArtworkPicture{Source: want.Source, Format: pic.Format, Width: pic.Width, Height: pic.Height}); len(pic.Data) > 0 &&
		(p.pictures.told == nil || told[channel] != fresh) {
		told = slices.Clone(told)
		told[channel] = fresh
		p.pictures.told = told
		start := wire.StreamStart{Artwork: &wire.ArtworkStream{Channels: told}}
		if err := p.controlNow("", wire.TypeStreamStart, start); err != nil {
			return err
		}
	}
	return p.putNow(frame{kind: wire.ArtworkSlot + byte(channel), at: at, data: pic.Data})
}

// EndArtwork takes all pictures away: nothing plays any more.
func (p *Player) EndArtwork() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dialect == wire.Cleartext {
		was := p.pictures.told != nil
		p.pictures.told = nil
		if !was {
			return nil
		}
		return p.controlNow("", wire.TypeStreamEnd, wire.Roles{Roles: []string{"artwork"}})
	}
	if !p.pictures.stop(p) {
		return nil
	}
	return p.say(wire.TypeStreamEnd, wire.Roles{Roles: []string{"artwork"}}, urgent{})
}

// asked is a stream as the client wants it, without channels behind the last one
// that shows something.
func asked(channels []wire.ArtworkChannel) []wire.ArtworkPicture {
	all := []wire.ArtworkPicture{}
	used := 0
	for i, c := range channels {
		if c.Source == "none" {
			all = append(all, wire.ArtworkPicture{Source: "none"})
			continue
		}
		all = append(all, wire.ArtworkPicture(c))
		used = i + 1
	}
	return all[:used]
}

// want takes what the client wants to be shown, and has the owner show it.
func (p *Player) want(channels []wire.ArtworkChannel) {
	if slices.Equal(p.wanted, channels) && p.wanted != nil {
		return
	}
	p.wanted = channels
	if p.dialect == wire.Current && p.pictures.told != nil {
		p.pictures.arrange(asked(channels), p.server.cfg.Now())
		p.out.notify()
	}
	p.server.roster.tell(Event{Kind: ArtworkWanted, Player: p})
}

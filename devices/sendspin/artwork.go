package sendspin

import (
	"fmt"
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Picture is an encoded image, scaled by the caller to fit what the client
// asked for in its hello (Hello().Artwork.Channels).
type Picture struct {
	Format        string // "jpeg", "png" or "bmp"
	Width, Height int
	Data          []byte // empty takes the picture away
}

// SetArtwork shows a picture on one of the client's artwork channels from the
// given time of the server's clock on. ErrNoRole: the client has no such
// channel, or wants nothing on it.
func (p *Player) SetArtwork(channel int, at int64, pic Picture) error {
	if !p.Has(wire.ArtworkV1) || channel < 0 || channel >= len(p.hello.Artwork.Channels) {
		return ErrNoRole
	}
	want := p.hello.Artwork.Channels[channel]
	switch {
	case want.Source == "none":
		return ErrNoRole
	case len(pic.Data) > wire.MaxBinary-wire.HeaderLen:
		return fmt.Errorf("sendspin: picture of %d bytes", len(pic.Data))
	}
	fresh := wire.ArtworkPicture{Source: want.Source, Format: pic.Format, Width: pic.Width, Height: pic.Height}
	if len(pic.Data) > 0 {
		if all, changed := p.arrange(channel, fresh); changed {
			start := wire.StreamStart{Artwork: &wire.ArtworkStream{Channels: all}}
			if err := p.control("", wire.TypeStreamStart, start); err != nil {
				return err
			}
		}
	}
	return p.putControl(frame{kind: wire.ArtworkSlot + byte(channel), at: at, data: pic.Data})
}

// arrange notes the channel's picture and returns all channels, and whether
// the client has to be told.
func (p *Player) arrange(channel int, pic wire.ArtworkPicture) ([]wire.ArtworkPicture, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pictures == nil {
		for _, c := range p.hello.Artwork.Channels {
			p.pictures = append(p.pictures, wire.ArtworkPicture(c)) // until then, as asked
		}
	} else if p.pictures[channel] == pic {
		return nil, false
	}
	p.pictures[channel] = pic
	return slices.Clone(p.pictures), true
}

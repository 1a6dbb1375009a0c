package member

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// offered are a player's formats that the zone can make.
func (p *Player) offered(s *wire.PlayerSupport) (formats []audio.Format) {
	for _, f := range s.Formats {
		format := audio.Format{Codec: audio.Codec(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: f.Bits}
		if !p.takes(format) {
			continue
		}
		if format.Codec == audio.Opus {
			format.Bits = 0
		} else {
			format.Frame = frameLimit(format, s.BufferCapacity)
			format.AsIs = format.Codec == audio.FLAC
		}
		formats = append(formats, format)
	}
	return formats
}

// takes tells whether the zone can make that format.
func (p *Player) takes(f audio.Format) bool {
	if f.Channels < 1 || f.Channels > 2 || f.Rate < 8000 || f.Rate > 192_000 || !p.cfg.CanEncode(f.Codec) {
		return false
	}
	switch f.Codec {
	case audio.PCM:
		return f.Bits == 16 || f.Bits == 24 || f.Bits == 32
	case audio.FLAC:
		return f.Bits == 16 || f.Bits == 24
	case audio.Opus:
		return f.Rate == 48000
	default:
		return false
	}
}

// frameLimit keeps a packet within a third of the player's buffer, however badly
// it compresses; 0 where every packet is.
func frameLimit(f audio.Format, capacity int) int {
	const largest = 4608 // what encoders make at usual rates
	most := capacity / 3 / (f.Channels * f.Bits / 8)
	if most >= largest {
		return 0
	}
	return max(most, 16)
}

// Prefer has the player get only those of its formats that fit what it asks for;
// what is zero it leaves open, and with everything zero it gets any again. A wish
// that none of its formats fits changes nothing. It reports whether Caps are
// others now: zone.Reformat has the zone look.
func (p *Player) Prefer(want wire.FormatDelta) bool {
	fits := func(f audio.Format) bool {
		return (want.Codec == "" || audio.Codec(want.Codec) == f.Codec) &&
			(want.Rate == 0 || want.Rate == f.Rate) && (want.Channels == 0 || want.Channels == f.Channels) &&
			(want.Bits == 0 || f.Bits == 0 || want.Bits == f.Bits)
	}
	var formats []audio.Format
	for _, f := range p.formats {
		if fits(f) {
			formats = append(formats, f)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(formats) == 0 || slices.Equal(formats, p.caps.Formats) {
		return false
	}
	p.caps.Formats = formats
	return true
}

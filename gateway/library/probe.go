package library

import (
	"errors"
	"io"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// Sound is what a file sounds like.
type Sound struct {
	Codec    string // as audio.Codec writes it
	Rate     int    // Hz
	Channels int
	Bits     int           // significant bits a sample, 0 for lossy codecs
	Duration time.Duration // 0 if not known
	// Waiting says why it cannot be played yet, empty when it can.
	Waiting string
}

// Prober tells what a file sounds like, cheaply, by its content. An error means
// that it is no audio. It is called from several goroutines.
type Prober interface {
	Probe(r io.ReaderAt, size int64, name string) (Sound, error)
}

// NeedsFFmpeg is what a track says that only ffmpeg could decode.
const NeedsFFmpeg = "needs ffmpeg"

// noDecoder is what a track says that nothing here decodes.
const noDecoder = "in a codec that cannot be decoded"

// Waits says why a track cannot be played yet, as Sound.Waiting has it.
func Waits(waiting string) phrase.Phrase {
	switch waiting {
	case NeedsFFmpeg:
		return phrase.New(phrase.WaitsForFFmpeg)
	case noDecoder:
		return phrase.New(phrase.WaitsForDecoder)
	default:
		return phrase.Verbatim(waiting)
	}
}

// AudioProber is the Prober that package audio makes.
type AudioProber struct {
	FFmpeg *audio.FFmpeg // nil if there is none
}

// Probe implements Prober.
func (p AudioProber) Probe(r io.ReaderAt, size int64, name string) (Sound, error) {
	info, err := audio.Probe(audio.Source{R: r, Size: size, Name: name}, audio.OpenOptions{FFmpeg: p.FFmpeg})
	s := Sound{Codec: string(info.Codec), Rate: info.Rate, Channels: info.Channels, Bits: info.Bits}
	if info.Frames > 0 && info.Rate > 0 {
		// In this order hours at 192 kHz do not overflow.
		rate := int64(info.Rate)
		s.Duration = time.Duration(info.Frames/rate)*time.Second + time.Duration(info.Frames%rate)*time.Second/time.Duration(rate)
	}
	switch {
	case errors.Is(err, audio.ErrNeedsFFmpeg):
		s.Waiting = NeedsFFmpeg
	case errors.Is(err, audio.ErrUnsupported):
		s.Waiting = noDecoder
	case err != nil:
		return Sound{}, err
	}
	return s, nil
}

package member

import (
	"slices"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// CastSource is a file that a Cast device might be given as it is.
type CastSource struct {
	Codec     audio.Codec
	Container string // the file name's ending, in lower case, without the dot
	Rate      int    // Hz
	Channels  int
	Bits      int // 0 for lossy codecs
}

// castContainers is what the Default Media Receiver plays, and in which
// containers, with the content type to serve it as. It follows Google's page
// "Supported Media for Google Cast" (containers MP3, MP4, OGG, WAV, WebM; FLAC
// besides). What is not in it is converted: ALAC, AIFF, raw AAC (ADTS), FLAC in
// Ogg, WMA and the rest.
var castContainers = map[audio.Codec]map[string]string{
	audio.FLAC:   {"flac": "audio/flac"},
	audio.MP3:    {"mp3": "audio/mpeg"},
	audio.PCM:    {"wav": "audio/wav", "wave": "audio/wav"},
	audio.AAC:    {"m4a": "audio/mp4", "mp4": "audio/mp4", "m4b": "audio/mp4"},
	audio.Opus:   {"opus": "audio/ogg", "ogg": "audio/ogg", "oga": "audio/ogg", "webm": "audio/webm"},
	audio.Vorbis: {"ogg": "audio/ogg", "oga": "audio/ogg", "webm": "audio/webm"},
}

// Limits of lossless audio. 48 kHz and 16 bit play on everything, groups
// included; what a device takes beyond that is used where its owner asks for it.
const (
	safeRate, safeBits   = 48000, 16
	hiResRate, hiResBits = 96000, 24
)

// castModels are the models whose limits are not those of the rest, by the model
// that the device names in mDNS ("md"), in lower case. A group plays what its
// weakest member does, and nobody can ask which that is.
var castModels = map[string]struct{ rate, bits int }{
	"google cast group": {safeRate, safeBits},
	// A television's sound goes through HDMI at 48 kHz: more would be
	// resampled by the dongle, at the price of its processor.
	"chromecast":    {safeRate, hiResBits},
	"eureka dongle": {safeRate, hiResBits},
}

// CastFormats is what one Cast device plays without a conversion. The zero value
// plays nothing: make it with CastFormatsOf.
type CastFormats struct {
	rate, bits int
	refused    []audio.Codec
}

// CastFormatsOf returns what a device of a model plays. hiRes is its owner's
// wish for more than 48 kHz and 16 bit; refused are the codecs that the device
// itself has said it cannot play.
func CastFormatsOf(model string, group, hiRes bool, refused ...audio.Codec) CastFormats {
	f := CastFormats{rate: safeRate, bits: safeBits, refused: refused}
	if !hiRes || group {
		return f
	}
	f.rate, f.bits = hiResRate, hiResBits
	if m, ok := castModels[strings.ToLower(model)]; ok {
		f.rate, f.bits = m.rate, m.bits
	}
	return f
}

// Plays returns the content type under which the device plays a file's own
// bytes, and false where it needs a conversion.
func (f CastFormats) Plays(s CastSource) (contentType string, ok bool) {
	contentType, ok = castContainers[s.Codec][s.Container]
	return contentType, ok && !slices.Contains(f.refused, s.Codec) &&
		s.Channels <= 2 && s.Bits <= f.bits && s.Rate <= f.rate
}

// Conversion is the best that the device plays of a file that it cannot play as
// it is: PCM at the file's own rate where that is allowed, else at the highest
// allowed one of the same family, so that a resampler has an easy ratio.
func (f CastFormats) Conversion(s CastSource) audio.Format {
	out := audio.Format{Codec: audio.PCM, Rate: s.Rate, Channels: 2, Bits: safeBits}
	if s.Bits > safeBits && f.bits > safeBits {
		out.Bits = hiResBits
	}
	switch {
	case s.Rate > f.rate && s.Rate%11025 == 0:
		out.Rate = f.rate / 48000 * 44100
	case s.Rate > f.rate:
		out.Rate = f.rate
	case !slices.Contains(castRates, s.Rate):
		out.Rate = safeRate
	}
	return out
}

// castRates are the rates at which conversions are made.
var castRates = []int{22050, 24000, 32000, 44100, 48000, 88200, 96000}

// CastConversion tells whether a format is one that CastFormats.Conversion
// gives.
func CastConversion(f audio.Format) bool {
	return f.Codec == audio.PCM && f.Channels == 2 && (f.Bits == safeBits || f.Bits == hiResBits) && slices.Contains(castRates, f.Rate)
}

package hls

import (
	"errors"
	"fmt"
	"time"
)

// ErrCodec is returned for a codec, or a codec header, that cannot be packaged.
var ErrCodec = errors.New("hls: codec cannot be packaged")

// CodecConfig says what the frames of a stream are.
type CodecConfig struct {
	// Codec is "flac", "opus", "aac", "alac" or "mp3".
	Codec    string
	Rate     int // Hz; the timescale of every timestamp
	Channels int
	Bits     int // bits a sample of a lossless codec
	// Header is, for FLAC, the "fLaC" marker with its STREAMINFO block (RFC
	// 9639 section 8); for Opus the OpusHead packet (RFC 7845 section 5.1);
	// for AAC the AudioSpecificConfig (ISO/IEC 14496-3); for ALAC its magic
	// cookie of 24 bytes; nothing for MP3.
	Header []byte
	// PreSkip and Padding count decoded samples a channel that are not part of
	// the sound, at the start and at the end of a file. They become an edit
	// list (ISO/IEC 14496-12 section 8.6.6) and a shorter last frame. Zero for
	// a live stream, whose times are those of what is heard.
	PreSkip, Padding int64
}

const (
	flacHeaderSize = 42 // "fLaC", a block header, STREAMINFO
	opusHeadSize   = 19
	alacCookieSize = 24
	maxSkip        = 1 << 20 // samples
)

// check refuses what init could not write.
func (c CodecConfig) check() error {
	if c.Rate <= 0 || c.Rate > 768000 || c.Channels <= 0 || c.Channels > 8 {
		return fmt.Errorf("%w: %d Hz with %d channels", ErrCodec, c.Rate, c.Channels)
	}
	ok := false
	switch c.Codec {
	case "flac":
		ok = len(c.Header) >= flacHeaderSize && string(c.Header[:4]) == "fLaC"
	case "opus":
		ok = len(c.Header) >= opusHeadSize && string(c.Header[:8]) == "OpusHead" && c.Header[18] == 0
	case "aac":
		ok = len(c.Header) >= 2 && len(c.Header) < 64
	case "alac":
		ok = len(c.Header) >= alacCookieSize
	case "mp3":
		ok = true
	}
	if c.PreSkip < 0 || c.Padding < 0 || c.PreSkip > maxSkip || c.Padding > maxSkip {
		return fmt.Errorf("%w: %d samples to skip and %d of padding", ErrCodec, c.PreSkip, c.Padding)
	}
	if !ok {
		return fmt.Errorf("%w: %q with a header of %d bytes", ErrCodec, c.Codec, len(c.Header))
	}
	return nil
}

// Codecs is the value of a CODECS attribute (RFC 6381) for the stream.
func (c CodecConfig) Codecs() string {
	switch c.Codec {
	case "flac":
		return "fLaC"
	case "opus":
		return "Opus"
	case "alac":
		return "alac"
	case "mp3":
		return "mp4a.40.34"
	case "aac":
		return fmt.Sprintf("mp4a.40.%d", audioObjectType(c.Header))
	}
	return ""
}

// audioObjectType reads the first field of an AudioSpecificConfig (ISO/IEC
// 14496-3 section 1.6.2.1): five bits, or six more where they are all ones.
func audioObjectType(config []byte) int {
	if len(config) < 2 {
		return 2 // AAC LC
	}
	if t := int(config[0] >> 3); t != 31 {
		return t
	}
	return 32 + int(config[0]&7)<<3 + int(config[1]>>5)
}

// duration converts a number of samples.
func (c CodecConfig) duration(samples int64) time.Duration {
	whole := samples / int64(c.Rate)
	rest := samples % int64(c.Rate)
	return time.Duration(whole)*time.Second + time.Duration(rest)*time.Second/time.Duration(c.Rate)
}

package audio

import (
	"fmt"
	"time"
)

// Codec names how samples are coded, in lower case as the field writes it.
type Codec string

// The codecs that Jumpgate knows by name. Which of them can be decoded or
// encoded depends on the build and on ffmpeg: see Open and Encoders.
const (
	PCM    Codec = "pcm"
	FLAC   Codec = "flac"
	Opus   Codec = "opus"
	MP3    Codec = "mp3"
	AAC    Codec = "aac"
	ALAC   Codec = "alac"
	Vorbis Codec = "vorbis"
)

// Format is what a stream of packets is made of. Two outputs that ask for an
// equal Format share one encoder, so Format is comparable on purpose.
type Format struct {
	Codec    Codec
	Rate     int // frames a second, in Hz
	Channels int // 1 or 2
	Bits     int // significant bits a sample: 16, 24 or 32; 0 where the codec has none (Opus, MP3, AAC)
	Bitrate  int // bits a second that a lossy codec is asked for; 0 lets the codec choose
	// Frame is how many frames a packet of PCM or FLAC has at most, for members
	// with little room, and just so many where they last whole milliseconds; 0 lets
	// the encoder choose.
	Frame int
	// AsIs allows a file's own packets in the place of encoded ones, where they
	// hold the same samples: streams then change at the borders of tracks.
	AsIs bool
}

// String writes a format for logs: "flac 44100 Hz 2 ch 16 bit".
func (f Format) String() string {
	s := fmt.Sprintf("%s %d Hz %d ch", f.Codec, f.Rate, f.Channels)
	if f.Bits > 0 {
		s += fmt.Sprintf(" %d bit", f.Bits)
	}
	return s
}

// Duration returns how long frames last at the format's rate.
func (f Format) Duration(frames int) time.Duration {
	if f.Rate <= 0 {
		return 0
	}
	return time.Duration(frames) * time.Second / time.Duration(f.Rate)
}

// Stream is one run of packets that a decoder can take without being reset.
// Packets of one Stream carry the same pointer; a new pointer tells a member
// to start its decoder anew. A Stream is never changed after it was made.
type Stream struct {
	Format Format
	// Header is what the codec wants before its first packet: for FLAC the
	// "fLaC" marker with its STREAMINFO block (RFC 9639 section 8), for Opus
	// the OpusHead packet (RFC 7845 section 5.1), for AAC the
	// AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1); nil for PCM.
	Header []byte
	// FrameSamples is the number of frames (samples a channel) in each packet
	// but the last.
	FrameSamples int
}

// Packet is one coded piece of a timeline. Its Data is shared between members:
// nobody may write to it.
type Packet struct {
	Stream  *Stream
	At      Time // when its first sample is to be heard
	Samples int  // frames (samples a channel) in it
	Data    []byte
}

// End is when the sample after the packet's last one is to be heard.
func (p Packet) End() Time { return p.At.Add(p.Stream.Format.Duration(p.Samples)) }

package audio

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// CodedFrame is one packet of a file, as it stands there.
type CodedFrame struct {
	Start   int64 // which of the file's frames its first one is
	Samples int   // frames in it
	Data    []byte
}

// Coded is a Decoder that can hand out its file's own packets beside the
// samples. So far FLAC files are such.
type Coded interface {
	Decoder
	// CodedStream describes the packets, for a decoder that starts anywhere in
	// them; nil where they are not for passing on. It has to be called before
	// the first Read, or nothing is kept.
	CodedStream() *Stream
	// TakeCoded returns the packets that were decoded since it was called last,
	// in order. One that could not be decoded is left out.
	TakeCoded() []CodedFrame
}

// Untouched finds the Coded in a decoder that hands out a file's samples as they
// are; nil where something changes them on the way. A wrapper that changes
// nothing says so by a method Unwrap.
func Untouched(dec Decoder) Coded {
	for {
		switch d := dec.(type) {
		case Coded:
			return d
		case interface{ Unwrap() Decoder }:
			dec = d.Unwrap()
		default:
			return nil
		}
	}
}

// mostCoded is the longest packet that players take: 150 ms.
const mostCoded = 150

// CodedStream implements Coded.
func (d *fileDecoder) CodedStream() *Stream {
	c := d.file.Config()
	if Codec(c.Codec) != FLAC || c.Channels > 2 || c.Bits != 16 && c.Bits != 24 || len(c.Header) != flacHeaderLen {
		return nil
	}
	header := slices.Clone(c.Header)
	block := int(header[10])<<8 | int(header[11]) // the largest
	if block*1000 > c.Rate*mostCoded {
		return nil
	}
	// The length and the checksum are the whole file's, and it may begin
	// anywhere and be followed by others: "not known" (RFC 9639 section 8.2).
	header[21] &= 0xF0
	clear(header[22:])
	d.keep = true
	return &Stream{
		Format: Format{Codec: FLAC, Rate: c.Rate, Channels: c.Channels, Bits: c.Bits},
		Header: header, FrameSamples: block,
	}
}

// flacHeaderLen is that of the marker, a block header and STREAMINFO.
const flacHeaderLen = 4 + 4 + 34

// TakeCoded implements Coded.
func (d *fileDecoder) TakeCoded() []CodedFrame {
	taken := d.coded
	d.coded = nil
	return taken
}

// codes tells whether packets are worth keeping until somebody asks for them.
func codes(f *container.File) bool { return f.Config().Codec == container.CodecFLAC }

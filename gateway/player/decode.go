package player

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mewkiz/flac/frame"
	"github.com/pion/opus"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// decoder turns the chunks of one stream into interleaved samples.
type decoder interface {
	// decode returns samples of the stream's own rate and channels. They are
	// valid until the next call.
	decode(chunk []byte) ([]float32, error)
}

// newDecoder makes the decoder for a stream; audio.ErrUnsupported wraps into
// its error for a format that we did not offer.
func newDecoder(s *client.Stream) (decoder, error) {
	switch audio.Codec(s.Codec) {
	case audio.PCM:
		if s.Bits != 16 && s.Bits != 24 && s.Bits != 32 {
			return nil, fmt.Errorf("%w: pcm of %d bits", audio.ErrUnsupported, s.Bits)
		}
		return &pcmDecoder{width: s.Bits / 8, channels: s.Channels}, nil
	case audio.FLAC:
		return &flacDecoder{stream: s}, nil
	case audio.Opus:
		d, err := opus.NewDecoderWithOutput(s.Rate, s.Channels)
		if err != nil {
			return nil, fmt.Errorf("opus decoder for %d Hz, %d channels: %w", s.Rate, s.Channels, err)
		}
		// 120 ms is the longest packet there is (RFC 6716 section 2.1.4).
		return &opusDecoder{dec: &d, channels: s.Channels, out: make([]float32, s.Rate*s.Channels*12/100)}, nil
	default:
		return nil, fmt.Errorf("%w: %q", audio.ErrUnsupported, s.Codec)
	}
}

// pcmDecoder reads little-endian signed integers, 24 bits in 3 bytes.
type pcmDecoder struct {
	width, channels int
	out             []float32
}

func (d *pcmDecoder) decode(chunk []byte) ([]float32, error) {
	if len(chunk)%(d.width*d.channels) != 0 {
		return nil, fmt.Errorf("%w: pcm chunk of %d bytes", audio.ErrCorrupt, len(chunk))
	}
	d.out = d.out[:0]
	for ; len(chunk) > 0; chunk = chunk[d.width:] {
		var x float32
		switch d.width {
		case 2:
			x = float32(int16(binary.LittleEndian.Uint16(chunk))) / (1 << 15)
		case 3:
			v := int32(chunk[0])<<8 | int32(chunk[1])<<16 | int32(chunk[2])<<24
			x = float32(v>>8) / (1 << 23)
		case 4:
			x = float32(float64(int32(binary.LittleEndian.Uint32(chunk))) / (1 << 31))
		}
		d.out = append(d.out, x)
	}
	return d.out, nil
}

// flacDecoder takes whole frames, one or more a chunk.
type flacDecoder struct {
	stream *client.Stream
	out    []float32
}

func (d *flacDecoder) decode(chunk []byte) (out []float32, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%w: flac frame: %v", audio.ErrCorrupt, r)
		}
	}()
	d.out = d.out[:0]
	for r := bytes.NewReader(chunk); r.Len() > 0; {
		f, err := frame.New(r)
		if err != nil {
			return nil, fmt.Errorf("%w: flac frame header: %w", audio.ErrCorrupt, err)
		}
		if f.BitsPerSample == 0 { // "as STREAMINFO says"
			f.BitsPerSample = uint8(d.stream.Bits)
		}
		if err := f.Parse(); err != nil {
			return nil, fmt.Errorf("%w: flac frame: %w", audio.ErrCorrupt, err)
		}
		if len(f.Subframes) != d.stream.Channels {
			return nil, fmt.Errorf("%w: flac frame of %d channels", audio.ErrCorrupt, len(f.Subframes))
		}
		scale := 1 / float64(int64(1)<<(f.BitsPerSample-1))
		for i := range int(f.BlockSize) {
			for _, sub := range f.Subframes {
				d.out = append(d.out, float32(float64(sub.Samples[i])*scale))
			}
		}
	}
	return d.out, nil
}

// opusDecoder takes one packet a chunk.
type opusDecoder struct {
	dec      *opus.Decoder
	channels int
	out      []float32
}

func (d *opusDecoder) decode(chunk []byte) (out []float32, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%w: opus packet: %v", audio.ErrCorrupt, r)
		}
	}()
	if len(chunk) == 0 {
		return nil, errors.New("opus packet of no bytes")
	}
	n, err := d.dec.DecodeToFloat32(chunk, d.out)
	if err != nil {
		return nil, fmt.Errorf("%w: opus packet: %w", audio.ErrCorrupt, err)
	}
	return d.out[:n*d.channels], nil
}

package zonetest

import (
	"encoding/binary"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// NewEncoder makes cheap encoders, for zone.Config: PCM of any rate in packets
// of 100 ms, 16-bit or 24-bit samples little-endian. Other codecs are
// audio.ErrUnsupported.
func NewEncoder(f audio.Format) (audio.Encoder, error) {
	if f.Codec != audio.PCM {
		return nil, fmt.Errorf("encode %s: %w", f, audio.ErrUnsupported)
	}
	e := &encoder{format: f}
	return e, e.Reset()
}

type encoder struct {
	format audio.Format
	stream *audio.Stream
	rest   []float32
}

func (e *encoder) Stream() *audio.Stream { return e.stream }
func (e *encoder) Delay() int            { return 0 }
func (e *encoder) Close() error          { return nil }

func (e *encoder) Reset() error {
	e.rest = nil
	e.stream = &audio.Stream{Format: e.format, FrameSamples: max(1, e.format.Rate/10)}
	return nil
}

func (e *encoder) Encode(pcm []float32) ([]audio.EncodedFrame, error) {
	var out []audio.EncodedFrame
	n := e.stream.FrameSamples * e.format.Channels
	e.rest = append(e.rest, pcm...)
	at := 0
	for ; len(e.rest)-at >= n; at += n {
		out = append(out, e.pack(e.rest[at:at+n]))
	}
	e.rest = append(e.rest[:0], e.rest[at:]...)
	return out, nil
}

func (e *encoder) Flush() ([]audio.EncodedFrame, error) {
	if len(e.rest) == 0 {
		return nil, nil
	}
	f := e.pack(e.rest)
	e.rest = nil
	return []audio.EncodedFrame{f}, nil
}

func (e *encoder) pack(pcm []float32) audio.EncodedFrame {
	bytes := max(2, e.format.Bits/8)
	data := make([]byte, 0, len(pcm)*bytes+4)
	full := float32(int64(1) << (bytes*8 - 1))
	for _, x := range pcm {
		data = binary.LittleEndian.AppendUint32(data, uint32(int32(x*full)))
		data = data[:len(data)-4+bytes]
	}
	return audio.EncodedFrame{Samples: len(pcm) / e.format.Channels, Data: data}
}

// Samples reads the frames of a PCM packet back, first channel only, as
// integers.
func Samples(p audio.Packet) []int32 {
	f := p.Stream.Format
	bytes := max(2, f.Bits/8)
	out := make([]int32, 0, p.Samples)
	for i := 0; i+bytes <= len(p.Data); i += bytes * f.Channels {
		var v uint32
		for k := range bytes {
			v |= uint32(p.Data[i+k]) << (8*k + 32 - 8*bytes)
		}
		out = append(out, int32(v)>>(32-8*bytes))
	}
	return out
}

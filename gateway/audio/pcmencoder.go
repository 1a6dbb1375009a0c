package audio

import "fmt"

// pcmEncoder makes packets of little-endian integers.
type pcmEncoder struct {
	stream *Stream
	blocks blocks
}

func newPCMEncoder(f Format) (*pcmEncoder, error) {
	if f.Bits != 16 && f.Bits != 24 && f.Bits != 32 {
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
	// 20 ms: small enough for any receiver's buffer, and 25 ms is the most
	// that hardware players take.
	frames := max(f.Rate/50, 1)
	if f.Frame > 0 {
		frames = min(frames, f.Frame)
	}
	e := &pcmEncoder{
		stream: &Stream{Format: f, FrameSamples: frames},
		blocks: blocks{size: frames * f.Channels},
	}
	return e, nil
}

func (e *pcmEncoder) Stream() *Stream { return e.stream }
func (e *pcmEncoder) Delay() int      { return 0 }
func (e *pcmEncoder) Close() error    { return nil }

// Encode implements Encoder.
func (e *pcmEncoder) Encode(pcm []float32) (out []EncodedFrame, err error) {
	err = e.blocks.each(pcm, func(b []float32) error {
		out = append(out, e.pack(b))
		return nil
	})
	return out, err
}

// Flush returns the rest as a short packet.
func (e *pcmEncoder) Flush() ([]EncodedFrame, error) {
	b := e.blocks.buf
	e.blocks.buf = nil
	if len(b) == 0 {
		return nil, nil
	}
	return []EncodedFrame{e.pack(b)}, nil
}

// Reset implements Encoder.
func (e *pcmEncoder) Reset() error {
	e.blocks.buf = nil
	e.stream = &Stream{Format: e.stream.Format, FrameSamples: e.stream.FrameSamples}
	return nil
}

func (e *pcmEncoder) pack(b []float32) EncodedFrame {
	f := e.stream.Format
	data := make([]byte, 0, len(b)*f.Bits/8)
	for _, x := range b {
		v := quantize(x, f.Bits)
		for s := 0; s < f.Bits; s += 8 {
			data = append(data, byte(v>>s))
		}
	}
	return EncodedFrame{Samples: len(b) / f.Channels, Data: data}
}

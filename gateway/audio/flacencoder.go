package audio

import (
	"bytes"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// flacBlock is how many frames a FLAC packet has: 93 ms at 44.1 kHz, under
// the 100 ms of a low-latency part.
const flacBlock = 4096

// flacEncoder makes one FLAC frame a packet.
type flacEncoder struct {
	stream *Stream
	blocks blocks
	enc    *flac.Encoder
	out    bytes.Buffer
	frame  frame.Frame
}

func newFLACEncoder(f Format) (*flacEncoder, error) {
	if f.Bits != 16 && f.Bits != 24 {
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
	e := &flacEncoder{stream: &Stream{Format: f}, blocks: blocks{size: flacBlock * f.Channels}}
	for range f.Channels {
		e.frame.Subframes = append(e.frame.Subframes, &frame.Subframe{Samples: make([]int32, flacBlock)})
	}
	return e, e.Reset()
}

func (e *flacEncoder) Stream() *Stream { return e.stream }
func (e *flacEncoder) Delay() int      { return 0 }
func (e *flacEncoder) Close() error    { return nil }

// Reset implements Encoder: frames are numbered from zero again.
func (e *flacEncoder) Reset() error {
	f := e.stream.Format
	info := &meta.StreamInfo{
		BlockSizeMin: flacBlock, BlockSizeMax: flacBlock,
		SampleRate: uint32(f.Rate), NChannels: uint8(f.Channels), BitsPerSample: uint8(f.Bits),
	}
	e.out.Reset()
	// Writer only: the encoder must not find Seek or Close.
	enc, err := flac.NewEncoder(struct{ io.Writer }{&e.out}, info)
	if err != nil {
		return fmt.Errorf("start flac: %w", err)
	}
	e.enc, e.blocks.buf = enc, nil
	e.stream = &Stream{Format: f, FrameSamples: flacBlock, Header: bytes.Clone(e.out.Bytes())}
	return nil
}

// Encode implements Encoder.
func (e *flacEncoder) Encode(pcm []float32) (out []EncodedFrame, err error) {
	err = e.blocks.each(pcm, func(b []float32) error {
		p, err := e.pack(b)
		if err == nil {
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// Flush returns the rest as a short last frame.
func (e *flacEncoder) Flush() ([]EncodedFrame, error) {
	b := e.blocks.buf
	e.blocks.buf = nil
	if len(b) == 0 {
		return nil, nil
	}
	p, err := e.pack(b)
	if err != nil {
		return nil, err
	}
	return []EncodedFrame{p}, nil
}

// pack encodes one block.
func (e *flacEncoder) pack(b []float32) (EncodedFrame, error) {
	f := e.stream.Format
	n := len(b) / f.Channels
	for c, s := range e.frame.Subframes {
		s.SubHeader = frame.SubHeader{Pred: frame.PredVerbatim} // let the encoder choose
		s.Samples, s.NSamples = s.Samples[:n], n
		for i := range s.Samples {
			s.Samples[i] = quantize(b[i*f.Channels+c], f.Bits)
		}
	}
	e.frame.Header = frame.Header{
		HasFixedBlockSize: true, BlockSize: uint16(n),
		SampleRate: uint32(f.Rate), BitsPerSample: uint8(f.Bits), Channels: frame.ChannelsMono,
	}
	if f.Channels == 2 {
		e.frame.Channels = stereoMode(e.frame.Subframes[0].Samples, e.frame.Subframes[1].Samples)
	}
	e.out.Reset()
	if err := e.enc.WriteFrame(&e.frame); err != nil {
		return EncodedFrame{}, fmt.Errorf("encode flac: %w", err)
	}
	return EncodedFrame{Samples: n, Data: bytes.Clone(e.out.Bytes())}, nil
}

// stereoMode picks the pair of left, right, mid and side whose second
// differences are smallest, as encoders do.
func stereoMode(l, r []int32) frame.Channels {
	var sl, sr, sm, ss int64
	for i := 2; i < len(l); i++ {
		dl := int64(l[i]) - 2*int64(l[i-1]) + int64(l[i-2])
		dr := int64(r[i]) - 2*int64(r[i-1]) + int64(r[i-2])
		sl += abs(dl)
		sr += abs(dr)
		sm += abs(dl+dr) / 2
		ss += abs(dl - dr)
	}
	best, mode := sl+sr, frame.ChannelsLR
	if sl+ss < best {
		best, mode = sl+ss, frame.ChannelsLeftSide
	}
	if sr+ss < best {
		best, mode = sr+ss, frame.ChannelsSideRight
	}
	if sm+ss < best {
		mode = frame.ChannelsMidSide
	}
	return mode
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

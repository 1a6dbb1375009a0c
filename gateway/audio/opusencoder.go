package audio

import (
	"errors"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
)

// opusEncoder makes packets of 20 ms.
type opusEncoder struct {
	stream *Stream
	enc    *opus.Encoder
	blocks blocks
}

func newOpusEncoder(f Format) (*opusEncoder, error) {
	if f.Rate != opus.Rate {
		return nil, fmt.Errorf("encode %s: opus takes %d Hz only: %w", f, opus.Rate, ErrUnsupported)
	}
	enc, err := opus.NewEncoder(opus.Config{Channels: f.Channels, Bitrate: f.Bitrate})
	if errors.Is(err, opus.ErrMissing) {
		return nil, fmt.Errorf("encode %s: %w: %w", f, ErrUnsupported, err)
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f, err)
	}
	e := &opusEncoder{enc: enc, blocks: blocks{size: opus.FrameSamples * f.Channels}}
	e.begin(f)
	return e, nil
}

func (e *opusEncoder) begin(f Format) {
	e.stream = &Stream{Format: f, Header: e.enc.Header(), FrameSamples: opus.FrameSamples}
	e.blocks.buf = nil
}

func (e *opusEncoder) Stream() *Stream { return e.stream }
func (e *opusEncoder) Delay() int      { return e.enc.PreSkip() }
func (e *opusEncoder) Close() error    { return e.enc.Close() }

// Reset implements Encoder.
func (e *opusEncoder) Reset() error {
	if err := e.enc.Reset(); err != nil {
		return fmt.Errorf("reset the encoder: %w", err)
	}
	e.begin(e.stream.Format)
	return nil
}

// Encode implements Encoder.
func (e *opusEncoder) Encode(pcm []float32) (out []EncodedFrame, err error) {
	err = e.blocks.each(pcm, func(b []float32) error {
		data, err := e.enc.Encode(b)
		if err == nil {
			out = append(out, EncodedFrame{Samples: opus.FrameSamples, Data: data})
		}
		return err
	})
	return out, err
}

// Flush pads with silence until everything that was given has come out of a
// decoder that drops Delay frames.
func (e *opusEncoder) Flush() ([]EncodedFrame, error) {
	silence := make([]float32, e.enc.PreSkip()*e.stream.Format.Channels)
	out, err := e.Encode(silence)
	if err != nil || len(e.blocks.buf) == 0 {
		return out, err
	}
	last, err := e.Encode(make([]float32, e.blocks.size-len(e.blocks.buf)))
	return append(out, last...), err
}

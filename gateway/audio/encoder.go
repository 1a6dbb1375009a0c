package audio

import (
	"fmt"
	"math"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
)

// NewEncoder makes an encoder for a format. ErrUnsupported, wrapped with the
// reason, is for codecs that have no encoder here, for parameters that the
// codec does not take (Opus is 48 kHz only), and for Opus in a binary that
// was built without it.
func NewEncoder(f Format) (Encoder, error) {
	if f.Rate < 1000 || f.Rate > 655350 || f.Channels < 1 || f.Channels > 2 {
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
	switch f.Codec {
	case PCM:
		return newPCMEncoder(f)
	case FLAC:
		return newFLACEncoder(f)
	case Opus:
		return newOpusEncoder(f)
	default:
		return nil, fmt.Errorf("encode %s: %w", f, ErrUnsupported)
	}
}

// EncoderAvailable tells whether this binary can encode to the codec at all.
func EncoderAvailable(c Codec) bool {
	switch c {
	case PCM, FLAC:
		return true
	case Opus:
		return opus.Available()
	default:
		return false
	}
}

// quantize turns a sample into an integer of the given bits. Samples that
// came from integers of as many bits come back exactly.
func quantize(x float32, bits int) int32 {
	full := float64(int64(1) << (bits - 1))
	v := float64(x) * full
	switch {
	case v >= full-1:
		return int32(full - 1)
	case v <= -full:
		return int32(-full)
	case v != v:
		return 0
	}
	return int32(v + math.Copysign(0.5, v)) // without a branch: signs come as they like
}

// blocks collects samples into blocks of a fixed number of frames.
type blocks struct {
	size int // samples of all channels
	buf  []float32
}

// each calls fn for each block that pcm completes. The block is fn's only
// until it returns.
func (b *blocks) each(pcm []float32, fn func([]float32) error) error {
	if len(b.buf) > 0 {
		n := min(b.size-len(b.buf), len(pcm))
		b.buf = append(b.buf, pcm[:n]...)
		pcm = pcm[n:]
		if len(b.buf) < b.size {
			return nil
		}
		err := fn(b.buf)
		b.buf = b.buf[:0]
		if err != nil {
			return err
		}
	}
	for ; len(pcm) >= b.size; pcm = pcm[b.size:] {
		if err := fn(pcm[:b.size]); err != nil {
			return err
		}
	}
	b.buf = append(b.buf, pcm...)
	return nil
}

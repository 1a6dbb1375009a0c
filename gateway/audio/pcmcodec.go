package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// pcmCodec reads the samples of WAV files.
type pcmCodec struct{ config container.CodecConfig }

func (p *pcmCodec) reset()         {}
func (p *pcmCodec) preroll() int64 { return 0 }

func (p *pcmCodec) decode(dst []float32, b []byte) ([]float32, error) {
	le := binary.LittleEndian
	switch c := p.config; {
	case c.Float && c.Bits == 32:
		for ; len(b) >= 4; b = b[4:] {
			dst = append(dst, finite(math.Float32frombits(le.Uint32(b))))
		}
	case c.Float && c.Bits == 64:
		for ; len(b) >= 8; b = b[8:] {
			dst = append(dst, finite(float32(math.Float64frombits(le.Uint64(b)))))
		}
	case c.Bits == 8:
		for _, x := range b {
			dst = append(dst, float32(int(x)-128)/(1<<7))
		}
	case c.Bits == 16:
		for ; len(b) >= 2; b = b[2:] {
			dst = append(dst, float32(int16(le.Uint16(b)))/(1<<15))
		}
	case c.Bits == 24:
		for ; len(b) >= 3; b = b[3:] {
			v := int32(b[0])<<8 | int32(b[1])<<16 | int32(b[2])<<24
			dst = append(dst, float32(v>>8)/(1<<23))
		}
	case c.Bits == 32:
		for ; len(b) >= 4; b = b[4:] {
			dst = append(dst, float32(float64(int32(le.Uint32(b)))/(1<<31)))
		}
	default:
		return dst, fmt.Errorf("pcm of %d bits: %w", c.Bits, ErrUnsupported)
	}
	return dst, nil
}

// finite keeps NaN and infinities of a broken file out of filters, where they
// would stay.
func finite(x float32) float32 {
	if x != x || x > 64 || x < -64 {
		return 0
	}
	return x
}

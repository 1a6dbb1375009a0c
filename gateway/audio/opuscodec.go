package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pion/opus"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// opusMaxPacket is the longest packet: 120 ms at 48 kHz.
const opusMaxPacket = 5760

// opusCodec decodes Opus packets of one or two channels at 48 kHz.
type opusCodec struct {
	config container.CodecConfig
	dec    opus.Decoder
	gain   float32
	pcm    []float32
}

func newOpusCodec(cfg container.CodecConfig) (*opusCodec, error) {
	c := &opusCodec{config: cfg, gain: 1, pcm: make([]float32, opusMaxPacket*cfg.Channels)}
	// RFC 7845 section 5.1: output gain in 1/256 dB, to be applied always.
	if q := int16(binary.LittleEndian.Uint16(cfg.Header[16:])); q != 0 {
		c.gain = float32(math.Pow(10, float64(q)/256/20))
	}
	c.dec = opus.NewDecoder()
	if err := c.dec.Init(48000, cfg.Channels); err != nil {
		return nil, fmt.Errorf("opus: %w", err)
	}
	return c, nil
}

// reset starts the decoder anew. Init cannot fail: its arguments were taken
// before.
func (c *opusCodec) reset() { _ = c.dec.Init(48000, c.config.Channels) }

// preroll is three times the 80 ms of RFC 7845 section 4.6: after 80 ms a
// steady tone was still 29 dB from what it should be.
func (c *opusCodec) preroll() int64 { return 3 * 3840 }

func (c *opusCodec) decode(dst []float32, data []byte) ([]float32, error) {
	n, err := c.dec.DecodeToFloat32(data, c.pcm)
	if err != nil {
		return dst, fmt.Errorf("opus: %w", err)
	}
	for _, x := range c.pcm[:n*c.config.Channels] {
		dst = append(dst, finite(x)*c.gain)
	}
	return dst, nil
}

package audio

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// mp3Codec decodes MPEG-1 and MPEG-2 layer III. go-mp3 wants one endless
// reader; it is fed frame by frame, so that tags and damage never reach it.
type mp3Codec struct {
	config container.CodecConfig
	dec    *mp3.Decoder
	feed   mp3Feed
	pcm    []byte
}

// mp3Feed gives one frame, then io.EOF until the next is put in.
type mp3Feed struct{ data []byte }

func (f *mp3Feed) Read(b []byte) (int, error) {
	if len(f.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, f.data)
	f.data = f.data[n:]
	return n, nil
}

func (c *mp3Codec) reset() { c.dec, c.feed.data = nil, nil }

// preroll covers the bit reservoir, which reaches at most 511 bytes back
// (eight frames of 32 kbit/s), the overlap of the transform and the filter
// bank's memory.
func (c *mp3Codec) preroll() int64 { return 14 * 1152 }

func (c *mp3Codec) decode(dst []float32, data []byte) ([]float32, error) {
	c.feed.data = data
	if c.dec == nil {
		d, err := mp3.NewDecoder(&c.feed)
		if err != nil {
			return dst, fmt.Errorf("mp3: %w", err)
		}
		c.dec = d
	}
	const frame = 1152 * 4 // 16 bits, always two channels
	if c.pcm == nil {
		c.pcm = make([]byte, frame)
	}
	size := frame
	if c.config.Rate < 32000 {
		size /= 2 // MPEG-2 frames have one granule
	}
	if _, err := io.ReadFull(c.dec, c.pcm[:size]); err != nil {
		return dst, fmt.Errorf("mp3: %w", err)
	}
	step := 2
	if c.config.Channels == 1 {
		step = 4
	}
	for b := c.pcm[:size]; len(b) >= step; b = b[step:] {
		dst = append(dst, float32(int16(binary.LittleEndian.Uint16(b)))/(1<<15))
	}
	return dst, nil
}

package audio

import (
	"errors"
	"fmt"
	"io"
)

// conformBlock is how many source frames are decoded at a time.
const conformBlock = 2048

// conformed gives any decoder's music as stereo at another rate.
type conformed struct {
	dec  Decoder
	info Info
	res  *Resampler // nil at the same rate

	in    []float32 // source frames, in the source's channels
	wide  []float32 // the same as stereo
	out   []float32
	left  []float32 // what of out was not handed out
	ended bool
}

// NewConformed wraps a decoder so that it gives stereo at the given rate (Hz),
// mono on both sides. Positions count frames of the new rate; a seek is exact:
// what follows is, sample by sample, what reading up to there would have
// given. Where nothing must change, samples pass untouched. Closing it closes
// dec.
func NewConformed(dec Decoder, rate int) (Decoder, error) {
	i := dec.Info()
	if i.Rate == rate && i.Channels == 2 {
		return dec, nil
	}
	c := &conformed{dec: dec, info: i, in: make([]float32, conformBlock*i.Channels)}
	c.info.Rate, c.info.Channels = rate, 2
	if i.Rate != rate {
		var err error
		if c.res, err = NewResampler(i.Rate, rate, 2); err != nil {
			return nil, err
		}
		if i.Frames >= 0 {
			c.info.Frames = c.res.outFrames(i.Frames)
		}
	}
	return c, nil
}

// Stereo wraps a decoder so that it gives two channels at its own rate.
func Stereo(dec Decoder) Decoder {
	if dec.Info().Channels == 2 {
		return dec
	}
	d, _ := NewConformed(dec, dec.Info().Rate) // fails only for a change of rate
	return d
}

func (c *conformed) Info() Info   { return c.info }
func (c *conformed) Close() error { return c.dec.Close() }

// Read implements Decoder.
func (c *conformed) Read(dst []float32) (int, error) {
	n := 0
	for n < len(dst)/2 {
		if len(c.left) == 0 {
			if err := c.fill(); err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
		}
		m := copy(dst[2*n:len(dst)/2*2], c.left)
		c.left = c.left[m:]
		n += m / 2
	}
	return n, nil
}

// fill converts one block.
func (c *conformed) fill() error {
	for len(c.left) == 0 {
		if c.ended {
			return io.EOF
		}
		n, err := c.dec.Read(c.in)
		switch {
		case errors.Is(err, io.EOF):
			c.ended = true
			if c.res != nil {
				c.out = c.res.Flush(c.out[:0])
				c.left = c.out
			}
			continue
		case err != nil:
			return err
		}
		src := c.stereo(c.in[:n*c.dec.Info().Channels])
		if c.res == nil {
			c.left = src
			continue
		}
		c.out = c.res.Process(c.out[:0], src)
		c.left = c.out
	}
	return nil
}

func (c *conformed) stereo(src []float32) []float32 {
	if c.dec.Info().Channels == 2 {
		return src
	}
	c.wide = c.wide[:0]
	for _, x := range src {
		c.wide = append(c.wide, x, x)
	}
	return c.wide
}

// SeekFrame implements Decoder.
func (c *conformed) SeekFrame(frame int64) error {
	if frame < 0 {
		return fmt.Errorf("seek to frame %d: before the start", frame)
	}
	c.left, c.ended = nil, false
	if c.res != nil {
		frame = c.res.startAt(frame)
	}
	return c.dec.SeekFrame(frame)
}

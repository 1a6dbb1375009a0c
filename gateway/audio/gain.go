package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// GainConfig says how much louder or softer music is to be.
type GainConfig struct {
	Rate     int // Hz
	Channels int
	// DB is the wanted gain in dB, as ReplayGain asks for.
	DB float64
	// Peak is the music's true peak (1.0 is full scale), 0 if not known. With
	// a known peak the gain is lowered as far as the ceiling asks; without one
	// a limiter holds the ceiling.
	Peak float64
	// CeilingDB is the true peak that nothing exceeds, in dBTP; 0 means -1.
	CeilingDB float64
}

// Gain changes the level of a stream under a true-peak ceiling. The limiter's
// look-ahead is hidden: n frames in give n frames out, in their places, once
// Flush was called. A gain of 0 dB, and softening, leave everything else as it
// is: music that was mastered over the ceiling is not touched unless it is
// made louder. A Gain belongs to one goroutine.
type Gain struct {
	factor  float32
	limiter *limiter // nil where nothing can exceed the ceiling
}

// NewGain makes a Gain.
func NewGain(c GainConfig) (*Gain, error) {
	if c.Rate < 1000 || c.Channels < 1 || c.Channels > 8 || math.IsNaN(c.DB) || math.Abs(c.DB) > 60 || !(c.Peak >= 0) {
		return nil, fmt.Errorf("gain of %g dB at %d Hz, %d channels: %w", c.DB, c.Rate, c.Channels, ErrUnsupported)
	}
	if c.CeilingDB == 0 {
		c.CeilingDB = -1
	}
	ceiling := amplitude(c.CeilingDB)
	factor := amplitude(c.DB)
	g := &Gain{}
	switch {
	case c.DB <= 0:
	case c.Peak > 0:
		// Never below what the file would have had without any gain.
		factor = max(min(factor, ceiling/c.Peak), 1)
	default:
		g.limiter = newLimiter(c.Rate, c.Channels, ceiling)
	}
	g.factor = float32(factor)
	return g, nil
}

// Applied is the gain in dB before limiting, as it came out of the peak.
func (g *Gain) Applied() float64 { return dBFS(float64(g.factor)) }

// Process appends the frames that are ready to dst; src is not changed.
func (g *Gain) Process(dst, src []float32) []float32 {
	if g.limiter != nil {
		return g.limiter.process(dst, src, g.factor)
	}
	if g.factor == 1 {
		return append(dst, src...)
	}
	for _, x := range src {
		dst = append(dst, x*g.factor)
	}
	return dst
}

// Flush appends what the look-ahead holds. Only Reset may follow.
func (g *Gain) Flush(dst []float32) []float32 {
	if g.limiter == nil {
		return dst
	}
	return g.limiter.flush(dst)
}

// Reset starts anew, as after a seek.
func (g *Gain) Reset() {
	if g.limiter != nil {
		g.limiter.reset()
	}
}

// gained is a decoder with a Gain behind it.
type gained struct {
	Decoder
	gain *Gain
	in   []float32
	out  []float32
	left []float32
	done bool
}

// WithGain wraps a decoder so that its music has another level. The
// configuration's Rate and Channels are taken from dec. Where nothing changes,
// dec itself comes back. Closing it closes dec.
func WithGain(dec Decoder, c GainConfig) (Decoder, error) {
	i := dec.Info()
	c.Rate, c.Channels = i.Rate, i.Channels
	g, err := NewGain(c)
	if err != nil {
		return nil, err
	}
	if g.factor == 1 && g.limiter == nil {
		return dec, nil
	}
	return &gained{Decoder: dec, gain: g, in: make([]float32, conformBlock*i.Channels)}, nil
}

// Read implements Decoder.
func (g *gained) Read(dst []float32) (int, error) {
	ch := g.Info().Channels
	n := 0
	for n < len(dst)/ch {
		if len(g.left) == 0 {
			if err := g.fill(ch); err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
		}
		m := copy(dst[n*ch:len(dst)/ch*ch], g.left)
		g.left = g.left[m:]
		n += m / ch
	}
	return n, nil
}

// fill passes one block through the gain.
func (g *gained) fill(ch int) error {
	for len(g.left) == 0 {
		if g.done {
			return io.EOF
		}
		n, err := g.Decoder.Read(g.in)
		if n > 0 {
			g.out = g.gain.Process(g.out[:0], g.in[:n*ch])
			g.left = g.out
			continue
		}
		if errors.Is(err, io.EOF) {
			g.done = true
			g.out = g.gain.Flush(g.out[:0])
			g.left = g.out
			continue
		}
		return err
	}
	return nil
}

// SeekFrame implements Decoder. What the limiter does right behind the target may
// differ from what it would have done coming from before it.
func (g *gained) SeekFrame(frame int64) error {
	g.left, g.done = nil, false
	g.gain.Reset()
	return g.Decoder.SeekFrame(frame)
}

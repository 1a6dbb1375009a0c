package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// crossfade is the end of one piece laid over the beginning of another.
type crossfade struct {
	Decoder           // the piece that comes
	going   Decoder   // what is left of the piece that goes
	frames  int64     // how long both are heard
	at      int64     // of them read
	limit   *limiter  // of the stretch where both sound
	a, b    []float32 // a block of each
	left    []float32 // mixed and not handed out
	out     []float32 // what left is a part of
	mixed   bool      // the stretch is over
}

// NewCrossfade wraps a piece so that what is left of the one before it fades out
// over its beginning, for the given frames: at constant power, as befits music
// that has nothing in common, and under a true peak of -1 dBTP where both sound.
// From there on the samples are the piece's own. Both decoders have to be stereo
// at one rate. A going piece that ends or breaks off early is silent from there.
// It cannot seek. Closing it closes both.
func NewCrossfade(going, coming Decoder, frames int64) (Decoder, error) {
	g, c := going.Info(), coming.Info()
	if g.Rate != c.Rate || g.Channels != 2 || c.Channels != 2 || frames < 1 {
		return nil, fmt.Errorf("crossfade of %d frames, %d Hz over %d Hz: %w", frames, g.Rate, c.Rate, ErrUnsupported)
	}
	return &crossfade{
		Decoder: coming, going: going, frames: frames, limit: newLimiter(c.Rate, 2, amplitude(-1)),
		a: make([]float32, conformBlock*2), b: make([]float32, conformBlock*2),
	}, nil
}

// Read implements Decoder.
func (x *crossfade) Read(dst []float32) (int, error) {
	for len(x.left) == 0 {
		if x.mixed {
			return x.Decoder.Read(dst)
		}
		if err := x.mix(); err != nil {
			return 0, err
		}
	}
	n := copy(dst[:len(dst)/2*2], x.left)
	x.left = x.left[n:]
	return n / 2, nil
}

// mix makes one block of both.
func (x *crossfade) mix() error {
	want := int(min(x.frames-x.at, conformBlock))
	n, err := x.Decoder.Read(x.b[:want*2])
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	got, _ := ReadFull(x.going, x.a[:n*2]) // what it breaks off with was told by its own deck
	clear(x.a[got*2 : n*2])
	for i := range n {
		angle := math.Pi / 2 * (float64(x.at) + 0.5) / float64(x.frames)
		out, in := float32(math.Cos(angle)), float32(math.Sin(angle))
		for c := 2 * i; c < 2*i+2; c++ {
			x.b[c] = x.a[c]*out + x.b[c]*in
		}
		x.at++
	}
	x.out = x.limit.process(x.out[:0], x.b[:n*2], 1)
	if err != nil || x.at == x.frames {
		x.out = x.limit.flush(x.out)
		x.mixed = true
	}
	x.left = x.out
	return nil
}

// SeekFrame implements Decoder.
func (x *crossfade) SeekFrame(int64) error {
	return fmt.Errorf("seek in a crossfade: %w", ErrUnsupported)
}

// Close implements Decoder.
func (x *crossfade) Close() error { return errors.Join(x.Decoder.Close(), x.going.Close()) }

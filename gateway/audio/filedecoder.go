package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// frameCodec decodes the frames of one file, in order.
type frameCodec interface {
	// decode appends a frame's interleaved samples, in all of the file's
	// channels, to dst.
	decode(dst []float32, data []byte) ([]float32, error)
	// reset forgets the past, as before a frame that does not follow.
	reset()
	// preroll is how many samples before a seek's target must be decoded and
	// thrown away until the codec gives what it would have given.
	preroll() int64
}

// badInARow is how many undecodable frames are played as silence before a
// file is given up.
const badInARow = 25

// errClosed is what a closed decoder answers with.
var errClosed = errors.New("audio: decoder is closed")

// fileDecoder is a Decoder over a cut file.
type fileDecoder struct {
	file     *container.File
	codec    frameCodec
	info     Info
	channels int   // in the file
	skip     int64 // encoder delay
	end      int64 // where the music ends, in decoded samples

	next   int       // the frame to decode next
	at     int64     // the decoded sample at the start of left
	from   int64     // samples before this one are not handed out
	buf    []float32 // the decoded frame, in the file's channels
	left   []float32 // what of buf was not handed out
	data   []byte
	bad    int  // undecodable frames in a row
	good   bool // a frame was decoded since the last seek
	ended  error
	closed bool

	keep  bool // packets are wanted
	coded []CodedFrame
}

func newFileDecoder(k kind) (Decoder, error) {
	c := k.file.Config()
	d := &fileDecoder{
		file: k.file, info: k.info(), channels: c.Channels,
		skip: c.PreSkip, from: c.PreSkip, end: c.PreSkip + c.Samples,
	}
	var err error
	switch Codec(c.Codec) {
	case PCM:
		d.codec = &pcmCodec{config: c}
	case FLAC:
		d.codec = &flacCodec{config: c}
	case MP3:
		d.codec = &mp3Codec{config: c}
	case Opus:
		d.codec, err = newOpusCodec(c)
	default:
		return nil, ErrUnsupported
	}
	if err != nil {
		return nil, err
	}
	d.keep = codes(k.file) // the first one, at least
	// A file whose first frame cannot be decoded at all is told at once.
	if err := d.fill(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	d.keep = false
	return d, nil
}

func (d *fileDecoder) Info() Info { return d.info }

func (d *fileDecoder) Close() error {
	d.ended, d.closed = errClosed, true
	d.buf, d.left, d.data, d.coded = nil, nil, nil, nil
	return nil
}

// Read implements Decoder.
func (d *fileDecoder) Read(dst []float32) (int, error) {
	want := len(dst) / d.info.Channels
	n := 0
	if !d.keep {
		d.coded = nil
	}
	for n < want {
		if len(d.left) == 0 {
			if err := d.fill(); err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
		}
		m := min(len(d.left)/d.channels, want-n)
		mixdown(dst[n*d.info.Channels:], d.left[:m*d.channels], d.channels)
		d.left = d.left[m*d.channels:]
		d.at += int64(m)
		n += m
	}
	return n, nil
}

// fill decodes frames until there is something to hand out.
func (d *fileDecoder) fill() error {
	for len(d.left) == 0 {
		if d.ended != nil {
			return d.ended
		}
		if err := d.frame(); err != nil {
			d.ended = err
		}
	}
	return nil
}

// frame decodes the next frame and cuts off what is not music.
func (d *fileDecoder) frame() error {
	data, err := d.file.ReadFrame(d.next, d.data)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			return translate(err)
		}
		if d.bad > 0 && !d.good {
			return fmt.Errorf("%w: nothing could be decoded", ErrCorrupt)
		}
		return io.EOF
	}
	d.data = data
	start := d.file.Start(d.next)
	_, _, dur := d.file.Frame(d.next)
	if start >= d.end {
		return io.EOF
	}
	d.next++
	var kept []byte
	if d.keep {
		kept = bytes.Clone(data) // a codec may change it
	}
	if err := d.decode(data, int(dur)); err != nil {
		return err
	}
	if d.keep && d.bad == 0 {
		d.coded = append(d.coded, CodedFrame{Start: start - d.skip, Samples: int(dur), Data: kept})
	}
	n := int64(len(d.buf) / d.channels)
	lo := min(max(d.from-start, 0), n)
	hi := max(min(d.end-start, n), lo)
	d.left = d.buf[lo*int64(d.channels) : hi*int64(d.channels)]
	d.at = start + lo
	return nil
}

// decode fills buf with exactly dur samples: the file's clock goes on over
// damage, as silence.
func (d *fileDecoder) decode(data []byte, dur int) error {
	want := dur * d.channels
	out, err := d.guarded(data)
	if err == nil {
		d.bad, d.good = 0, true
	} else {
		d.codec.reset()
		if d.bad++; d.bad >= badInARow {
			return fmt.Errorf("%w: frame %d: %w", ErrCorrupt, d.next-1, err)
		}
		out = out[:0]
	}
	for len(out) < want {
		out = append(out, 0)
	}
	d.buf = out[:want]
	return nil
}

// guarded turns a panic of a third-party decoder into an error.
func (d *fileDecoder) guarded(data []byte) (out []float32, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = d.buf[:0], fmt.Errorf("decoder failed: %v", p)
		}
	}()
	return d.codec.decode(d.buf[:0], data)
}

// SeekFrame implements Decoder. Seeking behind the end makes Read return io.EOF.
func (d *fileDecoder) SeekFrame(frame int64) error {
	if frame < 0 {
		return fmt.Errorf("seek to frame %d: before the start", frame)
	}
	if d.closed {
		return errClosed
	}
	target := frame + d.skip
	d.left, d.ended, d.bad, d.good, d.coded = nil, nil, 0, false, nil
	d.codec.reset()
	if target >= d.end {
		d.ended = io.EOF
		return nil
	}
	i, err := d.file.At(max(target-d.codec.preroll(), 0))
	switch {
	case errors.Is(err, io.EOF):
		d.ended = io.EOF
		return nil
	case err != nil:
		return fmt.Errorf("seek to frame %d: %w", frame, translate(err))
	}
	d.next, d.from = i, target
	return nil
}

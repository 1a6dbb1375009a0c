package zone

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// encoding is the state of a group's goroutine. It makes packets of blocks: by
// its encoder, or of a file's own packets where those hold the very samples.
type encoding struct {
	z      *Zone
	format audio.Format
	enc    audio.Encoder
	used   bool // the encoder holds something, or has numbered packets
	resamp *audio.Resampler
	rated  []float32
	mono   []float32
	rate   int // of the blocks

	at     audio.Time         // when frame 0 is heard
	frames int64              // encoded since at; negative within the encoder's delay
	fed    int64              // frames of blocks since at
	stream *audio.Stream      // of the file's own packets, while they go out
	source *audio.Stream      // whose
	done   int64              // up to where blocks were encoded or passed on
	run    audio.EncodedFrame // short packets that go out together
}

func (e *encoding) close() {
	if e.enc != nil {
		_ = e.enc.Close()
	}
}

func (e *encoding) do(j job) ([]audio.Packet, error) {
	if j.begin {
		return nil, e.begin(j)
	}
	if e.passes(j.source) || e.stream != nil {
		return e.pass(j)
	}
	e.fed += j.frames()
	e.done = e.fed
	return e.encode(j.pcm, j.flush)
}

// encode makes packets of samples, and with flush of all that the encoder holds.
func (e *encoding) encode(pcm []float32, flush bool) ([]audio.Packet, error) {
	if e.resamp != nil {
		e.rated = e.resamp.Process(e.rated[:0], pcm)
		if flush {
			e.rated = e.resamp.Flush(e.rated)
		}
		pcm = e.rated
	}
	frames, err := e.enc.Encode(e.mix(pcm))
	if err != nil {
		return nil, err
	}
	if flush {
		rest, err := e.enc.Flush()
		if err != nil {
			return nil, err
		}
		frames = append(frames, rest...)
	}
	e.used = true
	return e.stamp(e.enc.Stream(), frames), nil
}

func (e *encoding) begin(j job) (err error) {
	switch {
	case e.enc == nil:
		e.enc, err = e.z.cfg.NewEncoder(e.format)
	case e.used:
		err = e.enc.Reset()
	}
	if err != nil {
		return err
	}
	e.used, e.rate = false, j.rate
	e.stream, e.source, e.fed, e.done, e.run = nil, nil, 0, 0, audio.EncodedFrame{}
	e.resamp = nil
	if j.rate != e.format.Rate {
		if e.resamp, err = audio.NewResampler(j.rate, e.format.Rate, channels); err != nil {
			return err
		}
	}
	e.at = j.at
	e.frames = -int64(e.enc.Delay())
	return nil
}

// mix makes mono of stereo where the format asks for it.
func (e *encoding) mix(pcm []float32) []float32 {
	if e.format.Channels != 1 {
		return pcm
	}
	e.mono = e.mono[:0]
	for i := 0; i+1 < len(pcm); i += 2 {
		e.mono = append(e.mono, (pcm[i]+pcm[i+1])/2)
	}
	return e.mono
}

func (e *encoding) stamp(stream *audio.Stream, frames []audio.EncodedFrame) []audio.Packet {
	packets := make([]audio.Packet, 0, len(frames))
	for _, f := range frames {
		packets = append(packets, audio.Packet{
			Stream:  stream,
			At:      timeAt(e.at, e.frames, e.format.Rate),
			Samples: f.Samples,
			Data:    f.Data,
		})
		e.frames += int64(f.Samples)
	}
	return packets
}

// timeAt is when the frame that many after start is heard, to the microsecond
// and without drift.
func timeAt(start audio.Time, frames int64, rate int) audio.Time {
	r := int64(rate)
	sec, rest := frames/r, frames%r
	return start.Add(time.Duration(sec)*time.Second) + audio.Time(rest*1_000_000/r)
}

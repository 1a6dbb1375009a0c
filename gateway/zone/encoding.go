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
	given  int64              // to the encoder since at
	ended  bool               // the encoder was flushed
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
	switch {
	case j.begin:
		return nil, e.begin(j)
	case j.turn:
		return e.turn(j)
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
	e.given += int64(len(pcm) / channels)
	if flush {
		rest, err := e.enc.Flush()
		if err != nil {
			return nil, err
		}
		frames = append(frames, rest...)
		e.ended = true
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
	e.used, e.ended = false, false
	e.stream, e.source, e.fed, e.done, e.run = nil, nil, 0, 0, audio.EncodedFrame{}
	e.at, e.given = j.at, 0
	e.frames = -int64(e.enc.Delay())
	return e.convert(j.rate)
}

// convert prepares for blocks of a rate.
func (e *encoding) convert(rate int) (err error) {
	e.rate, e.resamp = rate, nil
	if rate != e.format.Rate {
		e.resamp, err = audio.NewResampler(rate, e.format.Rate, channels)
	}
	return err
}

// restart has the encoder begin a new stream at a position.
func (e *encoding) restart(at int64) error {
	e.stream, e.source, e.ended = nil, nil, false
	e.given, e.frames = at, at-int64(e.enc.Delay())
	return e.enc.Reset()
}

// turn goes on with blocks of another rate, whose first sample is heard at the
// job's time. The encoder goes on where it can.
func (e *encoding) turn(j job) (out []audio.Packet, err error) {
	switch {
	case e.stream != nil:
		out = e.endRun()
		err = e.restart(0)
	case e.ended:
		err = e.restart(0)
	case e.resamp != nil:
		e.rated = e.resamp.Flush(e.rated[:0])
		var frames []audio.EncodedFrame
		frames, err = e.enc.Encode(e.mix(e.rated))
		e.given += int64(len(e.rated) / channels)
		out = e.stamp(e.enc.Stream(), frames)
	}
	if err != nil {
		return nil, err
	}
	e.at, e.frames, e.given = j.at, e.frames-e.given, 0
	e.fed, e.done = 0, 0
	return out, e.convert(j.rate)
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

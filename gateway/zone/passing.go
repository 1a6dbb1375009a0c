package zone

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// shortPacket: a file's packets that are shorter go out several at once, as
// hardware players ask for.
const shortPacket = 15 * time.Millisecond

// passes tells whether a file's own packets may go out for this format.
func (e *encoding) passes(source *audio.Stream) bool {
	if source == nil || !e.format.AsIs || e.resamp != nil {
		return false
	}
	f, s := e.format, source.Format
	return f.Codec == s.Codec && f.Rate == s.Rate && f.Channels == s.Channels && f.Bits == s.Bits &&
		e.rate == s.Rate && (f.Frame == 0 || source.FrameSamples <= f.Frame)
}

// pass lets the file's packets out, and encodes what none of them covers: the
// piece before the first one after a seek, damage, and what other tracks hold.
func (e *encoding) pass(j job) (out []audio.Packet, err error) {
	first := e.fed
	e.fed += j.frames()
	encode := func(to int64, flush bool) error {
		var pcm []float32
		if to > e.done {
			pcm = j.pcm[(max(e.done, first)-first)*channels : (to-first)*channels]
		}
		if len(pcm) == 0 && (!flush || e.stream != nil) {
			return nil
		}
		if e.stream != nil {
			out = append(out, e.endRun()...)
			if err := e.restart(e.done); err != nil {
				return err
			}
		}
		packets, err := e.encode(pcm, flush)
		out = append(out, packets...)
		e.done = max(e.done, to)
		return err
	}
	if e.passes(j.source) {
		for _, f := range j.coded {
			at := first + f.at
			if at < e.done {
				continue // it begins within what is out already
			}
			if err := encode(at, true); err != nil {
				return out, err
			}
			out = append(out, e.passOn(j.source, f)...)
		}
	}
	if err := encode(e.fed, j.flush); err != nil {
		return out, err
	}
	if j.flush {
		out = append(out, e.endRun()...)
	}
	return out, nil
}

// passOn takes one packet of a file; what came before it is out, or held in
// order.
func (e *encoding) passOn(source *audio.Stream, f codedAt) (out []audio.Packet) {
	if e.stream == nil || e.source != source {
		out = e.endRun()
		e.source, e.frames = source, e.done
		e.stream = &audio.Stream{Format: e.format, Header: source.Header, FrameSamples: source.FrameSamples}
	}
	e.done += int64(f.samples)
	if e.run.Samples == 0 {
		e.run = audio.EncodedFrame{Samples: f.samples, Data: f.data}
	} else {
		data := make([]byte, 0, len(e.run.Data)+len(f.data))
		e.run = audio.EncodedFrame{Samples: e.run.Samples + f.samples, Data: append(append(data, e.run.Data...), f.data...)}
	}
	if e.format.Duration(e.run.Samples) < shortPacket {
		return out
	}
	return append(out, e.endRun()...)
}

// endRun lets out what was held back to go out together.
func (e *encoding) endRun() []audio.Packet {
	if e.run.Samples == 0 {
		return nil
	}
	run := e.run
	e.run = audio.EncodedFrame{}
	return e.stamp(e.stream, []audio.EncodedFrame{run})
}

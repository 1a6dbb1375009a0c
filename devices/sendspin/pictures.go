package sendspin

import (
	"slices"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// How pictures go out in the current dialect: in parts, with pauses, so that
// audio never stands behind a whole one.
const (
	partLen   = 8 << 10
	partPause = 20_000 // µs
)

// pictures is what waits to be shown by a client of the current dialect. It
// belongs to whoever holds the player's mu.
type pictures struct {
	told   []wire.ArtworkPicture // the stream as the client knows it; nil if there is none
	queue  []pictureOp
	flight *transfer
	due    int64 // server clock, µs: when the next part may go
}

// pictureOp is a picture for a channel, or a message that changes the stream.
type pictureOp struct {
	start   []wire.ArtworkPicture
	channel int
	at      int64
	data    []byte
}

// transfer is a picture of which parts are still to go.
type transfer struct {
	channel   int
	rest      []byte
	cancelled bool
}

// put shows a picture; one that waits for the same channel, or is on its way
// there, gives way.
func (s *pictures) put(channel int, at int64, data []byte) {
	if s.flight != nil && s.flight.channel == channel {
		s.flight.cancelled = true
	}
	s.queue = slices.DeleteFunc(s.queue, func(o pictureOp) bool { return o.start == nil && o.channel == channel })
	s.queue = append(s.queue, pictureOp{channel: channel, at: at, data: data})
}

// arrange brings the stream in line with what the client wants. Channels that
// are not wanted any more are cleared first.
func (s *pictures) arrange(want []wire.ArtworkPicture, now int64) {
	if slices.Equal(s.told, want) && s.told != nil {
		return
	}
	for i, was := range s.told {
		is := wire.ArtworkPicture{Source: "none"}
		if i < len(want) {
			is = want[i]
		}
		if was == is {
			continue
		}
		s.queue = slices.DeleteFunc(s.queue, func(o pictureOp) bool { return o.start == nil && o.channel == i })
		if s.flight != nil && s.flight.channel == i {
			s.flight.cancelled = true
		}
		if is.Source == "none" {
			s.queue = append(s.queue, pictureOp{channel: i, at: now})
		}
	}
	s.told = want
	s.queue = append(s.queue, pictureOp{start: want})
}

// stop forgets everything and tells whether there was a stream.
func (s *pictures) stop(p *Player) bool {
	was := s.told != nil
	if f := s.flight; f != nil {
		p.express = append(p.express, urgent{binary: wire.AppendCancel(nil, f.channel)})
	}
	*s = pictures{}
	return was
}

// nextPicture is the writer's: a message, or when to look again.
func (p *Player) nextPicture(now int64) (message []byte, text bool, again int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.pictures
	if f := s.flight; f != nil {
		if f.cancelled {
			s.flight = nil
			return wire.AppendCancel(nil, f.channel), false, 0, nil
		}
		if s.due > now {
			return nil, false, s.due, nil
		}
		n := min(partLen, len(f.rest))
		message = wire.AppendPart(nil, f.channel, f.rest[:n])
		if f.rest = f.rest[n:]; len(f.rest) == 0 {
			s.flight = nil
		}
		s.due = now + partPause
		return message, false, 0, nil
	}
	if len(s.queue) == 0 {
		return nil, false, 0, nil
	}
	o := s.queue[0]
	s.queue = slices.Delete(s.queue, 0, 1)
	if o.start != nil {
		start := wire.StreamStart{Transmitted: now, Artwork: &wire.ArtworkStream{Channels: o.start}}
		message, err = wire.EncodeIn(p.dialect, wire.TypeStreamStart, start)
		return message, true, 0, err
	}
	if len(o.data) > 0 {
		s.flight = &transfer{channel: o.channel, rest: o.data}
	}
	return wire.AppendAnnounce(nil, o.channel, o.at, len(o.data)), false, 0, nil
}

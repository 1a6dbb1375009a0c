package hls

import (
	"context"
	"encoding/binary"
	"time"
)

// Cursor is a place in a live stream: behind which part of which segment. The
// zero Cursor is before the first one.
type Cursor struct {
	msn  uint64
	part int // parts of msn that lie before it
}

// Pushed is a part on its way to somebody who follows a stream without asking
// for each.
type Pushed struct {
	MSN           uint64
	Part          int
	Discontinuity bool          // what came before has nothing to do with it
	Time          int64         // decode time of its first frame, in samples; never goes back
	Samples       int64         // how long it is
	Wall          time.Time     // when it is heard
	HoldBack      time.Duration // how far behind the newest part it is meant to be heard
	Data          []byte        // the fragment; nobody may write to it
}

// maxBehind is how many parts somebody may be behind before older ones are
// passed over.
const maxBehind = 25

// Since returns the place of the first part that is heard after a time, or of
// the newest part where all are older.
func (l *Live) Since(t time.Time) Cursor {
	e := l.now.Load()
	at := Cursor{msn: e.open.msn, part: max(0, len(e.open.parts)-1)}
	for i := len(e.segments); i >= 0; i-- {
		s := &e.open
		if i < len(e.segments) {
			s = e.segments[i]
		}
		for k := len(s.parts) - 1; k >= 0; k-- {
			if l.wall(s.parts[k].pts + s.parts[k].samples).Before(t) {
				return at
			}
			at = Cursor{msn: s.msn, part: k}
		}
	}
	return at
}

// Next waits for the part behind a cursor, and returns it with the cursor behind
// it. Whoever is too far behind is given a newer part. It returns ErrClosed at
// the end of the stream, and the context's error. Gaps are passed over.
func (l *Live) Next(ctx context.Context, at Cursor) (Pushed, Cursor, error) {
	for {
		e := l.now.Load()
		at = e.catchUp(at)
		if s := e.find(at.msn); s != nil && at.part < len(s.parts) {
			next := Cursor{msn: at.msn, part: at.part + 1}
			p := s.parts[at.part]
			if p.gap {
				at = next
				continue
			}
			return Pushed{
				MSN: s.msn, Part: at.part, Discontinuity: s.breaks && at.part == 0,
				Time: p.base, Samples: p.samples, Wall: l.wall(p.pts), HoldBack: l.holdBack, Data: p.body,
			}, next, nil
		}
		if at.msn < e.open.msn {
			at = Cursor{msn: at.msn + 1}
			continue
		}
		if e.closed {
			return Pushed{}, at, ErrClosed
		}
		select {
		case <-e.next:
		case <-ctx.Done():
			return Pushed{}, at, ctx.Err()
		}
	}
}

// catchUp moves a cursor that is too far behind to the newest part, and one
// that is not of this stream to its start.
func (e *edition) catchUp(at Cursor) Cursor {
	if len(e.segments) > 0 && at.msn < e.segments[0].msn || at.msn > e.open.msn {
		at = Cursor{msn: e.open.msn}
		if len(e.segments) > 0 {
			at.msn = e.segments[0].msn
		}
	}
	behind := -at.part
	for msn := at.msn; msn <= e.open.msn; msn++ {
		if s := e.find(msn); s != nil {
			behind += len(s.parts)
		}
	}
	if behind <= maxBehind {
		return at
	}
	msn, part, _ := e.newest()
	return Cursor{msn: msn, part: part}
}

// PushHead writes what stands before a part's fragment on a stream of its own,
// in network byte order: a version (1), flags (1: a discontinuity), the part's
// number (16 bits), the segment's (64), the decode time (64, samples), the
// length (32, samples), when it is heard (64, microseconds of Unix time), and
// how far behind the newest part it is meant to be heard (32, microseconds).
func (p Pushed) PushHead() []byte {
	flags := byte(0)
	if p.Discontinuity {
		flags = 1
	}
	b := append(make([]byte, 0, 36), 1, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(p.Part))
	b = binary.BigEndian.AppendUint64(b, p.MSN)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Time))
	b = binary.BigEndian.AppendUint32(b, uint32(p.Samples))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Wall.UnixMicro()))
	return binary.BigEndian.AppendUint32(b, uint32(p.HoldBack.Microseconds()))
}

// Init is the media initialisation section, and the MIME type with which a
// media source takes it.
func (l *Live) Init() (mime string, data []byte) {
	return segmentType + `; codecs="` + l.codec.Codecs() + `"`, l.init.body
}

// InitHead writes what stands before the initialisation section on the first
// stream: a zero, the codec's rate (32 bits), the length of the MIME type (16)
// and the MIME type.
func (l *Live) InitHead() []byte {
	mime, _ := l.Init()
	b := binary.BigEndian.AppendUint32([]byte{0}, uint32(l.codec.Rate))
	b = binary.BigEndian.AppendUint16(b, uint16(len(mime)))
	return append(b, mime...)
}

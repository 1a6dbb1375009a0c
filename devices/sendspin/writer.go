package sendspin

import (
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// writer is what the goroutine that writes to a player has of its own.
type writer struct {
	p       *Player
	scratch []byte
	held    bool // between a handshake's message and the answer
}

// next writes the most urgent message: pairing and activations, then clock
// replies, commands and audio, then announcements, then what is shown of the
// sound, then pictures.
// Without one it says after which time to look again.
func (w *writer) next() (again time.Duration, err error) {
	p := w.p
	if u, ok := p.nextUrgent(); ok {
		return 0, w.express(u)
	}
	if w.held {
		return time.Hour, nil
	}
	now := p.server.cfg.Now()
	f, ok, due := p.out.take(now)
	if ok {
		return 0, w.frame(f)
	}
	if p.dialect == wire.Current {
		message, at := p.nextAnnouncement(now)
		if message != nil {
			return 0, p.written(p.conn.WriteBinary(message))
		}
		due = earlier(due, at)
		message, at = p.nextVisual(now)
		if message != nil {
			return 0, p.written(p.conn.WriteBinary(message))
		}
		due = earlier(due, at)
		message, text, at, err := p.nextPicture(now)
		switch {
		case err != nil:
			return 0, err
		case text:
			return 0, p.written(p.conn.WriteJSON(message))
		case message != nil:
			return 0, p.written(p.conn.WriteBinary(message))
		}
		due = earlier(due, at)
	}
	if due == 0 {
		return time.Hour, nil
	}
	return max(time.Duration(due-now)*time.Microsecond, time.Microsecond), nil
}

// earlier is the earlier of two times, where 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (w *writer) express(u urgent) error {
	if u.sealer != nil {
		w.p.conn.SealWith(u.sealer)
	}
	w.held = (w.held || u.hold) && !u.free
	switch {
	case u.text != nil:
		return w.p.written(w.p.conn.WriteJSON(u.text))
	case u.binary != nil:
		return w.p.written(w.p.conn.WriteBinary(u.binary))
	default:
		return nil
	}
}

// frame sends one frame. A chunk goes out as a single WebSocket frame.
func (w *writer) frame(f frame) error {
	p := w.p
	now := p.server.cfg.Now // stamps are taken here, as late as we can
	switch {
	case f.clock != nil:
		text, err := wire.Encode(wire.TypeServerTime, wire.ServerTime{
			ClientTransmitted: f.clock.sent, Received: f.clock.received, Transmitted: now(),
		})
		if err != nil {
			return err
		}
		return p.written(p.conn.WriteJSON(text))
	case f.stamped != nil:
		text, err := f.stamped(now())
		if err != nil {
			return err
		}
		return p.written(p.conn.WriteJSON(text))
	case f.text != nil:
		return p.written(p.conn.WriteJSON(f.text))
	case f.kind == wire.AudioChunk:
		w.scratch = wire.AppendChunkHeader(w.scratch[:0], p.chunkDialect(), f.at, now())
	default:
		w.scratch = wire.AppendHeader(w.scratch[:0], f.kind, f.at)
	}
	w.scratch = append(w.scratch, f.data...)
	return p.written(p.conn.WriteBinary(w.scratch))
}

func (p *Player) written(err error) error {
	if err != nil {
		return fmt.Errorf("write to %s: %w", p.ID(), err)
	}
	return nil
}

// chunkDialect is the dialect of the chunks' headers.
func (p *Player) chunkDialect() wire.Dialect {
	if p.hello.Pairing.Listed {
		return wire.Cleartext
	}
	return p.dialect
}

package member

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Bounds of an endless stream.
const (
	// What a late listener still gets: what was written ahead, and some time to
	// come for it.
	endlessHistory = 1024 // packets
	endlessKeeps   = castAhead + 8*time.Second
	endlessQueue   = 256 // packets that a slow listener may be behind
)

// endlessGather is how long packets are gathered for one write. A device has
// seconds in its buffer, and a house full of them is spared the system calls for
// every packet of each.
const endlessGather = 500 * time.Millisecond

// endlessPiece is about how many bytes are written at once: half a second and
// more of CD audio. A listener that has just come gets many such pieces.
const endlessPiece = 96 << 10

// endless is one run of a zone as a FLAC file that never ends, for devices that
// fetch a URL. A listener that falls behind its queue is cut; it connects
// again by itself or is loaded anew.
type endless struct {
	mu        sync.Mutex
	stream    *audio.Stream
	history   []audio.Packet
	listeners map[chan audio.Packet]bool
	begin     audio.Time // when the first packet of the newest listener is heard
	fetched   bool       // there was a listener
	ended     bool
}

func newEndless(stream *audio.Stream) *endless {
	return &endless{stream: stream, listeners: map[chan audio.Packet]bool{}}
}

// write hands a packet to everybody who listens; it never blocks.
func (e *endless) write(p audio.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	old := max(len(e.history)+1-endlessHistory, 0)
	for old < len(e.history) && e.history[old].At.Add(endlessKeeps) < p.At {
		old++
	}
	e.history = append(slices.Delete(e.history, 0, old), p)
	for listener := range e.listeners {
		select {
		case listener <- p:
		default:
			close(listener)
			delete(e.listeners, listener)
		}
	}
}

// first is when the first packet is heard that the newest listener was given;
// false if nobody has listened.
func (e *endless) first() (audio.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.begin, e.fetched
}

// end lets every listener finish.
func (e *endless) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for listener := range e.listeners {
		close(listener)
		delete(e.listeners, listener)
	}
}

func (e *endless) listen() chan audio.Packet {
	e.mu.Lock()
	defer e.mu.Unlock()
	listener := make(chan audio.Packet, endlessQueue+len(e.history))
	if len(e.history) > 0 {
		e.begin = e.history[0].At
	}
	e.fetched = true
	for _, p := range e.history {
		listener <- p
	}
	if e.ended {
		close(listener)
	} else {
		e.listeners[listener] = true
	}
	return listener
}

func (e *endless) leave(listener chan audio.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.listeners, listener)
}

// endlessSize is the Content-Length of an endless stream for devices that want
// one: about twelve hours of FLAC, and no more than 32 bits hold. Its end is like
// a lost connection: the device is told to load again.
const endlessSize = math.MaxUint32

// serve streams until the run ends or the device leaves. A range is not
// honoured, which RFC 9110 section 14.2 allows: what was is not kept. sized
// pretends that the stream has a length.
func (e *endless) serve(w http.ResponseWriter, r *http.Request, sized bool) {
	h := w.Header()
	h.Set("Content-Type", "audio/flac")
	h.Set("Cache-Control", "no-store")
	h.Set("Accept-Ranges", "none")
	left := int64(math.MaxInt64)
	if sized {
		left = endlessSize
		h.Set("Content-Length", strconv.FormatInt(left, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	listener := e.listen()
	defer e.leave(listener)
	if _, err := w.Write(e.stream.Header); err != nil {
		return
	}
	left -= int64(len(e.stream.Header))
	flusher := http.NewResponseController(w)
	pause := time.NewTimer(0)
	defer pause.Stop()
	var data []byte
	for {
		select {
		case <-r.Context().Done():
			return
		case p, ok := <-listener:
			if !ok {
				return
			}
			data = gather(append(data[:0], p.Data...), listener)
			if left -= int64(len(data)); left < 0 {
				return
			}
			if _, err := w.Write(data); err != nil || flusher.Flush() != nil {
				return
			}
		}
		if len(listener) > 0 {
			continue
		}
		pause.Reset(endlessGather)
		select {
		case <-r.Context().Done():
			return
		case <-pause.C:
		}
	}
}

// gather appends packets that wait, up to a piece.
func gather(data []byte, listener <-chan audio.Packet) []byte {
	for len(data) < endlessPiece {
		select {
		case p, ok := <-listener:
			if !ok {
				return data // the caller finds it closed
			}
			data = append(data, p.Data...)
		default:
			return data
		}
	}
	return data
}

package member

import (
	"net/http"
	"sync"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Bounds of an endless stream.
const (
	endlessHistory = 64  // packets that a late listener still gets
	endlessQueue   = 256 // packets that a slow listener may be behind
)

// endless is one run of a zone as a FLAC file that never ends, for devices that
// fetch a URL. A listener that falls behind its queue is cut; it connects
// again by itself or is loaded anew.
type endless struct {
	mu        sync.Mutex
	stream    *audio.Stream
	history   []audio.Packet
	listeners map[chan audio.Packet]bool
	ended     bool
}

func newEndless(stream *audio.Stream) *endless {
	return &endless{stream: stream, listeners: map[chan audio.Packet]bool{}}
}

// write hands a packet to everybody who listens; it never blocks.
func (e *endless) write(p audio.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.history) == endlessHistory {
		e.history = append(e.history[:0], e.history[1:]...)
	}
	e.history = append(e.history, p)
	for listener := range e.listeners {
		select {
		case listener <- p:
		default:
			close(listener)
			delete(e.listeners, listener)
		}
	}
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
	listener := make(chan audio.Packet, endlessQueue+endlessHistory)
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

// ServeHTTP streams until the run ends or the device leaves.
func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "audio/flac")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	listener := e.listen()
	defer e.leave(listener)
	if _, err := w.Write(e.stream.Header); err != nil {
		return
	}
	flusher := http.NewResponseController(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case p, ok := <-listener:
			if !ok {
				return
			}
			if _, err := w.Write(p.Data); err != nil {
				return
			}
			if flusher.Flush() != nil {
				return
			}
		}
	}
}

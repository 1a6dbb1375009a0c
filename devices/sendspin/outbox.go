package sendspin

import "sync"

// Bounds of what waits for one player's socket, beside the audio.
const (
	maxTimes        = 16      // clock requests; the oldest go unanswered
	maxControl      = 128     // commands, texts and pictures; more ends the connection
	maxControlBytes = 4 << 20 // of all of them
	maxStream       = 4096    // chunks and stream messages; more is ErrBehind
)

// frame is one message on its way. A text is ready to send; a chunk gets its
// header when it is written.
type frame struct {
	text []byte
	// stamped makes the text anew with the time of sending; nil: text goes.
	stamped func(now int64) ([]byte, error)
	key     string // of a text that a newer one of the same key makes void
	kind    byte   // of a binary message
	at      int64  // its timestamp
	data    []byte
	clock   *clockRequest
}

type clockRequest struct{ sent, received int64 }

// sentChunk is audio that the client has, or will have, in its buffer.
type sentChunk struct {
	at   int64
	size int
}

// outbox holds what waits for the socket, in three queues so that neither a
// clock reply nor a volume command stands behind audio. Nobody blocks on it.
type outbox struct {
	capacity int           // the client's buffer in bytes
	limit    int           // bytes of audio that may wait here
	wake     chan struct{} // something was put in

	mu      sync.Mutex
	times   []clockRequest
	control []frame
	pending int // bytes in control
	stream  []frame
	waiting int // bytes of audio in stream
	sent    []sentChunk
	inSent  int // bytes in sent
	late    uint64
	chunks  uint64
}

func newOutbox(capacity, limit int) *outbox {
	return &outbox{capacity: capacity, limit: limit, wake: make(chan struct{}, 1)}
}

func (o *outbox) notify() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) putTime(c clockRequest) {
	o.mu.Lock()
	if len(o.times) >= maxTimes {
		o.times = o.times[1:]
	}
	o.times = append(o.times, c)
	o.mu.Unlock()
	o.notify()
}

// putControl tells whether there was room. A text takes the place of an older
// one of the same key: a slider that is dragged costs one message.
func (o *outbox) putControl(f frame) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.key != "" {
		for i, old := range o.control {
			if old.key == f.key {
				o.pending += len(f.text) - len(old.text)
				o.control[i] = f
				return true
			}
		}
	}
	size := len(f.text) + len(f.data)
	if len(o.control) >= maxControl || o.pending+size > maxControlBytes {
		return false
	}
	o.pending += size
	o.control = append(o.control, f)
	o.notify()
	return true
}

// putStream queues a stream message behind the audio that waits. With drop set
// that audio goes first, and what the client had is forgotten with it.
func (o *outbox) putStream(f frame, drop bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if drop {
		o.dropAudio()
		o.sent, o.inSent = o.sent[:0], 0
	}
	if len(o.stream) >= maxStream {
		return false
	}
	o.stream = append(o.stream, f)
	o.notify()
	return true
}

// drop forgets the stream altogether: its role is taken away.
func (o *outbox) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.stream)
	o.stream, o.waiting = o.stream[:0], 0
	o.sent, o.inSent = o.sent[:0], 0
}

// dropAudio keeps the stream messages, in order.
func (o *outbox) dropAudio() {
	kept := o.stream[:0]
	for _, f := range o.stream {
		if f.text != nil {
			kept = append(kept, f)
		}
	}
	clear(o.stream[len(kept):])
	o.stream, o.waiting = kept, 0
}

func (o *outbox) putChunk(f frame) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.stream) >= maxStream || o.waiting+len(f.data) > o.limit {
		return false
	}
	o.stream = append(o.stream, f)
	o.waiting += len(f.data)
	o.notify()
	return true
}

// take returns the next frame to write. Without one it says at which time of
// the server's clock to look again, or 0 to wait for notify. Chunks whose time
// has passed are dropped here: the client would drop them too.
func (o *outbox) take(now int64) (f frame, ok bool, again int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.times) > 0 {
		c := o.times[0]
		o.times = o.times[1:]
		return frame{clock: &c}, true, 0
	}
	if len(o.control) > 0 {
		f := o.control[0]
		o.pending -= len(f.text) + len(f.data)
		o.control[0] = frame{}
		o.control = o.control[1:]
		return f, true, 0
	}
	for len(o.stream) > 0 {
		f := o.stream[0]
		if f.text != nil {
			o.shift()
			return f, true, 0
		}
		if f.at <= now {
			o.late++
			o.shift()
			continue
		}
		if again := o.makeRoom(f, now); again > 0 {
			return frame{}, false, again
		}
		o.shift()
		o.sent = append(o.sent, sentChunk{at: f.at, size: len(f.data)})
		o.inSent += len(f.data)
		o.chunks++
		return f, true, 0
	}
	return frame{}, false, 0
}

// makeRoom forgets chunks that were played. If next still does not fit into
// the client's buffer, it returns when the oldest one will have been played:
// a chunk is played once the time of the one behind it has come.
func (o *outbox) makeRoom(next frame, now int64) (again int64) {
	for len(o.sent) > 0 {
		end := next.at
		if len(o.sent) > 1 {
			end = o.sent[1].at
		}
		if end > now {
			if o.inSent+len(next.data) > o.capacity {
				return end
			}
			return 0
		}
		o.inSent -= o.sent[0].size
		o.sent = o.sent[1:]
	}
	return 0
}

func (o *outbox) shift() {
	o.waiting -= len(o.stream[0].data)
	o.stream[0] = frame{}
	o.stream = o.stream[1:]
}

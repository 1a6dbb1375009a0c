package client

import (
	"sync"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// Stream is one run of chunks of one format. A new stream/start makes a new
// Stream: decoders start anew.
type Stream struct{ wire.PlayerStream }

// Chunk is coded audio and when its first sample is to be heard.
type Chunk struct {
	Stream *Stream
	At     int64 // server clock, µs
	Data   []byte
	// Epoch is the buffer's when the chunk came: see Client.Epoch.
	Epoch uint64
}

// buffer holds chunks that were not taken yet, up to the capacity that the
// hello announced. What comes beyond it is dropped and counted: the server
// broke its promise.
type buffer struct {
	capacity int
	wake     chan struct{}

	mu      sync.Mutex
	stream  *Stream
	chunks  []Chunk
	bytes   int
	epoch   uint64
	dropped uint64
}

// maxChunks bounds what a flood of tiny chunks costs.
const maxChunks = 1 << 14

func newBuffer(capacity int) *buffer {
	return &buffer{capacity: capacity, wake: make(chan struct{}, 1)}
}

func (b *buffer) notify() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// start begins or changes the stream; what is held stays.
func (b *buffer) start(s wire.PlayerStream) {
	b.mu.Lock()
	b.stream = &Stream{s}
	b.mu.Unlock()
	b.notify()
}

// clear drops what is held; with end set, the stream too.
func (b *buffer) clear(end bool) {
	b.mu.Lock()
	clear(b.chunks)
	b.chunks, b.bytes = b.chunks[:0], 0
	b.epoch++
	if end {
		b.stream = nil
	} else if b.stream != nil {
		fresh := *b.stream
		b.stream = &fresh // decoders forget what they had
	}
	b.mu.Unlock()
	b.notify()
}

func (b *buffer) put(at int64, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stream == nil {
		return // the specification: rejected without a stream
	}
	if b.bytes+len(data) > b.capacity || len(b.chunks) >= maxChunks {
		b.dropped++
		return
	}
	b.chunks = append(b.chunks, Chunk{Stream: b.stream, At: at, Data: data, Epoch: b.epoch})
	b.bytes += len(data)
	b.notify()
}

func (b *buffer) take() (Chunk, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.chunks) == 0 {
		return Chunk{}, false
	}
	c := b.chunks[0]
	b.chunks[0] = Chunk{}
	b.chunks = b.chunks[1:]
	b.bytes -= len(c.Data)
	return c, true
}

package hls

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Errors that callers test for.
var (
	// ErrClosed is returned by WriteFrame after Close.
	ErrClosed = errors.New("hls: stream is closed")
	// ErrFrame is returned for a frame that no segment can hold.
	ErrFrame = errors.New("hls: frame does not fit the stream")
)

// Bounds of what a stream may be asked for.
const (
	maxFrame       = 1 << 20 // bytes
	defaultPart    = 200 * time.Millisecond
	defaultSegment = 2 * time.Second
	defaultWindow  = 6
	partWindow     = 3 // how many whole segments still list their parts
)

// LiveConfig says what a Live is made of. Targets are frozen for the stream's
// life: players give up on a stream whose targets change.
type LiveConfig struct {
	Codec CodecConfig
	// FrameSamples is how many samples each frame holds; parts and segments
	// are whole numbers of frames.
	FrameSamples int
	// Part and Segment are upper bounds; zero means 200 ms and 2 s.
	Part, Segment time.Duration
	// Window is how many whole segments the playlist lists; zero means 6.
	Window int
	// Epoch is the wall time at which pts 0 is heard.
	Epoch time.Time
	// HoldBack is how far behind the newest part players should play, and so
	// how far ahead of their time frames are written where they should be heard
	// on time; at least three parts, which is what zero means.
	HoldBack time.Duration
}

// Live is one live low-latency stream. WriteFrame and Close may be called from
// any goroutine, one at a time in the stream's order; serving goes on beside.
type Live struct {
	codec      CodecConfig
	init       []byte
	epoch      time.Time
	frame      int // samples of a whole frame
	partFrames int
	segParts   int
	window     int
	partTarget time.Duration
	holdBack   time.Duration
	target     int // EXT-X-TARGETDURATION, seconds

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever something is published
	closed   bool
	segments []*segment // whole, oldest first
	open     *segment
	frames   []frame // of the part that is being made
	partBase int64
	next     int64  // where the next frame should be, in samples
	shift    int64  // added to pts: how far what was published had run ahead
	sequence uint32 // of the last fragment
	breaks   uint64 // discontinuities that slid out of the window
}

type segment struct {
	msn     uint64
	base    int64 // decode time
	pts     int64 // what WriteFrame was told; it differs where time was shifted
	samples int64
	breaks  bool // a discontinuity stands before it
	parts   []part
}

type part struct {
	samples int64
	data    []byte
}

func (s *segment) bytes() []byte {
	size := 0
	for _, p := range s.parts {
		size += len(p.data)
	}
	data := make([]byte, 0, size)
	for _, p := range s.parts {
		data = append(data, p.data...)
	}
	return data
}

// NewLive starts a stream without any frames.
func NewLive(cfg LiveConfig) (*Live, error) {
	if err := cfg.Codec.check(); err != nil {
		return nil, err
	}
	if cfg.Codec.packed() {
		return nil, fmt.Errorf("%w: %q has no low-latency form", ErrCodec, cfg.Codec.Codec)
	}
	if cfg.FrameSamples <= 0 {
		return nil, fmt.Errorf("%w: frames of %d samples", ErrFrame, cfg.FrameSamples)
	}
	if cfg.Part <= 0 {
		cfg.Part = defaultPart
	}
	if cfg.Segment <= 0 {
		cfg.Segment = defaultSegment
	}
	if cfg.Window <= 0 {
		cfg.Window = defaultWindow
	}
	frameTime := cfg.Codec.duration(int64(cfg.FrameSamples))
	l := &Live{
		codec:      cfg.Codec,
		init:       initSegment(cfg.Codec),
		epoch:      cfg.Epoch,
		frame:      cfg.FrameSamples,
		partFrames: max(1, int(cfg.Part/frameTime)),
		window:     cfg.Window,
		changed:    make(chan struct{}),
		open:       &segment{},
	}
	l.partTarget = frameTime * time.Duration(l.partFrames)
	l.holdBack = max(cfg.HoldBack, 3*l.partTarget)
	l.segParts = max(1, int(cfg.Segment/l.partTarget))
	l.target = int(math.Ceil((l.partTarget * time.Duration(l.segParts)).Seconds()))
	return l, nil
}

// WriteFrame appends a frame that is heard dur samples long from pts on, in
// samples of the codec's rate since the stream's epoch. A pts that leaves a gap
// starts a new segment behind a discontinuity; one that lies before what was
// already published follows it, since nothing published can be taken back. data
// is copied.
func (l *Live) WriteFrame(pts int64, dur uint32, data []byte) error {
	if len(data) == 0 || len(data) > maxFrame || dur == 0 {
		return fmt.Errorf("%w: %d bytes for %d samples", ErrFrame, len(data), dur)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	if at := pts + l.shift; at != l.next {
		l.breakAt(pts)
	}
	l.frames = append(l.frames, frame{data: append([]byte(nil), data...), duration: dur})
	l.next += int64(dur)
	// Only a segment's last part may be short (rfc8216bis section 4.4.4.9), so
	// a short frame, the last of its encoder's stream, ends the segment.
	if short := int(dur) < l.frame; short || len(l.frames) >= l.partFrames {
		l.endPart(short)
	}
	return nil
}

// breakAt ends what is open and goes on at pts, or at what was published if
// that is later.
func (l *Live) breakAt(pts int64) {
	fresh := len(l.segments) == 0 && len(l.open.parts) == 0 && len(l.frames) == 0
	l.endPart(true)
	l.endSegment() // where it ended with a whole part
	start := max(pts, l.next)
	if fresh {
		start = max(pts, 0)
	}
	l.shift = start - pts
	l.next = start
	l.partBase = start
	l.open.base, l.open.pts = start, pts
	l.open.breaks = !fresh
}

// endPart publishes what is gathered; final also ends the segment.
func (l *Live) endPart(final bool) {
	if len(l.frames) == 0 {
		return
	}
	l.sequence++
	samples := l.next - l.partBase
	l.open.parts = append(l.open.parts, part{samples: samples, data: fragment(l.sequence, l.partBase, l.frames)})
	l.open.samples += samples
	l.frames = l.frames[:0]
	l.partBase = l.next
	if final || len(l.open.parts) >= l.segParts {
		l.endSegment()
	}
	l.publish()
}

func (l *Live) endSegment() {
	if len(l.open.parts) == 0 {
		return
	}
	l.segments = append(l.segments, l.open)
	// What slid out of the playlist stays for as long as the playlist lists,
	// and a segment more, for clients that are late (RFC 8216 section 6.2.2).
	if len(l.segments) > 2*l.window+1 {
		l.segments = append([]*segment(nil), l.segments[1:]...)
	}
	// The discontinuity before what slid out of the playlist now is counted.
	if n := len(l.segments); n > l.window && l.segments[n-l.window-1].breaks {
		l.breaks++
	}
	l.open = &segment{msn: l.open.msn + 1, base: l.next, pts: l.next - l.shift}
}

func (l *Live) publish() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Close ends the stream: what is open is published, and playlists say that
// nothing follows.
func (l *Live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.endPart(true)
	l.endSegment()
	l.closed = true
	l.publish()
	return nil
}

// has tells whether a part is there; part -1 asks for the whole segment.
func (l *Live) has(msn uint64, part int) bool {
	if msn != l.open.msn {
		return msn < l.open.msn
	}
	return part >= 0 && part < len(l.open.parts)
}

// await blocks until ready, called under the lock, is true. It returns the
// context's error when that comes first, and nil for a closed stream.
func (l *Live) await(ctx context.Context, ready func() bool) error {
	for {
		l.mu.Lock()
		done, changed := ready() || l.closed, l.changed
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// find returns the bytes of a segment, or of one of its parts.
func (l *Live) find(msn uint64, partIndex int) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.open
	if msn != s.msn {
		if len(l.segments) == 0 || msn < l.segments[0].msn || msn > s.msn {
			return nil, false
		}
		s = l.segments[msn-l.segments[0].msn]
	} else if partIndex < 0 {
		return nil, false
	}
	if partIndex < 0 {
		return s.bytes(), true
	}
	if partIndex >= len(s.parts) {
		return nil, false
	}
	return s.parts[partIndex].data, true
}

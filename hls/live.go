package hls

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
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
	// How many target durations from the end segments still list their parts
	// (rfc8216bis section 6.2.2 asks for three).
	partTargets = 3
	// A delta update lists so many target durations (section 4.4.3.8 asks for
	// six at least).
	skipTargets = 6
	// How many target durations a request waits for what is not there.
	waitTargets = 3
	// How far from its epoch a stream goes, either way: times fit into a
	// time.Duration with room to add two.
	maxTime = 100 * 365 * 24 * 60 * 60 // seconds
)

// LiveConfig says what a Live is made of. Targets are frozen for the stream's
// life: players give up on a stream whose targets change.
type LiveConfig struct {
	Codec CodecConfig
	// FrameSamples is how many samples each frame holds; parts and segments
	// are whole numbers of frames.
	FrameSamples int
	// Part and Segment are upper bounds, a segment's with a frame more; zero
	// means 200 ms and 2 s. A Line says the segment's.
	Part, Segment time.Duration
	// Window is how many whole segments the playlist lists; zero means 6.
	Window int
	// Epoch is the wall time at which pts 0 is heard; a Line says its own.
	Epoch time.Time
	// HoldBack is how far behind the newest part players should play, and so
	// how far ahead of their time frames are written where they should be heard
	// on time; at least three parts, which is what zero means.
	HoldBack time.Duration
	// Line is shared by the renditions of one stream, nil for a stream of one.
	// Name is then the folder in which this one is served beside the others.
	Line *Line
	Name string
	// Peak and Average are bits a second for the multivariant playlist; zero
	// means what uncoded samples take, or 320,000 for a lossy codec.
	Peak, Average uint32
}

// Live is one live low-latency stream. WriteFrame and Close may be called from
// any goroutine, one at a time in the stream's order; serving goes on beside.
type Live struct {
	codec      CodecConfig
	variant    Variant
	name       string
	token      string // tells this stream's files from those of one before it
	line       *Line
	frame      int // samples of a whole frame
	partFrames int
	window     int
	partTarget time.Duration
	holdBack   time.Duration
	target     int // EXT-X-TARGETDURATION, seconds
	init       *document
	master     *document
	packed     packedFormat // zero where the codec has none
	reload     []string     // how long caches keep an answer to a blocking request

	now    atomic.Pointer[edition]
	timers sync.Pool // of requests that wait: one each would be made of every part

	mu       sync.Mutex
	begun    bool
	closed   bool
	segments []*segment // whole, oldest first
	open     *segment
	span     span
	frames   []frame // of the part that is being made
	gap      bool    // one of them is missing
	partBase int64
	next     int64  // where the next frame should be, in samples
	shift    int64  // added to pts: how far what was published had run ahead
	sequence uint32 // of the last fragment
	slid     uint64 // discontinuities before the first segment that is listed
}

type segment struct {
	msn     uint64
	base    int64 // decode time
	pts     int64 // what WriteFrame was told; it differs where time was shifted
	samples int64
	breaks  bool // a discontinuity stands before it
	gap     bool
	parts   []part
}

type part struct {
	*document
	base, samples int64
	pts           int64
	gap           bool
}

// edition is the stream as it was when its newest part was published. It is
// never changed.
type edition struct {
	segments    []*segment
	open        segment
	closed      bool
	full, delta *document     // playlists; delta is nil where it would save nothing
	packed      *document     // the playlist of packed audio; nil where there is none
	next        chan struct{} // closed when there is a newer one
}

// NewLive starts a stream without any frames.
func NewLive(cfg LiveConfig) (*Live, error) {
	if err := cfg.Codec.check(); err != nil {
		return nil, err
	}
	if cfg.FrameSamples <= 0 || cfg.FrameSamples > 10*cfg.Codec.Rate {
		return nil, fmt.Errorf("%w: frames of %d samples", ErrFrame, cfg.FrameSamples)
	}
	if cfg.Part <= 0 {
		cfg.Part = defaultPart
	}
	if cfg.Window <= 0 {
		cfg.Window = defaultWindow
	}
	if cfg.Line == nil {
		cfg.Line = NewLine(cfg.Epoch, cfg.Segment)
	}
	frameTime := cfg.Codec.duration(int64(cfg.FrameSamples))
	l := &Live{
		codec:      cfg.Codec,
		name:       cfg.Name,
		token:      cfg.Line.token(),
		line:       cfg.Line,
		frame:      cfg.FrameSamples,
		partFrames: max(1, int((cfg.Part+time.Microsecond)/frameTime)),
		window:     cfg.Window,
		open:       &segment{},
	}
	// Rounded up to what playlists show, so that no part is over it.
	l.partTarget = (cfg.Codec.duration(int64(cfg.FrameSamples*l.partFrames)) + 10*time.Microsecond - 1).Truncate(10 * time.Microsecond)
	l.holdBack = max(cfg.HoldBack, 3*l.partTarget)
	longest := cfg.Line.segment + frameTime
	l.target = max(1, int(math.Round(longest.Seconds())))
	l.variant = liveVariant(cfg)
	l.packed, _ = packedAs(cfg.Codec)
	l.init = newDocument(segmentType, initSegment(cfg.Codec))
	l.master = newDocument(playlistType, multivariant([]Variant{l.variant}))
	l.reload = []string{fmt.Sprintf("public, max-age=%d", 6*l.target)}
	l.now.Store(&edition{next: make(chan struct{})})
	return l, nil
}

func liveVariant(cfg LiveConfig) Variant {
	v := Variant{URI: "live.m3u8", Codecs: cfg.Codec.Codecs(), Peak: cfg.Peak, Average: cfg.Average}
	switch {
	case v.Peak != 0:
	case cfg.Codec.Bits == 0:
		v.Peak = 320_000
	default:
		v.Peak = uint32(cfg.Codec.Rate * cfg.Codec.Channels * cfg.Codec.Bits)
	}
	return v
}

// WriteFrame appends a frame that is heard dur samples long from pts on, in
// samples of the codec's rate since the stream's epoch. A pts that leaves a gap
// starts a new segment behind a discontinuity; one that lies before what was
// already published follows it, since nothing published can be taken back. data
// is copied; without data the frame is one that was lost, and its segment is
// marked as a gap (EXT-X-GAP).
func (l *Live) WriteFrame(pts int64, dur uint32, data []byte) error {
	farthest := maxTime * int64(l.codec.Rate)
	if len(data) > maxFrame || dur == 0 || int(dur) > l.frame || pts > farthest || pts < -farthest {
		return fmt.Errorf("%w: %d bytes for %d samples at %d", ErrFrame, len(data), dur, pts)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	switch {
	case !l.begun:
		l.begun = true
		l.next, l.partBase = max(pts, 0), max(pts, 0)
		l.shift = l.next - pts
		l.open.base, l.open.pts = l.next, pts
		l.span, l.open.msn = l.line.join(l, l.codec.duration(pts))
		l.slid = l.span.count
	case pts+l.shift != l.next, len(l.frames) == 0 && l.line.overtaken(l.span, l.codec.duration(pts)):
		l.breakAt(pts)
	}
	l.frames = append(l.frames, frame{data: append([]byte(nil), data...), duration: dur})
	l.gap = l.gap || len(data) == 0
	l.next += int64(dur)
	// Only a segment's last part may be short (rfc8216bis section 4.4.4.9), so
	// a short frame, the last of its encoder's stream, ends the segment.
	final := int(dur) < l.frame || l.segmentEnds(l.next-l.shift)
	if final || len(l.frames) >= l.partFrames {
		l.endPart(final)
	}
	return nil
}

// segmentEnds tells whether a segment boundary of the line lies between where
// the open segment began and the frame that would come next.
func (l *Live) segmentEnds(pts int64) bool {
	since := func(pts int64) time.Duration { return l.codec.duration(pts) - l.span.start }
	// A frame that begins within a millisecond of a boundary begins there.
	const slack = time.Millisecond
	return (since(pts)+slack)/l.line.segment > (since(l.open.pts)+slack)/l.line.segment
}

// breakAt ends what is open and goes on at pts, or at what was published if
// that is later.
func (l *Live) breakAt(pts int64) {
	l.endPart(true)
	l.endSegment() // where it ended with a whole part
	start := max(pts, l.next)
	l.shift = start - pts
	l.next, l.partBase = start, start
	l.open.base, l.open.pts = start, pts
	l.open.breaks = true
	l.span = l.line.breakAt(l.span, l.codec.duration(pts), l.open.msn)
	l.publish() // whoever waits for a part that will not come is told
}

// endPart publishes what is gathered; final also ends the segment.
func (l *Live) endPart(final bool) {
	if len(l.frames) == 0 {
		return
	}
	l.sequence++
	p := part{base: l.partBase, samples: l.next - l.partBase, pts: l.partBase - l.shift, gap: l.gap}
	if !p.gap {
		p.document = &document{body: fragment(l.sequence, l.partBase, l.frames), mime: segmentMime}
		p.etag = []string{fmt.Sprintf(`"%s-%d.%d"`, l.token, l.open.msn, len(l.open.parts))}
		p.length = []string{strconv.Itoa(len(p.body))}
	}
	l.open.parts = append(l.open.parts, p)
	l.open.samples += p.samples
	l.open.gap = l.open.gap || p.gap
	l.frames, l.gap = l.frames[:0], false
	l.partBase = l.next
	if final {
		l.endSegment()
	}
	l.publish()
}

var segmentMime = []string{segmentType}

func (l *Live) endSegment() {
	if len(l.open.parts) == 0 {
		return
	}
	l.segments = append(l.segments, l.open)
	// What slid out of the playlist stays for as long as the playlist lists,
	// and a segment more, for clients that are late (RFC 8216 section 6.2.2).
	if len(l.segments) > 2*l.window+1 {
		l.segments = l.segments[1:]
	}
	// The discontinuity before what slid out of the playlist now is counted.
	if n := len(l.segments); n > l.window && l.segments[n-l.window-1].breaks {
		l.slid++
	}
	l.open = &segment{msn: l.open.msn + 1, base: l.next, pts: l.next - l.shift}
}

// publish makes a new edition, and wakes who waits for one.
func (l *Live) publish() {
	e := &edition{segments: l.segments, open: *l.open, closed: l.closed, next: make(chan struct{})}
	e.full = newDocument(playlistType, l.playlist(false))
	if l.skippable() > 0 {
		e.delta = newDocument(playlistType, l.playlist(true))
	}
	if l.packed.extension != "" {
		e.packed = newDocument(playlistType, l.packedPlaylist())
	}
	close(l.now.Swap(e).next)
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
	l.line.leave(l, l.open.msn)
	l.publish()
	return nil
}

// Mark says what a stretch of the stream is: see Line.Mark.
func (l *Live) Mark(r DateRange) { l.line.Mark(r) }

// Variant describes the stream for a multivariant playlist.
func (l *Live) Variant() Variant { return l.variant }

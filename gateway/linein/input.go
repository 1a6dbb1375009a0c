package linein

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// How sound is buffered.
const (
	// burst is handed out at once, so that the zone has something in hand.
	burst = 300 * time.Millisecond
	// reserve is what waits here beside it, against jitter.
	reserve = 200 * time.Millisecond
	// slack is by how much the reserve may be off before it is brought back.
	slack = 40 * time.Millisecond
	// most is how much is kept; older sound goes.
	most = 2 * time.Second
	// dry is how long nothing may come before the buffer is filled anew.
	dry = 400 * time.Millisecond
	// tick is how often a reader that waits looks at the clock.
	tick = 5 * time.Millisecond
)

// A piece is stretched or shrunk by one frame, one piece in every spaced frames:
// 208 parts in a million, more than the clocks of such devices differ.
const (
	piece  = 480
	spaced = 4800
)

// Input is one reader of a device's input. Write and End are for whoever takes the
// sound from the device, the rest for the zone; each may be called from one goroutine.
type Input struct {
	ctx  context.Context //nolint:containedctx // a decoder's reads have none of their own
	info audio.Info
	now  func() time.Time
	left func()
	wake chan struct{}

	mu      sync.Mutex
	held    []float32 // interleaved stereo
	ended   bool
	filling bool // until there is enough to begin with
	begun   time.Time
	given   int64     // frames, since begun
	last    time.Time // when something was handed out
	since   int       // frames since the last stretched piece
	mend    int       // -1: the reserve is too small, 1: too large
}

// New returns an input of a rate in Hz and a depth in bits. Reads end with ctx; left
// is called by Close.
func New(ctx context.Context, rate, bits int, left func()) *Input {
	return &Input{
		ctx: ctx, now: time.Now, left: left, wake: make(chan struct{}, 1), filling: true,
		info: audio.Info{Codec: audio.PCM, Rate: rate, Channels: 2, Bits: bits, Frames: -1},
	}
}

func (in *Input) frames(d time.Duration) int {
	return int(d * time.Duration(in.info.Rate) / time.Second)
}

// Write takes interleaved stereo as it was captured.
func (in *Input) Write(pcm []float32) {
	in.mu.Lock()
	in.held = append(in.held, pcm...)
	if over := len(in.held) - 2*in.frames(most); over > 0 { // nobody reads: only the newest is of use
		in.held = append(in.held[:0], in.held[over:]...)
	}
	in.mu.Unlock()
	in.notify()
}

// End tells that nothing more comes.
func (in *Input) End() {
	in.mu.Lock()
	in.ended = true
	in.mu.Unlock()
	in.notify()
}

func (in *Input) notify() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// Info implements audio.Decoder.
func (in *Input) Info() audio.Info { return in.info }

// SeekFrame implements audio.Decoder: there is only the present.
func (in *Input) SeekFrame(int64) error { return nil }

// Close implements audio.Decoder.
func (in *Input) Close() error {
	in.left()
	return nil
}

// Read implements audio.Decoder. It waits for sound, and for its time.
func (in *Input) Read(dst []float32) (int, error) {
	wait := time.NewTimer(tick)
	defer wait.Stop()
	for {
		n, err := in.take(dst)
		if n > 0 || err != nil {
			return n, err
		}
		wait.Reset(tick)
		select {
		case <-in.wake:
		case <-wait.C:
		case <-in.ctx.Done():
			return 0, in.ctx.Err()
		}
	}
}

func (in *Input) take(dst []float32) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := in.now()
	have := len(in.held) / 2
	if in.filling && (have >= in.frames(burst+reserve) || in.ended && have > 0) {
		in.filling, in.begun, in.given, in.last, in.since, in.mend = false, now, 0, now, 0, 0
	}
	switch {
	case in.ended && have == 0:
		return 0, io.EOF
	case in.filling:
		return 0, nil
	case have == 0:
		if now.Sub(in.last) > dry {
			in.filling = true
		}
		return 0, nil
	}
	due := int64(in.frames(burst)) + int64(now.Sub(in.begun)*time.Duration(in.info.Rate)/time.Second) - in.given
	n := min(int(due), len(dst)/2)
	if n < min(2*piece, len(dst)/2) {
		return 0, nil // small change is dealt together, so that a piece fits in
	}
	n = in.deal(dst, n)
	if n > 0 {
		in.given += int64(n)
		in.last = now
	}
	return n, nil
}

// deal hands out up to n frames.
func (in *Input) deal(dst []float32, n int) int {
	if n <= 0 {
		return 0
	}
	have := len(in.held) / 2
	if !in.ended {
		in.judge(have - n)
	}
	if in.mend != 0 && in.since >= spaced && n > piece && have >= piece+2 {
		from, to := piece, piece-in.mend // a large reserve shrinks: more goes in than comes out
		stretch(dst[:2*to], in.held, from, to)
		in.drop(from)
		in.since = 0
		return to
	}
	n = min(n, have)
	if in.mend != 0 && in.since < spaced {
		n = min(n, spaced-in.since)
	}
	copy(dst, in.held[:2*n])
	in.drop(n)
	in.since += n
	return n
}

// judge looks whether the reserve is to be mended.
func (in *Input) judge(rest int) {
	off := rest - in.frames(reserve)
	switch {
	case off > in.frames(slack):
		in.mend = 1
	case off < -in.frames(slack):
		in.mend = -1
	case in.mend > 0 && off <= 0, in.mend < 0 && off >= 0:
		in.mend = 0
	}
}

func (in *Input) drop(frames int) { in.held = append(in.held[:0], in.held[2*frames:]...) }

// stretch makes to frames of from, by cubics through four of them; src has two more
// behind them.
func stretch(dst, src []float32, from, to int) {
	last := len(src)/2 - 1
	for j := range to {
		place := float64(j) * float64(from) / float64(to)
		i := int(place)
		t := float32(place - float64(i))
		for c := range 2 {
			at := func(k int) float32 { return src[2*min(max(k, 0), last)+c] }
			p0, p1, p2, p3 := at(i-1), at(i), at(i+1), at(i+2)
			dst[2*j+c] = p1 + 0.5*t*(p2-p0+t*(2*p0-5*p1+4*p2-p3+t*(3*(p1-p2)+p3-p0)))
		}
	}
}

package member

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// LiveFormat is what a zone's live playlist carries: lossless, in frames of 40 ms.
// Parts and segments then last whole milliseconds, and a playlist, which has dates
// in these, says exactly where each begins. hls.js goes by it: with frames of 4096
// samples it took a segment that began a microsecond after what it had for one that
// it had, and loaded nothing for seconds.
var LiveFormat = audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16, Frame: 1764}

// What is published ahead of its time is what players hold back: a tab that
// plays so far behind the newest part plays with the speakers, and has that
// much buffer. A JUMP does not have to wait for it: it is a discontinuity, and
// players that are told go to it at once.
const (
	liveLead = 1300 * time.Millisecond
	liveHold = 1500 * time.Millisecond
	// A segment is shorter than what is published ahead: hls.js begins with a
	// whole one, and there is one at once.
	liveSegment = time.Second
	liveWindow  = 10
)

// Live is a zone as one live HLS rendition: a zone.Output, and the http.Handler
// that serves what was written. Browsers pull it, so it makes nobody wait.
type Live struct {
	shared    *LiveStream
	rendition Rendition

	mu     sync.Mutex
	stream *hls.Live
	next   int64 // where the next frame should be, in samples
	begun  chan struct{}
	closed bool
}

// NewLive returns an output that nothing was written to yet: a lossless stream
// of its own.
func NewLive(clock audio.Clock) *Live {
	return NewLiveStream(clock, nil).Rendition(Rendition{Format: LiveFormat})
}

// Show implements zone.Presenter.
func (l *Live) Show(n zone.NowPlaying) { l.shared.Show(n) }

// Caps implements zone.Output.
func (l *Live) Caps() zone.Caps {
	return zone.Caps{Formats: []audio.Format{l.rendition.Format}, Lead: liveLead, Buffer: liveHold, Pulled: true}
}

// Write implements zone.Output.
func (l *Live) Write(p audio.Packet) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return hls.ErrClosed
	}
	if l.stream == nil {
		if err := l.begin(p); err != nil {
			return err
		}
	}
	rate := int64(p.Stream.Format.Rate)
	pts := int64(p.At-l.shared.origin) * rate / int64(time.Second/time.Microsecond)
	// Times are whole microseconds: what is next to the expected sample is it.
	if off := pts - l.next; off > -2 && off < 2 {
		pts = l.next
	}
	if err := l.stream.WriteFrame(pts, uint32(p.Samples), p.Data); err != nil {
		return fmt.Errorf("live playlist: %w", err)
	}
	l.next = pts + int64(p.Samples)
	return nil
}

func (l *Live) begin(p audio.Packet) error {
	f := p.Stream.Format
	stream, err := hls.NewLive(hls.LiveConfig{
		Codec: hls.CodecConfig{
			Codec: string(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: p.Stream.Header,
		},
		FrameSamples: p.Stream.FrameSamples,
		Line:         l.shared.line,
		Name:         l.rendition.Name,
		Peak:         l.rendition.Peak,
		Average:      l.rendition.Average,
		HoldBack:     liveHold,
		Window:       liveWindow,
	})
	if err != nil {
		return fmt.Errorf("live playlist: %w", err)
	}
	l.stream = stream
	close(l.begun)
	return nil
}

// Clear implements zone.Output. What was published stays: a player that wants
// to be at the new audio at once seeks, told over the WebSocket.
func (l *Live) Clear(audio.Time) error { return nil }

// Close ends the stream for those who listen.
func (l *Live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.stream == nil {
		return nil
	}
	return l.stream.Close()
}

// Stream waits for the first packet, and returns what it began.
func (l *Live) Stream(ctx context.Context) (*hls.Live, error) {
	select {
	case <-l.begun:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stream, nil
}

const (
	// whileResting is how long a request waits for a zone that does not play.
	whileResting = 2 * time.Second
	// whileBusy is how long one waits for the first packet of a zone that does:
	// on a machine that is short of time an encoder starts late.
	whileBusy = 10 * time.Second
)

// ServeHTTP serves the stream: see hls.Live.
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.awaitBegin(r.Context()) {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "nothing of the zone is played yet", http.StatusServiceUnavailable)
		return
	}
	l.mu.Lock()
	stream := l.stream
	l.mu.Unlock()
	stream.ServeHTTP(w, r)
}

// awaitBegin waits for the first packet as long as one is to be expected.
func (l *Live) awaitBegin(ctx context.Context) bool {
	patience := time.NewTimer(whileResting)
	defer patience.Stop()
	for extended := false; ; extended = true {
		select {
		case <-l.begun:
			return true
		case <-ctx.Done():
			return false
		case <-patience.C:
			if extended || !l.shared.playing() {
				return false
			}
			patience.Reset(whileBusy - whileResting)
		}
	}
}

var (
	_ zone.Output    = (*Live)(nil)
	_ zone.Presenter = (*Live)(nil)
)

package zonetest

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Sound is a generated track.
type Sound struct {
	Track    zone.Track
	Rate     int
	Channels int   // 1 or 2; 0 means 2
	Frames   int64 // how long it is
	// At gives sample c of frame i; nil is silence.
	At func(i int64, c int) float32
	// Fails, if not nil, is what Open returns.
	Fails error
	// Breaks, if not 0, is the frame at which reading fails with Broken.
	Breaks int64
	Broken error
	// Slow delays Open.
	Slow time.Duration
}

// Sine is a tone.
func Sine(rate int, hz float64) func(int64, int) float32 {
	w := 2 * math.Pi * hz / float64(rate)
	return func(i int64, _ int) float32 { return float32(0.5 * math.Sin(w*float64(i))) }
}

// Ramp numbers the frames of one or several tracks: frame i from first on is
// (first+i) mod RampSteps, as a number of steps. Joins can be checked sample by
// sample in 24-bit PCM.
func Ramp(first int64) func(int64, int) float32 {
	return func(i int64, _ int) float32 { return float32((first+i)%RampSteps) / (1 << 23) }
}

// RampSteps is where a Ramp begins anew.
const RampSteps = 1 << 20

// Tracks is a library of generated tracks. It may be used from any goroutine.
type Tracks struct {
	mu     sync.Mutex
	sounds map[string]Sound
	open   int
	opened int
}

// NewTracks makes a library.
func NewTracks(sounds ...Sound) *Tracks {
	t := &Tracks{sounds: make(map[string]Sound)}
	for _, s := range sounds {
		t.Put(s)
	}
	return t
}

// Put adds or replaces a track; its duration follows from its frames.
func (t *Tracks) Put(s Sound) {
	if s.Channels == 0 {
		s.Channels = 2
	}
	if s.Track.Duration == 0 && s.Rate > 0 {
		s.Track.Duration = time.Duration(float64(s.Frames) / float64(s.Rate) * float64(time.Second))
	}
	if s.Track.Title == "" {
		s.Track.Title = "Track " + s.Track.ID
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sounds[s.Track.ID] = s
}

// Drop takes a track out, as when its file vanishes.
func (t *Tracks) Drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sounds, id)
}

// Decoders returns how many are open, and how many were ever opened.
func (t *Tracks) Decoders() (now, ever int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open, t.opened
}

// Track implements zone.Tracks.
func (t *Tracks) Track(_ context.Context, id string) (zone.Track, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.sounds[id]
	if !ok {
		return zone.Track{}, fmt.Errorf("%w: %s", zone.ErrNoTrack, id)
	}
	return s.Track, nil
}

// Open implements zone.Tracks.
func (t *Tracks) Open(ctx context.Context, id string) (audio.Decoder, error) {
	t.mu.Lock()
	s, ok := t.sounds[id]
	t.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("%w: %s", zone.ErrNoTrack, id)
	}
	if s.Slow > 0 {
		select {
		case <-time.After(s.Slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if s.Fails != nil {
		return nil, s.Fails
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
	t.opened++
	return &decoder{t: t, s: s}, nil
}

type decoder struct {
	t      *Tracks
	s      Sound
	at     int64
	closed bool
}

func (d *decoder) Info() audio.Info {
	return audio.Info{Codec: audio.PCM, Rate: d.s.Rate, Channels: d.s.Channels, Bits: 24, Frames: d.s.Frames}
}

func (d *decoder) Read(dst []float32) (int, error) {
	n := min(int64(len(dst)/d.s.Channels), d.s.Frames-d.at)
	if b := d.s.Breaks; b > 0 {
		if d.at >= b {
			return 0, d.s.Broken
		}
		n = min(n, b-d.at)
	}
	if n <= 0 {
		return 0, io.EOF
	}
	if d.s.At == nil {
		clear(dst[:n*int64(d.s.Channels)])
		d.at += n
		return int(n), nil
	}
	k := 0
	for range n {
		for c := range d.s.Channels {
			dst[k] = d.s.At(d.at, c)
			k++
		}
		d.at++
	}
	return int(n), nil
}

func (d *decoder) SeekFrame(frame int64) error {
	if frame < 0 || frame > d.s.Frames {
		return fmt.Errorf("seek to frame %d of %d", frame, d.s.Frames)
	}
	d.at = frame
	return nil
}

func (d *decoder) Close() error {
	if !d.closed {
		d.closed = true
		d.t.mu.Lock()
		d.t.open--
		d.t.mu.Unlock()
	}
	return nil
}

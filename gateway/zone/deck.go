package zone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// A deck's blocks are short at first, so that the first packet is quick, and
// long later, so that there are few of them.
const (
	firstBlock  = 20 * time.Millisecond
	laterBlock  = 100 * time.Millisecond
	shortBlocks = 10
	deckBlocks  = 18 // how many wait decoded: 200 ms of short ones and then 0.8 s
	readyBlocks = 5
)

// channels is how many a timeline has.
const channels = 2

// deckOrder says what a deck is to play.
type deckOrder struct {
	entry  Entry
	offset time.Duration
	over   *overlap // what fades out over its beginning
}

// block is a stretch of the timeline.
type block struct {
	pcm []float32
	// Where a file's own packets may take the samples' place: what they are,
	// and those whose first frame lies in the block.
	source *audio.Stream
	coded  []codedAt
}

func (b block) frames() int64 { return int64(len(b.pcm) / channels) }

// codedAt is a packet and which of its block's frames its first one is.
type codedAt struct {
	at      int64
	samples int
	data    []byte
}

// deck is one opened track whose audio is being decoded ahead, in a goroutine
// of its own.
type deck struct {
	order  deckOrder
	cancel context.CancelFunc
	out    chan block // closed at the end; err is set before
	err    error      // why it ended, nil at the track's end

	// Set before ready is reported, read after.
	track  Track
	rate   int // of the blocks
	bits   int // of the file's samples
	offset time.Duration
	frames int64    // of the whole track at rate, -1 where that is not known
	over   *overlap // what is mixed into it; nil where nothing is

	// Belong to the zone's goroutine.
	taken  int64  // frames that the timeline has got
	entry  Entry  // that it plays; a scouted deck gets it when it is taken
	found  *Track // what is known of it, as soon as that is, so that it can be shown
	ready  bool
	failed error // why it never became ready
	since  audio.Time
}

// open starts a deck. deckReady hears of its first audio, or that there is none.
func (z *Zone) open(o deckOrder) *deck {
	ctx, cancel := context.WithCancel(z.ctx)
	d := &deck{order: o, entry: o.entry, cancel: cancel, out: make(chan block, deckBlocks), since: z.now()}
	z.spawn(func() {
		defer cancel() // or z.ctx would remember every track that was played
		defer close(d.out)
		reported := false
		report := func(err error) {
			if reported || ctx.Err() != nil {
				return
			}
			reported = true
			z.post(func() {
				d.ready, d.failed = err == nil, err
				z.deckReady(d)
			})
		}
		err := d.run(ctx, z, report)
		if err != nil && ctx.Err() == nil {
			d.err = err
		}
		report(err)
	})
	return d
}

// run decodes until the track's end, an error, or the end of ctx.
func (d *deck) run(ctx context.Context, z *Zone, report func(error)) error {
	track, err := z.cfg.Tracks.Track(ctx, d.order.entry.Track)
	if err != nil {
		return &trackError{"look up", d.order.entry.Track, err}
	}
	d.track = track
	z.post(func() {
		d.found, z.dirty = &track, true
		if track.Live && z.play.cued == d {
			d.cancel()
			z.play.cued = nil
		}
	})
	dec, err := z.cfg.Tracks.Open(ctx, track.ID)
	if err != nil {
		return &trackError{"open", title(track), err}
	}
	defer func() { _ = dec.Close() }()
	pcm, err := d.conform(dec)
	if err != nil {
		return &trackError{"decode", title(track), err}
	}
	if d.order.over != nil {
		over, end := d.overlay(ctx, z, pcm)
		defer end()
		pcm = over
	}
	cutter := newCutter(pcm, framesIn(d.offset, d.rate))
	for n := 0; ; n++ {
		size := blockFrames(d.rate, n)
		samples := make([]float32, size*channels)
		got, err := audio.ReadFull(pcm, samples)
		if got > 0 {
			select {
			case d.out <- cutter.block(samples[:got*channels]):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if errors.Is(err, io.EOF) {
			if n == 0 && got == 0 && d.offset == 0 {
				return &trackError{"decode", title(track), fmt.Errorf("%w: no audio in it", audio.ErrCorrupt)}
			}
			return nil
		}
		if err != nil {
			return &trackError{"decode", title(track), err}
		}
		if n+1 == readyBlocks {
			report(nil)
		}
	}
}

// conform makes what the timeline mixes of a decoder: stereo, with the track's
// gain, from the offset on.
func (d *deck) conform(dec audio.Decoder) (audio.Decoder, error) {
	info := dec.Info()
	if info.Rate <= 0 || info.Channels < 1 {
		return nil, fmt.Errorf("%w: %d Hz, %d channels", audio.ErrCorrupt, info.Rate, info.Channels)
	}
	d.rate, d.bits, d.frames = info.Rate, info.Bits, info.Frames
	if d.track.Duration <= 0 && info.Frames > 0 {
		d.track.Duration = durationOf(info.Frames, info.Rate)
	}
	pcm, err := audio.WithGain(audio.Stereo(dec), audio.GainConfig{DB: d.track.GainDB, Peak: d.track.Peak})
	if err != nil {
		return nil, err
	}
	if frame := framesIn(d.order.offset, d.rate); frame > 0 {
		if n := pcm.Info().Frames; n >= 0 {
			frame = min(frame, n)
		}
		if err := pcm.SeekFrame(frame); err != nil {
			return nil, fmt.Errorf("seek to %v: %w", d.order.offset, err)
		}
		d.offset = durationOf(frame, d.rate)
	}
	return pcm, nil
}

// cutter deals a file's own packets out to blocks.
type cutter struct {
	coded  audio.Coded   // nil where something changes the samples
	source *audio.Stream // nil where the packets are not for passing on
	next   int64         // the file's frame that the next block begins with
	ahead  []audio.CodedFrame
}

func newCutter(pcm audio.Decoder, from int64) *cutter {
	c := &cutter{coded: audio.Untouched(pcm), next: from}
	if c.coded != nil {
		c.source = c.coded.CodedStream()
	}
	return c
}

func (c *cutter) block(pcm []float32) block {
	b := block{pcm: pcm}
	if c.source == nil {
		return b
	}
	end := c.next + b.frames()
	b.source = c.source
	c.ahead = append(c.ahead, c.coded.TakeCoded()...)
	n := 0
	for ; n < len(c.ahead) && c.ahead[n].Start < end; n++ {
		if f := c.ahead[n]; f.Start >= c.next {
			b.coded = append(b.coded, codedAt{at: f.Start - c.next, samples: f.Samples, data: f.Data})
		}
	}
	c.ahead = c.ahead[n:]
	c.next = end
	return b
}

func blockFrames(rate, n int) int {
	d := laterBlock
	if n < shortBlocks {
		d = firstBlock
	}
	return max(1, int(framesIn(d, rate)))
}

// framesIn is how many whole frames fit into d.
func framesIn(d time.Duration, rate int) int64 {
	sec, rest := int64(d/time.Second), int64(d%time.Second)
	return sec*int64(rate) + rest*int64(rate)/int64(time.Second)
}

// durationOf is how long frames last, rounded up to the microsecond so that
// framesIn finds the same frame again.
func durationOf(frames int64, rate int) time.Duration {
	r := int64(rate)
	us := (frames%r*1_000_000 + r - 1) / r
	return time.Duration(frames/r)*time.Second + time.Duration(us)*time.Microsecond
}

func title(t Track) string {
	if t.Title != "" {
		return fmt.Sprintf("%q", t.Title)
	}
	return "track " + t.ID
}

// trackError says what could not be done with which track.
type trackError struct {
	doing, track string
	err          error
}

func (e *trackError) Error() string { return e.doing + " " + e.track + ": " + e.err.Error() }
func (e *trackError) Unwrap() error { return e.err }

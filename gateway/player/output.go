package player

import (
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Format is what an Output is opened for.
type Format struct {
	Rate, Channels int
	Bits           int // of the source: 16, 24 or 32; what the output keeps at least
}

// Output is where the samples go. The player's goroutine is the only one that
// uses it; no method may block for longer than a few milliseconds.
type Output interface {
	// Name is for people: "aplay", "file.wav", "level meter".
	Name() string
	// Target is how much shall be written ahead of being heard.
	Target() time.Duration
	// Slack is an error of time that is left alone, because End is not known
	// any better or every sample shall survive; 0 corrects to the frame.
	Slack() time.Duration
	// Open starts the output anew; what was written before and not heard yet is
	// dropped.
	Open(f Format) error
	// End is when the next sample that is written will be heard. false: the
	// output is not under way yet; ask again in some milliseconds.
	End(now audio.Time) (audio.Time, bool)
	// Write takes samples that follow the ones before.
	Write(pcm []float32) error
	// Heard is called with the samples whose time has come.
	Heard(pcm []float32) error
	// Rest lets go of what others may want, because nothing will sound for a
	// while; Open follows before the next Write.
	Rest() error
	// Close frees the output for good.
	Close() error
}

// catchUp is how far such an output may fall behind before it leaves out.
const catchUp = time.Second

// paced is the time of an output that has no clock of its own: it plays by
// ours. Nobody listens at that very moment, so what this machine was too busy to
// write in time is written afterwards, as long as it is not much.
type paced struct {
	rate, channels int
	origin         audio.Time
	frames         int64
}

func (p *paced) Open(f Format) error {
	p.rate, p.channels, p.origin, p.frames = f.Rate, f.Channels, 0, 0
	return nil
}

func (p *paced) End(now audio.Time) (audio.Time, bool) {
	end := p.origin + audio.Time(p.frames*1_000_000/int64(p.rate))
	if p.origin == 0 || now.Sub(end) > catchUp {
		p.origin, p.frames, end = now, 0, now
	}
	return end, true
}

func (p *paced) Write(pcm []float32) error {
	p.frames += int64(len(pcm) / p.channels)
	return nil
}

func (p *paced) Target() time.Duration { return 20 * time.Millisecond }

// Slack leaves the samples as they are where the clocks nearly agree.
func (p *paced) Slack() time.Duration { return 50 * time.Microsecond }

// meter is an Output that only takes time.
type meter struct{ paced }

// NewMeter returns an output that is heard by nobody: the player's level meter
// measures what would have sounded.
func NewMeter() Output { return &meter{} }

// Silent tells whether nobody hears what an output plays: a level meter.
func Silent(o Output) bool {
	_, ok := o.(*meter)
	return ok
}

func (*meter) Name() string          { return "level meter" }
func (*meter) Heard([]float32) error { return nil }
func (*meter) Rest() error           { return nil }
func (*meter) Close() error          { return nil }

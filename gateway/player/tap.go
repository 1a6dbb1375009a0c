package player

import (
	"math"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Level is what was heard in one window of 100 ms, over all channels.
type Level struct {
	At        audio.Time // when the window began to be heard
	RMS, Peak float64    // dBFS; math.Inf(-1) for digital silence
}

// Sound is the first sound after at least 100 ms of silence.
type Sound struct {
	// Written is when its sample was handed to the output, Heard when it
	// leaves the output: the latencies to the pipe and to the meter.
	Written, Heard audio.Time
}

const (
	levelWindow = 100 * time.Millisecond
	silence     = 1e-4 // -80 dBFS; quieter samples are silence
)

// block is what was written to the output and is not heard yet.
type block struct {
	at, written    audio.Time
	rate, channels int
	pcm            []float32
	sound          bool
}

// tap holds back what was written until its time has come, and then measures
// it. What a clear dropped was never heard and is not measured.
type tap struct {
	blocks  []block
	spare   [][]float32
	heard   func(pcm []float32)
	onLevel func(Level)
	onSound func(Sound)

	at     audio.Time // of the window
	count  int
	power  float64
	peak   float32
	quiet  int // frames of silence until now
	primed bool
}

func (t *tap) push(b block) {
	var pcm []float32
	if n := len(t.spare); n > 0 {
		pcm, t.spare = t.spare[n-1], t.spare[:n-1]
	}
	b.pcm = append(pcm[:0], b.pcm...)
	t.blocks = append(t.blocks, b)
}

// sounds tells whether anything that is not heard yet is more than silence.
func (t *tap) sounds() bool {
	for _, b := range t.blocks {
		if b.sound {
			return true
		}
	}
	return false
}

func (t *tap) drop() {
	for _, b := range t.blocks {
		t.spare = append(t.spare, b.pcm)
	}
	t.blocks = t.blocks[:0]
}

// release measures the blocks whose time has come.
func (t *tap) release(now audio.Time) {
	n := 0
	for n < len(t.blocks) && t.blocks[n].at <= now {
		t.measure(t.blocks[n])
		if t.heard != nil {
			t.heard(t.blocks[n].pcm)
		}
		t.spare = append(t.spare, t.blocks[n].pcm)
		n++
	}
	t.blocks = append(t.blocks[:0], t.blocks[n:]...)
}

func (t *tap) measure(b block) {
	window := b.rate / 10
	for i := 0; i+b.channels <= len(b.pcm); i += b.channels {
		frame := i / b.channels
		if t.count == 0 {
			t.at = b.time(frame)
		}
		var loudest float32
		for _, x := range b.pcm[i : i+b.channels] {
			t.power += float64(x) * float64(x)
			loudest = max(loudest, max(x, -x))
		}
		t.peak = max(t.peak, loudest)
		t.first(b, frame, loudest)
		if t.count++; t.count >= window {
			t.finish(b.channels)
		}
	}
}

func (b block) time(frame int) audio.Time {
	return b.at.Add(time.Duration(frame) * time.Second / time.Duration(b.rate))
}

// first looks for sound after silence.
func (t *tap) first(b block, frame int, loudest float32) {
	if loudest < silence {
		t.quiet++
		return
	}
	if (t.quiet >= b.rate/10 || !t.primed) && t.onSound != nil {
		// Where it was written after its time, it was not heard before that.
		t.onSound(Sound{Written: b.written, Heard: max(b.time(frame), b.written)})
	}
	t.quiet, t.primed = 0, true
}

func (t *tap) finish(channels int) {
	if t.onLevel != nil {
		rms := math.Sqrt(t.power / float64(t.count*channels))
		t.onLevel(Level{At: t.at, RMS: 20 * math.Log10(rms), Peak: 20 * math.Log10(float64(t.peak))})
	}
	t.count, t.power, t.peak = 0, 0, 0
}

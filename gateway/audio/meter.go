package audio

import "math"

// Level is how loud something was, in dBFS: 0 is full scale, math.Inf(-1) is
// silence. RMS is that of a full-scale square wave at 0 (AES17 would add
// 3 dB).
type Level struct{ Peak, RMS float64 }

// Meter measures interleaved samples for a level display. The zero Meter is
// ready for stereo. A Meter belongs to one goroutine.
type Meter struct {
	// Channels of the samples; 0 means 2.
	Channels int

	peak  []float32
	power []float64
	count int64
}

// Write measures samples.
func (m *Meter) Write(pcm []float32) {
	ch := m.channels()
	for i := 0; i+ch <= len(pcm); i += ch {
		for c, x := range pcm[i : i+ch] {
			if x < 0 {
				x = -x
			}
			m.peak[c] = max(m.peak[c], x)
			m.power[c] += float64(x) * float64(x)
		}
		m.count++
	}
}

func (m *Meter) channels() int {
	if m.Channels == 0 {
		m.Channels = 2
	}
	if m.peak == nil {
		m.peak, m.power = make([]float32, m.Channels), make([]float64, m.Channels)
	}
	return m.Channels
}

// Take returns each channel's level since the last Take, and starts anew.
func (m *Meter) Take() []Level {
	out := make([]Level, m.channels())
	for c := range out {
		out[c] = Level{Peak: dBFS(float64(m.peak[c])), RMS: math.Inf(-1)}
		if m.count > 0 {
			out[c].RMS = dBFS(math.Sqrt(m.power[c] / float64(m.count)))
		}
		m.peak[c], m.power[c] = 0, 0
	}
	m.count = 0
	return out
}

// dBFS turns an amplitude into decibels.
func dBFS(a float64) float64 { return 20 * math.Log10(a) }

// amplitude is dBFS turned round.
func amplitude(db float64) float64 { return math.Pow(10, db/20) }

package audio

import (
	"testing"
)

// realTime reports how many times faster than the music a benchmark ran.
func realTime(b *testing.B, frames, rate int) {
	b.ReportMetric(float64(frames)*float64(b.N)/float64(rate)/b.Elapsed().Seconds(), "x-real-time")
}

func BenchmarkDecode(b *testing.B) {
	pcm := music(44100*5, 2, 16)
	files := map[string][]byte{
		"wav": wav(pcm, 44100, 2, 16), "flac": flacBytes(b, pcm, 44100, 2, 16),
		"mp3": fixture(b, "sweep.mp3"), "opus": fixture(b, "sweep.opus"),
	}
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			var i Info
			for b.Loop() {
				d := decoder(b, file)
				i = d.Info()
				all(b, d)
			}
			realTime(b, int(i.Frames), i.Rate)
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	pcm := music(48000*5, 2, 16)
	for _, f := range []Format{
		{Codec: PCM, Rate: 48000, Channels: 2, Bits: 16},
		{Codec: FLAC, Rate: 48000, Channels: 2, Bits: 16},
		{Codec: FLAC, Rate: 48000, Channels: 2, Bits: 24},
		{Codec: Opus, Rate: 48000, Channels: 2},
	} {
		b.Run(string(f.Codec)+"-"+itoa(f.Bits), func(b *testing.B) {
			if !EncoderAvailable(f.Codec) {
				b.Skip("built without it")
			}
			var size int
			for b.Loop() {
				size = 0
				_, frames := encoded(b, f, pcm)
				for _, p := range frames {
					size += len(p.Data)
				}
			}
			realTime(b, len(pcm)/2, f.Rate)
			b.ReportMetric(float64(size*8)/5/1000, "kbit/s")
		})
	}
}

func BenchmarkResample(b *testing.B) {
	for _, c := range []struct{ from, to int }{{44100, 48000}, {48000, 44100}, {96000, 48000}} {
		b.Run(itoa(c.from)+"-"+itoa(c.to), func(b *testing.B) {
			r, err := NewResampler(c.from, c.to, 2)
			if err != nil {
				b.Fatal(err)
			}
			pcm := music(c.from, 2, 16)
			out := make([]float32, 0, 3*c.to)
			for b.Loop() {
				out = r.Process(out[:0], pcm)
			}
			realTime(b, c.from, c.from)
		})
	}
}

func BenchmarkNewResampler(b *testing.B) {
	for b.Loop() {
		if _, err := NewResampler(44100, 48000, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	g, err := NewGain(GainConfig{Rate: 48000, Channels: 2, DB: 6})
	if err != nil {
		b.Fatal(err)
	}
	pcm := music(48000, 2, 16)
	var out []float32
	for b.Loop() {
		out = g.Process(out[:0], pcm)
	}
	realTime(b, 48000, 48000)
}

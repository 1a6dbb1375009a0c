package audio

import (
	"math"
	"testing"
)

func tone(frames, rate int, hz, level float64) []float32 {
	out := make([]float32, 0, 2*frames)
	for i := range frames {
		x := float32(level * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		out = append(out, x, -x)
	}
	return out
}

func resampled(t testing.TB, pcm []float32, from, to, piece int) []float32 {
	t.Helper()
	r, err := NewResampler(from, to, 2)
	if err != nil {
		t.Fatal(err)
	}
	return through(r, pcm, piece)
}

// through sends samples through a resampler, some frames at a time.
func through(r *Resampler, pcm []float32, piece int) (out []float32) {
	r.Reset()
	for i := 0; i < len(pcm); i += piece * 2 {
		out = r.Process(out, pcm[i:min(i+piece*2, len(pcm))])
	}
	return r.Flush(out)
}

var rates = []struct{ from, to int }{
	{44100, 48000},
	{48000, 44100},
	{96000, 48000},
	{48000, 96000},
	{192000, 44100},
	{22050, 48000},
	{8000, 48000},
	{88200, 48000},
	{44101, 48000},
	{48000, 37813},
}

// TestResamplerPassBand compares tones with the tone that they should become.
func TestResamplerPassBand(t *testing.T) {
	worst := math.Inf(1)
	for _, c := range rates {
		r, err := NewResampler(c.from, c.to, 2)
		if err != nil {
			t.Fatal(err)
		}
		nyquist := float64(min(c.from, c.to)) / 2
		for _, part := range []float64{0.01, 0.3, 0.7, 0.89} {
			hz := part * nyquist
			got := through(r, tone(c.from/4, c.from, hz, 0.9), 1000)
			want := tone(len(got)/2, c.to, hz, 0.9)
			// Away from the ends, where the tone begins from nothing.
			skip := c.to / 20 * 2
			s := snr(got[skip:len(got)-skip], want[skip:len(want)-skip])
			worst = min(worst, s)
			if s < 118 {
				t.Errorf("%d to %d Hz: %.0f Hz comes out with %.1f dB SNR", c.from, c.to, hz, s)
			}
		}
	}
	t.Logf("worst SNR in the pass band: %.1f dB", worst)
}

// TestResamplerStopBand sends tones that must not come through.
func TestResamplerStopBand(t *testing.T) {
	for _, c := range []struct{ from, to int }{{48000, 44100}, {96000, 48000}, {192000, 44100}} {
		for _, over := range []float64{1.001, 1.05, 1.5} {
			hz := over * float64(c.to) / 2
			if hz > float64(c.from)/2*0.99 {
				continue
			}
			got := resampled(t, tone(c.from/4, c.from, hz, 1), c.from, c.to, 4096)
			var peak float32
			for _, x := range got[c.to/20*2 : len(got)-c.to/20*2] {
				peak = max(peak, abs32(x))
			}
			if db := dBFS(float64(peak)); db > -118 {
				t.Errorf("%d to %d Hz: %.0f Hz comes through at %.1f dB", c.from, c.to, hz, db)
			}
		}
	}
}

func TestResamplerLengthAndPieces(t *testing.T) {
	for _, c := range rates {
		r, err := NewResampler(c.from, c.to, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 2, 100, 3001} {
			pcm := music(n, 2, 16)
			whole := through(r, pcm, n)
			if want := (n*c.to + c.from - 1) / c.from; len(whole)/2 != want {
				t.Errorf("%d frames from %d to %d Hz are %d, want %d", n, c.from, c.to, len(whole)/2, want)
			}
			for _, piece := range []int{1, 480} {
				same(t, through(r, pcm, piece), whole)
			}
		}
	}
}

// TestConformedSeek holds that a seek changes nothing of what follows.
func TestConformedSeek(t *testing.T) {
	for _, c := range []struct{ rate, channels, to int }{
		{44100, 2, 48000}, {44100, 1, 48000}, {96000, 2, 48000}, {48000, 1, 48000}, {44101, 2, 48000},
	} {
		file := wav(music(14_000, c.channels, 16), c.rate, c.channels, 16)
		d, err := NewConformed(decoder(t, file), c.to)
		if err != nil {
			t.Fatal(err)
		}
		i := d.Info()
		whole := all(t, d)
		if i.Rate != c.to || i.Channels != 2 || int64(len(whole)) != 2*i.Frames {
			t.Fatalf("%+v of %d frames", i, len(whole)/2)
		}
		for _, at := range []int64{0, 1, 5, 63, 64, 1000, 6_345, i.Frames - 1} {
			if err := d.SeekFrame(at); err != nil {
				t.Fatal(err)
			}
			same(t, all(t, d), whole[2*at:])
		}
		if err := d.SeekFrame(i.Frames); err != nil {
			t.Fatal(err)
		}
		if n := len(all(t, d)); n != 0 {
			t.Errorf("%d samples behind the end at %d to %d Hz", n, c.rate, c.to)
		}
	}
}

func TestStereo(t *testing.T) {
	pcm := music(3000, 1, 16)
	got := all(t, Stereo(decoder(t, wav(pcm, 44100, 1, 16))))
	for i, x := range pcm {
		if got[2*i] != x || got[2*i+1] != x {
			t.Fatalf("frame %d is %v, want %g twice", i, got[2*i:2*i+2], x)
		}
	}
}

func TestResamplerRefuses(t *testing.T) {
	for _, c := range [][3]int{{0, 48000, 2}, {48000, 10, 2}, {48000, 44100, 0}, {1 << 30, 48000, 2}} {
		if _, err := NewResampler(c[0], c[1], c[2]); err == nil {
			t.Errorf("a resampler for %v", c)
		}
	}
}

//go:build bench

package audio

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestResamplerQuality prints what conversion does to tones, ours and, where it
// is installed, SoX's in its two best qualities.
func TestResamplerQuality(t *testing.T) {
	ways := map[string]func(t *testing.T, pcm []float32, from, to int) []float32{
		"Jumpgate": func(t *testing.T, pcm []float32, from, to int) []float32 {
			return resampled(t, pcm, from, to, 4096)
		},
	}
	if _, err := exec.LookPath("sox"); err == nil {
		for _, quality := range []string{"-h", "-v"} {
			ways["sox rate "+quality] = func(t *testing.T, pcm []float32, from, to int) []float32 {
				return sox(t, pcm, from, to, quality)
			}
		}
	} else {
		t.Log("SoX is not installed: only our own figures")
	}
	for _, name := range []string{"Jumpgate", "sox rate -h", "sox rate -v"} {
		convert := ways[name]
		if convert == nil {
			continue
		}
		for _, c := range []struct{ from, to int }{{44100, 48000}, {48000, 44100}, {96000, 48000}, {96000, 44100}, {192000, 48000}} {
			nyquist := float64(min(c.from, c.to)) / 2
			worst, flat := math.Inf(1), 0.0
			for _, part := range []float64{0.01, 0.05, 0.2, 0.45, 0.7, 0.85, 0.9} {
				s, level := measured(convert(t, tone(c.from/2, c.from, part*nyquist, 0.5), c.from, c.to), c.to, part*nyquist, 0.5)
				worst, flat = min(worst, s), max(flat, math.Abs(level))
			}
			edge := 0.0 // where the level has fallen by 0.1 dB
			for part := 0.90; part < 1; part += 0.005 {
				if _, level := measured(convert(t, tone(c.from/2, c.from, part*nyquist, 0.5), c.from, c.to), c.to, part*nyquist, 0.5); level > -0.1 {
					edge = part * nyquist
				}
			}
			alias := math.Inf(-1) // what is over the new half rate and comes through
			if c.from > c.to {
				for _, over := range []float64{1.005, 1.02, 1.1, 1.5} {
					if hz := over * nyquist; hz < float64(c.from)/2*0.99 {
						alias = max(alias, loudest(convert(t, tone(c.from/2, c.from, hz, 1), c.from, c.to), c.to))
					}
				}
			}
			t.Logf("| %s | %d to %d | %.0f dB | ±%.4f dB | %.1f kHz | %.0f dB |", name, c.from, c.to, worst, flat, edge/1000, alias)
		}
	}
}

// measured fits a tone of the frequency to the middle of the left channel: how
// far what is left over lies below it, and its level against what it should be,
// both in dB.
func measured(pcm []float32, rate int, hz, level float64) (snr, off float64) {
	skip := rate / 10
	var x []float64
	for i := 2 * skip; i < len(pcm)-2*skip; i += 2 {
		x = append(x, float64(pcm[i]))
	}
	// Least squares over sine and cosine.
	var ss, cc, sc, xs, xc float64
	for i, v := range x {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		ss, cc, sc, xs, xc = ss+s*s, cc+c*c, sc+s*c, xs+v*s, xc+v*c
	}
	det := ss*cc - sc*sc
	a, b := (xs*cc-xc*sc)/det, (xc*ss-xs*sc)/det
	var rest, power float64
	for i, v := range x {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		fit := a*s + b*c
		rest, power = rest+(v-fit)*(v-fit), power+fit*fit
	}
	return 10 * math.Log10(power/rest), 20 * math.Log10(math.Hypot(a, b)/level)
}

func loudest(pcm []float32, rate int) float64 {
	var peak float32
	for _, x := range pcm[rate/10*2 : len(pcm)-rate/10*2] {
		peak = max(peak, abs32(x))
	}
	return dBFS(float64(peak))
}

// sox converts by the program.
func sox(t *testing.T, pcm []float32, from, to int, quality string) []float32 {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in.f32"), filepath.Join(t.TempDir(), "out.f32")
	var b []byte
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sox", "-D", "-c", "2", "-r", fmt.Sprint(from), in, out, "rate", quality, fmt.Sprint(to))
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sox: %v: %s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(b)/4)
	for i := range got {
		got[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return got
}

package synth

import (
	"fmt"
	"math"
	"testing"
)

// pitchOf finds the period of a stretch of sound by its autocorrelation, near
// the frequency that is expected, to a fraction of a sample.
func pitchOf(v []float32, near float64) float64 {
	const size = 8192
	at := func(lag int) float64 {
		sum := 0.0
		for i := range size {
			sum += float64(v[i]) * float64(v[i+lag])
		}
		return sum
	}
	// Many periods make the measure fine.
	periods := math.Floor(4000 / (Rate / near))
	middle := int(math.Round(periods * Rate / near))
	half := max(2, int(Rate/near/3))
	best, most := middle, math.Inf(-1)
	for lag := middle - half; lag <= middle+half; lag++ {
		if c := at(lag); c > most {
			best, most = lag, c
		}
	}
	a, b, c := at(best-1), at(best), at(best+1)
	exact := float64(best) + 0.5*(a-c)/(a-2*b+c)
	return Rate * periods / exact
}

func TestVoicesAreInTune(t *testing.T) {
	env := Env{Attack: 0.005, Decay: 1, Sustain: 0.8, Release: 0.1}
	voices := map[string]Voice{
		"pluck, dull":   Pluck{Bright: 0.2, Sustain: 4, Where: 0.3},
		"pluck, bright": Pluck{Bright: 0.7, Sustain: 4, Where: 0.2},
		"piano":         Struck{Partials: PianoPartials(), Stretch: 0.00035, Ring: 8, Hammer: 0.3},
		"vibes":         Struck{Partials: VibesPartials(), Ring: 5},
		"reed":          Reed{Env: env, Bright: 3000},
		"glass":         Glass{Env: env, Ratio: 1, Depth: 1, Fall: 0.5},
		"bass":          Bass{Env: env, Bright: 400, Q: 0.7, Sub: 0.5, Drive: 1},
		"chip":          Chip{Width: 0.25, Env: env},
	}
	for name, v := range voices {
		for _, pitch := range []float64{40, 52, 64, 76} {
			b := NewBus(1.5)
			v.Play(b, Note{Pitch: pitch, Dur: 1.4, Vel: 0.7})
			got := pitchOf(b.L[Rate/4:], Hz(pitch))
			if cents := 1200 * math.Log2(got/Hz(pitch)); math.Abs(cents) > 6 {
				t.Errorf("%s at %.0f: %.1f cents off", name, pitch, cents)
			}
		}
	}
}

func TestVoicesNeitherBlowUpNorClick(t *testing.T) {
	env := Env{Attack: 0.002, Decay: 0.2, Sustain: 0.6, Release: 0.1}
	voices := []Voice{
		Pad{Env: env, Detune: 10, Bright: 3000, Swell: 0.1},
		Glass{Env: env, Ratio: 7, Depth: 4, Fall: 0.2, Second: 0.5},
		Reed{Env: env, Shape: 1, Bright: 4000, Breath: 0.3, Vibrato: 40, Late: 0.1},
		Pluck{Bright: 0.95, Sustain: 8, Where: 0.1, Body: 0.5},
		Struck{Partials: PianoPartials(), Ring: 9, Hammer: 1, Twin: 2},
		Kick{Hz: 50, Punch: 4, Decay: 0.3, Click: 0.5},
		Snare{Hz: 200, Tone: 0.5, Wires: 1, Color: 3000, Decay: 0.2},
		Hat{Decay: 0.1, Color: 8000, Metal: 0.5},
		Clap{Decay: 0.2},
		Chip{Width: 0.125, Env: env, Arp: []float64{0, 4, 7}},
		Bass{Env: env, Bright: 100, Sweep: 4000, Fall: 0.1, Q: 6, Sub: 1, Drive: 3},
		Stab{Env: env, Bright: 5000, Fall: 0.2, Q: 4},
		Sweep{From: 200, To: 8000, Q: 2, Env: env},
	}
	for _, v := range voices {
		for _, pitch := range []float64{24, 60, 108} {
			b := NewBus(3)
			v.Play(b, Note{Pitch: pitch, At: 0.1, Dur: 0.4, Vel: 1})
			if p := b.Peak(); math.IsNaN(p) || p == 0 || p > 2 {
				t.Errorf("%T at %.0f: peak %v", v, pitch, p)
			}
			for i := 1; i < 4410; i++ {
				if b.L[i] != 0 {
					t.Errorf("%T sounds before its time", v)
					break
				}
			}
		}
	}
}

func TestNotesBeyondTheBusAreCut(t *testing.T) {
	b := NewBus(0.5)
	Pluck{Sustain: 3, Where: 0.2}.Play(b, Note{Pitch: 60, At: 0.4, Dur: 4, Vel: 1})
	Kick{Hz: 50, Decay: 1}.Play(b, Note{At: 0.6, Vel: 1})
	if b.Frames() != Rate/2 {
		t.Errorf("%d frames", b.Frames())
	}
}

// A sine of 997 Hz at full scale on one side is -3.01 LUFS (BS.1770-4, 2.8).
func TestLoudnessIsCalibrated(t *testing.T) {
	b := NewBus(4)
	for i := range b.L {
		b.L[i] = float32(math.Sin(2 * math.Pi * 997 * float64(i) / Rate))
	}
	if l := b.Loudness(); math.Abs(l+3.01) > 0.05 {
		t.Errorf("%.2f LUFS, want -3.01", l)
	}
	if l := NewBus(1).Loudness(); l != -70 {
		t.Errorf("silence is %.2f LUFS", l)
	}
}

func TestMasterHoldsTheCeiling(t *testing.T) {
	noise := NewNoise(3)
	for _, lufs := range []float64{-30, -16, -6} {
		b := NewBus(3)
		for i := range b.L {
			g := float32(0.05)
			if i%9000 < 40 {
				g = 1
			}
			b.L[i], b.R[i] = g*float32(noise.Next()), g*float32(noise.Next())
		}
		b.Master(lufs, 0.84)
		if p := b.Peak(); p > 0.8401 {
			t.Errorf("at %.0f LUFS the peak is %.4f", lufs, p)
		}
	}
}

func TestRoomDecaysAsAsked(t *testing.T) {
	b := NewBus(3)
	b.L[0], b.R[0] = 1, 1
	wet := NewBus(3)
	b.Reverb(wet, Room{Decay: 1.5, Damp: 12000}, 1)
	level := func(from, to float64) float64 {
		sum := 0.0
		for i := int(from * Rate); i < int(to*Rate); i++ {
			sum += float64(wet.L[i]) * float64(wet.L[i])
		}
		return 10 * math.Log10(sum)
	}
	if drop := level(0.2, 0.4) - level(1.2, 1.4); drop < 30 || drop > 60 {
		t.Errorf("the tail falls by %.0f dB in a second, want about 40", drop)
	}
}

func ExamplePluck() {
	b := NewBus(2)
	Pluck{Bright: 0.6, Sustain: 4, Where: 0.2, Body: 0.3}.Play(b, Note{Pitch: 57, Dur: 2, Vel: 0.8})
	fmt.Println(b.Frames(), "frames, peak below full scale:", b.Peak() < 1)
	// Output: 88200 frames, peak below full scale: true
}

package score

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestParseChord(t *testing.T) {
	tests := []struct {
		symbol     string
		root, bass int
		tones      []int
	}{
		{"C", 0, 0, []int{0, 4, 7}},
		{"F#m7", 6, 6, []int{0, 3, 7, 10}},
		{"Bbmaj9", 10, 10, []int{0, 4, 7, 11, 14}},
		{"D/F#", 2, 6, []int{0, 4, 7}},
		{"Cb", 11, 11, []int{0, 4, 7}},
		{"B#", 0, 0, []int{0, 4, 7}},
	}
	for _, tt := range tests {
		c, err := ParseChord(tt.symbol)
		if err != nil || c.Root != tt.root || c.Bass != tt.bass || !slices.Equal(c.Tones, tt.tones) {
			t.Errorf("%s: %+v, %v", tt.symbol, c, err)
		}
	}
	for _, bad := range []string{"", "H", "Cfoo", "C/X", " C"} {
		if _, err := ParseChord(bad); err == nil {
			t.Errorf("%q is no chord", bad)
		}
	}
}

func TestLeadMovesLittle(t *testing.T) {
	var before []int
	for i, c := range Chords("Dm9 G13 Cmaj9 A7b9 Dm9 G13 Em7 A7#5", 0) {
		v := c.Lead(before, 52, 74)
		if v[0] < 52 || v[len(v)-1] > 74 {
			t.Errorf("chord %d leaves its range: %v", i, v)
		}
		for _, p := range v {
			if !c.Has(p) {
				t.Errorf("chord %d: %d does not belong to it", i, p)
			}
		}
		if i > 0 {
			for _, p := range v {
				near := 99
				for _, q := range before {
					near = min(near, abs(p-q))
				}
				if near > 4 {
					t.Errorf("chord %d: a voice leaps by %d", i, near)
				}
			}
		}
		before = v
	}
}

func TestKeySteps(t *testing.T) {
	k := Key{Tonic: 2, Scale: Major()}
	for step := -9; step < 20; step++ {
		p := k.Pitch(step, 60)
		if got := k.Step(p, 60); got != step {
			t.Errorf("step %d is pitch %d is step %d", step, p, got)
		}
	}
	if p := k.Pitch(0, 60); p != 62 {
		t.Errorf("the tonic above 60 is %d", p)
	}
}

func TestMelodyStaysInItsPlace(t *testing.T) {
	for seed := range uint64(50) {
		l := Line{
			Key: Key{Tonic: 9, Scale: Minor()}, Chords: Chords("Am F C G", 0), Span: 4, Low: 67, High: 84,
			Motifs: [][]float64{{1, 1, 0.5, 0.5, 1}, {-1, 1.5, 0.5, 1}}, Bars: 8, Beats: 4, Leap: 0.3, Form: "ABAC",
		}
		events := Melody(rand.New(rand.NewPCG(seed, 1)), l)
		if len(events) < 12 {
			t.Fatalf("seed %d: %d notes", seed, len(events))
		}
		at := 0.0
		for i, e := range events {
			if e.Pitch < l.Low-4 || e.Pitch > l.High+4 || e.At < at || e.At >= 32 || e.Vel <= 0 || e.Vel > 1 {
				t.Errorf("seed %d: note %d is %+v", seed, i, e)
			}
			if strong(e.At, 4) && i < len(events)-1 && !l.ChordAt(e.At).Has(e.Pitch) {
				t.Errorf("seed %d: note %d on a strong beat is not of the chord", seed, i)
			}
			at = e.At
		}
	}
}

func TestPatterns(t *testing.T) {
	got := Pattern("X.o.|..x.")
	if len(got) != 3 || got[2].Step != 6 || got[0].Vel != 1 {
		t.Errorf("%+v", got)
	}
	if n := len(Euclid(5, 16, 3)); n != 5 {
		t.Errorf("%d strokes, want 5", n)
	}
	if s := Swing(0.5, 0.5, 0.33); s < 0.66 || s > 0.67 {
		t.Errorf("an off-beat swings to %v", s)
	}
	if s := Swing(1, 0.5, 0.33); s != 1 {
		t.Errorf("a beat swings to %v", s)
	}
}

package gateway

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestGroupVolume(t *testing.T) {
	full := []int{100, 100, 100, 100}
	for _, test := range []struct {
		now, ceilings []int
		want          int
		volumes       []int
	}{
		{[]int{20, 40, 60}, full, 50, []int{30, 50, 70}},
		{[]int{20, 40, 60}, full, 100, []int{100, 100, 100}},
		{[]int{20, 40, 60}, full, 0, []int{0, 0, 0}},
		{[]int{90, 10}, full, 70, []int{100, 40}},      // 10 of +20 are lost and shared
		{[]int{5, 50, 95}, full, 30, []int{0, 23, 67}}, // -20: 15 lost among two
		{[]int{50}, full, 73, []int{73}},
		{[]int{30, 30}, []int{40, 100}, 60, []int{40, 80}}, // a ceiling is an end too
		{[]int{30, 30}, []int{40, 50}, 90, []int{40, 50}},
		{[]int{10, 11}, full, 11, []int{11, 11}},
		{nil, nil, 50, nil},
	} {
		if got := groupVolume(test.now, test.ceilings, test.want); !slices.Equal(got, test.volumes) {
			t.Errorf("%v to %d is %v, want %v", test.now, test.want, got, test.volumes)
		}
	}
}

// The average is what was wanted wherever the ends allow it, nobody leaves its
// bounds, and whoever was louder is not the quieter one after it.
func TestGroupVolumeHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		n := rng.IntN(6) + 1
		now, ceilings, most := make([]int, n), make([]int, n), 0
		for i := range now {
			ceilings[i] = rng.IntN(101)
			now[i] = rng.IntN(ceilings[i] + 1)
			most += ceilings[i]
		}
		want := rng.IntN(101)
		got := groupVolume(now, ceilings, want)
		sum := 0
		for i, v := range got {
			if v < 0 || v > ceilings[i] {
				t.Fatalf("%v (%v) to %d: %v", now, ceilings, want, got)
			}
			sum += v
			for j := range got {
				if now[i] > now[j] && ceilings[i] == ceilings[j] && v < got[j] {
					t.Fatalf("%v to %d: %v changed order", now, want, got)
				}
			}
		}
		if sum != min(want*n, most) {
			t.Fatalf("%v (%v) to %d: %v, the average is %g", now, ceilings, want, got, float64(sum)/float64(n))
		}
	}
}

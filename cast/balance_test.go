package cast

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// heardAt is what a group's device reports, member by member, when they go to the
// given levels.
func heardAt(b *balance, members []Member, now time.Time, levels ...float64) {
	for i, level := range levels {
		members[i].Volume = math.Round(level*100) / 100
		b.observe(members, now)
	}
}

func TestBalance(t *testing.T) {
	at := time.Unix(0, 0)
	for _, c := range []struct {
		name   string
		before [][]float64 // levels that were reported, in order
		to     float64
		want   []float64
	}{
		{"in proportion", [][]float64{{0.8, 0.2}}, 0.25, []float64{0.4, 0.1}},
		{"never to 0", [][]float64{{0.9, 0.02}}, 0.02, []float64{0.039, 0.01}},
		{"full is full", [][]float64{{0.8, 0.2}}, 0.9, []float64{1, 0.8}},
		{"silence", [][]float64{{0.8, 0.2}}, 0, []float64{0, 0}},
		{"from silence, by a leader that multiplies", [][]float64{{0.8, 0.2}, {0, 0}}, 0.5, []float64{0.8, 0.2}},
		{"from a rounded 0", [][]float64{{0.8, 0.1}, {0.04, 0}}, 0.45, []float64{0.8, 0.1}},
		{"turned to 0 by somebody", [][]float64{{0.5, 0.5}, {0.5, 0}}, 0.4, []float64{0.8, 0}},
		{"all at 0 from the start", [][]float64{{0, 0}}, 0.3, []float64{0.3, 0.3}},
		{"another balance", [][]float64{{0.5, 0.5}, {0.5, 0.25}}, 0.75, []float64{1, 0.5}},
		{"the leader's own scaling", [][]float64{{0.8, 0.4}, {0.4, 0.2}}, 0.6, []float64{0.8, 0.4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &balance{}
			members := make([]Member, len(c.want))
			for i := range members {
				members[i] = Member{ID: strconv.Itoa(i), Volume: c.before[0][i]}
			}
			b.observe(members, at)
			for _, levels := range c.before[1:] {
				heardAt(b, members, at, levels...)
			}
			got := b.levels(members, c.to, at)
			for i, want := range c.want {
				if math.Abs(got[strconv.Itoa(i)]-want) > 0.0051 {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

// However often the group is turned up and down, by us, its balance stays.
func TestBalanceStays(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		b := &balance{}
		members := make([]Member, 1+random.IntN(5))
		for i := range members {
			members[i] = Member{ID: strconv.Itoa(i), Volume: 0.1 + 0.4*random.Float64()}
		}
		b.observe(members, time.Unix(0, 0))
		first := meanVolume(members)
		var want []float64
		for _, m := range members {
			want = append(want, m.Volume)
		}
		for range 20 {
			set(b, members, random.Float64()*float64(random.IntN(2)))
		}
		set(b, members, first)
		for i, m := range members {
			if math.Abs(m.Volume-want[i]) > 0.02 {
				t.Fatalf("member %d is at %.3f, was at %.3f", i, m.Volume, want[i])
			}
		}
	}
}

// set brings members to a volume, reported in whole percents one by one.
func set(b *balance, members []Member, volume float64) {
	levels := b.levels(members, volume, time.Unix(0, 0))
	for i := range members {
		level := levels[members[i].ID]
		if volume > 0 && level < quiet {
			panic("a member fell silent")
		}
		members[i].Volume = math.Round(level*100) / 100
		b.observe(members, time.Unix(0, 0))
	}
}

func meanVolume(members []Member) float64 {
	sum := 0.0
	for _, m := range members {
		sum += m.Volume
	}
	return sum / float64(len(members))
}

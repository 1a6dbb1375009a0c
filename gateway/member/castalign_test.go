package member

import (
	"testing"
	"time"
)

// What a device takes to begin is learnt from warm starts; one that is off begins
// anew, and not for ever.
func TestCastAlign(t *testing.T) {
	const ms = time.Millisecond
	type start struct {
		cold       bool
		took, late time.Duration
		anew       bool
	}
	for _, test := range []struct {
		name   string
		kept   time.Duration
		starts []start
		ends   time.Duration
	}{
		{"never measured", 0, nil, firstStart},
		{"the first counts", 0, []start{{false, 1800 * ms, 800 * ms, true}, {false, 1800 * ms, 0, false}}, 1800 * ms},
		{"a launch does not", 700 * ms, []start{{true, 4 * time.Second, 3300 * ms, true}}, 700 * ms},
		{"a little is averaged", 1000 * ms, []start{{false, 1060 * ms, 60 * ms, false}}, 1030 * ms},
		{"much is a change", 1000 * ms, []start{{false, 2000 * ms, 1000 * ms, true}}, 2000 * ms},
		{"never so much", 0, []start{{false, time.Minute, time.Minute, true}}, mostStart},
		{"never less than nothing", 0, []start{{false, -10 * ms, -time.Second, true}}, 0},
		{"twice in a row", 1000 * ms, []start{
			{false, 1000 * ms, -200 * ms, true},
			{false, 1000 * ms, 200 * ms, true},
			{false, 1000 * ms, -200 * ms, false},
			{false, 1000 * ms, 50 * ms, false},
			{false, 1000 * ms, 200 * ms, true},
		}, 1000 * ms},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newCastAlign(test.kept)
			for i, s := range test.starts {
				a.cold, a.off = s.cold, false
				a.learn(s.took)
				if anew := a.judge(s.late); anew != s.anew || a.off != s.anew {
					t.Errorf("start %d: begins anew: %v", i, anew)
				}
			}
			if a.start != test.ends {
				t.Errorf("it is taken to begin in %v, want %v", a.start, test.ends)
			}
		})
	}
}

// After tries that did not help the device is left alone, until a run begins for
// another reason; then it is brought in step once.
func TestCastAlignAfterASeek(t *testing.T) {
	const late = 300 * time.Millisecond
	a := newCastAlign(time.Second)
	run := func(want bool) {
		t.Helper()
		a.begins()
		if got := a.judge(late); got != want {
			t.Errorf("begins anew: %v", got)
		}
		a.anew, a.off = a.off, false // as outOfStep does
	}
	run(true)
	run(true)
	run(false) // as ever
	run(true)  // a seek
	run(false)
}

package jump

import (
	"math"
	"testing"
)

func TestFadeIsThePowerOfE(t *testing.T) {
	for x := -1.0; x < 25; x += 0.0037 {
		want := math.Exp(-max(0, x))
		if got := float64(fade(x)); math.Abs(got-want) > want/20_000 && want > 3e-9 {
			t.Fatalf("fade(%g) is %g, not %g", x, got, want)
		}
	}
}

package jump

import "math"

// Powers of e below 1 are looked up, and drawn straight between 1/64 and the
// next, which is right to 1 in 30,000: requests ask for thousands of them.
const (
	fadeSteps = 64 // of 1
	fadeMost  = 20 // whose power is as good as 0
)

var faded = func() (powers [fadeMost*fadeSteps + 2]float32) {
	for i := range powers {
		powers[i] = float32(math.Exp(-float64(i) / fadeSteps))
	}
	return powers
}()

// fade is e to the power of -x, 1 below 0.
func fade(x float64) float32 {
	switch {
	case x <= 0:
		return 1
	case x >= fadeMost:
		return 0
	}
	x *= fadeSteps
	i := int(x)
	return faded[i] + (faded[i+1]-faded[i])*float32(x-float64(i))
}

package jump

import "math"

// easing divides by popularity, to a power that is one for a whole request: it
// keeps what it computed, in steps of 1/256 of an octave's start.
type easing struct {
	power float64
	of    []float32 // by the leading bits of a mass, 0 for not computed
}

// The masses that are kept: from 1/256 to 65536.
const (
	easeShift = 15                         // what is cut off a number: 8 bits of its fraction stay
	easeFrom  = (127 - 8) << 8             // the number of 1/256,
	easeSteps = (127+16)<<8 - easeFrom + 1 // and how many follow
)

// begin sets the power.
func (e *easing) begin(power float64) {
	if e.of == nil {
		e.of = make([]float32, easeSteps)
	}
	if power != e.power {
		clear(e.of)
		e.power = power
	}
}

// penalty is mass to the power of -power.
func (e *easing) penalty(mass float32) float32 {
	if e.power == 0 {
		return 1
	}
	at := int(math.Float32bits(mass)>>easeShift) - easeFrom
	if at < 0 || at >= easeSteps {
		return float32(math.Exp(-e.power * math.Log(float64(mass))))
	}
	if e.of[at] == 0 {
		middle := math.Float32frombits(uint32(at+easeFrom)<<easeShift | 1<<(easeShift-1))
		e.of[at] = float32(math.Exp(-e.power * math.Log(float64(middle))))
	}
	return e.of[at]
}

// logsOfHalves are logarithms of 1 + n/2.
var logsOfHalves = func() (logs [4096]float32) {
	for n := range logs {
		logs[n] = log1p(float32(n) / 2)
	}
	return logs
}()

// logHalves is the logarithm of 1 + n/2.
func logHalves(n int) float32 {
	if n < len(logsOfHalves) {
		return logsOfHalves[n]
	}
	return log1p(float32(n) / 2)
}

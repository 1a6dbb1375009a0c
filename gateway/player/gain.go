package player

import "math"

// amplitude turns a volume of 0-100, which the protocol defines as loudness,
// into a factor, by the formula of its player role: (volume/100)^1.5.
func amplitude(volume int, muted bool) float32 {
	if muted || volume <= 0 {
		return 0
	}
	return float32(math.Pow(float64(min(volume, 100))/100, 1.5))
}

// gain multiplies samples by a factor that moves to its target within 10 ms, so
// that a change does not click. At 1 it leaves the samples bit for bit.
type gain struct {
	now, target float32
	step        float32
}

func (g *gain) aim(target float32, rate int) {
	if target != g.target {
		g.target = target
		g.step = (target - g.now) / float32(max(rate/100, 1))
	}
}

// settle takes the target at once: nothing sounds that could click.
func (g *gain) settle() { g.now = g.target }

func (g *gain) apply(pcm []float32, channels int) {
	if g.now == 1 && g.target == 1 {
		return
	}
	for i := 0; i+channels <= len(pcm); i += channels {
		if g.now != g.target {
			g.now += g.step
			if (g.step > 0) == (g.now > g.target) {
				g.now = g.target
			}
		}
		for c := range channels {
			pcm[i+c] *= g.now
		}
	}
}

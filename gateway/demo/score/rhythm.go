package score

// Hit is one stroke of a pattern.
type Hit struct {
	Step int
	Vel  float64
}

// Pattern reads strokes, one character a step: X loud, x middle, o soft, a dot
// is rest; anything else is skipped, for bars.
func Pattern(s string) []Hit {
	var out []Hit
	step := 0
	for _, c := range s {
		switch c {
		case 'X':
			out = append(out, Hit{step, 1})
		case 'x':
			out = append(out, Hit{step, 0.75})
		case 'o':
			out = append(out, Hit{step, 0.45})
		case '.':
		default:
			continue
		}
		step++
	}
	return out
}

// Euclid spreads k strokes over n steps as evenly as may be, turned by some.
func Euclid(k, n, turn int) []Hit {
	var out []Hit
	for i := range n {
		if (i*k)%n < k {
			out = append(out, Hit{mod(i+turn, n), 0.75})
		}
	}
	return out
}

// Swing moves every second of the subdivisions back. beats is a place in
// beats, sub their size, amount what an off-beat loses: 0 straight, 0.33
// triplets.
func Swing(beats, sub, amount float64) float64 {
	pair := 2 * sub
	n := float64(int(beats/pair)) * pair
	if r := beats - n; r >= sub*0.999 && r < sub*1.001 {
		return beats + amount*sub
	}
	return beats
}

package demo

import (
	"math"
	"math/rand/v2"
)

// The motifs of the covers.

func hills(c *canvas, rng *rand.Rand) {
	c.wash(blend(c.mid, c.top, 0.35), c.top)
	c.glow(c.top, 0.8, 0.16, disc(0.66, 0.34, 0.03))
	c.paint(blend(c.top, [3]float64{1, 1, 1}, 0.6), 0.95, disc(0.66, 0.34, 0.07))
	for i := range 6 {
		t := float64(i) / 5
		c.paint(blend(c.mid, c.ground, t), 0.92, ridge(rng, 0.45+0.1*float64(i), 0.045, 0.7+0.25*t))
	}
}

func moonrise(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, blend(c.mid, c.top, 0.25))
	for range 70 {
		c.paint(c.top, 0.2+0.6*rng.Float64(), disc(rng.Float64(), 0.55*rng.Float64(), 0.0012+0.0015*rng.Float64()))
	}
	c.glow(c.top, 0.35, 0.2, disc(0.5, 0.42, 0.1))
	c.paint(c.top, 1, disc(0.5, 0.42, 0.11))
	c.paint(c.ground, 1, box(0.5, 0.85, 1.2, 0.36))
	for i := range 16 { // its path on the water
		y := 0.69 + 0.02*float64(i)
		w := 0.05 + 0.018*float64(i)*rng.Float64() + 0.04*rng.Float64()
		c.paint(c.top, 0.75-0.04*float64(i), box(0.5+0.03*(rng.Float64()-0.5), y, w, 0.004))
	}
}

func rain(c *canvas, rng *rand.Rand) {
	c.wash(c.mid, c.ground)
	for range 14 {
		c.glow(blend(c.top, c.mid, 0.5*rng.Float64()), 0.4, 0.05, disc(rng.Float64(), 0.3+0.5*rng.Float64(), 0.02+0.05*rng.Float64()))
	}
	for range 90 {
		x, y, l := rng.Float64()*1.2, rng.Float64(), 0.03+0.05*rng.Float64()
		c.paint(c.top, 0.25+0.25*rng.Float64(), stroke(x, y, x-l*0.25, y+l, 0.0022))
	}
	c.paint(c.ground, 1, box(0.5, 0.97, 1.1, 0.09))
	c.paint(c.ground, 1, box(0.5, 0.5, 0.018, 1.1))
	c.paint(c.ground, 1, box(0.5, 0.36, 1.1, 0.018))
}

func windows(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, c.mid)
	for i := range 7 {
		w := 0.12 + 0.08*rng.Float64()
		x, top := float64(i)/6, 0.25+0.4*rng.Float64()
		c.paint(blend(c.ground, c.mid, 0.2*rng.Float64()), 1, box(x, top+0.5, w, 1))
		for r := range 9 {
			for k := range 3 {
				if rng.Float64() < 0.42 {
					c.paint(c.top, 0.5+0.5*rng.Float64(), box(x+(float64(k)-1)*w*0.27, top+0.05+float64(r)*0.075, w*0.14, 0.03))
				}
			}
		}
	}
	c.paint(c.top, 0.9, disc(0.78, 0.14, 0.045))
}

func keys(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, c.mid)
	c.glow(c.top, 0.5, 0.3, disc(0.3, 0.2, 0.05))
	for range 40 {
		c.paint(c.top, 0.15+0.5*rng.Float64(), disc(rng.Float64(), 0.55*rng.Float64(), 0.001+0.0015*rng.Float64()))
	}
	const width = 1.0 / 14
	for i := range 14 {
		c.paint(c.top, 0.97, box((float64(i)+0.5)*width, 0.86, width*0.94, 0.34))
	}
	for i := range 14 { // no black key between E and F, B and C
		if k := i % 7; k != 2 && k != 6 {
			c.paint(c.ground, 1, box(float64(i+1)*width, 0.79, width*0.56, 0.2))
		}
	}
}

func pixels(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, c.ground)
	const n = 16
	for y := range n {
		for x := range n / 2 {
			edge := math.Hypot(float64(x)-7.5, float64(y)-7.5) / 8
			if rng.Float64() < 0.75-edge*0.62 {
				col := blend(c.mid, c.top, float64(rng.IntN(3))/2)
				for _, px := range []int{x, n - 1 - x} { // a mirrored creature
					c.paint(col, 1, box((float64(px)+0.5)/n, (float64(y)+0.5)/n, 0.92/n, 0.92/n))
				}
			}
		}
	}
}

func rings(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, blend(c.ground, c.mid, 0.35))
	for i := range 15 {
		r := 0.06 + 0.045*float64(i)
		x, y := 0.5+0.012*float64(i)*math.Cos(0.4*float64(i)), 0.5+0.012*float64(i)*math.Sin(0.4*float64(i))
		c.paint(blend(c.mid, c.top, rng.Float64()*rng.Float64()), 0.9, ring(x, y, r, 0.006+0.018*rng.Float64()))
	}
	c.paint(c.top, 1, disc(0.5, 0.5, 0.035))
}

func lines(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, blend(c.ground, c.mid, 0.5))
	for i := range 7 {
		y := 0.14 + 0.12*float64(i)
		x, up := 0.15+0.6*rng.Float64(), 0.12*float64(rng.IntN(3)-1)
		col := blend(c.mid, c.top, float64(i)/6)
		c.paint(col, 0.95, stroke(-0.05, y, x, y, 0.011))
		c.paint(col, 0.95, stroke(x, y, x+0.12, y+up, 0.011))
		c.paint(col, 0.95, stroke(x+0.12, y+up, 1.05, y+up, 0.011))
		c.paint(c.top, 1, disc(x, y, 0.02))
		c.paint(c.ground, 1, disc(x, y, 0.011))
	}
}

func leaves(c *canvas, rng *rand.Rand) {
	c.wash(c.top, blend(c.top, c.mid, 0.35))
	for range 9 {
		x, lean := 0.08+0.84*rng.Float64(), 0.2*(rng.Float64()-0.5)
		height := 0.35 + 0.5*rng.Float64()
		col := blend(c.ground, c.mid, rng.Float64())
		c.paint(col, 0.9, stroke(x, 1.02, x+lean, 1-height, 0.004))
		for k := range 7 {
			t := 0.25 + 0.11*float64(k)
			side := float64(k%2*2 - 1)
			c.paint(col, 0.9, leaf(x+lean*t, 1-height*t, side*(0.09-0.008*float64(k)), -0.05))
		}
	}
}

func snow(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, c.mid)
	for i := range 3 {
		c.paint(blend(c.mid, c.top, 0.3+0.3*float64(i)), 1, ridge(rng, 0.74+0.09*float64(i), 0.03, 0.8))
	}
	for range 130 {
		r := 0.0015 + 0.006*rng.Float64()*rng.Float64()
		c.glow(c.top, 0.85, r, disc(rng.Float64(), rng.Float64(), r))
	}
	for i := range 3 {
		x, y := 0.25+0.25*float64(i), 0.68+0.05*float64(i%2)
		c.glow([3]float64{1, 0.78, 0.4}, 0.75, 0.05, disc(x, y, 0.01))
		c.paint([3]float64{1, 0.9, 0.65}, 1, disc(x, y, 0.012))
	}
}

func shapes(c *canvas, rng *rand.Rand) {
	c.wash(c.top, c.top)
	c.paint(c.ground, 1, box(0.3, 0.5, 0.34, 1.1))
	c.paint(c.mid, 0.95, disc(0.58, 0.36, 0.23))
	c.paint(c.ground, 1, ring(0.68, 0.72, 0.15, 0.035))
	for i := range 5 {
		y := 0.12 + 0.16*float64(i) + 0.03*rng.Float64()
		c.paint(c.top, 0.95, box(0.3, y, 0.2+0.1*rng.Float64(), 0.018))
	}
	c.paint(c.mid, 1, stroke(0.52, 0.94, 0.92, 0.54, 0.012))
}

func waves(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, blend(c.ground, c.mid, 0.4))
	c.glow(c.top, 0.4, 0.12, disc(0.62, 0.3, 0.1))
	c.paint(c.top, 1, disc(0.62, 0.3, 0.13))
	for i := range 11 {
		y := 0.5 + 0.05*float64(i)
		line := ridge(rng, y, 0.012+0.002*float64(i), 1.6)
		c.paint(blend(c.mid, c.ground, float64(i%2)*0.8), 0.85, line)
	}
}

func mountains(c *canvas, rng *rand.Rand) {
	c.wash(c.ground, blend(c.ground, [3]float64{1, 1, 1}, 0.3))
	c.paint(c.top, 0.9, disc(0.72, 0.24, 0.075))
	for i := range 5 { // ink, paler when far
		t := 0.18 + 0.2*float64(i)
		c.glow(blend(c.ground, c.mid, t), 0.9, 0.006, ridge(rng, 0.44+0.12*float64(i), 0.07, 0.9))
		c.glow(c.ground, 0.35, 0.1, box(0.5, 0.6+0.12*float64(i), 1.4, 0.005))
	}
}

// stroke is a line with round ends.
func stroke(x0, y0, x1, y1, width float64) shape {
	dx, dy := x1-x0, y1-y0
	l := dx*dx + dy*dy
	return shape{
		func(x, y float64) float64 {
			t := min(1, max(0, ((x-x0)*dx+(y-y0)*dy)/l))
			return math.Hypot(x-x0-t*dx, y-y0-t*dy) - width/2
		},
		min(x0, x1) - width, min(y0, y1) - width, max(x0, x1) + width, max(y0, y1) + width,
	}
}

// leaf is where two discs overlap, from a point on a stem outwards.
func leaf(x0, y0, dx, dy float64) shape {
	cx, cy, l := x0+dx/2, y0+dy/2, math.Hypot(dx, dy)
	nx, ny := -dy/l, dx/l
	r, off := l*0.72, l*0.52
	a, b := disc(cx+nx*off, cy+ny*off, r), disc(cx-nx*off, cy-ny*off, r)
	return shape{
		func(x, y float64) float64 { return max(a.dist(x, y), b.dist(x, y)) },
		cx - l, cy - l, cx + l, cy + l,
	}
}

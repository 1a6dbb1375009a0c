package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// coverSize is how wide and high a cover is, in pixels.
const coverSize = 600

// art is how a cover is drawn: a motif and three colours, 0xRRGGBB.
type art struct {
	draw             func(*canvas, *rand.Rand)
	ground, mid, top uint32
}

// canvas is a picture in the making; its coordinates run from 0 to 1.
type canvas struct {
	px               [][3]float64
	ground, mid, top [3]float64
}

// cover draws an album's cover as JPEG; equal seeds draw equal covers.
func cover(a art, seed uint64) ([]byte, error) {
	c := &canvas{px: make([][3]float64, coverSize*coverSize), ground: rgb(a.ground), mid: rgb(a.mid), top: rgb(a.top)}
	rng := rand.New(rand.NewPCG(seed, 0x636f766572)) //nolint:gosec // pictures, not secrets
	a.draw(c, rng)
	img := image.NewRGBA(image.Rect(0, 0, coverSize, coverSize))
	for i, p := range c.px {
		grain := (rng.Float64() - 0.5) * 0.025
		img.SetRGBA(i%coverSize, i/coverSize, color.RGBA{byte8(p[0] + grain), byte8(p[1] + grain), byte8(p[2] + grain), 255})
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 86}); err != nil {
		return nil, fmt.Errorf("encode a cover: %w", err)
	}
	return out.Bytes(), nil
}

func byte8(v float64) uint8 { return uint8(255*min(1, max(0, v)) + 0.5) }

func rgb(c uint32) [3]float64 {
	return [3]float64{float64(c>>16&255) / 255, float64(c>>8&255) / 255, float64(c&255) / 255}
}

// blend goes from a to b as t goes from 0 to 1.
func blend(a, b [3]float64, t float64) [3]float64 {
	t = min(1, max(0, t))
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}

// wash paints the whole canvas from top to bottom.
func (c *canvas) wash(from, to [3]float64) {
	for i := range c.px {
		c.px[i] = blend(from, to, float64(i/coverSize)/coverSize)
	}
}

// shape is an area: how far a point lies from its edge, negative inside, and
// the box that holds it.
type shape struct {
	dist           func(x, y float64) float64
	x0, y0, x1, y1 float64
}

// paint lays a colour over a shape, softened over one pixel.
func (c *canvas) paint(col [3]float64, alpha float64, s shape) {
	c.glow(col, alpha, 1.2/coverSize, s)
}

// glow is paint with a soft edge.
func (c *canvas) glow(col [3]float64, alpha, soft float64, s shape) {
	for py := pixel(s.y0 - soft); py < pixel(s.y1+soft)+1 && py < coverSize; py++ {
		for px := pixel(s.x0 - soft); px < pixel(s.x1+soft)+1 && px < coverSize; px++ {
			d := s.dist((float64(px)+0.5)/coverSize, (float64(py)+0.5)/coverSize)
			if d < soft {
				at := &c.px[py*coverSize+px]
				*at = blend(*at, col, alpha*min(1, (soft-d)/(2*soft)))
			}
		}
	}
}

func pixel(v float64) int { return int(min(coverSize, max(0, v*coverSize))) }

func disc(cx, cy, r float64) shape {
	return shape{func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }, cx - r, cy - r, cx + r, cy + r}
}

func ring(cx, cy, r, width float64) shape {
	s := disc(cx, cy, r+width/2)
	s.dist = func(x, y float64) float64 { return math.Abs(math.Hypot(x-cx, y-cy)-r) - width/2 }
	return s
}

func box(cx, cy, w, h float64) shape {
	return shape{
		func(x, y float64) float64 { return max(math.Abs(x-cx)-w/2, math.Abs(y-cy)-h/2) },
		cx - w/2, cy - h/2, cx + w/2, cy + h/2,
	}
}

// ridge is everything below a line of hills.
func ridge(rng *rand.Rand, base, height, rough float64) shape {
	var freq, phase, amp [5]float64
	for i := range freq {
		freq[i] = rough * math.Exp2(float64(i)*0.9) * (0.8 + 0.4*rng.Float64())
		phase[i] = rng.Float64() * 2 * math.Pi
		amp[i] = height / math.Exp2(float64(i))
	}
	var line [coverSize + 1]float64
	for i := range line {
		y := base
		for k := range freq {
			y += amp[k] * math.Sin(freq[k]*float64(i)/coverSize*2*math.Pi+phase[k])
		}
		line[i] = y
	}
	return shape{func(x, y float64) float64 { return line[int(x*coverSize)] - y }, 0, base - 2*height, 1, 1}
}

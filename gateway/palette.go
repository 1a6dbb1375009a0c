package gateway

import (
	"image"
	"math"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// palette takes a cover's colours for lights and screens: what is most of it,
// what stands out against that, and shades of it that text can be read on (WCAG
// 2 contrast of at least 4.5:1, as Sendspin's color role asks for).
func palette(img image.Image) wire.Color {
	primary, accent := dominant(img)
	dark := shade(primary, 0, 0.05)  // at most this luminance
	light := shade(primary, 1, 0.70) // at least
	onDark, onLight := shade(primary, 1, 0.50), shade(primary, 0, 0.08)
	return wire.Color{
		Primary: rgb(primary), Accent: rgb(accent), BackgroundDark: rgb(dark), BackgroundLight: rgb(light),
		OnDark: rgb(onDark), OnLight: rgb(onLight),
	}
}

// colour has parts from 0 to 1, as sRGB.
type colour [3]float64

func rgb(c colour) *wire.RGB {
	var out wire.RGB
	for i, v := range c {
		out[i] = int(math.Round(v * 255))
	}
	return &out
}

// luminance is WCAG 2's relative luminance.
func (c colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

func (c colour) saturation() float64 {
	return max(c[0], c[1], c[2]) - min(c[0], c[1], c[2])
}

// shade mixes a colour with black (0) or white (1) until its luminance is at
// most, or at least, what is asked for. What is there already stays.
func shade(c colour, end, want float64) colour {
	const steps = 64
	for i := range steps + 1 {
		t := float64(i) / steps
		var m colour
		for j := range c {
			m[j] = math.Round((c[j]*(1-t)+end*t)*255) / 255
		}
		if l := m.luminance(); end == 0 && l <= want || end == 1 && l >= want {
			return m
		}
	}
	return colour{end, end, end}
}

// dominant returns the colour that most of the picture has, and the one that
// stands out most against it. Vivid colours count for more than grey ones.
func dominant(img image.Image) (primary, accent colour) {
	const levels = 8
	type bucket struct {
		sum    colour
		weight float64
	}
	var buckets [levels * levels * levels]bucket
	b := img.Bounds()
	step := max(b.Dx(), b.Dy(), 64) / 64
	for y := b.Min.Y; y < b.Max.Y; y += step {
		for x := b.Min.X; x < b.Max.X; x += step {
			r, g, bl, _ := img.At(x, y).RGBA()
			c := colour{float64(r) / 0xffff, float64(g) / 0xffff, float64(bl) / 0xffff}
			i := 0
			for _, v := range c {
				i = i*levels + min(int(v*levels), levels-1)
			}
			w := 0.1 + c.saturation()
			for j := range c {
				buckets[i].sum[j] += w * c[j]
			}
			buckets[i].weight += w
		}
	}
	mean := func(k bucket) colour {
		return colour{k.sum[0] / k.weight, k.sum[1] / k.weight, k.sum[2] / k.weight}
	}
	best := 0.0
	for _, k := range buckets {
		if k.weight > best {
			best, primary = k.weight, mean(k)
		}
	}
	best, accent = 0, primary
	for _, k := range buckets {
		if k.weight == 0 {
			continue
		}
		c := mean(k)
		far := math.Abs(c[0]-primary[0]) + math.Abs(c[1]-primary[1]) + math.Abs(c[2]-primary[2])
		if score := far * math.Sqrt(k.weight); score > best {
			best, accent = score, c
		}
	}
	return primary, accent
}

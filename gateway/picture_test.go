package gateway

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func solid(w, h int, c color.Color) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	return img
}

// Pictures come in the size and the format that was asked for: padded with black
// in the current dialect, within the bounds in the cleartext one.
func TestPicture(t *testing.T) {
	red := solid(200, 100, color.RGBA{250, 0, 0, 255})
	tests := []struct {
		format        string
		w, h          int
		exact         bool
		wantW, wantH  int
		blackAtCorner bool
	}{
		{"jpeg", 64, 64, true, 64, 64, true},
		{"png", 64, 64, true, 64, 64, true},
		{"png", 64, 32, true, 64, 32, false},
		{"bmp", 64, 64, false, 64, 32, false},
		{"jpeg", 10, 300, false, 10, 5, false},
		{"png", 1, 1, true, 1, 1, false},
	}
	for _, test := range tests {
		pic, err := picture(red, wire.ArtworkChannel{Source: "album", Format: test.format, Width: test.w, Height: test.h}, test.exact)
		if err != nil {
			t.Fatal(err)
		}
		img, kind, err := image.Decode(bytes.NewReader(pic.Data))
		if err != nil || kind != test.format {
			t.Fatalf("%+v: %s, %v", test, kind, err)
		}
		b := img.Bounds()
		if b.Dx() != test.wantW || b.Dy() != test.wantH || pic.Width != test.wantW || pic.Height != test.wantH {
			t.Errorf("%+v: %v, said to be %d x %d", test, b, pic.Width, pic.Height)
		}
		if r, _, _, _ := img.At(0, 0).RGBA(); (r < 0x4000) != test.blackAtCorner {
			t.Errorf("%+v: corner %x", test, r)
		}
		if r, _, _, _ := img.At(b.Dx()/2, b.Dy()/2).RGBA(); r < 0xc000 {
			t.Errorf("%+v: middle %x", test, r)
		}
	}
	for _, want := range []wire.ArtworkChannel{
		{Format: "webp", Width: 9, Height: 9}, {Format: "png", Width: 0, Height: 9}, {Format: "png", Width: 1 << 30, Height: 1 << 30},
	} {
		if _, err := picture(red, want, true); err == nil {
			t.Errorf("%+v was made", want)
		}
	}
}

// The color role asks for these contrasts of every palette.
func TestPaletteContrast(t *testing.T) {
	contrast := func(a, b *wire.RGB) float64 {
		l := func(c *wire.RGB) float64 {
			return colour{float64(c[0]) / 255, float64(c[1]) / 255, float64(c[2]) / 255}.luminance()
		}
		return (max(l(a), l(b)) + 0.05) / (min(l(a), l(b)) + 0.05)
	}
	white, black := &wire.RGB{255, 255, 255}, &wire.RGB{0, 0, 0}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		c := color.RGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
		switch i {
		case 0:
			c = color.RGBA{0, 0, 0, 255}
		case 1:
			c = color.RGBA{255, 255, 255, 255}
		}
		p := palette(solid(8, 8, c))
		for name, ratio := range map[string]float64{
			"background_dark on white": contrast(p.BackgroundDark, white), "background_dark, on_dark": contrast(p.BackgroundDark, p.OnDark),
			"background_light on black": contrast(p.BackgroundLight, black), "background_light, on_light": contrast(p.BackgroundLight, p.OnLight),
			"on_dark on black": contrast(p.OnDark, black), "on_light on white": contrast(p.OnLight, white),
		} {
			if ratio < 4.5 {
				t.Errorf("%v: %s is %.2f", c, name, ratio)
			}
		}
	}
	img := solid(64, 64, color.RGBA{200, 20, 20, 255}).(*image.RGBA)
	for y := range 20 {
		for x := range 64 {
			img.Set(x, y, color.RGBA{20, 20, 200, 255})
		}
	}
	p := palette(img)
	if p.Primary[0] < 150 || p.Accent[2] < 150 {
		t.Errorf("red with blue: primary %v, accent %v", *p.Primary, *p.Accent)
	}
}

package gateway

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// maxPicturePixels bounds what a player may ask for: 2048 x 2048.
const maxPicturePixels = 4 << 20

// picture makes of a cover what a player's channel asks for. exact pads it with
// black to just that size, as the current dialect wants it; else it fits within.
func picture(img image.Image, want wire.ArtworkChannel, exact bool) (sendspin.Picture, error) {
	if want.Width < 1 || want.Height < 1 || want.Width > maxPicturePixels/want.Height {
		return sendspin.Picture{}, fmt.Errorf("a picture of %d x %d", want.Width, want.Height)
	}
	b := img.Bounds()
	w, h := want.Width, max(1, b.Dy()*want.Width/b.Dx())
	if h > want.Height {
		w, h = max(1, b.Dx()*want.Height/b.Dy()), want.Height
	}
	canvas := image.Rect(0, 0, w, h)
	at := canvas
	if exact {
		canvas = image.Rect(0, 0, want.Width, want.Height)
		at = at.Add(image.Pt((want.Width-w)/2, (want.Height-h)/2))
	}
	out := image.NewRGBA(canvas)
	draw.Draw(out, canvas, image.NewUniform(color.Black), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, at, img, b, draw.Over, nil)
	var data bytes.Buffer
	var err error
	switch want.Format {
	case "jpeg":
		err = jpeg.Encode(&data, out, &jpeg.Options{Quality: 85})
	case "png":
		err = png.Encode(&data, out)
	case "bmp":
		err = bmp.Encode(&data, out)
	default:
		err = fmt.Errorf("a picture of format %q", want.Format)
	}
	return sendspin.Picture{Format: want.Format, Width: canvas.Dx(), Height: canvas.Dy(), Data: data.Bytes()}, err
}

package library

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

const (
	// maxImageBytes and maxPixels bound the images that are looked at. While it
	// is decoded a progressive JPEG takes up to 15 bytes a pixel.
	maxImageBytes = 24 << 20
	maxPixels     = 16 << 20
	jpegQuality   = 85
)

// imageType tells by its first bytes what an image is, empty for none that we
// show.
func imageType(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xFF\xD8\xFF")):
		return "jpeg"
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1A\n")):
		return "png"
	case bytes.HasPrefix(b, []byte("GIF8")):
		return "gif"
	}
	return ""
}

// scaled returns an image as a JPEG whose longer side is at most size pixels.
// How large it is, is asked before anything is decoded.
func scaled(b []byte, size int) ([]byte, error) {
	src, err := decoded(b)
	if err != nil {
		return nil, err
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if longer := max(w, h); longer > size {
		w, h = max(w*size/longer, 1), max(h*size/longer, 1)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	// What is transparent becomes white, as on a printed cover.
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, dst, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decoded(b []byte) (image.Image, error) {
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	switch imageType(b) {
	case "jpeg":
	case "png":
		config, decode = png.DecodeConfig, png.Decode
	case "gif":
		config, decode = gif.DecodeConfig, gif.Decode
	default:
		return nil, errors.New("not an image that can be shown")
	}
	c, err := config(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil, fmt.Errorf("an image of %d by %d pixels is too large", c.Width, c.Height)
	}
	return decode(bytes.NewReader(b))
}

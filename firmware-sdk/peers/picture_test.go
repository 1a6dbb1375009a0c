// SPDX-License-Identifier: Apache-2.0

//go:build peers

package peers

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
)

var buildPictures = sync.OnceValues(func() (string, error) { return buildDevice("-DJG_MBEDTLS=ON", "-DJG_ARTWORK=ON") })

// cover is a JPEG that does not shrink: about 100 KB, many messages in the
// current dialect.
func cover(t *testing.T, seed uint64) sendspin.Picture {
	t.Helper()
	const side = 320
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		v := r.Uint32()
		m.SetRGBA(i%side, i/side, color.RGBA{byte(v), byte(v >> 8), byte(v >> 16), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return sendspin.Picture{Format: "jpeg", Width: side, Height: side, Data: b.Bytes()}
}

// TestDeviceShowsPictures: a picture comes whole, in both dialects; one that is
// replaced on its way is not shown; and what ends clears it.
func TestDeviceShowsPictures(t *testing.T) {
	for name, encrypted := range map[string]bool{"cleartext": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "house")
			if encrypted {
				h, _ = newHouseNow(t, true)
			}
			file := filepath.Join(t.TempDir(), "cover.jpg")
			d := runDevice(t, buildPictures, "--no-mdns", "--server", h.address, "--picture", file, "--wav", filepath.Join(t.TempDir(), "o.wav"))
			p := h.next(t, sendspin.Connected).Player
			h.available(t, p)
			for p.Artwork() == nil {
				h.next(t, sendspin.StateChanged)
			}
			// A machine that stood still may have had time for the one before.
			shown := func(want sendspin.Picture) {
				t.Helper()
				for got := []byte(nil); !bytes.Equal(got, want.Data); {
					d.next(t, "its picture", named("picture"))
					var err error
					if got, err = os.ReadFile(file); err != nil {
						t.Fatal(err)
					}
				}
			}
			show := func(pic sendspin.Picture) {
				t.Helper()
				if err := p.SetArtwork(0, h.clock(), pic); err != nil {
					t.Fatal(err)
				}
			}
			first, second, third := cover(t, 1), cover(t, 2), cover(t, 3)
			show(first)
			shown(first)
			if encrypted {
				show(second)
				show(third)
				shown(third)
			}
			if err := p.EndArtwork(); err != nil {
				t.Fatal(err)
			}
			d.next(t, "that it is gone", named("picture_gone"))
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the picture is still there: %v", err)
			}
		})
	}
}

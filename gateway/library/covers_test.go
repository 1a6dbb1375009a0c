package library

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

func TestCovers(t *testing.T) {
	ctx := context.Background()
	root := t.TempDir()
	red, blue := picture(800, color.RGBA{255, 0, 0, 255}, false), picture(50, color.RGBA{0, 0, 255, 255}, true)
	put(t, root, "a/1.flac", flacFile([]string{"TITLE=Embedded", "ALBUM=A"}, red, 1))
	put(t, root, "a/2.flac", flacFile([]string{"TITLE=Same", "ALBUM=A"}, red, 2))
	put(t, root, "a/cover.jpg", blue)
	put(t, root, "b/back.png", red)
	put(t, root, "b/Folder.PNG", blue)
	put(t, root, "b/CD 1/1.flac", flacFile([]string{"TITLE=Beside"}, []byte("no image at all"), 3))
	put(t, root, "c/1.flac", flacFile([]string{"TITLE=None"}, nil, 4))
	f := newFixture(t, root)
	tracks := f.again()
	if tracks["None"].Cover != "" || tracks["Same"].Cover != tracks["Embedded"].Cover || tracks["Beside"].Cover == "" {
		t.Fatalf("covers: %+v", tracks)
	}
	for _, tt := range []struct {
		title      string
		ask, width int
		red        bool
	}{
		{"Embedded", 300, 300, true}, {"Embedded", 0, 96, true}, {"Embedded", 97, 300, true}, {"Embedded", 5000, 800, true}, {"Beside", 640, 50, false},
	} {
		b, kind, err := f.Cover(ctx, tracks[tt.title].Cover, tt.ask)
		check(t, err)
		img, err := jpeg.Decode(bytes.NewReader(b))
		check(t, err)
		r, _, _, _ := img.At(5, 5).RGBA()
		if img.Bounds().Dx() != tt.width || kind != "image/jpeg" || (r > 0x8000) != tt.red {
			t.Errorf("%+v: %v, %s", tt, img.Bounds(), kind)
		}
	}
	// What was scaled is there without the music.
	check(t, os.RemoveAll(filepath.Join(root, "a")))
	if _, _, err := f.Cover(ctx, tracks["Embedded"].Cover, 300); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"", "../../etc/passwd", strings.Repeat("a", 24), strings.Repeat(".", 24)} {
		if _, _, err := f.Cover(ctx, id, 300); !errors.Is(err, ErrNoCover) {
			t.Errorf("cover %q: %v", id, err)
		}
	}
	if albums, _, err := f.store.Albums(ctx, "", store.Page{}); err != nil || albums[0].Cover != tracks["Embedded"].Cover {
		t.Errorf("albums: %+v, %v", albums, err)
	}
}

// An image that says it is huge is not decoded.
func TestImageBomb(t *testing.T) {
	bomb := picture(4, color.White, true)
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	if _, err := scaled(bomb, 96); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("60,000 by 60,000 pixels: %v", err)
	}
	root := t.TempDir()
	put(t, root, "cover.png", bomb)
	put(t, root, "a.wav", wav("A", 10))
	f := newFixture(t, root)
	if _, _, err := f.Cover(context.Background(), f.again()["A"].Cover, 96); !errors.Is(err, ErrNoCover) {
		t.Errorf("cover: %v", err)
	}
}

func TestCoverQuotaAndFullDisk(t *testing.T) {
	data := t.TempDir()
	c := newCovers(Config{Data: data, CoverQuota: 10_000}, nil)
	for i := range 50 {
		id := strings.Repeat(string(rune('a'+i%26)), 24)
		check(t, c.keep(id, CoverSizes[i/26], make([]byte, 1000)))
		if c.used > 10_000 {
			t.Fatalf("%d bytes are used", c.used)
		}
	}
	if n := len(c.files()); n == 0 || n > 10 {
		t.Errorf("%d files are left", n)
	}
	// Where nothing can be written, covers are still shown.
	root := t.TempDir()
	put(t, root, "cover.png", picture(20, color.White, true))
	put(t, root, "a.wav", wav("A", 10))
	f := newFixture(t, root)
	tracks := f.again()
	put(t, f.data, coversFolder, []byte("in the way"))
	if _, _, err := f.Cover(context.Background(), tracks["A"].Cover, 96); err != nil {
		t.Error(err)
	}
}

func TestScaledKeepsTheShape(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 100))
	var b bytes.Buffer
	check(t, jpeg.Encode(&b, img, nil))
	out := must(scaled(b.Bytes(), 96))
	got := must(jpeg.DecodeConfig(bytes.NewReader(out)))
	if got.Width != 96 || got.Height != 24 {
		t.Errorf("%d by %d", got.Width, got.Height)
	}
}

func FuzzScaled(f *testing.F) {
	f.Add(picture(8, color.White, true))
	f.Add(picture(8, color.White, false))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := scaled(b, 96); err == nil {
			if _, err := jpeg.DecodeConfig(bytes.NewReader(out)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

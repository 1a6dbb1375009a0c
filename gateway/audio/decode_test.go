package audio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

// lossless lists ways to keep samples exactly.
func lossless(t testing.TB, frames, channels, bits int) (pcm []float32, files map[string][]byte) {
	pcm = music(frames, channels, bits)
	files = map[string][]byte{"wav": wav(pcm, 44100, channels, bits)}
	if bits < 32 {
		files["flac"] = flacBytes(t, pcm, 44100, channels, bits)
	}
	return pcm, files
}

func TestLosslessIsExact(t *testing.T) {
	for _, c := range []struct{ channels, bits int }{{1, 16}, {2, 16}, {2, 24}, {1, 24}} {
		pcm, files := lossless(t, 20_000, c.channels, c.bits)
		for name, file := range files {
			d := decoder(t, file)
			i := d.Info()
			if i.Frames != 20_000 || i.Channels != c.channels || i.Bits != c.bits || i.Rate != 44100 {
				t.Errorf("%s: %+v", name, i)
			}
			same(t, all(t, d), pcm)
		}
	}
}

// TestGapless cuts music in two at many places: the files, one after the
// other, are the whole, sample by sample.
func TestGapless(t *testing.T) {
	for _, cut := range []int{1, 4095, 4096, 4097, 12_345, 19_999} {
		pcm := music(20_000, 2, 16)
		for name, make := range map[string]func([]float32) []byte{
			"wav":  func(p []float32) []byte { return wav(p, 44100, 2, 16) },
			"flac": func(p []float32) []byte { return flacBytes(t, p, 44100, 2, 16) },
		} {
			a, b := decoder(t, make(pcm[:cut*2])), decoder(t, make(pcm[cut*2:]))
			joined := append(all(t, a), all(t, b)...)
			t.Run(name, func(t *testing.T) { same(t, joined, pcm) })
		}
	}
}

func TestSeekIsExact(t *testing.T) {
	pcm, files := lossless(t, 20_000, 2, 16)
	for name, file := range files {
		d := decoder(t, file)
		for _, at := range []int64{0, 1, 4096, 4095, 19_999, 7, 12_288} {
			if err := d.SeekFrame(at); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := make([]float32, 2*500)
			n, err := d.Read(got)
			if err != nil {
				t.Fatalf("%s at %d: %v", name, at, err)
			}
			same(t, got[:2*n], pcm[2*at:][:2*n])
		}
		if err := d.SeekFrame(20_000); err != nil {
			t.Fatal(err)
		}
		if n, err := d.Read(make([]float32, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: read %d behind the end, %v", name, n, err)
		}
		if err := d.SeekFrame(100); err != nil {
			t.Fatal(err)
		}
		rest, err := rest(d, 333)
		if err != nil {
			t.Fatal(err)
		}
		same(t, rest, pcm[200:])
		if d.SeekFrame(-1) == nil {
			t.Error("a seek to before the start succeeded")
		}
	}
}

func TestUntouched(t *testing.T) {
	for _, bits := range []int{16, 24} {
		pcm := music(10_000, 2, bits)
		file := wav(pcm, 48000, 2, bits)
		d, err := NewConformed(decoder(t, file), 48000)
		if err != nil {
			t.Fatal(err)
		}
		d, err = WithGain(d, GainConfig{})
		if err != nil {
			t.Fatal(err)
		}
		_, frames := encoded(t, Format{Codec: PCM, Rate: 48000, Channels: 2, Bits: bits}, all(t, d))
		var out []byte
		for _, f := range frames {
			out = append(out, f.Data...)
		}
		if !bytes.Equal(out, file[44:]) {
			t.Errorf("%d bits in are not the same %d bits out", bits, bits)
		}
	}
}

func TestMixdown(t *testing.T) {
	// Full scale everywhere must not clip, left must stay left.
	for ch := 3; ch <= 9; ch++ {
		src := make([]float32, ch)
		for i := range src {
			src[i] = 1
		}
		dst := make([]float32, 2)
		mixdown(dst, src, ch)
		if dst[0] > 1.000001 || dst[0] < 0.5 || dst[0] != dst[1] {
			t.Errorf("%d channels of full scale mix to %v", ch, dst)
		}
		clear(src)
		src[0] = 1
		if mixdown(dst, src, ch); dst[0] <= 0 || dst[1] != 0 {
			t.Errorf("the left of %d channels mixes to %v", ch, dst)
		}
	}
	d := decoder(t, wav(music(100, 6, 16), 48000, 6, 16))
	if d.Info().Channels != 2 || len(all(t, d)) != 200 {
		t.Errorf("six channels come out as %+v", d.Info())
	}
}

func TestProbe(t *testing.T) {
	file := flacBytes(t, music(5000, 1, 24), 96000, 1, 24)
	i, err := Probe(source(file), OpenOptions{})
	if err != nil || i != (Info{Codec: FLAC, Rate: 96000, Channels: 1, Bits: 24, Frames: 5000}) {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestNotAudio(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":          {nil, ErrCorrupt},
		"text":           {bytes.Repeat([]byte("nothing to hear "), 999), ErrCorrupt},
		"zeros":          {make([]byte, 9999), ErrCorrupt},
		"asf":            {append([]byte("\x30\x26\xB2\x75\x8E\x66\xCF\x11"), make([]byte, 999)...), ErrNeedsFFmpeg},
		"aiff":           {append([]byte("FORM\x00\x00\x10\x00AIFF"), make([]byte, 999)...), ErrNeedsFFmpeg},
		"wav of a-law":   {append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x06\x00\x01\x00\x40\x1F\x00\x00\x40\x1F\x00\x00\x01\x00\x08\x00data\x10\x00\x00\x00"), make([]byte, 16)...), ErrNeedsFFmpeg},
		"wav of nothing": {wav(nil, 44100, 2, 16), ErrCorrupt},
		"only a header":  {flacBytes(t, nil, 44100, 2, 16), ErrCorrupt},
	} {
		if _, err := Open(context.Background(), source(c.file), OpenOptions{}); !errors.Is(err, c.want) {
			t.Errorf("open %s: %v, want %v", name, err, c.want)
		}
		if _, err := Probe(source(c.file), OpenOptions{}); !errors.Is(err, c.want) {
			t.Errorf("probe %s: %v, want %v", name, err, c.want)
		}
	}
}

// TestDamage plays damaged files: the time goes on, and music follows damage.
func TestDamage(t *testing.T) {
	pcm := music(4096*5, 2, 16)
	file := flacBytes(t, pcm, 44100, 2, 16)
	file[len(file)/2] ^= 0x40
	got := all(t, decoder(t, file))
	if len(got) != len(pcm) {
		t.Fatalf("%d samples of %d", len(got), len(pcm))
	}
	silent, wrong := 0, 0
	for i := range got {
		if got[i] != pcm[i] {
			if wrong++; got[i] == 0 {
				silent++
			}
		}
	}
	if wrong == 0 || wrong != silent || wrong > 4096*2 {
		t.Errorf("%d samples are wrong, %d of them silent", wrong, silent)
	}
}

// TestTruncated cuts files: an error that says so, or a shorter piece.
func TestTruncated(t *testing.T) {
	_, files := lossless(t, 9000, 2, 16)
	for name, file := range files {
		for n := 0; n < len(file); n += 1 + len(file)/97 {
			d, err := Open(context.Background(), source(file[:n]), OpenOptions{})
			if err == nil {
				_, err = rest(d, 512)
				_ = d.Close()
			}
			if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%s cut to %d: %v", name, n, err)
			}
		}
	}
}

// failing cannot be read behind some point.
type failing struct {
	io.ReaderAt
	from int64
}

var errDisk = errors.New("the disk is gone")

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.from {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(b, off)
}

func TestReadError(t *testing.T) {
	file := wav(music(50_000, 2, 16), 44100, 2, 16)
	src := source(file)
	src.R = failing{src.R, 100_000}
	d, err := Open(context.Background(), src, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got, err := rest(d, 1024)
	if !errors.Is(err, errDisk) || errors.Is(err, ErrCorrupt) || len(got) == 0 {
		t.Errorf("%d samples, then %v", len(got), err)
	}
}

func TestClosed(t *testing.T) {
	d := decoder(t, wav(music(9000, 2, 16), 44100, 2, 16))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(make([]float32, 20_000)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("reading a closed decoder: %v", err)
	}
	if d.SeekFrame(0) == nil {
		t.Error("seeking in a closed decoder succeeded")
	}
}

package audio

import (
	"context"
	"errors"
	"testing"
)

// tryDecode decodes what may be anything, for a while, with a seek. Only
// errors that callers can test for may come out.
func tryDecode(t *testing.T, b []byte) {
	t.Helper()
	d, err := Open(context.Background(), source(b), OpenOptions{})
	if err != nil {
		if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrNeedsFFmpeg) {
			t.Fatalf("open: an error of no kind: %v", err)
		}
		return
	}
	defer d.Close()
	i := d.Info()
	if i.Channels < 1 || i.Channels > 2 || i.Rate < 1 || i.Frames < 0 {
		t.Fatalf("%+v", i)
	}
	buf := make([]float32, 4096*i.Channels)
	total := int64(0)
	for range 50 {
		n, err := d.Read(buf)
		total += int64(n)
		for _, x := range buf[:n*i.Channels] {
			if x != x {
				t.Fatal("a sample that is no number")
			}
		}
		if err != nil {
			break
		}
	}
	if total > i.Frames {
		t.Fatalf("%d frames out of a file of %d", total, i.Frames)
	}
	if err := d.SeekFrame(i.Frames / 2); err == nil {
		_, _ = d.Read(buf)
	}
}

func FuzzOpen(f *testing.F) {
	pcm := music(600, 2, 16)
	f.Add(wav(pcm, 44100, 2, 16))
	f.Add(flacBytes(f, pcm, 44100, 2, 16))
	f.Add(flacBytes(f, music(300, 1, 24), 24000, 1, 24))
	f.Add(fixture(f, "mono24.mp3")[:1500])
	f.Add(fixture(f, "sweep.opus")[:1500])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Probe(source(b), OpenOptions{})
		tryDecode(t, b)
	})
}

func FuzzProbeAnswer(f *testing.F) {
	f.Add([]byte(`{"streams":[{"codec_name":"aac","sample_rate":"44100","channels":2,"duration":"1.5"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := parseProbe(b)
		if err == nil && (i.Rate < 1000 || i.Channels < 1 || i.Channels > 2) {
			t.Fatalf("%+v", i)
		}
	})
}

// FuzzFLACEncoder holds that any samples come back exactly, by way of a
// decoder that is not ours.
func FuzzFLACEncoder(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, true, true)
	f.Add([]byte{0xFF, 0x7F, 0x00, 0x80, 0xFF, 0x7F, 0x00, 0x80}, false, false)
	f.Fuzz(func(t *testing.T, b []byte, stereo, deep bool) {
		format := Format{Codec: FLAC, Rate: 11025, Channels: 1, Bits: 16}
		size, scale := 2, float32(1<<15)
		if stereo {
			format.Channels = 2
		}
		if deep {
			format.Bits, size, scale = 24, 3, 1<<23
		}
		var pcm []float32
		// The same samples again, mixed up, so that blocks are filled.
		for round := range 5 {
			for ; len(b) >= size; b = b[size:] {
				v := int32(b[0])<<8 | int32(b[1])<<16
				if deep {
					v |= int32(b[2]) << 24
				} else {
					v <<= 8
				}
				pcm = append(pcm, float32(v>>(32-format.Bits))/scale)
			}
			for i := range len(pcm) {
				pcm = append(pcm, pcm[i*(round+3)%len(pcm)])
			}
		}
		pcm = pcm[:len(pcm)/format.Channels*format.Channels]
		if len(pcm) == 0 {
			return
		}
		same(t, all(t, decoder(t, flacBytes(t, pcm, format.Rate, format.Channels, format.Bits))), pcm)
	})
}

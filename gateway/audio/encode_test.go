package audio

import (
	"bytes"
	"errors"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
)

func TestEncoderContract(t *testing.T) {
	for _, f := range []Format{
		{Codec: PCM, Rate: 44100, Channels: 2, Bits: 16},
		{Codec: PCM, Rate: 48000, Channels: 1, Bits: 24},
		{Codec: PCM, Rate: 48000, Channels: 2, Bits: 32},
		{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16},
		{Codec: FLAC, Rate: 96000, Channels: 1, Bits: 24},
		{Codec: Opus, Rate: 48000, Channels: 2, Bitrate: 96_000},
		{Codec: Opus, Rate: 48000, Channels: 1},
	} {
		t.Run(f.String(), func(t *testing.T) {
			if !EncoderAvailable(f.Codec) {
				t.Skip("built without it")
			}
			e, err := NewEncoder(f)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			pcm := music(10_001, f.Channels, 16)
			first := contract(t, e, f, pcm)
			before := e.Stream()
			if err := e.Reset(); err != nil {
				t.Fatal(err)
			}
			if e.Stream() == before {
				t.Error("Reset kept the stream")
			}
			if !bytes.Equal(contract(t, e, f, pcm), first) {
				t.Error("the same music encodes differently after Reset")
			}
		})
	}
}

// contract holds what Encoder promises, and returns all packets' bytes.
func contract(t *testing.T, e Encoder, f Format, pcm []float32) (data []byte) {
	t.Helper()
	s := e.Stream()
	if s.Format != f || s.FrameSamples <= 0 || (s.Header == nil) != (f.Codec == PCM) {
		t.Fatalf("stream %+v", s)
	}
	if f.Codec == PCM && s.FrameSamples*40 > f.Rate {
		t.Errorf("packets of %d frames are longer than 25 ms", s.FrameSamples)
	}
	frames, err := e.Encode(pcm)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range frames {
		if p.Samples != s.FrameSamples {
			t.Errorf("packet %d has %d samples, not %d", i, p.Samples, s.FrameSamples)
		}
	}
	last, err := e.Flush()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, p := range append(frames, last...) {
		total += p.Samples
		data = append(data, p.Data...)
	}
	if want := len(pcm)/f.Channels + e.Delay(); total < want || total >= want+s.FrameSamples {
		t.Errorf("%d samples in packets, want %d and less than a packet more", total, want)
	}
	if e.Stream() != s {
		t.Error("the stream changed without Reset")
	}
	return data
}

// TestFLACRates goes through the ways in which a header tells its rate.
func TestFLACRates(t *testing.T) {
	pcm := music(5000, 2, 16)
	for _, rate := range []int{8000, 11025, 24000, 44100, 65537, 176400, 192000, 384000, 655350} {
		d := decoder(t, flacBytes(t, pcm, rate, 2, 16))
		if d.Info().Rate != rate {
			t.Errorf("%d Hz came back as %d", rate, d.Info().Rate)
		}
		same(t, all(t, d), pcm)
	}
}

// Packets are no longer than 150 ms, nor than a member has room for.
func TestPacketLengths(t *testing.T) {
	for _, test := range []struct {
		f    Format
		want int
	}{
		{Format{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16}, 4096},
		{Format{Codec: FLAC, Rate: 192000, Channels: 2, Bits: 24}, 4096},
		{Format{Codec: FLAC, Rate: 22050, Channels: 2, Bits: 16}, 2048},
		{Format{Codec: FLAC, Rate: 8000, Channels: 1, Bits: 16}, 1024},
		{Format{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16, Frame: 2083}, 2048},
		{Format{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16, Frame: 1764}, 1764},
		{Format{Codec: PCM, Rate: 48000, Channels: 2, Bits: 24}, 960},
		{Format{Codec: PCM, Rate: 192000, Channels: 2, Bits: 24, Frame: 1388}, 1388},
	} {
		e, err := NewEncoder(test.f)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Encode(music(test.want, test.f.Channels, 16))
		if err != nil {
			t.Fatal(err)
		}
		if e.Stream().FrameSamples != test.want || len(out) != 1 || out[0].Samples != test.want {
			t.Errorf("%+v: packets of %d, want %d", test.f, e.Stream().FrameSamples, test.want)
		}
	}
}

// TestFLACNumbers goes on until a frame's number takes several bytes.
func TestFLACNumbers(t *testing.T) {
	pcm := make([]float32, flacBlock)
	e, err := newFLACEncoder(Format{Codec: FLAC, Rate: 44100, Channels: 1, Bits: 16})
	if err != nil {
		t.Fatal(err)
	}
	file := bytes.Clone(e.Stream().Header)
	for range 2100 {
		frames, _ := e.Encode(pcm)
		file = append(file, frames[0].Data...)
	}
	if got := decoder(t, file).Info().Frames; got != 2100*flacBlock {
		t.Errorf("%d frames of sound, want %d", got, 2100*flacBlock)
	}
	var w flacBits
	w.number(1<<36 - 1)
	if got := w.bytes(); !bytes.Equal(got, []byte{0xFE, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF}) {
		t.Errorf("the largest number is % x", got)
	}
}

func TestNoSuchEncoder(t *testing.T) {
	for _, f := range []Format{
		{Codec: MP3, Rate: 44100, Channels: 2},
		{Codec: AAC, Rate: 44100, Channels: 2},
		{Codec: Opus, Rate: 44100, Channels: 2},
		{Codec: PCM, Rate: 44100, Channels: 2, Bits: 12},
		{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 32},
		{Codec: PCM, Rate: 44100, Channels: 6, Bits: 16},
		{},
	} {
		if _, err := NewEncoder(f); !errors.Is(err, ErrUnsupported) {
			t.Errorf("an encoder for %s: %v", f, err)
		}
	}
}

func TestOpusRoundTrip(t *testing.T) {
	if !EncoderAvailable(Opus) {
		if _, err := NewEncoder(Format{Codec: Opus, Rate: 48000, Channels: 2}); !errors.Is(err, ErrUnsupported) || !errors.Is(err, opus.ErrMissing) {
			t.Errorf("without libopus: %v", err)
		}
		t.Skip("built without libopus: run gateway/audio/opus/fetch.sh")
	}
	pcm := sweep(30_000, 48000)
	s, frames := encoded(t, Format{Codec: Opus, Rate: 48000, Channels: 2}, pcm)
	d := decoder(t, oggOpus(s, frames, 30_000))
	got := all(t, d)
	if len(got) != len(pcm) || snr(got, pcm) < 25 {
		t.Errorf("%d samples with %.1f dB SNR", len(got), snr(got, pcm))
	}
}

func TestQuantize(t *testing.T) {
	for _, c := range []struct {
		x    float32
		bits int
		want int32
	}{
		{1, 16, 32767},
		{-1, 16, -32768},
		{2, 16, 32767},
		{-2, 24, -1 << 23},
		{1, 32, 1<<31 - 1},
		{-1, 32, -1 << 31},
		{0.5, 16, 16384},
		{-0.5, 24, -1 << 22},
	} {
		if got := quantize(c.x, c.bits); got != c.want {
			t.Errorf("%g in %d bits is %d, want %d", c.x, c.bits, got, c.want)
		}
	}
	for v := -32768; v < 32768; v++ {
		if got := quantize(float32(v)/32768, 16); int(got) != v {
			t.Fatalf("%d comes back as %d", v, got)
		}
	}
}

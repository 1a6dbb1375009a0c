package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// music makes interleaved frames of something that has transients, tones and
// noise, quantized to the given bits.
func music(frames, channels, bits int) []float32 {
	rng := rand.New(rand.NewPCG(1, uint64(frames)))
	full := math.Exp2(float64(bits - 1))
	out := make([]float32, 0, frames*channels)
	for i := range frames {
		for c := range channels {
			x := 0.4*math.Sin(float64(i)*(0.03+0.01*float64(c))) + 0.2*math.Sin(float64(i)*0.41) + 0.02*rng.NormFloat64()
			if i%5000 < 40 {
				x += 0.3
			}
			out = append(out, float32(math.Round(min(max(x, -1), 1-1/full)*full)/full))
		}
	}
	return out
}

// wav wraps little-endian integers of the given bits into a WAV file.
func wav(pcm []float32, rate, channels, bits int) []byte {
	le := binary.LittleEndian
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00"...)
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(len(pcm)*bits/8))
	for _, x := range pcm {
		v := int32(math.Round(float64(x) * math.Exp2(float64(bits-1))))
		for s := 0; s < bits; s += 8 {
			b = append(b, byte(v>>s))
		}
	}
	return b
}

// encoded runs samples through an encoder, in pieces of odd sizes.
func encoded(t testing.TB, f Format, pcm []float32) (*Stream, []EncodedFrame) {
	t.Helper()
	e, err := NewEncoder(f)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var out []EncodedFrame
	for i, n := 0, 0; i < len(pcm); i += n {
		n = min(1777*f.Channels, len(pcm)-i)
		p, err := e.Encode(pcm[i : i+n])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p...)
	}
	p, err := e.Flush()
	if err != nil {
		t.Fatal(err)
	}
	return e.Stream(), append(out, p...)
}

// flacBytes makes a FLAC file with our own encoder.
func flacBytes(t testing.TB, pcm []float32, rate, channels, bits int) []byte {
	s, frames := encoded(t, Format{Codec: FLAC, Rate: rate, Channels: channels, Bits: bits}, pcm)
	b := bytes.Clone(s.Header)
	for _, f := range frames {
		b = append(b, f.Data...)
	}
	return b
}

func source(b []byte) Source {
	return Source{R: bytes.NewReader(b), Size: int64(len(b)), Name: "test"}
}

// decoder opens bytes.
func decoder(t testing.TB, b []byte) Decoder {
	t.Helper()
	d, err := Open(context.Background(), source(b), OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// all reads a decoder to its end.
func all(t testing.TB, d Decoder) []float32 {
	t.Helper()
	out, err := rest(d, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rest reads what is left, some frames at a time.
func rest(d Decoder, frames int) ([]float32, error) { return some(d, frames, math.MaxInt) }

// some reads until there are most samples or more, some frames at a time.
func some(d Decoder, frames, most int) (out []float32, err error) {
	ch := d.Info().Channels
	buf := make([]float32, frames*ch)
	for {
		if len(out) >= most {
			return out, nil
		}
		n, err := d.Read(buf)
		out = append(out, buf[:n*ch]...)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// same fails where two runs of samples differ.
func same(t *testing.T, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d samples, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("sample %d is %g, want %g", i, got[i], want[i])
		}
	}
}

// snr is the ratio of want's power to the difference's, in dB.
func snr(got, want []float32) float64 {
	var s, n float64
	for i := range min(len(got), len(want)) {
		d := float64(got[i]) - float64(want[i])
		s += float64(want[i]) * float64(want[i])
		n += d * d
	}
	return 10 * math.Log10(s/n)
}

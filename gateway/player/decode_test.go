package player

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

func stream(codec audio.Codec, rate, channels, bits int) *client.Stream {
	return &client.Stream{PlayerStream: wire.PlayerStream{Codec: string(codec), Rate: rate, Channels: channels, Bits: bits}}
}

func TestPCMRoundTrip(t *testing.T) {
	values := map[int][]int32{
		16: {0, 1, -1, 32767, -32768, 12345},
		24: {0, 1, -1, 8388607, -8388608, -1234567},
		32: {0, 1 << 10, -1 << 10, -1 << 31},
	}
	for bits, ints := range values {
		d, err := newDecoder(stream(audio.PCM, 48000, 1, bits))
		if err != nil {
			t.Fatal(err)
		}
		var chunk []byte
		for _, v := range ints {
			var b [4]byte
			binary.LittleEndian.PutUint32(b[:], uint32(v))
			chunk = append(chunk, b[:bits/8]...)
		}
		pcm, err := d.decode(chunk)
		if err != nil {
			t.Fatal(err)
		}
		var back []byte
		for _, x := range pcm {
			back = appendInt(back, x, bits)
		}
		if !bytes.Equal(back, chunk) {
			t.Errorf("%d bits: % x became % x", bits, chunk, back)
		}
		if _, err := d.decode(chunk[:1]); err == nil {
			t.Errorf("%d bits: took a piece of a sample", bits)
		}
	}
}

func TestAppendIntLimits(t *testing.T) {
	for x, want := range map[float32]int16{2: 32767, -2: -32768, float32(math.Inf(1)): 32767, float32(math.NaN()): 0} {
		if got := int16(binary.LittleEndian.Uint16(appendInt(nil, x, 16))); got != want {
			t.Errorf("%v became %d", x, got)
		}
	}
}

// The gateway's own encoders: lossless ones come back bit for bit.
func TestDecodesWhatTheGatewayEncodes(t *testing.T) {
	var pcm []float32
	for i := range 4 * 4096 {
		v := float32(int16(9000*math.Sin(float64(i)/30))) / 32768
		pcm = append(pcm, v, -v)
	}
	for _, codec := range []audio.Codec{audio.PCM, audio.FLAC} {
		enc, err := audio.NewEncoder(audio.Format{Codec: codec, Rate: 44100, Channels: 2, Bits: 16})
		if err != nil {
			t.Fatal(err)
		}
		frames, err := enc.Encode(pcm)
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDecoder(stream(codec, 44100, 2, 16))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range frames {
			out, err := d.decode(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range out {
				if x != pcm[n+i] {
					t.Fatalf("%s: sample %d is %v, was %v", codec, n+i, x, pcm[n+i])
				}
			}
			n += len(out)
		}
		if n == 0 {
			t.Errorf("%s: no frames", codec)
		}
		_ = enc.Close()
	}
}

func FuzzDecode(f *testing.F) {
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16})
	if err != nil {
		f.Fatal(err)
	}
	frames, err := enc.Encode(make([]float32, 2*5000))
	if err != nil {
		f.Fatal(err)
	}
	for _, fr := range frames {
		f.Add(byte(1), fr.Data)
	}
	f.Add(byte(0), []byte{1, 2, 3, 4})
	f.Add(byte(2), []byte{0xfc, 0xff, 0xfe})
	codecs := []audio.Codec{audio.PCM, audio.FLAC, audio.Opus}
	f.Fuzz(func(t *testing.T, which byte, chunk []byte) {
		d, err := newDecoder(stream(codecs[int(which)%3], 48000, 2, 16))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := d.decode(chunk); err == nil && len(out)%2 != 0 {
			t.Errorf("%d samples of two channels", len(out))
		}
	})
}

package opus_test

import (
	"bytes"
	"errors"
	"math"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func need(t testing.TB) {
	t.Helper()
	if opus.Available() {
		return
	}
	if _, err := opus.NewEncoder(opus.Config{Channels: 2}); !errors.Is(err, opus.ErrMissing) {
		t.Errorf("without libopus: %v", err)
	}
	t.Skip("libopus.wasm is missing: run fetch.sh")
}

func frame(n, channels int) []float32 {
	pcm := make([]float32, opus.FrameSamples*channels)
	for i := range pcm {
		pcm[i] = float32(0.5 * math.Sin(float64(n*opus.FrameSamples+i/channels)*0.07))
	}
	return pcm
}

func packets(t testing.TB, e *opus.Encoder, channels, n int) (out [][]byte) {
	t.Helper()
	for i := range n {
		p, err := e.Encode(frame(i, channels))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestEncoder(t *testing.T) {
	need(t)
	for _, ch := range []int{1, 2} {
		e, err := opus.NewEncoder(opus.Config{Channels: ch, Bitrate: 64_000})
		if err != nil {
			t.Fatal(err)
		}
		first := packets(t, e, ch, 50)
		size := 0
		for _, p := range first {
			size += len(p)
			// RFC 6716 section 3.1: one frame of 20 ms.
			if config := p[0] >> 3; p[0]&3 != 0 || config < 16 && config&3 != 1 || config >= 16 && config&3 != 3 {
				t.Fatalf("a packet that begins with %#x", p[0])
			}
		}
		if rate := size * 8; rate < 20_000 || rate > 110_000 {
			t.Errorf("%d bit/s, asked for 64000", rate)
		}
		h := e.Header()
		if len(h) != 19 || string(h[:8]) != "OpusHead" || int(h[9]) != ch || int(h[10])+int(h[11])<<8 != e.PreSkip() {
			t.Errorf("header % x", h)
		}
		if e.PreSkip() < 120 || e.PreSkip() > 960 {
			t.Errorf("a pre-skip of %d", e.PreSkip())
		}
		if err := e.Reset(); err != nil {
			t.Fatal(err)
		}
		for i, p := range packets(t, e, ch, 50) {
			if !bytes.Equal(p, first[i]) {
				t.Fatalf("packet %d differs after Reset", i)
			}
		}
		if _, err := e.Encode(make([]float32, 7)); err == nil {
			t.Error("seven samples were taken for a packet")
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Encode(frame(0, ch)); err == nil {
			t.Error("a closed encoder encodes")
		}
	}
}

// TestInstances holds that encoders share code and nothing else.
func TestInstances(t *testing.T) {
	need(t)
	var want [][]byte
	var wg sync.WaitGroup
	results := make([][][]byte, 4)
	for i := range results {
		wg.Go(func() {
			e, err := opus.NewEncoder(opus.Config{Channels: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer e.Close()
			results[i] = packets(t, e, 2, 20)
		})
	}
	wg.Wait()
	want = results[0]
	for i, r := range results {
		for k := range r {
			if !bytes.Equal(r[k], want[k]) {
				t.Fatalf("encoder %d, packet %d differs", i, k)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []opus.Config{{}, {Channels: 3}, {Channels: 2, Bitrate: 1000}, {Channels: 2, Bitrate: 1 << 20}, {Channels: 2, Complexity: 11}} {
		if _, err := opus.NewEncoder(c); err == nil || errors.Is(err, opus.ErrMissing) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// BenchmarkComplexity tells what the choice of complexity costs.
func BenchmarkComplexity(b *testing.B) {
	need(b)
	for _, c := range []int{5, 8, 10} {
		b.Run(string(rune('0'+c/10))+string(rune('0'+c%10)), func(b *testing.B) {
			e, err := opus.NewEncoder(opus.Config{Channels: 2, Bitrate: 160_000, Complexity: c})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			pcm := frame(0, 2)
			n := 0
			for b.Loop() {
				if _, err := e.Encode(pcm); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(n)*0.02/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}

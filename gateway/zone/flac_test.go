package zone_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

var cd = audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16}

// files is music in FLAC files, in memory.
type files map[string][]byte

func (f files) Track(_ context.Context, id string) (zone.Track, error) {
	if f[id] == nil {
		return zone.Track{}, zone.ErrNoTrack
	}
	return zone.Track{ID: id, Title: id}, nil
}

func (f files) Open(ctx context.Context, id string) (audio.Decoder, error) {
	return audio.Open(ctx, audio.Source{R: bytes.NewReader(f[id]), Size: int64(len(f[id])), Name: id + ".flac"}, audio.OpenOptions{})
}

// flacFile encodes samples, and adds nothing.
func flacFile(tb testing.TB, pcm []float32) []byte {
	tb.Helper()
	enc, err := audio.NewEncoder(cd)
	if err != nil {
		tb.Fatal(err)
	}
	packets, err := enc.Encode(pcm)
	if err != nil {
		tb.Fatal(err)
	}
	rest, err := enc.Flush()
	if err != nil {
		tb.Fatal(err)
	}
	out := slices.Clone(enc.Stream().Header)
	for _, p := range append(packets, rest...) {
		out = append(out, p.Data...)
	}
	return out
}

// music is two channels that differ at every sample, in 16-bit steps.
func music(frames int) []float32 {
	r := rand.New(rand.NewPCG(3, 4))
	out := make([]float32, 2*frames)
	for i := range frames {
		tone := 0.4 * math.Sin(float64(i)*0.05)
		out[2*i] = float32(math.Round((tone+0.1*r.Float64())*32768) / 32768)
		out[2*i+1] = float32(math.Round((0.1*r.Float64()-tone)*32768) / 32768)
	}
	return out
}

func decode(t *testing.T, data []byte) []float32 {
	t.Helper()
	d, err := files{"x": data}.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var out []float32
	buf := make([]float32, 8192)
	for {
		n, err := d.Read(buf)
		out = append(out, buf[:2*n]...)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFLACJoinsBitForBit cuts music into files at odd places and has the zone
// play them: what a member decodes is the music, every sample of it.
func TestFLACJoinsBitForBit(t *testing.T) {
	whole := music(44100 * 7)
	cuts := []int{0, 44100 + 1, 2*44100 + 4097, 5*44100 - 3, 44100 * 7}
	synctest.Test(t, func(t *testing.T) {
		lib := files{}
		var ids []string
		for i := range len(cuts) - 1 {
			ids = append(ids, string(rune('a'+i)))
			lib[ids[i]] = flacFile(t, whole[2*cuts[i]:2*cuts[i+1]])
		}
		h := newHouse(t, func(c *zone.Config) {
			c.Tracks = lib
			c.NewEncoder = nil // the real ones
		})
		defer h.stop()
		out := zonetest.NewOutput(h.clock, zone.Caps{Formats: []audio.Format{cd}, Lead: 200 * time.Millisecond, Buffer: 5 * time.Second, Clears: true})
		h.attach("o", out)
		h.add(zone.AtNow, ids...)
		time.Sleep(15 * time.Second)
		packets := out.Packets()
		data := slices.Clone(packets[0].Stream.Header)
		for _, p := range packets {
			data = append(data, p.Data...)
		}
		checkContiguous(t, packets)
		if got := decode(t, data); !slices.Equal(got, whole) {
			t.Errorf("%d samples came out, %d went in, or not the same ones", len(got), len(whole))
		}
	})
}

// press measures, on the real clock and from FLAC files to FLAC packets, how
// long it takes from a command to the first packet of its audio.
func press(b *testing.B, before, command func(*zone.Zone) error) {
	lib := files{}
	var ids []string
	data := flacFile(b, music(44100*60))
	for i := range 50 {
		ids = append(ids, string(rune('A'+i)))
		lib[ids[i]] = data
	}
	clock := audio.NewClock()
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: lib, Journal: zonetest.NewJournal(), Flow: zonetest.NewFlow(ids...)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- z.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}()
	var mu sync.Mutex
	var stream *audio.Stream
	fresh := make(chan audio.Time, 1)
	out := zonetest.NewOutput(clock, zone.Caps{Formats: []audio.Format{cd}, Lead: 100 * time.Millisecond, Buffer: 5 * time.Second, Clears: true})
	out.Watch(func(w zonetest.Written) {
		mu.Lock()
		defer mu.Unlock()
		if w.Stream != stream {
			stream = w.Stream
			select {
			case fresh <- w.When:
			default:
			}
		}
	}, nil)
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(z.Attach(ctx, zone.Member{ID: "m", Output: out}))
	must(z.Play(ctx))
	<-fresh
	var took []time.Duration
	for b.Loop() {
		time.Sleep(1500 * time.Millisecond) // scouts and cues have done their work
		must(before(z))
		time.Sleep(200 * time.Millisecond)
		select {
		case <-fresh:
		default:
		}
		at := clock.Now()
		must(command(z))
		took = append(took, (<-fresh).Sub(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(0, "ns/op")
}

func nothing(*zone.Zone) error { return nil }

func BenchmarkJumpToFirstPacket(b *testing.B) {
	press(b, nothing, func(z *zone.Zone) error {
		_, err := z.Jump(context.Background())
		return err
	})
}

func BenchmarkPlayToFirstPacket(b *testing.B) {
	press(b, func(z *zone.Zone) error { return z.Pause(context.Background()) },
		func(z *zone.Zone) error { return z.Play(context.Background()) })
}

func BenchmarkSeekToFirstPacket(b *testing.B) {
	press(b, nothing, func(z *zone.Zone) error { return z.Seek(context.Background(), 40*time.Second) })
}

func BenchmarkNextToFirstPacket(b *testing.B) {
	press(b, nothing, func(z *zone.Zone) error { return z.Next(context.Background()) })
}

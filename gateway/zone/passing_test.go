package zone_test

import (
	"bytes"
	"context"
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

var asIs = audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16, AsIs: true}

// blocked is a FLAC file in blocks of that many frames.
func blocked(t *testing.T, pcm []float32, block int) (file []byte, packets [][]byte) {
	t.Helper()
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16, Frame: block})
	if err != nil {
		t.Fatal(err)
	}
	frames, err := enc.Encode(pcm)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := enc.Flush()
	if err != nil {
		t.Fatal(err)
	}
	file = slices.Clone(enc.Stream().Header)
	for _, f := range append(frames, rest...) {
		file = append(file, f.Data...)
		packets = append(packets, f.Data)
	}
	return file, packets
}

// caught is what an output was written, cleared parts left out.
type caught struct {
	mu      sync.Mutex
	packets []audio.Packet
}

func (c *caught) watch(out *zonetest.Output) {
	out.Watch(func(w zonetest.Written) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.packets = append(c.packets, w.Packet)
	}, func(from audio.Time) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.packets = slices.DeleteFunc(c.packets, func(p audio.Packet) bool { return p.At >= from })
	})
}

// streams is what a player decodes: each stream's header and packets.
func (c *caught) streams(t *testing.T) (files [][]byte) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var last audio.Packet
	for _, p := range c.packets {
		if last.Stream != nil {
			if gap := p.At - last.End(); gap < -1 || gap > 1 {
				t.Errorf("a break of %d µs at %v", gap, p.At)
			}
		}
		if p.Stream != last.Stream {
			files = append(files, slices.Clone(p.Stream.Header))
		}
		files[len(files)-1] = append(files[len(files)-1], p.Data...)
		last = p
	}
	return files
}

func (c *caught) all() []audio.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.packets)
}

func (c *caught) data() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []byte
	for _, p := range c.packets {
		all = append(all, p.Data...)
	}
	return all
}

// passed plays tracks to an output that takes files' own packets.
func passed(t *testing.T, tracks zone.Tracks, ids []string, length time.Duration, then func(*house)) *caught {
	t.Helper()
	c := &caught{}
	h := newHouse(t, func(c *zone.Config) { c.Tracks, c.NewEncoder, c.Flow = tracks, nil, nil })
	defer h.stop()
	out := zonetest.NewOutput(h.clock, zone.Caps{Formats: []audio.Format{asIs}, Lead: 100 * time.Millisecond, BufferBytes: 1 << 20, Clears: true})
	c.watch(out)
	h.attach("player", out)
	if _, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: ids}); err != nil {
		t.Fatal(err)
	}
	h.must(h.zone.Play(t.Context()))
	if then != nil {
		then(h)
	}
	time.Sleep(length)
	return c
}

// either has tracks of two kinds.
type either struct{ first, second zone.Tracks }

func (e either) of(ctx context.Context, id string) zone.Tracks {
	if _, err := e.first.Track(ctx, id); err == nil {
		return e.first
	}
	return e.second
}

func (e either) Track(ctx context.Context, id string) (zone.Track, error) {
	return e.of(ctx, id).Track(ctx, id)
}

func (e either) Open(ctx context.Context, id string) (audio.Decoder, error) {
	return e.of(ctx, id).Open(ctx, id)
}

// louder has tracks that ask for a gain.
type louder struct{ files }

func (l louder) Track(ctx context.Context, id string) (zone.Track, error) {
	t, err := l.files.Track(ctx, id)
	t.GainDB = -3
	return t, err
}

// A file's packets go out byte for byte, one file after the other, whatever its
// block size, and short ones several at once.
func TestFLACGoesThroughAsItIs(t *testing.T) {
	for _, block := range []int{4096, 1024, 512, 256} {
		synctest.Test(t, func(t *testing.T) {
			one, oneData := blocked(t, music(44100*3+17), block)
			two, twoData := blocked(t, music(44100*2), block)
			c := passed(t, files{"1": one, "2": two}, []string{"1", "2"}, 10*time.Second, nil)
			want := bytes.Join(append(oneData, twoData...), nil)
			if got := c.data(); !bytes.Equal(got, want) {
				t.Errorf("blocks of %d: %d bytes came out of %d, or others", block, len(got), len(want))
			}
			for i, p := range c.packets {
				d := p.Stream.Format.Duration(p.Samples)
				last := i+1 == len(c.packets) || c.packets[i+1].Stream != p.Stream
				if d > 150*time.Millisecond || d < 15*time.Millisecond && !last {
					t.Errorf("blocks of %d: packet %d lasts %v", block, i, d)
				}
			}
			if got := c.streams(t); len(got) != 2 {
				t.Errorf("%d streams", len(got))
			}
		})
	}
}

// Behind a seek into a packet, over damage, and from and to a track of another
// kind, every sample is still the right one.
func TestFLACGoesThroughFromAnywhere(t *testing.T) {
	pcm := music(44100 * 4)
	whole, packets := blocked(t, pcm, 4096)
	check := func(t *testing.T, c *caught, want []float32) {
		t.Helper()
		var got []float32
		for _, f := range c.streams(t) {
			got = append(got, decode(t, f)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d frames, want %d, or others", len(got)/2, len(want)/2)
		}
	}
	t.Run("seek", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := passed(t, files{"1": whole}, []string{"1"}, 10*time.Second, func(h *house) {
				time.Sleep(20 * time.Millisecond)
				h.must(h.zone.Seek(t.Context(), 1500*time.Millisecond))
			})
			n := slices.IndexFunc(c.packets, func(p audio.Packet) bool { return p.Stream != c.packets[0].Stream })
			c.packets = c.packets[n:] // what came before the seek
			check(t, c, pcm[2*66150:])
			own := bytes.Join(packets[17:], nil) // the first whole one is from 69,632 on
			if !bytes.HasSuffix(c.data(), own) {
				t.Error("the file's own packets did not follow")
			}
		})
	})
	t.Run("damage", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			broken := slices.Clone(whole)
			at := bytes.Index(broken, packets[10])
			for i := range 40 {
				broken[at+500+i] ^= byte(rand.IntN(255) + 1)
			}
			c := passed(t, files{"1": broken}, []string{"1"}, 10*time.Second, nil)
			check(t, c, decode(t, broken))
		})
	})
	t.Run("among others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			other := zonetest.NewTracks(zonetest.Sound{
				Track: zone.Track{ID: "x"}, Rate: 44100, Frames: 50_000, At: zonetest.Ramp(0),
			})
			wide := make([]float32, 0, 100_000)
			for i := range int64(50_000) {
				x := float32(int32(zonetest.Ramp(0)(i, 0)*32768+0.5)) / 32768
				wide = append(wide, x, x)
			}
			c := passed(t, either{files{"1": whole}, other}, []string{"x", "1", "x"}, 10*time.Second, nil)
			check(t, c, slices.Concat(wide, pcm, wide))
		})
	})
}

// A track with gain is not the file any more.
func TestFLACWithGainIsEncoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, packets := blocked(t, music(44100), 4096)
		c := passed(t, louder{files{"1": file}}, []string{"1"}, 4*time.Second, nil)
		if bytes.Contains(c.data(), packets[2]) || len(c.data()) == 0 {
			t.Error("a file's own packet went out")
		}
	})
}

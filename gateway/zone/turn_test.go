package zone_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// At the border of two tracks of different rates a member that takes both goes
// from one to the other without a gap, a file's packets as they are; one that
// takes only one of the rates hears the other converted, without a gap either.
func TestRatesChangeAtBordersOfTracks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, packets := blocked(t, music(44100*2+1234), 4096)
		tracks := either{files{"44": file}, zonetest.NewTracks(
			zonetest.Sound{Track: zone.Track{ID: "48"}, Rate: 48000, Frames: 48000*2 + 77, At: zonetest.Sine(48000, 440)},
			zonetest.Sound{Track: zone.Track{ID: "96"}, Rate: 96000, Frames: 96000 + 5, At: zonetest.Sine(96000, 440)},
		)}
		h := newHouse(t, func(c *zone.Config) { c.Tracks, c.NewEncoder, c.Flow = tracks, nil, nil })
		defer h.stop()
		flac := func(rate, bits int) audio.Format {
			return audio.Format{Codec: audio.FLAC, Rate: rate, Channels: 2, Bits: bits, AsIs: true}
		}
		pcm := audio.Format{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 16}
		members := map[string][]audio.Format{
			"able":   {flac(44100, 16), flac(44100, 24), flac(48000, 16), flac(48000, 24), flac(96000, 24)},
			"simple": {pcm},
			"late":   {flac(48000, 24), flac(44100, 16), flac(96000, 24)},
		}
		heard := map[string]*caught{}
		attach := func(id string) {
			out := zonetest.NewOutput(h.clock, zone.Caps{Formats: members[id], Lead: 100 * time.Millisecond, BufferBytes: 1 << 20, Clears: true})
			heard[id] = &caught{}
			heard[id].watch(out)
			h.attach(id, out)
		}
		attach("able")
		attach("simple")
		order := []string{"44", "48", "44", "48", "48", "96"}
		if _, err := h.zone.Add(t.Context(), zone.AddRequest{Tracks: order}); err != nil {
			t.Fatal(err)
		}
		h.must(h.zone.Play(t.Context()))
		time.Sleep(5 * time.Second)
		attach("late")
		time.Sleep(15 * time.Second)

		length := 2*(2+1234.0/44100) + 3*(2+77.0/48000) + 1 + 5.0/96000
		for id, c := range heard {
			var total float64
			var formats []string
			last := audio.Packet{}
			for _, p := range c.all() {
				f := p.Stream.Format
				if s := fmt.Sprint(f.Rate, "/", f.Bits); len(formats) == 0 || formats[len(formats)-1] != s {
					formats = append(formats, s)
				}
				// Conversion makes whole frames of what is not one.
				if gap := p.At - endOf(last); last.Stream != nil && (gap < -25 || gap > 25) {
					t.Errorf("%s: a break of %d µs at %v, in %s", id, gap, p.At, f)
				}
				total += float64(p.Samples) / float64(f.Rate)
				last = p
			}
			want := length
			if id == "late" {
				want -= 5.085 // it joined 5 s after the press
			}
			if off := total - want; off > 0.1 || off < -0.1 || id != "late" && off < -0.001 {
				t.Errorf("%s heard %.4f s of %.4f", id, total, want)
			}
		}
		if got := bytes.Count(heard["able"].data(), bytes.Join(packets, nil)); got != 2 {
			t.Errorf("the file went through as it is %d times, want 2", got)
		}
	})
}

// wishful is an output that changes its mind about formats.
type wishful struct {
	*zonetest.Output
	formats []audio.Format
}

func (w *wishful) Caps() zone.Caps {
	c := w.Output.Caps()
	c.Formats = w.formats
	return c
}

// A member that asks for another format while it plays gets it behind what it
// has: nothing twice, and no more than a packet is missing.
func TestReformat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *zone.Config) { c.NewEncoder = nil },
			zonetest.Sound{Track: zone.Track{ID: "a"}, Rate: 44100, Frames: 44100 * 30, At: zonetest.Ramp(0)})
		defer h.stop()
		pcm := audio.Format{Codec: audio.PCM, Rate: 48000, Channels: 2, Bits: 24}
		out := &wishful{formats: []audio.Format{asIs}, Output: zonetest.NewOutput(h.clock, zone.Caps{
			Formats: []audio.Format{asIs}, Lead: 100 * time.Millisecond, BufferBytes: 400_000, Clears: true,
		})}
		c := &caught{}
		c.watch(out.Output)
		h.attach("player", out)
		h.add(zone.AtEnd, "a")
		h.must(h.zone.Play(t.Context()))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		out.formats = []audio.Format{pcm}
		h.must(h.zone.Reformat(t.Context(), "player"))
		time.Sleep(20 * time.Second)
		changes := 0
		packets := c.all()
		for i, p := range packets[1:] {
			before := packets[i]
			gap := p.At - before.End()
			if p.Stream == before.Stream && (gap < -1 || gap > 1) || gap < -1 || gap > 93_000 {
				t.Errorf("a break of %d µs", gap)
			}
			if p.Stream.Format != before.Stream.Format {
				changes++
			}
		}
		if f := packets[len(packets)-1].Stream.Format; changes != 1 || f != pcm {
			t.Errorf("%d changes, at the end %s", changes, f)
		}
	})
}

func endOf(p audio.Packet) audio.Time {
	if p.Stream == nil {
		return 0
	}
	return p.End()
}

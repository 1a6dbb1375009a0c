package zone_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// recommender is the real one behind zone.Flow.
type recommender struct {
	mu     sync.Mutex
	engine *jump.Engine
}

func (f *recommender) request(r zone.FlowRequest) jump.Request {
	return jump.Request{
		Listener: r.Zone, Context: jump.Context{Kind: jump.Kind(r.Context.Kind), ID: r.Context.ID},
		Recent: r.Recent, Count: r.Count, Now: r.Now, Seed: r.Seed,
	}
}

func entries(picks []jump.Pick) []zone.Entry {
	var out []zone.Entry
	for _, p := range picks {
		out = append(out, zone.Entry{Track: p.Item, By: zone.Flowed, Why: phrase.Verbatim(p.Reason.String())})
	}
	return out
}

func (f *recommender) Next(_ context.Context, r zone.FlowRequest) ([]zone.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return entries(f.engine.Flow(f.request(r))), nil
}

func (f *recommender) Jump(_ context.Context, r zone.FlowRequest) (zone.ContextRef, []zone.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, picks := f.engine.Jump(f.request(r))
	return zone.ContextRef{Kind: string(c.Kind), ID: c.ID, Name: c.Name}, entries(picks), nil
}

func (f *recommender) Likely(_ context.Context, r zone.FlowRequest, n int) ([]zone.Landing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []zone.Landing
	for _, l := range f.engine.Likely(f.request(r), n) {
		c := zone.ContextRef{Kind: string(l.Context.Kind), ID: l.Context.ID, Name: l.Context.Name}
		out = append(out, zone.Landing{Context: c, Entries: entries(l.Picks)})
	}
	return out, nil
}

// day is what a day's listening is checked by.
type day struct {
	t      *testing.T
	clock  audio.Clock
	frames map[string]int64
	last   map[string]audio.Packet
	value  map[string]int32
}

// dayRate keeps a day's samples few.
const dayRate = 1000

// output checks each packet: contiguous in time, ahead by its lead, and, where
// exact, sample on sample within a track and across every join.
func (d *day) output(name string, f audio.Format, lead time.Duration, exact bool) *zonetest.Output {
	o := zonetest.NewOutput(d.clock, zone.Caps{Formats: []audio.Format{f}, Lead: lead, Buffer: 8 * time.Second, Clears: true})
	o.Watch(func(w zonetest.Written) {
		last, ok := d.last[name]
		if ok && last.Stream == w.Stream && (w.At-last.End() > 2 || w.At-last.End() < -2) {
			d.t.Errorf("%s: a gap of %v at %v", name, w.At.Sub(last.End()), w.At)
		}
		if w.At.Sub(w.When) < lead {
			d.t.Errorf("%s: written %v ahead, needs %v", name, w.At.Sub(w.When), lead)
		}
		if exact {
			prev := d.value[name]
			for i, v := range zonetest.Samples(w.Packet) {
				// A track begins with 1 and counts on; the next one begins
				// with 1 again, right behind the last sample.
				if v != prev+1 && v != 1 && (i > 0 || ok && last.Stream == w.Stream) {
					d.t.Errorf("%s: sample %d follows %d", name, v, prev)
					return
				}
				prev = v
			}
			d.value[name] = prev
		}
		d.last[name] = w.Packet
		d.frames[name] += int64(w.Samples)
	}, func(audio.Time) { delete(d.last, name) })
	return o
}

// catalogue is 600 tracks of 60 artists in 12 moods, 10 s to 10 minutes long.
// Track lengths are primes and more, so that joins fall anywhere in a block.
func catalogue() (items []jump.Item, sounds []zonetest.Sound) {
	for i := range 600 {
		id := fmt.Sprint("d", i)
		frames := int64(10_007 + (i*7919)%590_000)
		items = append(items, jump.Item{
			ID: id, Title: id, Artist: fmt.Sprint("Artist ", i%60), Album: fmt.Sprint("Album ", i%120),
			Moods: []string{fmt.Sprint("mood ", i%12)}, Duration: time.Duration(frames) * time.Second / dayRate,
		})
		sounds = append(sounds, zonetest.Sound{
			Track: zone.Track{ID: id}, Rate: dayRate, Frames: frames,
			At: func(i int64, _ int) float32 { return float32(i+1) / (1 << 23) },
		})
	}
	return items, sounds
}

// TestDay plays for a day (an hour with -short, three under the race detector): nobody touches it but for a
// JUMP now and then and members that come and go.
func TestDay(t *testing.T) {
	hours := 24
	switch {
	case testing.Short():
		hours = 1
	case raceDetector:
		hours = 3
	}
	began := time.Now()
	synctest.Test(t, func(t *testing.T) { aDay(t, hours) })
	t.Logf("%d hours in %v", hours, time.Since(began).Round(time.Millisecond))
}

func aDay(t *testing.T, hours int) {
	items, sounds := catalogue()
	engine := jump.New(jump.Config{})
	engine.SetCatalogue(items)
	flow := &recommender{engine: engine}
	h := newHouse(t, func(c *zone.Config) { c.Flow = flow }, sounds...)
	d := &day{
		t: t, clock: h.clock, frames: make(map[string]int64),
		last: make(map[string]audio.Packet), value: make(map[string]int32),
	}
	pcm := func(bits, ch int) audio.Format {
		return audio.Format{Codec: audio.PCM, Rate: dayRate, Channels: ch, Bits: bits}
	}
	h.attach("hall", d.output("hall", pcm(24, 2), 200*time.Millisecond, true))
	h.attach("bath", d.output("bath", pcm(24, 2), 20*time.Millisecond, true))
	h.attach("roof", d.output("roof", pcm(16, 1), time.Second, false))
	h.must(h.zone.Play(t.Context()))

	var heap, first runtime.MemStats
	for hour := range hours {
		for quarter := range 4 {
			time.Sleep(13 * time.Minute)
			name := fmt.Sprint("guest", hour, quarter)
			h.attach("guest", d.output(name, pcm(24, 2), 400*time.Millisecond, true))
			time.Sleep(2 * time.Minute)
			h.must(h.zone.Detach(t.Context(), "guest"))
		}
		if hour%3 == 1 {
			_, err := h.zone.Jump(t.Context())
			h.must(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&heap)
		if hour == min(2, hours-1) {
			first = heap
		}
		if t.Failed() {
			break
		}
	}
	epochs := h.state().Epoch
	h.stop()
	synctest.Wait()
	if want := uint64(1 + (hours+1)/3); epochs != want {
		t.Errorf("%d epochs, want %d: the timeline broke off", epochs, want)
	}
	if grown := int64(heap.HeapAlloc) - int64(first.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d KB from hour 3 on", grown>>10)
	}
	for _, name := range []string{"hall", "bath", "roof"} {
		if got, want := d.frames[name], int64(hours)*3600*dayRate; got < want {
			t.Errorf("%s: %d frames in %d hours", name, got, hours)
		}
	}
	checkPlays(t, h.journal.Plays(), items)
	if now, ever := h.tracks.Decoders(); now != 0 {
		t.Errorf("%d of %d decoders are still open", now, ever)
	}
}

// checkPlays holds the rules of the flow: nothing again within 100 tracks, no
// artist twice in five.
func checkPlays(t *testing.T, plays []zone.Play, items []jump.Item) {
	t.Helper()
	artist := make(map[string]string)
	for _, it := range items {
		artist[it.ID] = it.Artist
	}
	var heard []string
	for _, p := range plays {
		if p.End == "failed" {
			t.Errorf("%s failed", p.Track)
		}
		if p.End != "playing" {
			continue
		}
		if i := slices.Index(heard[max(0, len(heard)-100):], p.Track); i >= 0 {
			t.Errorf("track %d, %s, was heard within the 100 before", len(heard), p.Track)
		}
		for _, q := range heard[max(0, len(heard)-4):] {
			if artist[q] == artist[p.Track] {
				t.Errorf("track %d: %s twice in five", len(heard), artist[q])
			}
		}
		heard = append(heard, p.Track)
	}
	if len(heard) < 3 {
		t.Errorf("%d tracks were heard", len(heard))
	}
	t.Logf("%d tracks were heard", len(heard))
}
